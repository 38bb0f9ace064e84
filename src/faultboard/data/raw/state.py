"""Whether raw files were touched since they were last prepared on this machine.

Names and sizes go into the prepared form's own record, which a team shares; times of change mean something on this
machine alone, and lie beside it. So a file that was mended, or damaged, at the same size is noticed without reading it.
"""

from __future__ import annotations

from faultboard.data.edition import Edition
from faultboard.data.raw.folder import files_below
from faultboard.declare.keys import digest


class RawState:
    """Names, sizes and times of change of an edition's raw files."""

    def __init__(self, edition: Edition) -> None:
        self._raw = edition.raw
        self._seen = edition.prepared.with_name(f".{edition.id}.seen")

    def now(self) -> str:
        """State of the files as they are."""
        stats = [(p.relative_to(self._raw).as_posix(), p.stat()) for p in files_below(self._raw)]
        return digest([(name, stat.st_size, stat.st_mtime_ns) for name, stat in stats])

    def is_as_seen(self) -> bool:
        """Whether they are as they were when they were prepared, or first seen.

        True also where they are not here: prepared data may come from another machine.
        """
        if not self._raw.is_dir():
            return True
        if not self._seen.is_file():
            self.note(self.now())
        return self._seen.read_text(encoding="utf-8") == self.now()

    def note(self, seen: str) -> None:
        """Write down the state that was prepared."""
        self._seen.write_text(seen, encoding="utf-8")
