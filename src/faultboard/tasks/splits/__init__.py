"""Splits: the ways of drawing training and test windows, one file each.

A protocol on a task card names one, with what it needs: ``{split: leave_one_out, by: motor}``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from faultboard.declare.task import Protocol
from faultboard.declare.vocabulary import Vocabulary
from faultboard.errors import CardError, ProtocolError

if TYPE_CHECKING:
    from faultboard.tasks.folds import Drawable, Fold


@dataclass(frozen=True)
class Split:
    """A way of drawing folds.

    Attributes
    ----------
    words : callable
        How a protocol draws, as one sentence for people.
    draw : callable
        Gives the folds of a protocol on the windows that there are.
    needs, may : frozenset of str
        Fields of a protocol that must be said, and that may be.
    either : frozenset of str
        Of these exactly one must be said.
    holds_out : bool
        Whether whole values of ``by`` are tested by a model that never met them.
    one_a_fold : bool
        Whether each fold is one value of ``by``, so that there is a worst one.
    """

    words: Callable[[Protocol], str]
    draw: Callable[[Protocol, Drawable], Iterator[Fold]]
    needs: frozenset[str] = frozenset()
    may: frozenset[str] = frozenset()
    either: frozenset[str] = frozenset()
    holds_out: bool = False
    one_a_fold: bool = False


SPLITS: Vocabulary[Split] = Vocabulary(__name__, Split, "split")


def split_of(protocol: Protocol) -> Split:
    """Split that a protocol names."""
    return SPLITS[protocol.split]


def draw(protocol: Protocol, data: Drawable) -> list[Fold]:
    """Draw the folds of a protocol.

    Raises
    ------
    ProtocolError
        These recordings cannot carry it, with the reason.
    """
    from faultboard.tasks.folds import apart, items

    # `list` is a module of this package here
    folds = [*split_of(protocol).draw(protocol, data)]
    if protocol.validation:
        source = items(data, protocol.validation.of)
        folds = [apart(fold, source, data.label, protocol.validation.share) for fold in folds]
    for fold in folds:
        for side, ids in (("train", fold.train), ("test", fold.test)):
            if len(ids) == 0:
                raise ProtocolError(f"fold {fold.name} has no {side} window")
    return folds


def check_fields(protocol: Protocol) -> None:
    """Hold what a protocol says against what its split needs.

    Raises
    ------
    CardError
        There is no such split, or a field of it is missing or means nothing to it.
    """
    split, given = split_of(protocol), protocol.given
    for name in sorted(split.needs - given):
        raise CardError(f"split {protocol.split} needs '{name}'")
    for name in sorted(given - split.needs - split.may - split.either):
        raise CardError(f"'{name}' means nothing to split {protocol.split}")
    if split.either and len(split.either & given) != 1:
        raise CardError(f"split {protocol.split} needs either {' or '.join(map(repr, sorted(split.either)))}")


def column(protocol: Protocol) -> str:
    """The column of ``by`` as people say it."""
    return (protocol.by or "").replace("_", " ")
