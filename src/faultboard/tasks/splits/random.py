"""Windows or recordings at random: what most papers do."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from faultboard.declare.task import Protocol
from faultboard.tasks.folds import Drawable, Fold, by_hash, one_side
from faultboard.tasks.splits import Split


def deal(protocol: Protocol, data: Drawable) -> Iterator[Fold]:
    """Deal windows or recordings, class by class, in the order of their hashes.

    With ``folds`` each is tested once; with ``test`` a share of them is, in one fold.
    """
    if protocol.of == "recording":
        names, first, item = np.unique(data.recording, return_index=True, return_inverse=True)
        labels = data.label[first]
        keys = [str(n) for n in names]
    else:
        keys = [f"{r}:{s}" for r, s in zip(data.recording, data.start, strict=True)]
        labels, item = data.label, np.arange(len(keys))
    order = by_hash(keys)
    if protocol.test is not None:
        is_test = np.zeros(len(keys), dtype=bool)
        for label in np.unique(labels):
            members = order[labels[order] == label]
            is_test[members[: max(1, round(protocol.test * len(members)))]] = True
        yield one_side("0", is_test[item])
        return
    assert protocol.folds is not None
    dealt = np.empty(len(keys), dtype=np.int64)
    position = 0
    for label in np.unique(labels):
        members = order[labels[order] == label]
        # going on where the last class ended keeps the folds of one size
        dealt[members] = (position + np.arange(len(members))) % protocol.folds
        position += len(members)
    for number in range(protocol.folds):
        yield one_side(str(number), dealt[item] == number)


def words(protocol: Protocol) -> str:
    """One sentence for people."""
    what = "windows" if protocol.of == "window" else "recordings"
    if protocol.test is not None:
        return f"A random {100 * protocol.test:.0f} % of the {what} is tested, class by class."
    return f"Random {what} in {protocol.folds} folds, class by class; each is tested once."


random = Split(words, deal, may=frozenset({"of"}), either=frozenset({"folds", "test"}))
