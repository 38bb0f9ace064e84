"""What early stopping watches comes from the training side, by groups where there are enough."""

import textwrap

import numpy as np
import pandas as pd
import pytest

import faultboard as fb
from faultboard.declare.catalogue import Catalogue
from faultboard.declare.task import Validation
from faultboard.errors import CardError
from faultboard.report.write import write_tables
from faultboard.run.compute import Settings
from faultboard.run.suite import Suite
from faultboard.run.suite_run import SuiteRun
from faultboard.tasks.task import Task
from faultboard.tasks.validation import inner_folds, watched
from support.toy import FILES

STOPPING = '''
"""A linear network on raw windows."""
from torch import nn


def build():
    return nn.Sequential(nn.Flatten(), nn.Linear(200, 2))
'''
STOPPING_CARD = """
title: A linear network
builder: line.py:build
input: {vibration: raw}
layers: {head: "1", width: 200}
pretraining: {scratch: {}}
recipes:
  full: {RECIPE}
"""


@pytest.fixture
def task(ready: Catalogue) -> Task:
    return fb.load_task("toy", root=ready.root)


def with_protocols(cards: Catalogue, lines: str) -> Task:
    text = textwrap.dedent(FILES["tasks/shafts/toy.yaml"]).lstrip()
    (cards.root / "tasks/shafts/toy.yaml").write_text(text.replace("gap:", f"{lines}\ngap:"), encoding="utf-8")
    return fb.load_task("toy", root=cards.root)


def stopping(cards: Catalogue, recipe: str) -> None:
    """Write a network with a recipe, and a suite of it."""
    (cards.root / "models/line.py").write_text(textwrap.dedent(STOPPING), encoding="utf-8")
    card = textwrap.dedent(STOPPING_CARD).lstrip().replace("RECIPE", recipe)
    (cards.root / "models/line.yaml").write_text(card, encoding="utf-8")
    suite = textwrap.dedent(FILES["benchmarks/toy_suite.yaml"]).lstrip().replace("tones.*", "line.*")
    (cards.root / "benchmarks/toy_suite.yaml").write_text(suite, encoding="utf-8")


@pytest.mark.parametrize(
    ("protocol", "of"),
    # three shafts a class, one or two of each left to train on: too few to give one away
    [("grouped", "recording"), ("published", "recording"), ("by_load", "recording")],
)
def test_validation_is_of_the_training_side_and_whole(task: Task, protocol: str, of: str) -> None:
    for fold in task.folds(protocol):
        found, said = watched(task, protocol, fold)
        assert said == of
        assert sorted([*found.train, *found.validation]) == fold.train.tolist()
        assert np.array_equal(found.test, fold.test)
        names = task.column(of)
        assert not set(names[found.train]) & set(names[found.validation])
        assert set(task.y[found.train]) == set(task.y[found.validation]) == {0, 1}


def test_groups_are_watched_where_three_are_left(ready: Catalogue) -> None:
    # held out by recording, eleven recordings are left, six or five of each class
    task = with_protocols(
        ready, "  by_one: {split: leave_one_out, by: recording, separates: [recording], leaks: [shaft]}"
    )
    fold = task.folds("by_one")[0]
    found, of = watched(task, "by_one", fold)
    assert of == "recording"
    assert len(set(task.column("recording")[found.validation])) == 2


def test_a_protocol_keeps_its_own_validation_out_of_every_model(ready: Catalogue) -> None:
    before = fb.load_task("toy", root=ready.root)
    task = with_protocols(
        ready,
        "  kept: {split: random, test: 0.1, validation: {of: window, share: 0.1111}, separates: [], "
        "leaks: [recording, shaft]}\n  whole: {split: random, test: 0.1, separates: [], leaks: [recording, shaft]}",
    )
    fold, whole = task.folds("kept")[0], task.folds("whole")[0]
    sides = (fold.train, fold.validation, fold.test)
    assert sorted(np.concatenate(sides)) == list(range(len(task)))
    assert np.array_equal(fold.test, whole.test)
    assert [len(side) for side in sides] == [96, 12, 12]
    assert task.fold_hash(fold) != task.fold_hash(whole)
    assert watched(task, "kept", fold) == (fold, "window")
    assert task.fold_hash(task.folds("grouped")[0]) == before.fold_hash(before.folds("grouped")[0])


