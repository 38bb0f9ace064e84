"""Whole groups, dealt to a few folds."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from faultboard.declare.task import Protocol
from faultboard.errors import ProtocolError
from faultboard.tasks.folds import Drawable, Fold, one_side
from faultboard.tasks.splits import Split, column


def deal_groups(protocol: Protocol, data: Drawable) -> Iterator[Fold]:
    """Deal whole groups so that the classes stay as even as they can (scikit-learn's splitter)."""
    from sklearn.model_selection import StratifiedGroupKFold

    assert protocol.by is not None
    assert protocol.folds is not None
    groups = data.column(protocol.by)
    count = len(np.unique(groups))
    if count < protocol.folds:
        raise ProtocolError(f"{protocol.folds} folds by {protocol.by}, but there are {count} values of it")
    _, of_class = np.unique(data.label, return_counts=True)
    if of_class.max() < protocol.folds:
        # what scikit-learn refuses: it deals by windows, and no class has one for each fold
        few = f"{protocol.folds} folds, but no class has more than {of_class.max()} windows"
        raise ProtocolError(f"{few}: ask for fewer folds, or cut more windows")
    splitter = StratifiedGroupKFold(protocol.folds)
    for number, (_, test) in enumerate(splitter.split(np.zeros(len(groups)), data.label, groups)):
        yield one_side(str(number), np.isin(np.arange(len(groups)), test))


def words(protocol: Protocol) -> str:
    """One sentence for people."""
    by = column(protocol)
    return f"{protocol.folds} folds of whole groups: every {by} is tested once, by a model that never met it."


K_FOLD = Split(words, deal_groups, needs=frozenset({"by", "folds"}), holds_out=True)
