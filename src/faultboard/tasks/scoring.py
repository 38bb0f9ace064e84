"""The one way of a score: a fold's stored predictions, at a level of the task, by its metrics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from faultboard.declare.task import TaskCard
from faultboard.errors import ProtocolError
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


def as_probabilities(predictions: NDArray[Any], windows: int, classes: int) -> NDArray[np.floating]:
    """Probabilities (windows, classes) from what somebody predicted: these, or class numbers.

    Raises
    ------
    ProtocolError
        They are neither, or of another number of windows or classes.
    """
    import numpy as np

    if len(predictions) != windows:
        raise ProtocolError(f"{len(predictions)} predictions for {windows} windows")
    if predictions.ndim == 1:
        if not np.issubdtype(predictions.dtype, np.integer) or not np.isin(predictions, np.arange(classes)).all():
            raise ProtocolError(f"class numbers are whole, from 0 to {classes - 1}")
        certain: NDArray[np.float64] = np.eye(classes)[predictions]
        return certain
    if predictions.shape != (windows, classes):
        raise ProtocolError(f"predictions of shape {predictions.shape}: say {classes} probabilities a window")
    if not np.issubdtype(predictions.dtype, np.number) or not ((predictions >= 0) & (predictions <= 1)).all():
        raise ProtocolError("probabilities are numbers from 0 to 1")
    return predictions


def scores(predictions: Predictions, names: Iterable[str]) -> dict[str, Any]:
    """Some metrics of predictions, by name; NaN where one is not defined."""
    return {name: METRICS[name](predictions) for name in names}


def is_pooled(folds: Sequence[Predictions]) -> bool:
    """Whether folds are scored all together: where the truth of one holds one class, most metrics mean nothing."""
    return any(predictions.present.sum() < 2 for predictions in folds)


def joined(folds: Sequence[Predictions]) -> Predictions:
    """Predictions of several folds as if they were one."""
    import numpy as np

    parts = [(predictions.truth, predictions.probabilities) for predictions in folds]
    truth, probabilities = (np.concatenate(part) for part in zip(*parts, strict=True))
    return replace(folds[0], truth=truth, probabilities=probabilities)


def over_folds(folds: Sequence[Predictions], by_fold: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Every scalar metric of a protocol: its mean over folds, or of all of them together where `is_pooled`.

    Parameters
    ----------
    by_fold : list of dict
        Scores of each fold, by metric.
    """
    import numpy as np

    if is_pooled(folds):
        return scores(joined(folds), scalars())
    return {name: float(np.mean([fold[name] for fold in by_fold])) for name in scalars()}


def scalars() -> list[str]:
    """Names of the metrics that are one number, which may be a headline."""
    return [name for name in METRICS if METRICS[name].shape == "scalar"]
