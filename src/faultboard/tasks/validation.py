"""What a recipe with early stopping watches: a part of the training side, never of the test side."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from faultboard.declare.task import Validation
from faultboard.tasks.folds import Fold, apart
from faultboard.tasks.splits import split_of
from faultboard.tasks.task import Task

_SHARE = 0.2
_LEAST = 3


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
    held_out = [card.by] if card.by and split_of(card).holds_out else []
    for of, least in [*((column, _LEAST) for column in held_out), ("recording", 2)]:
        source = task.column(of)[fold.train]
        if min(len(np.unique(source[task.y[fold.train] == c])) for c in np.unique(task.y[fold.train])) >= least:
            drawn = apart(fold, task.column(of), label, _SHARE)
            if set(task.y[drawn.train]) == set(task.y[fold.train]):
                return drawn, of
    return apart(fold, _source(task, "window"), label, _SHARE), "window"


def _source(task: Task, of: str) -> NDArray[np.str_]:
    return np.arange(len(task)).astype(str) if of == "window" else task.column(of)
