"""Average precision, one class against the rest."""

from __future__ import annotations

import math

import numpy as np

from faultboard.tasks.metrics import Curve, Predictions, metric, over_classes


@metric(
    "average precision",
    needs="probabilities",
    ranks=True,
    note="each class against the rest, mean over the classes in the fold's truth",
)
def average_precision(predictions: Predictions) -> float:
    """Mean over the classes of the precision at each threshold, weighted by the recall that it adds.

    Not defined where the truth holds one class. ``sklearn.metrics.average_precision_score`` is the same.
    """
    return over_classes([math.nan if curve is None else _area(curve) for curve in predictions.curves])


def _area(curve: Curve) -> float:
    precision = curve.right[1:] / (curve.right[1:] + curve.wrong[1:])
    return float(np.sum(np.diff(curve.recall) * precision))
