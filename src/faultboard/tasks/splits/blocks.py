"""Contiguous blocks of each sequence, where no unit can be held out."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from faultboard.declare.task import Protocol
from faultboard.errors import ProtocolError
from faultboard.tasks.folds import Drawable, Fold, natural
from faultboard.tasks.splits import Split, column


def cut_blocks(protocol: Protocol, data: Drawable) -> Iterator[Fold]:
    """Cut each sequence into contiguous blocks; drop ``gap`` windows on both sides of the test block."""
    assert protocol.by is not None
    assert protocol.folds is not None
    sequences = data.column(protocol.by)
    block = np.empty(len(sequences), dtype=np.int64)
    place = np.empty(len(sequences), dtype=np.int64)
    for name in np.unique(sequences):
        members = np.flatnonzero(sequences == name)
        if len(members) < protocol.folds:
            raise ProtocolError(f"{protocol.by} {name} has {len(members)} windows, too few for {protocol.folds} blocks")
        order = sorted(members, key=lambda i: (natural(str(data.recording[i])), data.start[i]))
        place[order] = np.arange(len(order))
        block[order] = np.arange(len(order)) * protocol.folds // len(order)
    gap = protocol.gap or 0
    for number in range(protocol.folds):
        test = block == number
        near = np.zeros(len(test), dtype=bool)
        for name in np.unique(sequences):
            own = sequences == name
            first, last = place[own & test].min(), place[own & test].max()
            near |= own & (place >= first - gap) & (place <= last + gap)
        yield Fold(str(number), np.flatnonzero(~near), np.flatnonzero(test))


def words(protocol: Protocol) -> str:
    """One sentence for people."""
    gap = f", with {protocol.gap} windows on either side left out" if protocol.gap else ""
    by = column(protocol)
    return f"Each {by} is cut into {protocol.folds} contiguous blocks; one block of each is tested{gap}."


BLOCKS = Split(words, cut_blocks, needs=frozenset({"by", "folds"}), may=frozenset({"gap"}))
