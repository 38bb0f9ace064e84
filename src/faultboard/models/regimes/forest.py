"""``forest``: a random forest on features."""

from __future__ import annotations

from typing import Any

from faultboard.models.regimes import Build, Regime


def _forest(build: Build, seed: int) -> Any:
    """Random forest of 300 trees on standardised features, drawn from the seed.

    Trees do not ask for units, but scikit-learn's take values closer than 1e-7 for one, and features of a random
    network may all be smaller. The forest grows on as many threads as the process was given, so that its time is that
    of the threads in its record.
    """
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from threadpoolctl import threadpool_info

    threads = max((lib["num_threads"] for lib in threadpool_info() if lib["user_api"] == "blas"), default=1)
    forest = build(RandomForestClassifier, n_estimators=300, random_state=seed, n_jobs=threads)
    return make_pipeline(StandardScaler(), forest)


FOREST = Regime("a random forest on features", estimator=_forest, seeded=True)
