"""Classifiers of scikit-learn, fitted to features."""

from __future__ import annotations

import inspect
import time
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faultboard.declare.catalogue import Model
from faultboard.declare.names import did_you_mean
from faultboard.errors import CardError
from faultboard.models.regimes import regime_of


def fit_predict(
    model: Model,
    X_train: NDArray[np.float32],
    y_train: NDArray[np.int64],
    X_test: NDArray[np.float32],
    classes: int,
    seed: int,
) -> tuple[NDArray[np.float64], dict[str, float]]:
    """Fit the classifier of a model's regime and predict.

    Returns
    -------
    probabilities : (n_test, classes) float64
        A class that training lacks has probability 0.
    seconds : dict
        ``fit`` and ``predict``.

    Raises
    ------
    CardError
        The regime fits no classifier, or the recipe asks for what it does not know.
    """
    estimator = unfitted(model, seed)
    begun = time.perf_counter()
    estimator.fit(X_train, y_train)
    fitted = time.perf_counter()
    predicted = estimator.predict_proba(X_test)
    done = time.perf_counter()
    probabilities = np.zeros((len(X_test), classes))
    probabilities[:, estimator.classes_] = predicted
    return probabilities, {"fit": fitted - begun, "predict": done - fitted}


def unfitted(model: Model, seed: int) -> Any:
    """Classifier of a model's regime with the recipe's settings, before it is fitted.

    Raises
    ------
    CardError
        The regime fits no classifier, or the recipe asks for what it does not know.
    """
    regime = regime_of(model)
    if regime.estimator is None:
        raise CardError(f"{_at(model)}: {model.regime} is trained by gradient, it fits nothing to features")
    return regime.estimator(partial(_with_settings, model), seed)


def _with_settings(model: Model, estimator: type, **defaults: Any) -> Any:
    """Build an estimator with a recipe's settings and weights of classes over the defaults."""
    known, recipe = inspect.signature(estimator).parameters, model.recipe
    for name in recipe.settings:
        if name not in known:
            raise CardError(f"{_at(model)}: {estimator.__name__} has no '{name}'.{did_you_mean(name, known)}")
    if recipe.class_weight == "balanced":
        if "class_weight" not in known:
            raise CardError(f"{_at(model)}: class_weight balanced: {estimator.__name__} does not weigh classes")
        defaults["class_weight"] = "balanced"
    return estimator(**(defaults | recipe.settings))


def _at(model: Model) -> str:
    return f"{model.card.path}: recipes.{model.recipe_name}"
