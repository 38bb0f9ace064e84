"""Balanced accuracy: no class counts for more because there is more of it."""

from __future__ import annotations

from faultboard.tasks.metrics import Predictions, metric
from faultboard.tasks.metrics.recall import recall_by_class


@metric("balanced accuracy", note="mean recall over the classes in the fold's truth")
def balanced_accuracy(predictions: Predictions) -> float:
    """Mean recall over the classes present in the truth; macro recall is the same [1]_.

    References
    ----------
    .. [1] Brodersen, Ong, Stephan, Buhmann, ICPR 2010, 3121-3124.
    """
    return float(recall_by_class(predictions)[predictions.present].mean())
