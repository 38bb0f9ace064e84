"""Settings of a grid are chosen by the headline, on folds of the protocol, and stand in the record and on the page."""

import numpy as np
import pytest

import faultboard as fb
from faultboard.declare.catalogue import Catalogue
from faultboard.report.write import write_tables
from faultboard.run.compute import Settings, _inner
from faultboard.run.suite import Suite
from faultboard.run.suite_run import SuiteRun
from faultboard.tasks.metrics import METRICS, Predictions
from faultboard.tasks.validation import inner_folds


@pytest.fixture
def tuned(ready: Catalogue) -> Catalogue:
    path = ready.root / "models/tones.yaml"
    path.write_text(path.read_text().replace("logreg: {}", "logreg: {grid: {C: [0.001, 1.0]}}"))
    return Catalogue(ready.root, ready.builtin)


@pytest.mark.parametrize("headline", ["balanced_accuracy", "ece"])
def test_the_headline_chooses_on_folds_of_the_protocol(ready: Catalogue, headline: str) -> None:
    path = ready.root / "tasks/shafts/toy.yaml"
    path.write_text(path.read_text() + f"metrics: [{headline}]\n")
    task = fb.load_task("toy", root=ready.root)
    for protocol in ("published", "grouped"):
        fold = task.folds(protocol)[0]
        inner = _inner(task, protocol, fold)
        for ours, theirs in zip(inner.folds, inner_folds(task, protocol, fold), strict=True):
            np.testing.assert_array_equal(ours[1], theirs[1])
    truth, chances = np.array([0, 0, 0, 1]), np.array([[0.9, 0.1], [0.8, 0.2], [0.6, 0.4], [0.7, 0.3]])
    found = METRICS[headline](Predictions(truth, chances))
    # of a calibration error less is better
    assert inner.score(truth, chances) == pytest.approx(-found if headline == "ece" else found)


def test_the_choice_stands_in_the_record_and_below_the_table(tuned: Catalogue) -> None:
    work = SuiteRun(Suite.of(tuned, "toy_suite"))
    records = [r for r in work.run(Settings(1, "cpu"), 1, lambda *_: None) if r.cell.model == "tones.none.logreg"]
    assert {record.status for record in records} == {"ok"}
    assert {record.chosen["C"] for record in records} <= {0.001, 1.0}
    write_tables(work.suite)
    page = (work.suite.folder / "shafts/toy.md").read_text()
    assert "tones.none.logreg: chosen on the training side (cells): C " in page
