"""Heads: what is fitted on features, scikit-learn's own."""

from __future__ import annotations

import inspect
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faultboard.declare.catalogue import Model
from faultboard.declare.names import did_you_mean
from faultboard.errors import CardError


def fit_predict(
    model: Model,
    X_train: NDArray[np.float32],
    y_train: NDArray[np.int64],
    X_test: NDArray[np.float32],
    classes: int,
    seed: int,
) -> tuple[NDArray[np.float64], dict[str, float]]:
    """Fit the head of a model and predict.

    Returns
    -------
    probabilities : (n_test, classes) float64
        A class that training lacks has probability 0.
    seconds : dict
        ``fit`` and ``predict``.

    Raises
    ------
    CardError
        The recipe has a setting that the estimator does not know.
    """
    head = _head(model, seed)
    begun = time.perf_counter()
    head.fit(X_train, y_train)
    fitted = time.perf_counter()
    found = head.predict_proba(X_test)
    done = time.perf_counter()
    probabilities = np.zeros((len(X_test), classes))
    probabilities[:, head.classes_] = found
    return probabilities, {"fit": fitted - begun, "predict": done - fitted}


def _head(model: Model, seed: int) -> Any:
    """Build the estimator that a regime means.

    Probes and logistic regressions are the same head on other features: standardised, L2, C = 1. A
    support vector machine's decision values are no probabilities; they are calibrated by Platt's
    method on three folds of the training side, and one machine is fitted on all of it. A forest grows on
    as many threads as the process was given, so that its time is that of the threads in its record.
    """
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC
    from threadpoolctl import threadpool_info

    weight = "balanced" if model.recipe.class_weight == "balanced" else None
    if model.regime in ("probe", "logreg"):
        return make_pipeline(StandardScaler(), _with(LogisticRegression, model, max_iter=1000, class_weight=weight))
    if model.regime == "svm":
        machine = _with(SVC, model, class_weight=weight)
        return make_pipeline(StandardScaler(), CalibratedClassifierCV(machine, ensemble=False, cv=3))
    if model.regime == "knn":
        return make_pipeline(StandardScaler(), _with(KNeighborsClassifier, model))
    threads = max((lib["num_threads"] for lib in threadpool_info() if lib["user_api"] == "blas"), default=1)
    return _with(
        RandomForestClassifier, model, n_estimators=300, class_weight=weight, random_state=seed, n_jobs=threads
    )


def _with(estimator: type, model: Model, **defaults: Any) -> Any:
    """Build an estimator with a recipe's settings over the defaults."""
    known = inspect.signature(estimator).parameters
    for name in model.recipe.settings:
        if name not in known:
            raise CardError(
                f"{model.card.path}: recipes.{model.recipe_name}: {estimator.__name__} has no '{name}'."
                f"{did_you_mean(name, known)}"
            )
    return estimator(**(defaults | model.recipe.settings))
