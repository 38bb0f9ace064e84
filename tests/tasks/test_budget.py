"""A data budget takes away what it says, whole units or recordings, and never a test window."""

import textwrap
from itertools import pairwise

import numpy as np
import pytest

import faultboard as fb
from faultboard.declare.catalogue import Catalogue
from faultboard.errors import CardError
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
