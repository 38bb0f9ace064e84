"""Two recordings that are alike beyond chance, and on what evidence."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Pair:
    """Two recordings that hold the same sound or show the same surface.

    Attributes
    ----------
    one, other : int
        Positions in the task's recordings, ``one`` before ``other``.
    evidence : str
        What they share, in figures.
    strength : float
        To name the clearest first.
    """

    one: int
    other: int
    evidence: str
    strength: float
