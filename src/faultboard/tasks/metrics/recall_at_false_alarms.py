"""Recall of each class at the false-alarm rate that the task declares."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from faultboard.tasks.metrics import Predictions, metric


@metric(
    "recall at the declared false-alarm rate",
    needs="probabilities",
    shape="class",
    note="share of the class above the lowest threshold that at most the task's `false_alarm_rate` of the other "
    "windows pass; the threshold is the test side's own: what a plant could reach, not what it would set beforehand",
)
def recall_at_false_alarms(predictions: Predictions) -> NDArray[np.float64]:
    """Recall of each class against the rest, (classes,), where at most so many of the rest give an alarm.

    NaN of a class that the truth lacks, or that it holds alone.
    """
    most = predictions.false_alarm_rate
    return np.array([math.nan if c is None else c.recall_at(most) for c in predictions.curves])
