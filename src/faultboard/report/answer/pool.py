"""One difference over several tasks, which need not agree: random effects, with the interval of Hartung and Knapp.

Tasks are other machines, faults and sensors: each has an effect of its own, and the question is of their mean. Its
interval rests on how far the tasks lie apart, by t with one degree less than there are tasks [1]_; the usual one, by
the normal distribution, is too narrow where tasks are few. How far their effects lie apart beyond what their own
standard errors explain is estimated after Paule and Mandel [2]_. Few tasks may agree by chance: the interval is never
narrower than their own standard errors make it [3]_.

References
----------
.. [1] J. Hartung, G. Knapp, Statistics in Medicine 20 (2001) 3875-3889, doi 10.1002/sim.1009.
.. [2] R. C. Paule, J. Mandel, Journal of Research of the National Bureau of Standards 87 (1982) 377-385.
.. [3] C. Roever, G. Knapp, T. Friede, BMC Medical Research Methodology 15 (2015) 99, doi 10.1186/s12874-015-0091-1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faultboard.report.jackknife import LEVEL

# what sums of equal numbers differ by
_NOTHING = 1e-9


@dataclass(frozen=True)
class Pooled:
    """A mean over tasks.

    Attributes
    ----------
    interval : tuple of float or None
        Low and high end, of nominal 95 %; None of one task.
    p : float or None
        Two-sided, of a mean of zero, by the t of the interval.
    """

    value: float
    tasks: int
    interval: tuple[float, float] | None = None
    p: float | None = None

    @property
    def excludes_zero(self) -> bool:
        """Whether its interval does; one of no width, as of equal numbers, says nothing."""
        low, high = self.interval or (0.0, 0.0)
        return bool(high - low > _NOTHING and (low > 0 or high < 0))


def pooled(values: list[float], errors: list[float] | None = None) -> Pooled:
    """Mean of the differences of some tasks.

    Parameters
    ----------
    values : list of float
        One a task.
    errors : list of float, optional
        Their standard errors. Without them each task counts alike, and the interval is that of a mean of numbers.
    """
    from scipy.stats import t

    y, k = np.array(values), len(values)
    weights = np.ones(k) if errors is None else 1 / (np.array(errors) ** 2 + _between(y, np.array(errors) ** 2))
    mean = float((weights * y).sum() / weights.sum())
    if k < 2:
        return Pooled(mean, k)
    scatter = (weights * (y - mean) ** 2).sum() / (k - 1)
    error = float(np.sqrt((scatter if errors is None else max(1.0, scatter)) / weights.sum()))
    half = float(t.ppf(1 - LEVEL / 2, k - 1)) * error
    p = float(2 * t.sf(abs(mean) / error, k - 1)) if error > _NOTHING else None
    return Pooled(mean, k, (mean - half, mean + half), p)


def _between(y: NDArray[np.float64], variances: NDArray[np.float64]) -> float:
    """Variance of the effects between tasks: the one at which they scatter as much as they should, at least 0."""
    from scipy.optimize import brentq

    def too_far(between: float) -> float:
        weights = 1 / (variances + between)
        mean = (weights * y).sum() / weights.sum()
        return float((weights * (y - mean) ** 2).sum() - (len(y) - 1))

    if len(y) < 2 or too_far(0.0) <= 0:
        return 0.0
    # at the sum of squares over the mean every term is at most its share of 1
    most = float(((y - y.mean()) ** 2).sum()) + float(variances.max())
    return most if too_far(most) > 0 else float(brentq(too_far, 0.0, most))
