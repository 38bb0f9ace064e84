"""Macro-F1 as scikit-learn has it."""

from __future__ import annotations

from faultboard.tasks.metrics import Predictions, metric
from faultboard.tasks.metrics.f1 import f1_by_class


@metric("macro-F1 (scikit-learn's)", note="mean F1 over the classes in the fold's truth or among its predictions")
def macro_f1_sklearn(predictions: Predictions) -> float:
    """Mean F1 over the classes that stand in the truth or were predicted.

    What ``sklearn.metrics.f1_score(average="macro")`` gives without ``labels``. A fold is then scored lower for each
    class that it lacks and that one of its windows was taken for: 0.333 where `macro_f1` is 0.5, for windows of
    classes 0 and 1 that were taken for 0 and 2.
    """
    counts = predictions.counts
    return float(f1_by_class(predictions)[counts.sum(0) + counts.sum(1) > 0].mean())
