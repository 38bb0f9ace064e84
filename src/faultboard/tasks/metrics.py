"""Scores of predictions. They need no data and no card."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from faultboard.declare.task import level_parts
from faultboard.errors import ProtocolError

Labels = NDArray[np.int64]


def confusion(truth: Labels, predicted: Labels, classes: int) -> NDArray[np.int64]:
    """Count pairs of true class (row) and predicted class (column)."""
    return np.bincount(truth * classes + predicted, minlength=classes * classes).reshape(classes, classes)


def accuracy(counts: NDArray[np.int64]) -> float:
    """Share of windows that are right."""
    return float(np.trace(counts) / counts.sum())


def macro_f1(counts: NDArray[np.int64]) -> float:
    """Mean F1 over the classes present in the truth: a class that is not there cannot be found."""
    present = counts.sum(1) > 0
    right = np.diag(counts)
    f1 = 2 * right / np.maximum(counts.sum(0) + counts.sum(1), 1)
    return float(f1[present].mean())


def balanced_accuracy(counts: NDArray[np.int64]) -> float:
    """Mean recall over the classes present in the truth."""
    present = counts.sum(1) > 0
    return float((np.diag(counts)[present] / counts.sum(1)[present]).mean())


METRICS = {"accuracy": accuracy, "macro_f1": macro_f1, "balanced_accuracy": balanced_accuracy}


def score(truth: Labels, probabilities: NDArray[np.floating]) -> dict[str, float]:
    """Every metric of stored predictions.

    Parameters
    ----------
    truth : (n,) int
        True classes.
    probabilities : (n, classes) float
        As they were stored: scores computed before the rounding to float16 could differ.
    """
    counts = confusion(truth, probabilities.argmax(1).astype(np.int64), probabilities.shape[1])
    return {name: metric(counts) for name, metric in METRICS.items()}


def at_level(
    level: str, column: Callable[[str], NDArray[np.str_]], truth: Labels, probabilities: NDArray[np.floating]
) -> tuple[Labels, NDArray[np.floating]]:
    """Truth and probabilities of what a level scores: the windows themselves, or what they belong to.

    Parameters
    ----------
    level : str
        ``window``, or a column such as ``recording by vote``.
    column : callable
        Values, (n_windows,) str, of a column.
    """
    by, how = level_parts(level)
    if by == "window":
        return truth, probabilities
    return together(column(by), truth, probabilities, how)


def together(
    whole: NDArray[np.str_], truth: Labels, probabilities: NDArray[np.floating], how: str = "mean"
) -> tuple[Labels, NDArray[np.float64]]:
    """Predict what several windows belong to, in the order of the sorted names.

    Parameters
    ----------
    whole : (n_windows,) str
        What each window is a part of: a recording, a video.
    how : {"mean", "vote"}
        Mean of the windows' probabilities, or the class that most of them are; the mean breaks ties.

    Raises
    ------
    ProtocolError
        Windows of one whole differ in class, so that it has none.
    """
    names, first, member = np.unique(whole, return_index=True, return_inverse=True)
    torn = np.flatnonzero(truth != truth[first][member])
    if len(torn):
        raise ProtocolError(f"'{whole[torn[0]]}' holds windows of more than one class: it has no class of its own")
    count = np.bincount(member)[:, None]
    sums = np.zeros((len(names), probabilities.shape[1]))
    np.add.at(sums, member, probabilities.astype(np.float64))
    if how == "vote":
        votes = np.zeros_like(sums)
        np.add.at(votes, (member, probabilities.argmax(1)), 1.0)
        # the mean counts as one vote more, divided among the classes: it can only break a tie
        return truth[first], (votes + sums / count) / (count + 1)
    return truth[first], sums / count
