"""Each group held out once."""

from __future__ import annotations

from collections.abc import Iterator

from faultboard.declare.task import Protocol
from faultboard.errors import ProtocolError
from faultboard.tasks.folds import Drawable, Fold, natural, one_side
from faultboard.tasks.splits import Split, column


def hold_out(protocol: Protocol, data: Drawable) -> Iterator[Fold]:
    """Hold out each group once, in the order of the sorted names.

    The number of independent test units is the number of groups, whatever the number of windows
    (Hendriks, Dumond, Knox, MSSP 169 (2022) 108732).
    """
    assert protocol.by is not None
    groups = data.column(protocol.by)
    names = sorted(set(groups.tolist()), key=natural)
    if len(names) < 2:
        raise ProtocolError(f"one {protocol.by} only ({names[0]}): nothing would be left to train on")
    for name in names:
        yield one_side(name, groups == name)


def words(protocol: Protocol) -> str:
    """One sentence for people."""
    return f"Each {column(protocol)} is held out once; the model trains on all others."


LEAVE_ONE_OUT = Split(words, hold_out, needs=frozenset({"by"}), holds_out=True, one_a_fold=True)
