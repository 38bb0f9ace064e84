"""Recall, each class by its share of the truth: accuracy under the name that reports by class give it."""

from __future__ import annotations

import numpy as np

from faultboard.tasks.metrics import Predictions, metric
from faultboard.tasks.metrics.recall import recall_by_class


@metric("weighted recall", note="classes weigh by their windows; the same as accuracy")
def weighted_recall(predictions: Predictions) -> float:
    """Mean recall of the classes, weighted by their windows."""
    return float(np.average(recall_by_class(predictions), weights=predictions.counts.sum(1)))
