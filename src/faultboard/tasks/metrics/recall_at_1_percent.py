"""Recall of each class at one false alarm in a hundred, where a hundred windows of the others were tested."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from faultboard.tasks.metrics import Predictions, metric

# of fewer windows the rate is none or more than one in a hundred
_LEAST = 100


@metric(
    "recall at 1 % false alarms",
    needs="probabilities",
    shape="class",
    note="as `recall_at_false_alarms`, at 1 %; where at least 100 windows of the other classes were tested",
)
def recall_at_1_percent(predictions: Predictions) -> NDArray[np.float64]:
    """Recall of each class against the rest, (classes,), where at most 1 % of the rest give an alarm.

    NaN of a class that the truth lacks, or whose rest has fewer than 100 windows.
    """
    curves = predictions.curves
    return np.array([math.nan if c is None or c.wrong[-1] < _LEAST else c.recall_at(0.01) for c in curves])
