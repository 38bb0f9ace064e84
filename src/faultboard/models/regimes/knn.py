"""``knn``: the nearest neighbours in the space of features."""

from __future__ import annotations

from typing import Any

from faultboard.models.regimes import Build, Regime


def _neighbours(build: Build, seed: int) -> Any:
    """Share of each class among the five nearest windows of the training side, on standardised features."""
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), build(KNeighborsClassifier))


KNN = Regime("nearest neighbours among features", estimator=_neighbours)
