"""Macro recall: balanced accuracy under the name that reports by class give it."""

from __future__ import annotations

from faultboard.tasks.metrics import Predictions, metric
from faultboard.tasks.metrics.recall import recall_by_class


@metric("macro recall", note="mean over the classes in the fold's truth")
def macro_recall(predictions: Predictions) -> float:
    """Mean recall over the classes present in the truth."""
    return float(recall_by_class(predictions)[predictions.present].mean())
