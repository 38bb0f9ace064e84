"""What the samples themselves show to the last bit: the same content on both sides, constant recordings."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from faultboard.tasks.audit.found import Found, declared, some
from faultboard.tasks.folds import Fold
from faultboard.tasks.task import Task


def contents(task: Task) -> NDArray[np.int64]:
    """Number the distinct contents of windows: equal numbers are equal samples."""
    seen: dict[bytes, int] = {}
    numbers = np.empty(len(task), dtype=np.int64)
    for begin in range(0, len(task), 256):
        ids = np.arange(begin, min(begin + 256, len(task)))
        for i, window in zip(ids, task.windows.batch(ids), strict=True):
            key = hashlib.blake2b(np.ascontiguousarray(window).tobytes(), digest_size=16).digest()
            numbers[i] = seen.setdefault(key, len(seen))
    return numbers


def identical(task: Task, name: str, folds: list[Fold], content: NDArray[np.int64]) -> list[Found]:
    """Find test windows whose samples stand in training too, to the last bit."""
    for fold in folds:
        both = np.intersect1d(content[fold.train], content[fold.test])
        if len(both):
            test = fold.test[np.isin(content[fold.test], both)]
            twin = fold.train[content[fold.train] == content[test[0]]][0]
            names = task.column("recording")
            what = f"{names[test[0]]} = {names[twin]}, in test and train of fold {fold.name} ({len(test)} windows)"
            return [Found("identical", name, what, declared(task, "identical", name), "leave one of them out")]
    return []


def dead(task: Task, name: str) -> list[Found]:
    """Find constant recordings: nothing can be learnt from a channel that was not connected."""
    dead = [
        str(recording)
        for recording, row in zip(task.recordings["id"], task.windows.rows, strict=True)
        if np.ptp(task.prepared.samples(int(row))) == 0
    ]
    if not dead:
        return []
    return [Found("dead", name, f"{some(dead)} is constant", declared(task, "dead", name), "leave it out by 'where'")]
