"""Classifiers on features: probabilities whatever the training side holds, and no setting that is not one."""

import re
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from faultboard.declare.catalogue import Model
from faultboard.errors import CardError
from faultboard.models.frozen.estimator import Inner, fit_predict, unfitted
from faultboard.models.identity import seeded
from faultboard.models.regimes import REGIMES, check_recipes
from support.in_memory import HAND_MADE, LOUDNESS, SMALL_CARD, small

ESTIMATORS = [name for name in REGIMES if REGIMES[name].estimator]


def of(regime: str, folder: Path, settings: str = "{}") -> Model:
    """A model of this regime: on hand-made features, or on a network's where it takes no others."""
    recipe = f"mine: {{regime: {regime}, settings: {settings}}}"
    return small(folder, recipe) if REGIMES[regime].moves else small(folder, recipe, HAND_MADE, LOUDNESS)


def blobs(classes: int, n: int = 40, apart: float = 5.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    y = np.arange(n) % classes
    return (rng.standard_normal((n, 6)) + apart * y[:, None]).astype(np.float32), y


@pytest.mark.parametrize("regime", ESTIMATORS)
def test_an_estimator_tells_classes_apart_and_gives_probabilities(regime: str, tmp_path: Path) -> None:
    X, y = blobs(3)
    probabilities = fit_predict(of(regime, tmp_path), X, y, X, 3, 0).probabilities
    assert probabilities.shape == (40, 3)
    assert probabilities.sum(1) == pytest.approx(1)
    assert (probabilities >= 0).all()
    assert (probabilities.argmax(1) == y).all()


@pytest.mark.parametrize("regime", ESTIMATORS)
def test_a_class_that_training_lacks_is_never_likely(regime: str, tmp_path: Path) -> None:
    # columns must stay those of the task: shifted by one, every score would be wrong
    X, y = blobs(2)
    probabilities = fit_predict(of(regime, tmp_path), X, y * 2, X, 4, 0).probabilities
    assert probabilities.shape == (40, 4)
    assert (probabilities[:, [1, 3]] == 0).all()
    assert (probabilities.argmax(1) == y * 2).all()


@pytest.mark.parametrize("regime", ESTIMATORS)
def test_a_seed_changes_what_says_so_and_the_same_seed_gives_the_same(regime: str, tmp_path: Path) -> None:
    # what is called unseeded runs once, and its one number would stand for all
    X, y = blobs(2, apart=0.5)
    model = of(regime, tmp_path)
    first, again, other = (fit_predict(model, X[:24], y[:24], X[24:], 2, seed).probabilities for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert np.array_equal(first, other) is not REGIMES[regime].seeded
    # weights from a file give features that no seed changes
    weights = SMALL_CARD.replace("{scratch: {}}", f"{{imagenet: {{file: w.safetensors, sha256: {'0' * 64}}}}}")
    assert seeded(small(tmp_path / "a", f"mine: {{regime: {regime}}}", weights)) is REGIMES[regime].seeded


@pytest.mark.parametrize("regime", ESTIMATORS)
def test_features_of_other_units_give_the_same(regime: str, tmp_path: Path) -> None:
    # a feature in millivolts must not count a thousand times one in volts
    X, y = blobs(2, apart=0.5)
    scale = np.array([1e-3, 1, 1e3, 1, 1, 30], dtype=np.float32)
    model = of(regime, tmp_path)
    given = (X, X * scale)
    plain, scaled = (fit_predict(model, x[:24], y[:24], x[24:], 2, 0).probabilities for x in given)
    np.testing.assert_allclose(plain, scaled, atol=1e-3)


@pytest.mark.parametrize("regime", ESTIMATORS)
def test_features_of_a_network_whose_signal_dies_away_count_as_any(regime: str, tmp_path: Path) -> None:
    # trees would take them for constants; a power of two, about 1e-10, changes no digit
    X, y = blobs(2, apart=1.0)
    model = of(regime, tmp_path)
    plain, tiny = (
        fit_predict(model, x[:24], y[:24], x[24:], 2, 0).probabilities for x in (X, X * np.float32(2.0**-33))
    )
    assert np.ptp(plain) > 0.3
    np.testing.assert_allclose(plain, tiny, atol=1e-6)


@pytest.mark.parametrize("regime", ESTIMATORS)
def test_what_is_linear_has_a_weight_a_feature(regime: str, tmp_path: Path) -> None:
    # else a table counts parameters that there are not
    X, y = blobs(3)
    estimator = unfitted(of(regime, tmp_path), 0).fit(X, y)
    last = estimator[-1] if hasattr(estimator, "steps") else estimator
    assert hasattr(last, "coef_") is REGIMES[regime].linear
    assert not hasattr(last, "coef_") or last.coef_.size + last.intercept_.size == (6 + 1) * 3


def test_the_estimators_of_committed_rows_are_these(tmp_path: Path) -> None:
    # golden numbers need data; these need none
    chosen = {regime: unfitted(of(regime, tmp_path / regime), 5) for regime in ("forest", "knn", "logreg", "svm")}
    forest = chosen["forest"][-1]
    assert (type(forest).__name__, forest.n_estimators, forest.random_state) == ("RandomForestClassifier", 300, 5)
    assert (chosen["knn"][-1].n_neighbors, chosen["knn"][-1].weights) == (5, "uniform")
    assert (chosen["logreg"][-1].C, chosen["logreg"][-1].max_iter) == (1.0, 1000)
    svm = chosen["svm"][-1]
    assert (svm.cv, svm.ensemble, svm.estimator.C, svm.estimator.kernel) == (3, False, 1.0, "rbf")
    assert repr(unfitted(of("probe", tmp_path / "probe"), 5)) == repr(chosen["logreg"])


@pytest.mark.parametrize("regime", ESTIMATORS)
def test_classes_are_weighed_or_the_recipe_is_refused(regime: str, tmp_path: Path) -> None:
    # unheard, the row would say `balanced` and the number would not be
    X, _ = blobs(2, 60, apart=0.0)
    y = (np.arange(60) < 10).astype(np.int64)
    recipe = f"mine: {{regime: {regime}, class_weight: balanced}}"
    card = () if REGIMES[regime].moves else (HAND_MADE, LOUDNESS)
    model = small(tmp_path / "a", recipe, *card)
    try:
        balanced, refusal = fit_predict(model, X, y, X, 2, 0).probabilities, ""
    except CardError as error:
        balanced, refusal = None, str(error)
    alike = fit_predict(of(regime, tmp_path / "b"), X, y, X, 2, 0).probabilities
    assert "does not weigh classes" in refusal if balanced is None else not np.allclose(balanced, alike, atol=1e-3)


def test_neighbours_do_not_weigh_classes(tmp_path: Path) -> None:
    with pytest.raises(CardError, match="class_weight balanced: KNeighborsClassifier does not weigh classes"):
        unfitted(small(tmp_path, "knn: {class_weight: balanced}", HAND_MADE, LOUDNESS), 0)


def test_a_recipes_settings_reach_the_estimator(tmp_path: Path) -> None:
    model = small(tmp_path, "forest: {settings: {n_estimators: 7, max_depth: 2}}", HAND_MADE, LOUDNESS)
    forest = unfitted(model, 0)[-1]
    assert (forest.n_estimators, forest.max_depth) == (7, 2)


def test_a_forest_grows_on_the_threads_that_it_was_given(tmp_path: Path) -> None:
    # its record names the threads; all cores under the name of one would make it look fast
    model = small(tmp_path, "forest:", HAND_MADE, LOUDNESS)
    with threadpool_limits(1):
        assert unfitted(model, 0)[-1].n_jobs == 1


@pytest.mark.parametrize("right", [0.001, 10.0])
def test_settings_are_chosen_on_the_inner_folds_alone(right: float, tmp_path: Path) -> None:
    X, y = blobs(2, 60)
    recipe = "mine: {regime: logreg, grid: {C: [0.001, 10.0], components: [null, 3]}}"
    model = small(tmp_path, recipe, HAND_MADE, LOUDNESS)
    folds = [(np.arange(40), np.arange(40, 60)), (np.arange(20, 60), np.arange(20))]
    seen: list[np.ndarray] = []

    def score(truth: np.ndarray, probabilities: np.ndarray) -> float:
        seen.append(truth)
        sure = float(probabilities.max(1).mean())  # more so, the weaker the penalty
        return sure if right > 1 else -sure

    fitted = fit_predict(model, X, y, X, 2, 0, Inner(folds, score))
    assert fitted.chosen["C"] == right
    assert fitted.chosen["components"] in (None, 3)
    assert len(seen) == 4 * 2  # settings and folds
    assert all(len(truth) == 20 for truth in seen)


def test_more_components_than_there_are_windows_are_not_tried(tmp_path: Path) -> None:
    _, y = blobs(2, 12)
    X = np.random.default_rng(0).standard_normal((12, 40)).astype(np.float32)
    model = small(tmp_path, "mine: {regime: logreg, grid: {components: [3, 9, 50]}}", HAND_MADE, LOUDNESS)
    inner = Inner([(np.arange(8), np.arange(8, 12))], lambda truth, chances: 1.0)
    assert fit_predict(model, X, y, X, 2, 0, inner).chosen == {"components": 3}


@pytest.mark.parametrize("recipe", ["full: {grid: {C: [1, 2]}}", "full: {batch_norm: data}"])
def test_what_is_for_features_is_refused_where_all_is_trained(recipe: str, tmp_path: Path) -> None:
    with pytest.raises(CardError, match=r"is for (what is fitted on features|features of a frozen network)"):
        check_recipes(small(tmp_path, recipe).card)


def test_components_are_those_of_standardised_features(tmp_path: Path) -> None:
    """One feature in another unit would be the first component."""
    X, y = blobs(2, 60)
    X[:, 0] = np.random.default_rng(1).standard_normal(60) * 1e4
    model = small(tmp_path, "mine: {regime: logreg, grid: {components: [1, 2]}}", HAND_MADE, LOUDNESS)
    inner = Inner(
        [(np.arange(40), np.arange(40, 60))], lambda truth, chances: float((chances.argmax(1) == truth).mean())
    )
    found = fit_predict(model, X, y, X, 2, 0, inner)
    assert (found.probabilities.argmax(1) == y).all()


def test_what_was_chosen_is_fitted_to_the_whole_training_side(tmp_path: Path) -> None:
    X, y = blobs(2, 60, apart=0.5)
    model = small(tmp_path / "a", "mine: {regime: logreg, grid: {C: [0.001, 10.0]}}", HAND_MADE, LOUDNESS)
    inner = Inner([(np.arange(40), np.arange(40, 60))], lambda truth, chances: -float(chances.max(1).mean()))
    found = fit_predict(model, X, y, X, 2, 0, inner)
    plain = fit_predict(of("logreg", tmp_path / "b", "{C: 0.001}"), X, y, X, 2, 0)
    assert found.chosen == {"C": 0.001}
    np.testing.assert_allclose(found.probabilities, plain.probabilities)


@pytest.mark.parametrize(
    ("grid", "why"),
    [
        ("components: [0, 3]", "grid.components: '0': say whole numbers"),
        ("components: [0.9, 0.99]", "grid.components: '0.9'"),
        ("components: [many, 3]", "grid.components: 'many'"),
        ("random_state: [0, 1]", "a lucky seed is no setting"),
    ],
)
def test_a_grid_that_means_nothing_is_refused_with_its_card(grid: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(CardError, match=re.escape(why)):
        small(tmp_path, f"mine: {{regime: logreg, grid: {{{grid}}}}}", HAND_MADE, LOUDNESS)


@pytest.mark.parametrize("values", ["[low, high]", "[-1.0, 1.0]"])
def test_values_that_the_classifier_refuses_name_the_card(values: str, tmp_path: Path) -> None:
    X, y = blobs(2, 60)
    model = small(tmp_path, f"mine: {{regime: logreg, grid: {{C: {values}}}}}", HAND_MADE, LOUDNESS)
    inner = Inner([(np.arange(40), np.arange(40, 60))], lambda truth, chances: 1.0)
    with pytest.raises(CardError, match=r"small.yaml: recipes.mine.grid: .*'C'"):
        fit_predict(model, X, y, X, 2, 0, inner)
