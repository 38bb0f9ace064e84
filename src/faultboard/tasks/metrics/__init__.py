"""Metrics: what is computed of a fold's predictions, one file each.

A scalar metric may be a task's headline; the others (a number a class, counts a pair of classes) stand in
``scores.csv``. All of them see truth and probabilities alone, at one level of a task.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from faultboard.declare.vocabulary import Vocabulary

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Predictions:
    """What a metric sees.

    Attributes
    ----------
    truth : (n,) int
        True classes.
    probabilities : (n, classes) float
        As they were stored: of one class, 1 where no probabilities are known.
    false_alarm_rate : float
        What the task declares, for metrics at a fixed rate of false alarms.
    """

    truth: NDArray[np.int64]
    probabilities: NDArray[np.floating]
    false_alarm_rate: float = 0.05

    @classmethod
    def of_counts(cls, counts: NDArray[np.int64]) -> Predictions:
        """What a metric that needs labels alone sees of (classes, classes) counts of true and predicted class."""
        import numpy as np

        nothing = np.zeros(0, dtype=np.int64)
        predictions = cls(nothing, np.zeros((0, len(counts))))
        predictions.__dict__["counts"] = counts
        return predictions

    @cached_property
    def predicted(self) -> NDArray[np.int64]:
        """Most probable class, (n,) int; of equal ones the first."""
        predicted: NDArray[np.int64] = self.probabilities.argmax(1)
        return predicted

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """How often each true class (row) was taken for each class (column), (classes, classes) int."""
        import numpy as np

        classes = self.probabilities.shape[1]
        pairs: NDArray[np.int64] = np.bincount(self.truth * classes + self.predicted, minlength=classes * classes)
        return pairs.reshape(classes, classes)

    @cached_property
    def present(self) -> NDArray[np.bool_]:
        """Classes that stand in the truth, (classes,) bool."""
        present: NDArray[np.bool_] = self.counts.sum(1) > 0
        return present

    @cached_property
    def curves(self) -> list[Curve | None]:
        """Each class against the rest; None of a class of which the truth holds nothing, or nothing else."""
        return [_curve(self.truth == c, self.probabilities[:, c]) for c in range(self.probabilities.shape[1])]


@dataclass(frozen=True)
class Curve:
    """A class against the rest, for each threshold on its probability, the highest first.

    Attributes
    ----------
    right, wrong : (thresholds + 1,) float
        Windows of the class, and others, at or above the threshold; both begin with 0.
    """

    right: NDArray[np.float64]
    wrong: NDArray[np.float64]

    @property
    def recall(self) -> NDArray[np.float64]:
        """Share of the class that is at or above the threshold."""
        share: NDArray[np.float64] = self.right / self.right[-1]
        return share

    @property
    def false_alarms(self) -> NDArray[np.float64]:
        """Share of the rest that is at or above the threshold."""
        share: NDArray[np.float64] = self.wrong / self.wrong[-1]
        return share

    def recall_at(self, rate: float) -> float:
        """Recall at the lowest threshold that at most such a share of the rest passes."""
        return float(self.recall[self.false_alarms <= rate].max())


def _curve(is_class: NDArray[np.bool_], probability: NDArray[np.floating]) -> Curve | None:
    import numpy as np

    if is_class.all() or not is_class.any():
        return None
    order = np.argsort(-probability, kind="stable")
    # windows of one probability pass together: no threshold lies between them
    last = np.append(np.flatnonzero(np.diff(probability[order])), len(order) - 1)
    right = np.cumsum(is_class[order])[last].astype(np.float64)
    return Curve(np.append(0.0, right), np.append(0.0, 1.0 + last - right))


Shape = Literal["scalar", "class", "pair"]
Needs = Literal["labels", "probabilities"]


@dataclass(frozen=True)
class Metric:
    """One metric.

    Attributes
    ----------
    words : str
        As tables and pages call it.
    compute : callable
        Of `Predictions`: a number; of shape ``class`` (classes,), of shape ``pair`` (classes, classes). NaN where it is
        not defined.
    needs : {"labels", "probabilities"}
        Whether the predicted classes are enough.
    shape : {"scalar", "class", "pair"}
        Only a scalar may be a headline.
    best : float
        1 where more is better, 0 where less is.
    note : str
        What a reader must know to read the number right; printed with the tables.
    counts : bool
        Whether folds are added up, as counts are, instead of averaged.
    ranks : bool
        Whether it is of the order of the probabilities: of units that hold one class each, such a number is of how
        their levels lie, and no interval of it holds.
    """

    words: str
    compute: Callable[[Predictions], Any]
    needs: Needs = "labels"
    shape: Shape = "scalar"
    best: float = 1.0
    note: str = ""
    counts: bool = False
    ranks: bool = False

    def __call__(self, predictions: Predictions) -> Any:
        """Compute it."""
        return self.compute(predictions)

    @property
    def more_is_better(self) -> bool:
        """Whether a larger number is a better one."""
        return self.best > 0

    def quality(self, value: float) -> float:
        """Value with the sign that makes the larger one the better one."""
        return value if self.more_is_better else -value


def metric(
    words: str,
    needs: Needs = "labels",
    shape: Shape = "scalar",
    best: float = 1.0,
    note: str = "",
    counts: bool = False,
    ranks: bool = False,
) -> Callable[[Callable[[Predictions], Any]], Metric]:
    """Make a metric of the function below it."""
    return lambda compute: Metric(words, compute, needs, shape, best, note, counts, ranks)


METRICS: Vocabulary[Metric] = Vocabulary(__name__, Metric, "metric")


def over_classes(values: list[float]) -> float:
    """Mean of a number a class over the classes where it is defined; NaN where it is defined for none."""
    defined = [value for value in values if not math.isnan(value)]
    return sum(defined) / len(defined) if defined else math.nan
