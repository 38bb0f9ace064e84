"""``logreg``: logistic regression on features, the head of a probe as well."""

from __future__ import annotations

from typing import Any

from faultboard.models.regimes import Build, Regime


def logistic_regression(build: Build, seed: int) -> Any:
    """Multinomial logistic regression on standardised features: L2, C = 1, no seed."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), build(LogisticRegression, max_iter=1000))


LOGREG = Regime("logistic regression on features", estimator=logistic_regression, linear=True)
