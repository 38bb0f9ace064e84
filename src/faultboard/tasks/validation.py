"""What recipes watch that choose an epoch or settings: a part of the training side, never of the test side."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from faultboard.declare.task import Protocol, Validation
from faultboard.errors import ProtocolError
from faultboard.tasks.folds import Fold, apart
from faultboard.tasks.splits import split_of
from faultboard.tasks.task import Task

_SHARE = 0.2
_LEAST = 3
_INNER = 3


def watched(
    task: Task, protocol: str, fold: Fold, declared: Validation | Literal["test"] | None = None
) -> tuple[Fold, str]:
    """Fold with a validation side, and what it was drawn by.

    The protocol's own where it declares one, else the recipe's. Else a fifth of the training side: whole groups, of
    the kind that the protocol holds out, where each class stands in at least three of them; else recordings; else
    windows, where a class has but one recording. Every other recipe trains on all of it: keeping one of two CWRU
    sizes for validation cost 0.17 of accuracy.

    Parameters
    ----------
    declared : Validation or "test", optional
        What the recipe declares. ``test`` is a source's mistake: its rows are marked, see `Recipe.mark`.

    Returns
    -------
    fold : Fold
    of : str
        Column, ``recording``, ``window`` or ``test``.
    """
    if declared == "test":
        return Fold(fold.name, fold.train, fold.test, fold.test), "test"
    card = task.protocol(protocol)
    if card.validation:
        return fold, card.validation.of
    label = np.array(task.card.class_names)[task.y]
    if declared:
        return apart(fold, _source(task, declared.of), label, declared.share), declared.of
    for of, least in [*((column, _LEAST) for column in _held_out(card)), ("recording", 2)]:
        if _of_a_class(task, fold, of) >= least:
            drawn = apart(fold, task.column(of), label, _SHARE)
            if set(task.y[drawn.train]) == set(task.y[fold.train]):
                return drawn, of
    return apart(fold, _source(task, "window"), label, _SHARE), "window"


def inner_folds(task: Task, protocol: str, fold: Fold) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Folds of a training side by which settings are chosen, as places in it.

    They hold out what the protocol holds out, with classes as even as they can be; recordings where it holds out
    nothing, or where a class has one group alone; windows where it has one recording alone.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    y = task.y[fold.train]
    for of in [*_held_out(task.protocol(protocol)), "recording", "window"]:
        folds = min(_INNER, _of_a_class(task, fold, of))
        if folds > 1:
            groups = _source(task, of)[fold.train]
            split = StratifiedGroupKFold(folds, shuffle=True, random_state=0).split(y, y, groups)
            return [(train, test) for train, test in split if len(np.unique(y[train])) > 1]
    raise ProtocolError(f"{task.id} {protocol}, fold {fold.name}: one window of a class: no settings can be chosen")


def _held_out(card: Protocol) -> list[str]:
    return [card.by] if card.by and split_of(card).holds_out else []


def _of_a_class(task: Task, fold: Fold, of: str) -> int:
    """Groups on the training side of the class that has the fewest."""
    source, y = _source(task, of)[fold.train], task.y[fold.train]
    return min(len(np.unique(source[y == c])) for c in np.unique(y))


def _source(task: Task, of: str) -> NDArray[np.str_]:
    return np.arange(len(task)).astype(str) if of == "window" else task.column(of)
