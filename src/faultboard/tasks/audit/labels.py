"""Labels that contradict each other: one content, or one part, under several of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from faultboard.tasks.audit.found import Found, declared, some
from faultboard.tasks.task import Task

# Where nearly every unit holds one class, a unit is of a class: those that hold several are in conflict. Where a
# machine runs sound and faulty, units hold several as a rule.
_NEARLY = 0.8
_LEAST = 10


def label_conflicts(task: Task, name: str, content: NDArray[np.int64]) -> list[Found]:
    """Find equal samples under different labels, and units of several classes among units of one.

    Parameters
    ----------
    content : (n_windows,) int
        Equal numbers are equal samples.
    """
    names = np.array(task.card.class_names)
    conflicts: list[tuple[str, list[str]]] = []
    if several := _of_several(content, task.y):
        alike = list(dict.fromkeys(task.column("recording")[np.isin(content, several)].tolist()))
        conflicts.append((f"the same samples under several classes: {some(alike)}", alike))
    unit = task.dataset.unit
    if unit:
        units = task.column(unit)
        numbers = np.unique(units, return_inverse=True)[1]
        mixed = _of_several(numbers, task.y)
        count = len(set(numbers.tolist()))
        if mixed and count >= _LEAST and 1 - len(mixed) / count >= _NEARLY:
            each = []
            for number in mixed:
                own = numbers == number
                each.append(f"{units[own][0]} ({', '.join(sorted(set(names[task.y[own]].tolist())))})")
            conflicting = sorted({str(units[numbers == number][0]) for number in mixed})
            what = f"{len(mixed)} of {count} values of {unit} hold several classes: {', '.join(each)}"
            conflicts.append((what, conflicting))
    remedy = "leave them out by 'where', mend the labels, or declare it"
    return [
        Found("label_conflict", name, what, declared(task, "label_conflict", name, which), remedy)
        for what, which in conflicts
    ]


def _of_several(numbers: NDArray[np.int64], y: NDArray[np.int64]) -> list[int]:
    """Give the numbers that stand beside more than one class."""
    pairs = np.unique(np.stack([numbers, y], axis=1), axis=0)
    values, counts = np.unique(pairs[:, 0], return_counts=True)
    return [int(v) for v in values[counts > 1]]
