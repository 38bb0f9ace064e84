"""Data budgets: how a score grows with what there is to train on, counted in units or recordings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from faultboard.tasks.folds import Fold, by_hash
from faultboard.tasks.task import Task


def within(task: Task, protocol: str, fold: Fold, budget: str) -> Fold:
    """Fold with a part of its training side; the test side stays.

    Drawn class by class: whole units where the protocol separates them, since a budget of windows would leave
    every unit in training, else whole recordings. At least one a class stays. A small budget lies inside every
    larger one, and all are the same for every model and seed.

    Parameters
    ----------
    budget : str
        ``all``, or a share such as ``25 %``.
    """
    if budget == "all":
        return fold
    unit = task.dataset.unit
    source = unit if unit and unit in task.protocol(protocol).separates else "recording"
    share = float(budget.removesuffix("%")) / 100
    kept = [_some(task.column(source)[own], own, share) for own in _by_class(task.y, fold.train)]
    return replace(fold, train=np.sort(np.concatenate(kept)))


def _by_class(y: NDArray[np.int64], ids: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    return [ids[y[ids] == number] for number in np.unique(y[ids])]


def _some(source: NDArray[np.str_], ids: NDArray[np.int64], share: float) -> NDArray[np.int64]:
    names = [str(name) for name in np.unique(source)]
    count = max(1, round(share * len(names)))
    chosen = np.array(names)[by_hash(names)[:count]]
    return ids[np.isin(source, chosen)]
