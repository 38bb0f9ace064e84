"""What was unpacked into a raw folder, written down, so that the files can be checked when the archive is gone.

An archive states the size and the CRC-32 (a checksum) of each file in it. They are kept beside the raw folder of
``cwru@full`` as ``.cwru@full.unpacked.json``, for `verify`. There stands also the SHA-256 of every archive that came
from an address whose card pins no hash: nothing could be held against it, so whoever cites the data can at least say
which archive it was.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def note_unpacked(folder: Path, files: list[tuple[str, int, int]], unverified: dict[str, str]) -> None:
    """Note beside a raw folder the size and CRC-32 of each file.

    Parameters
    ----------
    unverified : dict of str
        SHA-256 of each archive whose hash nobody has published.
    """
    meaning = {"unverified": unverified, "files": {name: [size, crc] for name, size, crc in files}}
    _note(folder).write_text(json.dumps(meaning, indent=1) + "\n", encoding="utf-8")


def unpacked_files(folder: Path) -> dict[str, tuple[int, int]]:
    """Size and CRC-32 of each file as it was unpacked; empty where nothing says so."""
    return {name: (size, crc) for name, (size, crc) in _read(folder).get("files", {}).items()}


def unverified(folder: Path) -> dict[str, str]:
    """SHA-256 of the archives that came here and that nothing could be held against."""
    hashes: dict[str, str] = _read(folder).get("unverified", {})
    return hashes


def _note(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.unpacked.json")


def _read(folder: Path) -> dict[str, Any]:
    note = _note(folder)
    content: dict[str, Any] = json.loads(note.read_text(encoding="utf-8")) if note.is_file() else {}
    return content
