"""Recall of each class."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from faultboard.tasks.metrics import Predictions, metric


def recall_by_class(predictions: Predictions) -> NDArray[np.float64]:
    """Share of each class that was found, (classes,): 0 of one that the truth lacks."""
    counts = predictions.counts
    recall: NDArray[np.float64] = np.diag(counts) / np.maximum(counts.sum(1), 1)
    return recall


@metric("recall", shape="class", note="a fold that holds none of the class does not count")
def recall(predictions: Predictions) -> NDArray[np.float64]:
    """Share of each class that was found, (classes,); NaN of one that the truth lacks."""
    return np.where(predictions.present, recall_by_class(predictions), np.nan)
