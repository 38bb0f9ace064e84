"""The class that most windows are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from faultboard.tasks.levels import Level
from faultboard.tasks.levels.mean import mean_of


def votes_of(member: NDArray[np.int64], count: int, probabilities: NDArray[np.floating]) -> NDArray[np.float64]:
    """Share of the windows of each thing that each class has won, (count, classes).

    The mean of their probabilities counts as one window more, divided among the classes: it can only break a tie.
    """
    votes = np.zeros((count, probabilities.shape[1]))
    np.add.at(votes, (member, probabilities.argmax(1)), 1.0)
    windows = np.bincount(member, minlength=count)[:, None]
    shares: NDArray[np.float64] = (votes + mean_of(member, count, probabilities)) / (windows + 1)
    return shares


vote = Level("Each {column}, by the vote of its windows", votes_of)
