"""The audit: what stands on both sides of a split, found before anything is trained.

A finding that the task's card does not declare stops its protocol: a number from a leaking split
looks like any other number. What is declared (a column in ``leaks``, or an entry in ``findings``)
is a mark in the table.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faultboard.declare.keys import digest
from faultboard.declare.task import Protocol, TaskCard
from faultboard.errors import ProtocolError
from faultboard.tasks.folds import Fold
from faultboard.tasks.task import Task

Ids = NDArray[np.int64]


@dataclass(frozen=True)
class Found:
    """One finding.

    Attributes
    ----------
    kind : str
        In the words of the task card's ``findings``.
    protocol : str
        Protocol it was found in.
    what : str
        The evidence: names, counts, the fold.
    declared : bool
        Whether the card says so.
    remedy : str
        What to do about it.
    """

    kind: str
    protocol: str
    what: str
    declared: bool
    remedy: str

    def to_json(self) -> dict[str, Any]:
        """Plain form, for files."""
        return asdict(self)


def audit(task: Task, protocols: list[str] | None = None) -> list[Found]:
    """Look for leaks in the folds of some protocols (of all, without names).

    Returns
    -------
    list of Found
        Undeclared findings first. A protocol that these recordings cannot carry has none.
    """
    found: list[Found] = []
    content = _content(task)
    for name in protocols or list(task.card.protocols):
        try:
            folds = task.folds(name)
        except ProtocolError:
            continue
        protocol = task.protocol(name)
        found += _shared(task, name, protocol, folds)
        found += _overlapping(task, name, protocol, folds)
        found += _identical(task, name, folds, content)
        found += _classes_missing(task, name, folds)
        found += _dead(task, name)
    return sorted(found, key=lambda f: f.declared)


def declarations(card: TaskCard) -> str:
    """Hash of what an audit is held against: ``separates``, ``leaks`` and ``findings`` of a card."""
    sides = {name: [p.separates, p.leaks] for name, p in card.protocols.items()}
    return digest({"protocols": sides, "findings": [f.model_dump() for f in card.findings]})


def _declared(task: Task, kind: str, protocol: str) -> bool:
    return any(f.kind == kind and protocol in f.protocols for f in task.card.findings)


def _some(names: NDArray[np.str_] | list[str]) -> str:
    """Name up to three, and count the rest."""
    names = [str(n) for n in names]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _shared(task: Task, name: str, protocol: Protocol, folds: list[Fold]) -> list[Found]:
    """Find values of a column that stand on both sides of a fold although they should not."""
    found = []
    unit = [task.dataset.unit] if task.dataset.unit else []
    guarded = dict.fromkeys([*protocol.separates, *unit, "recording", *protocol.leaks])
    for column in guarded:
        values = task.column(column)
        for fold in folds:
            both = np.intersect1d(values[fold.train], values[fold.test])
            if not len(both):
                continue
            kind = "shared_recording" if column == "recording" else "shared_unit"
            broken = column in protocol.separates
            found.append(
                Found(
                    kind,
                    name,
                    f"{column} {_some(both)} in train and test of fold {fold.name}",
                    declared=not broken and column in protocol.leaks,
                    remedy=f"protocols.{name} says it separates {column}: it does not. Mend the split"
                    if broken
                    else f"declare it (leaks: [{column}]) or separate it",
                )
            )
            break
    return found


def _overlapping(task: Task, name: str, protocol: Protocol, folds: list[Fold]) -> list[Found]:
    """Find test windows that share samples with a training window of the same recording."""
    length = task.windows.length
    if length == 0 or "recording" in protocol.separates:
        return []
    recording, start = task.windows.recording, task.windows.start
    # one long axis on which windows of different recordings can never touch
    span = int(start.max()) + 2 * length
    place = recording * span + start
    for fold in folds:
        train = np.sort(place[fold.train])
        left = np.searchsorted(train, place[fold.test] - length, side="right")
        right = np.searchsorted(train, place[fold.test] + length, side="left")
        hit = fold.test[right > left]
        if len(hit):
            first = int(hit[0])
            what = (
                f"{len(hit)} of {len(fold.test)} test windows of fold {fold.name} share samples with a training "
                f"window, such as {task.column('recording')[first]} at {start[first]}"
            )
            return [Found("overlap", name, what, _declared(task, "overlap", name), "use a hop of at least the window")]
    return []


def _content(task: Task) -> NDArray[np.int64]:
    """Number the distinct contents of windows: equal numbers are equal samples."""
    seen: dict[bytes, int] = {}
    numbers = np.empty(len(task), dtype=np.int64)
    for begin in range(0, len(task), 256):
        ids = np.arange(begin, min(begin + 256, len(task)))
        for i, window in zip(ids, task.windows.batch(ids), strict=True):
            key = hashlib.blake2b(np.ascontiguousarray(window).tobytes(), digest_size=16).digest()
            numbers[i] = seen.setdefault(key, len(seen))
    return numbers


def _identical(task: Task, name: str, folds: list[Fold], content: NDArray[np.int64]) -> list[Found]:
    """Find test windows whose samples stand in training too, to the last bit."""
    for fold in folds:
        both = np.intersect1d(content[fold.train], content[fold.test])
        if len(both):
            test = fold.test[np.isin(content[fold.test], both)]
            twin = fold.train[content[fold.train] == content[test[0]]][0]
            names = task.column("recording")
            what = f"{names[test[0]]} = {names[twin]}, in test and train of fold {fold.name} ({len(test)} windows)"
            return [Found("identical", name, what, _declared(task, "identical", name), "leave one of them out")]
    return []


def _classes_missing(task: Task, name: str, folds: list[Fold]) -> list[Found]:
    """Find folds in which a class is absent from a side."""
    for fold in folds:
        for side, ids in (("training", fold.train), ("test", fold.test)):
            absent = sorted(set(range(len(task.card.class_names))) - set(task.y[ids].tolist()))
            if absent:
                what = f"no {_some([task.card.class_names[i] for i in absent])} in {side} of fold {fold.name}"
                remedy = "its score speaks of fewer classes: declare it, or split by another column"
                return [Found("missing_class", name, what, _declared(task, "missing_class", name), remedy)]
    return []


def _dead(task: Task, name: str) -> list[Found]:
    """Find constant recordings: nothing can be learnt from a channel that was not connected."""
    dead = [
        str(recording)
        for recording, row in zip(task.recordings["id"], task.windows.rows, strict=True)
        if np.ptp(task.prepared.samples(int(row))) == 0
    ]
    if not dead:
        return []
    return [Found("dead", name, f"{_some(dead)} is constant", _declared(task, "dead", name), "leave it out by 'where'")]
