"""The mean of the windows' probabilities."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from faultboard.tasks.levels import Level


def mean_of(member: NDArray[np.int64], count: int, probabilities: NDArray[np.floating]) -> NDArray[np.float64]:
    """Mean probabilities of the windows of each thing, (count, classes)."""
    sums = np.zeros((count, probabilities.shape[1]))
    np.add.at(sums, member, probabilities.astype(np.float64))
    means: NDArray[np.float64] = sums / np.bincount(member, minlength=count)[:, None]
    return means


mean = Level("Each {column}, by the mean of its windows", mean_of)
