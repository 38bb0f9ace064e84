"""Area under the ROC curve, one class against the rest."""

from __future__ import annotations

import math

import numpy as np

from faultboard.tasks.metrics import Predictions, metric, over_classes


@metric(
    "AUROC",
    needs="probabilities",
    ranks=True,
    note="each class against the rest, mean over the classes in the fold's truth; chance is 0.5",
)
def auroc(predictions: Predictions) -> float:
    """Mean over the classes of the chance that a window of it has a higher probability than another one.

    Not defined where the truth holds one class.
    """
    areas = [math.nan if c is None else float(np.trapezoid(c.recall, c.false_alarms)) for c in predictions.curves]
    return over_classes(areas)
