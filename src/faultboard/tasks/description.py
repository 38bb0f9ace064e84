"""Facts of a task, from its recordings: every protocol drawn, audited and counted."""

from __future__ import annotations

from collections import Counter
from typing import Any

from numpy.typing import NDArray

from faultboard.errors import ProtocolError
from faultboard.tasks.audit import audit, declarations
from faultboard.tasks.facts import FoldFacts, ProtocolFacts, TaskFacts
from faultboard.tasks.leak import neighbour_share
from faultboard.tasks.task import Task


def describe(task: Task, definition: str) -> TaskFacts:
    """Draw every protocol of a task, audit it, and count."""
    findings = audit(task)
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
            findings=[f.to_json() for f in findings if f.protocol == name],
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
