"""The suite from Python: tasks as arrays and splits, scores by the table's own code, results as a frame."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from faultboard.declare.catalogue import Catalogue, find_root

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from faultboard.tasks.task import Task


def load_task(name: str, edition: str | None = None, root: Path | None = None) -> Task:
    """Bind a task to its recordings, prepared if they are not.

    Parameters
    ----------
    name : str
        Such as ``bearing_vibration/cwru``, or its last part.
    edition : str, optional
        ``full``, ``cut`` or ``sim``; the first that can be had.

    Raises
    ------
    Unavailable
        The recordings are not on this machine.
    """
    from faultboard.tasks.task import Task

    return Task.find(Catalogue(find_root(root)), name, edition)


def evaluate(estimator: Any, task: Task, protocol: str) -> pd.DataFrame:
    """Score a scikit-learn classifier under a protocol, without a card.

    Parameters
    ----------
    estimator : classifier
        Cloned for each fold; sees windows as `Task.arrays` gives them, several channels side by side. Its
        probabilities are scored where it has any, else its classes.
    task : Task
    protocol : str

    Returns
    -------
    DataFrame
        One row a fold: its name, windows on both sides, every scalar metric at the first of the task's levels.
    """
    import pandas as pd
    from sklearn.base import clone

    X, y = task.arrays()
    flat = np.asarray(X).reshape(len(y), -1) if isinstance(X, np.ndarray) else X
    rows = []
    for fold in task.folds(protocol):
        fitted = clone(estimator).fit(_take(flat, fold.train), y[fold.train])
        predictions = _predicted(fitted, _take(flat, fold.test), len(task.card.class_names))
        sizes = {"fold": fold.name, "train": len(fold.train), "test": len(fold.test)}
        rows.append(sizes | task.scores(fold.test, predictions))
    return pd.DataFrame(rows)


def _predicted(fitted: Any, X: Any, classes: int) -> NDArray[Any]:
    """Probabilities, (n, classes), or class numbers of a classifier that has none."""
    if not hasattr(fitted, "predict_proba"):
        return np.asarray(fitted.predict(X), dtype=np.int64)
    chances = np.zeros((len(X), classes))
    chances[:, fitted.classes_] = fitted.predict_proba(X)
    return chances


def _take(X: Any, ids: NDArray[np.int64]) -> Any:
    return X[ids] if isinstance(X, np.ndarray) else [X[i] for i in ids]


def results(suite: str, edition: str | None = None, root: Path | None = None) -> pd.DataFrame:
    """Leaderboard of a suite, from its stored predictions: one row a model, protocol and task."""
    import pandas as pd

    from faultboard.report.rows import HEADER
    from faultboard.report.task_table import read_tables
    from faultboard.run.suite import Suite

    tables = read_tables(Suite.of(Catalogue(find_root(root)), suite, edition))
    return pd.DataFrame([row.__dict__ for table in tables for row in table.rows], columns=HEADER)
