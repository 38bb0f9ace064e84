"""Matthews correlation: what accuracy hides where classes are uneven."""

from __future__ import annotations

import numpy as np

from faultboard.tasks.metrics import Predictions, metric


@metric("Matthews correlation", note="0 is chance, and where the truth or the predictions hold one class")
def mcc(predictions: Predictions) -> float:
    """Correlation of truth and prediction, for any number of classes [1]_.

    References
    ----------
    .. [1] J. Gorodkin, Computational Biology and Chemistry 28 (2004) 367-374.
    """
    counts = predictions.counts.astype(np.float64)
    total, true, taken = counts.sum(), counts.sum(1), counts.sum(0)
    covariance = np.trace(counts) * total - true @ taken
    spread = (total**2 - true @ true) * (total**2 - taken @ taken)
    return float(covariance / np.sqrt(spread)) if spread > 0 else 0.0
