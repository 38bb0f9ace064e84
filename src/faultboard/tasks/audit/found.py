"""A finding: what was found, where, on what evidence, and what to do about it.

What a card declares of it beforehand, and why, is `declare.task.Finding`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from faultboard.tasks.task import Task


@dataclass(frozen=True)
class Found:
    """One finding.

    Attributes
    ----------
    kind : str
        In the words of the task card's ``findings``.
    protocol : str
        Protocol it was found in.
    what : str
        The evidence: names, counts, the fold.
    declared : bool
        Whether the card says so.
    remedy : str
        What to do about it.
    """

    kind: str
    protocol: str
    what: str
    declared: bool
    remedy: str

    def to_json(self) -> dict[str, Any]:
        """Plain form, for files."""
        return asdict(self)


def declared(task: Task, kind: str, protocol: str, names: Iterable[str] = ()) -> bool:
    """Whether the task's card says that this may be found.

    A declared finding excuses no other one: its ``where`` names what is meant, each of ``names``, or is empty.
    """
    wanted = list(names)
    return any(
        f.kind == kind and protocol in f.protocols and (not f.where or all(_names(f.where, name) for name in wanted))
        for f in task.card.findings
    )


def _names(where: str, name: str) -> bool:
    return re.search(rf"(?<![\w/]){re.escape(name)}(?![\w/])", where, re.IGNORECASE) is not None


def some(names: Iterable[object]) -> str:
    """Name up to three, and count the rest."""
    words = [str(name) for name in names]
    return ", ".join(words[:3]) + (f" and {len(words) - 3} more" if len(words) > 3 else "")
