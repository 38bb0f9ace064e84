"""What a table says of a task beside its scores: counts, folds, findings. It outlives the data."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class FoldFacts:
    """Name, hash and sizes of a fold."""

    name: str
    hash: str
    train: int
    test: int


@dataclass(frozen=True)
class ProtocolFacts:
    """What a protocol came to on these recordings.

    ``reason`` says why it could not be carried; ``leak`` and ``chance`` are the neighbour share.
    """

    folds: list[FoldFacts] = field(default_factory=list)
    reason: str = ""
    findings: list[dict[str, Any]] = field(default_factory=list)
    leak: float | None = None
    chance: float | None = None

    @property
    def stops(self) -> str:
        """The first finding that the card does not declare, or nothing."""
        return next((f"audit: {f['kind']}: {f['what']}" for f in self.findings if not f["declared"]), "")


@dataclass(frozen=True)
class TaskFacts:
    """Counts of a task's selection, and its protocols.

    Attributes
    ----------
    definition : str
        Hash of what decides windows and folds: facts of another definition are stale.
    declared : str
        Hash of what the card declared when they were audited.
    units : int or None
        Values of the unit column, None where the dataset names no unit.
    classes : dict
        Windows a class.
    class_recordings, class_units : dict
        Recordings and units a class; a unit may stand in several. Empty in facts that were written before they were
        counted, and units where the dataset names none.
    """

    definition: str
    declared: str
    windows: int
    recordings: int
    units: int | None
    window_length: int
    rate: float | None
    classes: dict[str, int]
    protocols: dict[str, ProtocolFacts]
    class_recordings: dict[str, int] = field(default_factory=dict)
    class_units: dict[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain form, for files."""
        return asdict(self)

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> TaskFacts:
        """Read back what `to_json` wrote."""
        protocols = {
            name: ProtocolFacts(**(p | {"folds": [FoldFacts(**f) for f in p["folds"]]}))
            for name, p in plain["protocols"].items()
        }
        return cls(**(plain | {"protocols": protocols}))
