"""Precision, each class by its share of the truth."""

from __future__ import annotations

import numpy as np

from faultboard.tasks.metrics import Predictions, metric
from faultboard.tasks.metrics.precision import precision_by_class


@metric("weighted precision", note="classes weigh by their windows")
def weighted_precision(predictions: Predictions) -> float:
    """Mean precision of the classes, weighted by their windows."""
    return float(np.average(precision_by_class(predictions), weights=predictions.counts.sum(1)))
