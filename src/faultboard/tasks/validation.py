"""What a recipe with early stopping watches: a part of the training side, never of the test side."""

from __future__ import annotations

import numpy as np

from faultboard.tasks.folds import Fold, apart
from faultboard.tasks.task import Task

_SHARE = 0.2
_LEAST = 3


def watched(task: Task, protocol: str, fold: Fold) -> tuple[Fold, str]:
    """Fold with a validation side, and what it was drawn by.

    The protocol's own where it declares one. Else a fifth of the training side: whole groups, of the kind that
    the protocol holds out, where each class stands in at least three of them; else recordings; else windows, where
    a class has but one recording. Every other recipe trains on all of it: keeping one of two CWRU sizes for
    validation cost 0.17 of accuracy.

    Returns
    -------
    fold : Fold
    of : str
        Column, ``recording`` or ``window``.
    """
    card = task.protocol(protocol)
    if card.validation:
        return fold, card.validation.of
    label = np.array(task.card.class_names)[task.y]
    held_out = [card.by] if card.by and card.split in ("k_fold", "leave_one_out") else []
    for of, least in [*((column, _LEAST) for column in held_out), ("recording", 2)]:
        source = task.column(of)[fold.train]
        if min(len(np.unique(source[task.y[fold.train] == c])) for c in np.unique(task.y[fold.train])) >= least:
            found = apart(fold, task.column(of), label, _SHARE)
            if set(task.y[found.train]) == set(task.y[fold.train]):
                return found, of
    windows = np.arange(len(task)).astype(str)
    return apart(fold, windows, label, _SHARE), "window"
