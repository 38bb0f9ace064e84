"""What a programmer does without a card, held against what the engine does with one."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.model_selection import cross_val_score
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import faultboard as fb
from faultboard.declare.catalogue import Catalogue
from faultboard.errors import ProtocolError
from faultboard.report.write import write_tables
from faultboard.run.compute import Settings
from faultboard.run.suite import Suite
from faultboard.run.suite_run import SuiteRun
from support.command import faultboard


def tones(X: np.ndarray) -> np.ndarray:
    power = np.abs(np.fft.rfft(X, axis=1))[:, 1:101] ** 2
    return np.log(power.reshape(len(X), 20, 5).sum(2) + 1e-9).astype(np.float32)


PIPELINE = make_pipeline(FunctionTransformer(tones), StandardScaler(), LogisticRegression(max_iter=1000))


def test_a_model_outside_the_engine_gets_the_engines_score_to_the_last_digit(ready: Catalogue) -> None:
    work = SuiteRun(Suite.of(ready, "toy_suite"))
    work.run(Settings(1, "cpu"), 1, lambda *_: None)
    write_tables(work.suite)
    table = fb.results("toy_suite", root=ready.root)
    row = table.query("protocol == 'grouped' and model == 'tones.none.logreg'").iloc[0]
    task = fb.load_task("toy", root=ready.root)
    predictions = {}
    for fold in task.folds("grouped"):
        X, y = task.arrays(fold.train)
        predictions[fold.name] = PIPELINE.fit(X, y).predict_proba(task.arrays(fold.test)[0])
    found = task.score("grouped", predictions)
    assert (found["macro_f1"], found["accuracy"]) == (row["macro_f1_mean"], row["accuracy_mean"])
    frame = fb.evaluate(PIPELINE, task, "grouped")
    assert frame["macro_f1"].mean() == pytest.approx(row["macro_f1_mean"])
    X, y = task.arrays()
    outside = cross_val_score(PIPELINE, X, y, cv=task.splits("grouped"))
    assert np.allclose(outside, frame["accuracy"])


@pytest.mark.parametrize("level", ["window", "recording by mean", "recording by vote"])
def test_every_way_to_a_score_goes_by_the_level_of_the_task(ready: Catalogue, level: str) -> None:
    """The table, the record of a cell, `evaluate`, `score` and `try`: one number."""
    path = ready.root / "tasks/shafts/toy.yaml"
    path.write_text(path.read_text(encoding="utf-8") + f"level: {level}\nmetrics: [ece]\n", encoding="utf-8")
    suite = Suite.of(Catalogue(ready.root, ready.builtin), "toy_suite")
    work = SuiteRun(suite)
    work.run(Settings(1, "cpu"), 1, lambda *_: None)
    write_tables(suite)
    row = (
        fb.results("toy_suite", root=ready.root).query("protocol == 'grouped' and model == 'tones.none.logreg'").iloc[0]
    )
    task = fb.load_task("toy", root=ready.root)
    frame = fb.evaluate(PIPELINE, task, "grouped")
    assert frame["ece"].mean() == pytest.approx(row["headline_mean"], abs=1e-9)
    cells = [c for c in work.plan.cells if (c.protocol, c.model) == ("grouped", "tones.none.logreg")]
    records = [work.known(c) for c in cells]
    assert np.mean([r.scores["ece"] for r in records if r]) == pytest.approx(row["headline_mean"], abs=1e-9)
    printed = faultboard("try", "toy", "tones.none.logreg", "--root", str(ready.root)).stdout
    assert f"ece {frame['ece'][0]:.3f}" in printed


def test_a_classifier_without_probabilities_is_scored_by_its_classes(ready: Catalogue) -> None:
    task = fb.load_task("toy", root=ready.root)
    ridge = make_pipeline(FunctionTransformer(tones), RidgeClassifier())
    assert not hasattr(ridge, "predict_proba")
    frame = fb.evaluate(ridge, task, "grouped")
    X, y = task.arrays()
    assert np.allclose(cross_val_score(ridge, X, y, cv=task.splits("grouped")), frame["accuracy"])


def test_a_class_that_training_lacks_has_no_chance(ready: Catalogue) -> None:
    """Columns of probabilities are those of the classes that were seen, by number and not by place."""
    task = fb.load_task("toy", root=ready.root)
    task.y[:] = 1
    frame = fb.evaluate(make_pipeline(FunctionTransformer(tones), GaussianNB()), task, "published")
    assert (frame["accuracy"] == 1.0).all()


def test_predictions_that_do_not_fit_are_refused(ready: Catalogue) -> None:
    task = fb.load_task("toy", root=ready.root)
    with pytest.raises(ProtocolError, match="grouped, fold 0: 0 predictions for"):
        task.score("grouped", {})
    whole = {fold.name: np.zeros(len(fold.test), dtype=int) for fold in task.folds("grouped")}
    task.score("grouped", whole)
    with pytest.raises(ProtocolError, match=f"grouped, fold 1: {len(whole['1']) + 1} predictions for"):
        task.score("grouped", whole | {"1": np.append(whole["1"], 0)})


def test_a_score_is_that_of_the_stored_numbers(ready: Catalogue) -> None:
    """Stored probabilities are float16, in which these two are even: a tie is the first class."""
    task = fb.load_task("toy", root=ready.root)
    even = {fold.name: np.tile([0.49999, 0.50001], (len(fold.test), 1)) for fold in task.folds("grouped")}
    tie = {name: np.full_like(of, 0.5) for name, of in even.items()}
    assert task.score("grouped", even) == task.score("grouped", tie)
