"""What a table says of a task beside its scores: counts, folds, findings. It outlives the data."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from numpy.typing import NDArray

from faultboard.errors import ProtocolError
from faultboard.tasks.audit import audit, declarations
from faultboard.tasks.leak import neighbour_share
from faultboard.tasks.task import Task


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


def describe(task: Task, definition: str) -> TaskFacts:
    """Draw every protocol of a task, audit it, and count."""
    found = audit(task)
    protocols = {}
    for name in task.card.protocols:
        try:
            folds = task.folds(name)
        except ProtocolError as error:
            protocols[name] = ProtocolFacts(reason=str(error))
            continue
        share = neighbour_share(task, folds)
        protocols[name] = ProtocolFacts(
            [FoldFacts(f.name, task.fold_hash(f), len(f.train), len(f.test)) for f in folds],
            findings=[f.to_json() for f in found if f.protocol == name],
            leak=share[0] if share else None,
            chance=share[1] if share else None,
        )
    counts = Counter(task.y.tolist())
    unit = task.dataset.unit
    units = task.column(unit) if unit else None
    return TaskFacts(
        definition,
        declarations(task.card),
        len(task),
        len(task.recordings),
        None if units is None else len(set(units)),
        task.windows.length,
        task.windows.rate,
        {name: counts[i] for i, name in enumerate(task.card.class_names)},
        protocols,
        _distinct(task, task.windows.recording),
        {} if units is None else _distinct(task, units),
    )


def _distinct(task: Task, values: NDArray[Any]) -> dict[str, int]:
    """Count the different values that the windows of each class have."""
    return {name: len(set(values[task.y == i])) for i, name in enumerate(task.card.class_names)}
