"""Macro-F1 over the classes of the truth."""

from __future__ import annotations

from faultboard.tasks.metrics import Predictions, metric
from faultboard.tasks.metrics.f1 import f1_by_class


@metric(
    "macro-F1",
    note="mean F1 over the classes in the fold's truth; scikit-learn's also counts classes that were only predicted "
    "(`macro_f1_sklearn`)",
)
def macro_f1(predictions: Predictions) -> float:
    """Mean F1 over the classes present in the truth: a class that is not there cannot be found."""
    return float(f1_by_class(predictions)[predictions.present].mean())
