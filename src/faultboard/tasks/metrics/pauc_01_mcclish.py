"""Area under the first tenth of the ROC curve."""

from __future__ import annotations

import math

import numpy as np

from faultboard.tasks.metrics import Curve, Predictions, metric, over_classes

_MOST = 0.1


@metric(
    "pAUC up to 0.1 (McClish-standardised)",
    needs="probabilities",
    ranks=True,
    note="each class against the rest, false-alarm rates up to 0.1, standardised so that 0.5 is chance and 1 is best",
)
def pauc_01_mcclish(predictions: Predictions) -> float:
    """Mean over the classes of the partial area up to a false-alarm rate of 0.1, standardised [1]_.

    Not defined where the truth holds one class. ``roc_auc_score(max_fpr=0.1)`` of scikit-learn is the same.

    References
    ----------
    .. [1] D. K. McClish, Medical Decision Making 9 (1989) 190-195.
    """
    return over_classes([math.nan if curve is None else _standardised(curve) for curve in predictions.curves])


def _standardised(curve: Curve) -> float:
    alarms, recall = curve.false_alarms, curve.recall
    inside = int(np.searchsorted(alarms, _MOST, side="right"))
    ends = np.append(alarms[:inside], _MOST)
    area = float(np.trapezoid(np.append(recall[:inside], np.interp(_MOST, alarms, recall)), ends))
    chance, most = _MOST**2 / 2, _MOST
    return 0.5 * (1 + (area - chance) / (most - chance))
