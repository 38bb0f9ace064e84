"""What a threshold that was set on the training side comes to on units that the model never met."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from faultboard.report.task_table import TaskTable


@dataclass(frozen=True)
class Operating:
    """Shares of windows, each the mean over folds.

    Attributes
    ----------
    false_alarms : float
        Of the healthy, those above the threshold.
    missed : float
        Of the faulty, those that are not.
    worst : float
        False alarms in the fold that has most.
    """

    false_alarms: float
    missed: float
    worst: float


def operating(table: TaskTable, protocol: str, model: str) -> Operating | None:
    """What the thresholds of a row come to; None where its cells have set none."""
    card, results = table.card, table.results
    faulty = card.class_names.index(card.faulty or "")
    alarms, missed = [], []
    for record in results.row(protocol, model):
        if record.threshold is None:
            return None
        windows = results.windows(record.cell.key)
        alarm, bad = windows.probabilities[:, faulty] > record.threshold, windows.truth == faulty
        alarms += [alarm[~bad].mean()] if (~bad).any() else []
        missed += [1 - alarm[bad].mean()] if bad.any() else []
    return (
        Operating(float(np.mean(alarms)), float(np.mean(missed)), max(map(float, alarms)))
        if alarms and missed
        else None
    )
