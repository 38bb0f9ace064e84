"""Data budgets: how a score grows with what there is to train on, counted in units, faulty units or recordings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from faultboard.declare.suite import faulty_units
from faultboard.errors import Unavailable
from faultboard.tasks.folds import Fold, by_hash
from faultboard.tasks.task import Task


def within(task: Task, protocol: str, fold: Fold, budget: str, draw: int = 0) -> Fold:
    """Fold with a part of its training side; the test side stays.

    A share is drawn class by class: whole units where the protocol separates them, since a budget of windows would
    leave every unit in training, else whole recordings. At least one a class stays. A small budget lies inside every
    larger one, and all are the same for every model and seed.

    Of faulty units so many keep their faulty windows, and everything that is healthy stays, as in a plant that has
    seen few faults. A few units are few by chance, so there are several draws; in each, a small one lies inside every
    larger one.

    Parameters
    ----------
    budget : str
        ``all``, a share such as ``25 %``, or ``2 faulty units``.
    draw : int
        Which drawing of faulty units.

    Raises
    ------
    Unavailable
        The training side has fewer faulty units.
    """
    if budget == "all":
        return fold
    if count := faulty_units(budget):
        return replace(fold, train=_with_few_faults(task, protocol, fold, count, draw))
    unit = task.dataset.unit
    source = unit if unit and unit in task.protocol(protocol).separates else "recording"
    share = float(budget.removesuffix("%")) / 100
    kept = [_some(task.column(source)[own], own, share) for own in _by_class(task.y, fold.train)]
    return replace(fold, train=np.sort(np.concatenate(kept)))


def _with_few_faults(task: Task, protocol: str, fold: Fold, count: int, draw: int) -> NDArray[np.int64]:
    faulty = task.y[fold.train] == task.card.class_names.index(task.card.faulty or "")
    unit = task.column(task.protocol(protocol).by or "")[fold.train]
    names = [str(name) for name in np.unique(unit[faulty])]
    if len(names) < count:
        raise Unavailable(f"{len(names)} faulty units to train on in fold {fold.name}, not {count}")
    order = by_hash([f"{draw} {name}" for name in names])
    kept: NDArray[np.int64] = fold.train[~faulty | np.isin(unit, np.array(names)[order[:count]])]
    return kept


def _by_class(y: NDArray[np.int64], ids: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    return [ids[y[ids] == number] for number in np.unique(y[ids])]


def _some(source: NDArray[np.str_], ids: NDArray[np.int64], share: float) -> NDArray[np.int64]:
    names = [str(name) for name in np.unique(source)]
    count = max(1, round(share * len(names)))
    chosen = np.array(names)[by_hash(names)[:count]]
    return ids[np.isin(source, chosen)]
