"""Sides that a column names: a split that the source published."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from faultboard.declare.task import Protocol
from faultboard.errors import ProtocolError
from faultboard.tasks.folds import Drawable, Fold, natural
from faultboard.tasks.splits import Split, column


def named_sides(protocol: Protocol, data: Drawable) -> Iterator[Fold]:
    """Take the sides from the values of a column, in one fold."""
    assert protocol.by is not None
    values = data.column(protocol.by)
    sides = []
    for side, names in (("train", _train(protocol)), ("test", _test(protocol))):
        chosen = np.isin(values, names)
        if not chosen.any():
            known = ", ".join(sorted(set(values.tolist()), key=natural)[:8])
            raise ProtocolError(f"no window of {protocol.by} {' or '.join(names)} to {side} on; there is {known}")
        sides.append(np.flatnonzero(chosen))
    yield Fold("+".join(_test(protocol)), sides[0], sides[1])


def words(protocol: Protocol) -> str:
    """One sentence for people."""
    train, test = " and ".join(_train(protocol)), " and ".join(_test(protocol))
    by = column(protocol)
    return f"Trained where {by} is {train}, tested where it is {test}."


def _train(protocol: Protocol) -> list[str]:
    return protocol.train or ["train"]


def _test(protocol: Protocol) -> list[str]:
    return protocol.test_on or ["test"]


listed = Split(words, named_sides, needs=frozenset({"by"}), may=frozenset({"train", "test_on"}))
