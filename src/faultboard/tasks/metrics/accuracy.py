"""Accuracy."""

from __future__ import annotations

import numpy as np

from faultboard.tasks.metrics import Predictions, metric


@metric("accuracy")
def accuracy(predictions: Predictions) -> float:
    """Share of windows that are right."""
    return float(np.trace(predictions.counts) / predictions.counts.sum())
