"""F1 of each class."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from faultboard.tasks.metrics import Predictions, metric


def f1_by_class(predictions: Predictions) -> NDArray[np.float64]:
    """F1 of each class, (classes,): 0 of one that is neither in the truth nor predicted."""
    counts = predictions.counts
    f1: NDArray[np.float64] = 2 * np.diag(counts) / np.maximum(counts.sum(0) + counts.sum(1), 1)
    return f1


@metric("F1", shape="class", note="a fold that holds none of the class does not count")
def f1(predictions: Predictions) -> NDArray[np.float64]:
    """Harmonic mean of precision and recall of each class, (classes,); NaN of one that the truth lacks."""
    return np.where(predictions.present, f1_by_class(predictions), np.nan)
