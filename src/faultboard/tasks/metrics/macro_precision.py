"""Macro precision."""

from __future__ import annotations

from faultboard.tasks.metrics import Predictions, metric
from faultboard.tasks.metrics.precision import precision_by_class


@metric("macro precision", note="mean over the classes in the fold's truth")
def macro_precision(predictions: Predictions) -> float:
    """Mean precision over the classes present in the truth."""
    return float(precision_by_class(predictions)[predictions.present].mean())
