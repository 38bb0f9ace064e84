"""What a quick classifier reaches on the test sides of several folds, taken together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray


def pooled_recall(
    model: Any,
    X: NDArray[np.floating],
    y: NDArray[np.int64],
    sides: Iterable[tuple[NDArray[np.int64], NDArray[np.int64]]],
) -> float | None:
    """Balanced accuracy over the test sides of all folds, so that a fold of few classes weighs what it holds.

    Parameters
    ----------
    model : scikit-learn classifier
        Fitted anew on each training side.
    X : (n, m) float
    y : (n,) int
    sides : iterable of (train, test)
        Rows of ``X``; a fold with an empty side is left out.

    Returns
    -------
    float or None
        None where no fold was left.
    """
    from sklearn.metrics import recall_score

    truth, predicted = [], []
    for train, test in sides:
        if len(train) and len(test):
            truth.append(y[test])
            predicted.append(model.fit(X[train], y[train]).predict(X[test]))
    if not truth:
        return None
    return float(recall_score(np.concatenate(truth), np.concatenate(predicted), average="macro", zero_division=0.0))
