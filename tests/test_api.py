"""What a programmer does without a card, held against what the engine does with one."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import faultboard as fb
from faultboard.declare.catalogue import Catalogue
from faultboard.errors import ProtocolError
from faultboard.report.write import write_tables
from faultboard.run.compute import Settings
from faultboard.run.suite import Suite
from faultboard.run.suite_run import SuiteRun


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
