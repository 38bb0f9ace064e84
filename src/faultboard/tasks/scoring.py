"""The one way of a score: a fold's stored predictions, at a level of the task, by its metrics."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from faultboard.declare.task import TaskCard
from faultboard.tasks.levels import at_level
from faultboard.tasks.metrics import METRICS, Predictions

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from faultboard.tasks.levels import Column


def at(
    card: TaskCard, level: str, column: Column, truth: NDArray[np.int64], probabilities: NDArray[np.floating]
) -> Predictions:
    """What the metrics of a task see of a fold's windows, at one of its levels.

    Parameters
    ----------
    column : callable
        Values, (n_windows,) str, of a column.
    truth : (n_windows,) int
        True classes.
    probabilities : (n_windows, classes) float
        As they are stored: scores computed before the rounding to float16 could differ.
    """
    return Predictions(*at_level(level, column, truth, probabilities), card.false_alarm_rate)


def scores(predictions: Predictions, names: Iterable[str]) -> dict[str, Any]:
    """Some metrics of predictions, by name; NaN where one is not defined."""
    return {name: METRICS[name](predictions) for name in names}


def scalars() -> list[str]:
    """Names of the metrics that are one number, which may be a headline."""
    return [name for name in METRICS if METRICS[name].shape == "scalar"]
