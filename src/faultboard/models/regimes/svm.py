"""``svm``: a support vector machine on features."""

from __future__ import annotations

from typing import Any

from faultboard.models.regimes import Build, Regime


def _calibrated(build: Build, seed: int) -> Any:
    """Support vector machine on standardised features, with probabilities.

    Its decision values are none. They are calibrated by Platt's method on three folds of the training side, and one
    machine is fitted on all of it.
    """
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    return make_pipeline(StandardScaler(), CalibratedClassifierCV(build(SVC), ensemble=False, cv=3))


SVM = Regime("a support vector machine on features", estimator=_calibrated)
