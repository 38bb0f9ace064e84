"""Protocols: how training and test windows are drawn. Drawn once, the same for every model and seed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from faultboard.declare.task import Protocol
from faultboard.errors import ProtocolError

Ids = NDArray[np.int64]
Labels = NDArray[np.str_]


@dataclass(frozen=True)
class Drawable:
    """What a protocol may look at: names and groups, never samples.

    Attributes
    ----------
    recording, label : (n_windows,) str
        Recording and class of each window.
    start : (n_windows,) int
        First sample of each window in its recording.
    column : callable
        Group values, (n_windows,) str, of a column.
    """

    recording: Labels
    start: Ids
    label: Labels
    column: Callable[[str], Labels]


@dataclass(frozen=True)
class Fold:
    """One training/test partition.

    Attributes
    ----------
    name : str
        The group held out, or the fold's number.
    train, test : (n,) int
        Sorted window ids.
    validation : (n,) int
        Sorted window ids that are in neither; none but where the protocol keeps some apart.
    """

    name: str
    train: Ids
    test: Ids
    validation: Ids = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def hash(self, recording: Labels, start: Ids) -> str:
        """Hash of the (recording, start) on each side: two folds of one hash are one experiment."""
        lines = [
            f"{side}\t{recording[i]}\t{start[i]}"
            for side, ids in (("train", self.train), ("test", self.test), ("validation", self.validation))
            for i in ids
        ]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:32]


def draw(protocol: Protocol, data: Drawable) -> list[Fold]:
    """Draw the folds of a protocol.

    Raises
    ------
    ProtocolError
        These recordings cannot carry it, with the reason.
    """
    folds = list(_SPLITS[protocol.split](protocol, data))
    if protocol.validation:
        source = items(data, protocol.validation.of)
        folds = [apart(fold, source, data.label, protocol.validation.share) for fold in folds]
    for fold in folds:
        for side, ids in (("train", fold.train), ("test", fold.test)):
            if len(ids) == 0:
                raise ProtocolError(f"fold {fold.name} has no {side} window")
    return folds


def items(data: Drawable, of: str) -> Labels:
    """Name what is drawn as one: each window by itself, or the values of a column."""
    if of == "window":
        return np.array([f"{r}:{s}" for r, s in zip(data.recording, data.start, strict=True)])
    return data.recording if of == "recording" else data.column(of)


def apart(fold: Fold, source: Labels, label: Labels, share: float) -> Fold:
    """Move a share of the training side to validation: whole sources, class by class, at least one of each.

    Parameters
    ----------
    source : (n_windows,) str
        What stays together.
    """
    chosen: set[str] = set()
    for name in np.unique(label[fold.train]):
        names = np.unique(source[fold.train][label[fold.train] == name]).tolist()
        chosen |= {names[i] for i in by_hash(names)[: max(1, round(share * len(names)))]}
    moved = np.isin(source[fold.train], sorted(chosen))
    return Fold(fold.name, fold.train[~moved], fold.test, fold.train[moved])


def by_hash(names: list[str]) -> Ids:
    """Order of names by their SHA-256: a shuffle that is the same on every machine and version."""
    return np.array(sorted(range(len(names)), key=lambda i: hashlib.sha256(names[i].encode()).digest()), dtype=np.int64)


def natural(name: str) -> list[tuple[int, int | str]]:
    """Sort key in which ``9.bmp`` stands before ``10.bmp``."""
    return [(0, int(part)) if part.isdigit() else (1, part) for part in re.split(r"(\d+)", name)]


def _random(protocol: Protocol, data: Drawable) -> Iterator[Fold]:
    """Deal windows or recordings, class by class, in the order of their hashes."""
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
        yield _fold("0", is_test[item])
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
        yield _fold(str(number), dealt[item] == number)


def _k_fold(protocol: Protocol, data: Drawable) -> Iterator[Fold]:
    """Deal whole groups so that the classes stay as even as they can (scikit-learn's splitter)."""
    from sklearn.model_selection import StratifiedGroupKFold

    assert protocol.by is not None
    assert protocol.folds is not None
    groups = data.column(protocol.by)
    found = len(np.unique(groups))
    if found < protocol.folds:
        raise ProtocolError(f"{protocol.folds} folds by {protocol.by}, but there are {found} values of it")
    _, of_class = np.unique(data.label, return_counts=True)
    if of_class.max() < protocol.folds:
        # what scikit-learn refuses: it deals by windows, and no class has one for each fold
        said = f"{protocol.folds} folds, but no class has more than {of_class.max()} windows"
        raise ProtocolError(f"{said}: ask for fewer folds, or cut more windows")
    splitter = StratifiedGroupKFold(protocol.folds)
    for number, (_, test) in enumerate(splitter.split(np.zeros(len(groups)), data.label, groups)):
        yield _fold(str(number), np.isin(np.arange(len(groups)), test))


def _leave_one_out(protocol: Protocol, data: Drawable) -> Iterator[Fold]:
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
        yield _fold(name, groups == name)


def _blocks(protocol: Protocol, data: Drawable) -> Iterator[Fold]:
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


def _list(protocol: Protocol, data: Drawable) -> Iterator[Fold]:
    """Take the sides from a column: a split that the source published, or one condition to another."""
    assert protocol.by is not None
    values = data.column(protocol.by)
    sides = []
    for side, named in (("train", protocol.train or ["train"]), ("test", protocol.test_on or ["test"])):
        chosen = np.isin(values, named)
        if not chosen.any():
            found = ", ".join(sorted(set(values.tolist()), key=natural)[:8])
            raise ProtocolError(f"no window of {protocol.by} {' or '.join(named)} to {side} on; there is {found}")
        sides.append(np.flatnonzero(chosen))
    yield Fold("+".join(protocol.test_on or ["test"]), sides[0], sides[1])


def _fold(name: str, is_test: NDArray[np.bool_]) -> Fold:
    return Fold(name, np.flatnonzero(~is_test), np.flatnonzero(is_test))


_SPLITS: dict[str, Callable[[Protocol, Drawable], Iterator[Fold]]] = {
    "random": _random,
    "k_fold": _k_fold,
    "leave_one_out": _leave_one_out,
    "blocks": _blocks,
    "list": _list,
    "transfer": _list,
}
