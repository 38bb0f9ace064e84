"""F1, each class by its share of the truth."""

from __future__ import annotations

import numpy as np

from faultboard.tasks.metrics import Predictions, metric
from faultboard.tasks.metrics.f1 import f1_by_class


@metric("weighted F1", note="classes weigh by their windows")
def weighted_f1(predictions: Predictions) -> float:
    """Mean F1 of the classes, weighted by their windows."""
    return float(np.average(f1_by_class(predictions), weights=predictions.counts.sum(1)))
