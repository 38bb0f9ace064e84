"""Precision of each class."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from faultboard.tasks.metrics import Predictions, metric


def precision_by_class(predictions: Predictions) -> NDArray[np.float64]:
    """Share of right ones among the windows that were taken for each class, (classes,): 0 where none was."""
    counts = predictions.counts
    precision: NDArray[np.float64] = np.diag(counts) / np.maximum(counts.sum(0), 1)
    return precision


@metric("precision", shape="class", note="0 where nothing was taken for a class that is there")
def precision(predictions: Predictions) -> NDArray[np.float64]:
    """Share of right ones among the windows that were taken for each class, (classes,).

    0 of a class that the truth holds and nothing was taken for; NaN of one that the truth lacks.
    """
    return np.where(predictions.present, precision_by_class(predictions), np.nan)
