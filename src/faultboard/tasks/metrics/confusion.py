"""Confusion counts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from faultboard.tasks.metrics import Predictions, metric


@metric("confusion", shape="pair", note="windows of the first class that were taken for the second", counts=True)
def confusion(predictions: Predictions) -> NDArray[np.int64]:
    """How often each true class (row) was taken for each class (column), (classes, classes)."""
    return predictions.counts
