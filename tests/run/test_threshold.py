"""A threshold is set on the training side, and the page says what it comes to where it has not been."""

import textwrap

import numpy as np
import pytest

import faultboard as fb
from faultboard.declare.catalogue import Catalogue
from faultboard.report.operating import operating
from faultboard.report.task_table import read_tables
from faultboard.report.write import write_tables
from faultboard.run.compute import Settings, predict
from faultboard.run.record import Record
from faultboard.run.suite import Suite
from faultboard.run.suite_run import SuiteRun
from faultboard.tasks.task import Task
from support.toy import FILES

SETTINGS = Settings(1, "cpu")
LOGREG = "tones.none.logreg"


@pytest.fixture
def plant(ready: Catalogue) -> Catalogue:
    """The toy task, which says what is healthy, in a suite that sets thresholds."""
    path = ready.root / "tasks/shafts/toy.yaml"
    path.write_text(path.read_text() + "healthy: ok\nfalse_alarm_rate: 0.2\n")
    suite = textwrap.dedent(FILES["benchmarks/toy_suite.yaml"]).lstrip()
    (ready.root / "benchmarks/toy_suite.yaml").write_text(suite + "thresholds: yes\n")
    return Catalogue(ready.root, ready.builtin)


def run(cards: Catalogue) -> list[Record]:
    return SuiteRun(Suite.of(cards, "toy_suite")).run(SETTINGS, 1, lambda *_: None)


def test_cells_of_the_honest_protocol_set_one_and_the_page_says_what_it_comes_to(plant: Catalogue) -> None:
    records = run(plant)
    assert {record.status for record in records} == {"ok"}
    assert {record.cell.protocol for record in records if record.threshold is not None} == {"grouped"}
    assert all(record.threshold is not None for record in records if record.cell.protocol == "grouped")
    suite = Suite.of(plant, "toy_suite")
    write_tables(suite)
    page = (suite.folder / "shafts/toy.md").read_text()
    assert "### What a threshold set for 20 % false alarms comes to (`grouped`)" in page
    # by hand, from what is stored
    (table,) = read_tables(suite)
    alarms, missed = [], []
    for record in table.results.row("grouped", LOGREG):
        rows = table.results.rows(record.cell.key)
        alarm = rows["p_bad"].to_numpy(float) > record.threshold
        alarms.append(alarm[rows["truth"] == 0].mean())
        missed.append((~alarm[rows["truth"] == 1]).mean())
    found = operating(table, "grouped", LOGREG)
    assert found is not None
    assert (found.false_alarms, found.worst, found.missed) == pytest.approx(
        (np.mean(alarms), max(alarms), np.mean(missed))
    )


def test_it_does_not_know_the_test_side(plant: Catalogue) -> None:
    task = fb.load_task("toy", root=plant.root)
    fold = task.folds("grouped")[0]

    def threshold(task: Task) -> float:
        model = plant.model(LOGREG)
        found = predict(plant.root, task, "grouped", fold, model, 0, SETTINGS, 0.2).facts["threshold"]
        return float(found)

    before = threshold(task)
    task.y[fold.test] = 1 - task.y[fold.test]
    assert threshold(task) == before
    task.y[fold.train] = 1 - task.y[fold.train]
    assert threshold(task) != before


def test_a_suite_that_asks_for_none_keeps_its_keys(plant: Catalogue) -> None:
    asked = {cell.key for cell in SuiteRun(Suite.of(plant, "toy_suite")).plan.cells}
    path = plant.root / "benchmarks/toy_suite.yaml"
    path.write_text(path.read_text().replace("thresholds: yes\n", ""))
    plain = SuiteRun(Suite.of(Catalogue(plant.root, plant.builtin), "toy_suite")).plan.cells
    assert {cell.key for cell in plain if cell.protocol != "grouped"} < asked
    assert not {cell.key for cell in plain if cell.protocol == "grouped"} & asked