def test_a_recipe_may_watch_a_share_of_its_own(ready: Catalogue) -> None:
    # one shaft held out leaves two of its class with four recordings, and three of the other with six
    task = with_protocols(ready, "  by_one: {split: leave_one_out, by: shaft, separates: [shaft, recording]}")
    fold = task.folds("by_one")[0]
    found, of = watched(task, "by_one", fold, Validation(of="recording", share=0.34))
    assert of == "recording"
    assert sorted([*found.train, *found.validation]) == fold.train.tolist()
    recording, shaft = task.column("recording"), task.column("shaft")
    assert not set(recording[found.train]) & set(recording[found.validation])
    assert set(shaft[found.train]) == set(shaft[fold.train])
    assert {int(c): len(set(recording[found.validation][task.y[found.validation] == c])) for c in (0, 1)} == {
        0: 1,
        1: 2,
    }


def test_the_test_side_is_watched_where_a_source_did_so_and_training_loses_nothing(task: Task) -> None:
    for fold in task.folds("grouped"):
        found, of = watched(task, "grouped", fold, "test")
        assert of == "test"
        assert np.array_equal(found.train, fold.train)
        assert np.array_equal(found.validation, fold.test)


@pytest.mark.parametrize(
    ("recipe", "said"),
    [
        ("early_stopping: 2, validation: test", "only a row that repeats its source may look at the test side"),
        ("validation: {share: 0.2}", "'validation' is what early_stopping watches"),
        ("early_stopping: 2, validation: tset", "recipes.full"),
    ],
)
def test_watching_the_test_side_is_not_said_in_passing(ready: Catalogue, recipe: str, said: str) -> None:
    stopping(ready, recipe)
    with pytest.raises(CardError, match=said):
        Catalogue(ready.root, ready.builtin).backbone("line")


def test_a_row_that_watched_the_test_side_is_marked(ready: Catalogue) -> None:
    stopping(
        ready, "epochs: 3, early_stopping: 2, validation: test, as_published: the epoch was chosen on the test side"
    )
    work = SuiteRun(Suite.of(Catalogue(ready.root, ready.builtin), "toy_suite"))
    records = work.run(Settings(1, "cpu"), 1, lambda *_: None)
    assert {(r.status, r.reason, r.validation) for r in records} == {("ok", "", "test")}
    write_tables(work.suite)
    page = (work.suite.folder / "shafts/toy.md").read_text(encoding="utf-8")
    assert "line.scratch.full (chosen on test)" in page
    assert "line.scratch.full: chosen on test: the epoch was chosen on the test side." in page
    assert "a part of the training side" not in page
    assert set(pd.read_csv(work.suite.folder / "leaderboard.csv")["mark"]) == {"chosen on test"}


def test_a_record_says_what_was_watched_and_how_much_was_left(ready: Catalogue) -> None:
    stopping(ready, "epochs: 3, early_stopping: 2")
    work = SuiteRun(Suite.of(Catalogue(ready.root, ready.builtin), "toy_suite"))
    records = work.run(Settings(1, "cpu"), 1, lambda *_: None)
    assert {(r.status, r.reason, r.validation) for r in records} == {("ok", "", "recording")}
    fold = next(f for f in work.plan.facts["shafts/toy"].protocols["grouped"].folds if f.name == "0")
    left = {r.train_windows for r in records if r.cell.protocol == "grouped" and r.cell.fold == "0"}
    assert max(left) < fold.train
    write_tables(work.suite)
    page = (work.suite.folder / "shafts/toy.md").read_text(encoding="utf-8")
    assert "line.scratch.full: early stopping watched a part of the training side, by recording" in page


@pytest.mark.parametrize(("protocol", "of"), [("grouped", "shaft"), ("published", "recording")])
def test_settings_are_chosen_on_what_the_protocol_holds_out(task: Task, protocol: str, of: str) -> None:
    for fold in task.folds(protocol):
        groups = task.column(of)[fold.train]
        inner = inner_folds(task, protocol, fold)
        assert len(inner) >= 2
        for train, test in inner:
            assert not set(groups[train]) & set(groups[test])
            assert max(train.max(), test.max()) < len(fold.train)
            assert set(task.y[fold.train][train]) == {0, 1}
