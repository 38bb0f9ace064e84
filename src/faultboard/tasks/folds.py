"""Folds: one training/test partition each, and what a split may look at to draw them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

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


def one_side(name: str, is_test: NDArray[np.bool_]) -> Fold:
    """Fold that tests some windows and trains on all others."""
    return Fold(name, np.flatnonzero(~is_test), np.flatnonzero(is_test))
