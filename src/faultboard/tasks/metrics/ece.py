"""Expected calibration error: whether a probability is one."""

from __future__ import annotations

import numpy as np

from faultboard.tasks.metrics import Predictions, metric

_BINS = 15


@metric(
    "expected calibration error",
    needs="probabilities",
    best=0.0,
    note="of the predicted class, 15 bins of equal width; less is better",
)
def ece(predictions: Predictions) -> float:
    """Distance between probability and accuracy of the predicted class, mean over bins of probability [1]_.

    References
    ----------
    .. [1] Guo, Pleiss, Sun, Weinberger, ICML 2017, arXiv 1706.04599; 15 bins as there.
    """
    confidence = predictions.probabilities.max(1).astype(np.float64)
    right = predictions.predicted == predictions.truth
    # bins are closed above, as in the source
    place = np.clip(np.ceil(confidence * _BINS).astype(np.int64) - 1, 0, _BINS - 1)
    gaps = np.bincount(place, weights=right - confidence, minlength=_BINS)
    return float(np.abs(gaps).sum() / len(right))
