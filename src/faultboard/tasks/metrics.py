"""Scores of predictions. They need no data and no card."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

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


def vote(
    recording: NDArray[np.str_], truth: Labels, probabilities: NDArray[np.floating]
) -> tuple[Labels, NDArray[np.float64]]:
    """Mean probabilities of a recording's windows, with its truth, in the order of the sorted recordings."""
    names, first, member = np.unique(recording, return_index=True, return_inverse=True)
    sums = np.zeros((len(names), probabilities.shape[1]))
    np.add.at(sums, member, probabilities.astype(np.float64))
    return truth[first], sums / np.bincount(member)[:, None]
