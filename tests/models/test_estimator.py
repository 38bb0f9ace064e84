"""Classifiers on features: probabilities whatever the training side holds, and no setting that is not one."""

from pathlib import Path

import numpy as np
import pytest
from in_memory import small
from test_extraction import HAND_MADE, LOUDNESS
from threadpoolctl import threadpool_limits

from faultboard.models.frozen.estimator import fit_predict, unfitted

HEADS = ["logreg", "svm", "forest", "knn"]


def blobs(classes: int, n: int = 40) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    y = np.arange(n) % classes
    return (rng.standard_normal((n, 6)) + 5 * y[:, None]).astype(np.float32), y


@pytest.mark.parametrize("head", HEADS)
def test_a_head_tells_classes_apart_and_gives_probabilities(head: str, tmp_path: Path) -> None:
    X, y = blobs(3)
    model = small(tmp_path, f"{head}:", HAND_MADE, LOUDNESS)
    found, seconds = fit_predict(model, X, y, X, 3, 0)
    assert found.shape == (40, 3)
    assert found.sum(1) == pytest.approx(1)
    assert (found >= 0).all()
    assert (found.argmax(1) == y).all()
    assert set(seconds) == {"fit", "predict"}
    again, _ = fit_predict(model, X, y, X, 3, 0)
    assert np.array_equal(found, again)


@pytest.mark.parametrize("head", HEADS)
def test_a_class_that_training_lacks_is_never_likely(head: str, tmp_path: Path) -> None:
    # columns must stay those of the task: shifted by one, every score would be wrong
    X, y = blobs(2)
    found, _ = fit_predict(small(tmp_path, f"{head}:", HAND_MADE, LOUDNESS), X, y * 2, X, 4, 0)
    assert found.shape == (40, 4)
    assert (found[:, [1, 3]] == 0).all()
    assert (found.argmax(1) == y * 2).all()


def test_a_recipes_settings_reach_the_estimator(tmp_path: Path) -> None:
    model = small(tmp_path, "forest: {settings: {n_estimators: 7, max_depth: 2}}", HAND_MADE, LOUDNESS)
    assert (unfitted(model, 0).n_estimators, unfitted(model, 0).max_depth) == (7, 2)


def test_a_forest_grows_on_the_threads_that_it_was_given(tmp_path: Path) -> None:
    # its record names the threads; all cores under the name of one would make it look fast
    model = small(tmp_path, "forest:", HAND_MADE, LOUDNESS)
    with threadpool_limits(1):
        assert unfitted(model, 0).n_jobs == 1
