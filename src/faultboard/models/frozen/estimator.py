"""Classifiers of scikit-learn, fitted to features."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faultboard.declare.catalogue import Model
from faultboard.declare.names import did_you_mean
from faultboard.errors import CardError
from faultboard.models.regimes import regime_of


@dataclass(frozen=True)
class Inner:
    """Folds of the training side by which settings are chosen.

    Attributes
    ----------
    folds : list of (train, test)
        Places in the training side.
    score : callable
        Of true classes (n,) and probabilities (n, classes): how good they are, the larger the better.
    """

    folds: list[tuple[NDArray[np.int64], NDArray[np.int64]]]
    score: Callable[[NDArray[np.int64], NDArray[np.float64]], float]


@dataclass(frozen=True)
class Fitted:
    """What fitting on features gave.

    Attributes
    ----------
    probabilities : (n_test, classes) float64
        A class that training lacks has probability 0.
    fit_seconds, predict_seconds : float
        Choosing settings is part of the fit.
    chosen : dict
        Settings that were chosen from the recipe's grid.
    """

    probabilities: NDArray[np.float64]
    fit_seconds: float
    predict_seconds: float
    chosen: dict[str, Any]


def fit_predict(
    model: Model,
    X_train: NDArray[np.float32],
    y_train: NDArray[np.int64],
    X_test: NDArray[np.float32],
    classes: int,
    seed: int,
    inner: Inner | None = None,
) -> Fitted:
    """Fit the classifier of a model's regime and predict.

    Parameters
    ----------
    inner : Inner, optional
        By what settings are chosen; needed where the recipe has a ``grid``.

    Raises
    ------
    CardError
        The regime fits no classifier, or the recipe asks for what it does not know.
    """
    estimator = unfitted(model, seed)
    begun = time.perf_counter()
    chosen: dict[str, Any] = {}
    if model.recipe.grid:
        assert inner is not None
        estimator, chosen = search(model, estimator, X_train, y_train, classes, inner)
    else:
        estimator.fit(X_train, y_train)
    fitted = time.perf_counter()
    probabilities = _all_classes(estimator, X_test, classes)
    done = time.perf_counter()
    return Fitted(probabilities, fitted - begun, done - fitted, chosen)


def search(
    model: Model, pipeline: Any, X: NDArray[np.float32], y: NDArray[np.int64], classes: int, inner: Inner
) -> tuple[Any, dict[str, Any]]:
    """Fit a pipeline with the settings of a recipe's grid that are best on inner folds; of equal ones the first.

    Returns
    -------
    pipeline : fitted
        On all of ``X``.
    chosen : dict
        Settings by their names on the card.
    """
    from sklearn.decomposition import PCA
    from sklearn.model_selection import GridSearchCV

    pipeline.steps.insert(-1, ("components", "passthrough"))
    places, values = {}, {}
    for name, asked in model.recipe.grid.items():
        places[name] = next(
            at for at in pipeline.get_params() if at.rpartition("__")[1:] == ("__", name) or at == name == "components"
        )
        values[name] = list(asked)
    if "components" in values:
        most = min(min(len(train) for train, _ in inner.folds), X.shape[1])
        sizes = [size for size in values["components"] if size is None or int(size) <= most]
        values["components"] = ["passthrough" if size is None else PCA(int(size), random_state=0) for size in sizes]

    def score(fitted: Any, X: NDArray[np.float32], y: NDArray[np.int64]) -> float:
        return inner.score(y, _all_classes(fitted, X, classes))

    grid = {places[name]: asked for name, asked in values.items()}
    try:
        found = GridSearchCV(pipeline, grid, scoring=score, cv=inner.folds, error_score="raise").fit(X, y)
    except (ValueError, TypeError) as error:
        raise CardError(f"{_at(model)}.grid: {' '.join(str(error).split())}") from None
    chosen = {name: found.best_params_[at] for name, at in places.items()}
    if "components" in chosen:
        chosen["components"] = getattr(chosen["components"], "n_components", None)
    return found.best_estimator_, chosen


def _all_classes(fitted: Any, X: NDArray[np.float32], classes: int) -> NDArray[np.float64]:
    probabilities = np.zeros((len(X), classes))
    probabilities[:, fitted.classes_] = fitted.predict_proba(X)
    return probabilities


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
    for name in [*recipe.settings, *(name for name in recipe.grid if name != "components")]:
        if name not in known:
            raise CardError(f"{_at(model)}: {estimator.__name__} has no '{name}'.{did_you_mean(name, known)}")
    if recipe.class_weight == "balanced":
        if "class_weight" not in known:
            raise CardError(f"{_at(model)}: class_weight balanced: {estimator.__name__} does not weigh classes")
        defaults["class_weight"] = "balanced"
    return estimator(**(defaults | recipe.settings))


def _at(model: Model) -> str:
    return f"{model.card.path}: recipes.{model.recipe_name}"
