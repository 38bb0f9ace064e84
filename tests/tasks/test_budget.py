"""A data budget takes away what it says, whole units or recordings, and never a test window."""

import textwrap
from itertools import pairwise

import numpy as np
import pytest

import faultboard as fb
from faultboard.declare.catalogue import Catalogue
from faultboard.errors import CardError, Unavailable
from faultboard.report.write import write_tables
from faultboard.run.compute import Settings
from faultboard.run.suite import Suite
from faultboard.run.suite_run import SuiteRun
from faultboard.tasks.budget import within
from faultboard.tasks.task import Task
from support.toy import FILES

SHARES = ["10 %", "34 %", "50 %", "67 %", "all"]


@pytest.fixture
def task(ready: Catalogue) -> Task:
    return fb.load_task("toy", root=ready.root)


@pytest.mark.parametrize(("protocol", "source"), [("published", "recording"), ("grouped", "shaft")])
def test_whole_sources_stay_or_go_and_small_lies_inside_large(task: Task, protocol: str, source: str) -> None:
    names = task.column(source)
    for fold in task.folds(protocol):
        drawn = [within(task, protocol, fold, share) for share in SHARES]
        for part in drawn:
            assert np.array_equal(part.test, fold.test)
            assert set(task.y[part.train]) == {0, 1}
            kept = set(names[part.train])
            assert part.train.tolist() == [i for i in fold.train if names[i] in kept]
        for small, large in pairwise(drawn):
            assert set(small.train) <= set(large.train)
        assert len(drawn[0].train) < len(drawn[-1].train)


@pytest.mark.parametrize(("protocol", "source"), [("published", "recording"), ("grouped", "shaft")])
def test_half_is_half_of_what_the_protocol_deals_in(task: Task, protocol: str, source: str) -> None:
    """Of shafts where they are separated; of recordings where shafts stand on both sides anyway."""
    names = task.column(source)
    for fold in task.folds(protocol):
        part = within(task, protocol, fold, "50 %")
        for c in (0, 1):
            every, left = (len(set(names[ids][task.y[ids] == c])) for ids in (fold.train, part.train))
            assert left == max(1, round(0.5 * every))


def test_a_suite_with_budgets_keeps_the_keys_of_all_and_prints_a_curve(ready: Catalogue) -> None:
    plain = {c.key for c in SuiteRun(Suite.of(ready, "toy_suite")).plan.cells}
    card = textwrap.dedent(FILES["benchmarks/toy_suite.yaml"]).lstrip() + "budgets: [50 %, all]\n"
    (ready.root / "benchmarks/toy_suite.yaml").write_text(card, encoding="utf-8")
    cards = Catalogue(ready.root, ready.builtin)
    work = SuiteRun(Suite.of(cards, "toy_suite"))
    assert {c.key for c in work.plan.cells if c.budget == "all"} == plain
    assert len(work.plan.cells) == 2 * len(plain)
    work.run(Settings(1, "cpu"), 1, lambda *_: None)
    write_tables(work.suite)
    table = fb.results("toy_suite", root=cards.root).query("protocol == 'grouped'")
    assert sorted(set(table["budget"])) == ["50 %", "all"]
    assert (table["status"] == "ok").all()
    page = (work.suite.folder / "shafts/toy.md").read_text(encoding="utf-8")
    assert "## Learning curves" in page
    windows = {r.cell.budget: r.train_windows for r in work.results["shafts/toy"].records.values()}
    assert windows["50 %"] < windows["all"]


@pytest.mark.parametrize("said", ["[50 %]", "[all, 120 %]", "[all, half]", "[all, 0 %]"])
def test_a_budget_that_means_nothing_is_refused(ready: Catalogue, said: str) -> None:
    card = textwrap.dedent(FILES["benchmarks/toy_suite.yaml"]).lstrip() + f"budgets: {said}\n"
    (ready.root / "benchmarks/toy_suite.yaml").write_text(card, encoding="utf-8")
    with pytest.raises(CardError, match="budget"):
        Catalogue(ready.root, ready.builtin).suite("toy_suite")


FEW = ["1 faulty unit", "2 faulty units"]


@pytest.fixture
def plant(ready: Catalogue) -> Catalogue:
    """The toy task, which says what is healthy, in a suite with budgets of faulty units."""
    path = ready.root / "tasks/shafts/toy.yaml"
    path.write_text(path.read_text() + "healthy: ok\n")
    suite = textwrap.dedent(FILES["benchmarks/toy_suite.yaml"]).lstrip().replace("seeds: [0, 1]", "seeds: [0, 1, 2]")
    (ready.root / "benchmarks/toy_suite.yaml").write_text(suite + "budgets: [1 faulty unit, 2 faulty units, all]\n")
    return Catalogue(ready.root, ready.builtin)


def test_few_faulty_units_stay_beside_everything_healthy(plant: Catalogue) -> None:
    task = fb.load_task("toy", root=plant.root)
    shaft = task.column("shaft")
    kept = set()
    for fold in task.folds("grouped"):
        healthy = set(fold.train[task.y[fold.train] == 0])
        for draw in range(3):
            one, two = (within(task, "grouped", fold, budget, draw) for budget in FEW)
            assert np.array_equal(one.test, fold.test)
            assert healthy <= set(one.train) <= set(two.train) <= set(fold.train)
            for part, count in ((one, 1), (two, 2)):
                faulty = part.train[task.y[part.train] == 1]
                assert len(set(shaft[faulty])) == count
                # all that such a unit has in training
                assert set(faulty) == {i for i in fold.train if task.y[i] == 1 and shaft[i] in set(shaft[faulty])}
            kept.add((fold.name, tuple(sorted(set(shaft[one.train[task.y[one.train] == 1]])))))
    assert len(kept) > len(task.folds("grouped"))  # draws differ
    with pytest.raises(Unavailable, match="faulty units to train on in fold 0, not 9"):
        within(task, "grouped", task.folds("grouped")[0], "9 faulty units")


def test_draws_are_seeds_under_the_honest_protocol_alone(plant: Catalogue) -> None:
    work = SuiteRun(Suite.of(plant, "toy_suite"))
    few = [cell for cell in work.plan.cells if cell.budget != "all"]
    assert {cell.protocol for cell in few} == {"grouped"}
    for model in ("tones.none.logreg", "tones.none.forest"):
        assert {cell.seed for cell in few if cell.model == model} == {0, 1, 2}
    # what no seed changes runs once on all of the data, as before
    assert {c.seed for c in work.plan.cells if (c.model, c.budget) == ("tones.none.logreg", "all")} == {0}
    assert {record.status for record in work.run(Settings(1, "cpu"), 1, lambda *_: None)} == {"ok"}
    write_tables(work.suite)
    page = (work.suite.folder / "shafts/toy.md").read_text()
    curve = page.split("## Learning curves")[1]
    assert "| 1 faulty unit | 2 faulty units | all" in " ".join(curve.split())
    logreg = next(line for line in curve.split("### `grouped`")[1].splitlines() if "logreg" in line)
    assert "±" in logreg.split("|")[2]
