"""Every metric that is one number may be a headline, at every level, with its columns, gap, worst and words."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from faultboard.declare.catalogue import Catalogue
from faultboard.errors import CardError
from faultboard.report.write import render, write_tables
from faultboard.run.compute import Settings
from faultboard.run.suite import Suite
from faultboard.run.suite_run import SuiteRun
from faultboard.tasks.card_words import check_words
from faultboard.tasks.metrics import METRICS
from faultboard.tasks.scoring import scalars
from faultboard.tasks.task import Task

LEVELS = ["window", "recording by mean", "recording by vote"]


@pytest.fixture(scope="module")
def ran(prepared_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    """The toy suite, run once: what a task is scored by is no part of a key."""
    folder = tmp_path_factory.mktemp("headlines")
    shutil.copytree(prepared_root, folder / "root")
    (folder / "empty").mkdir()
    cards = Catalogue(folder / "root", folder / "empty")
    SuiteRun(Suite.of(cards, "toy_suite")).run(Settings(1, "cpu"), 1, lambda *_: None)
    return cards


def scored_by(cards: Catalogue, metric: str, level: str) -> Suite:
    path = cards.root / "tasks/shafts/toy.yaml"
    text = path.read_text(encoding="utf-8").split("metrics:")[0]
    path.write_text(text + f"metrics: [{metric}]\nlevel: {level}\n", encoding="utf-8")
    return Suite.of(Catalogue(cards.root, cards.builtin), "toy_suite")


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("metric", scalars())
def test_a_headline_has_its_columns_and_words(ran: Catalogue, metric: str, level: str) -> None:
    files = render(scored_by(ran, metric, level))
    rows = list(csv.DictReader(io.StringIO(files["leaderboard.csv"])))
    assert rows
    for row in rows:
        assert (row["headline"], row["status"], row["level"]) == (metric, "ok", level)
        assert row["headline_mean"]
        assert bool(row["gap"]) == (row["protocol"] == "grouped")
        if row["protocol"] == "by_load":
            assert row["worst_group"] in ("0", "1")
    means = {(r["protocol"], r["model"]): float(r["headline_mean"]) for r in rows}
    for row in rows:
        if row["gap"]:
            apart = means["published", row["model"]] - means["grouped", row["model"]]
            assert float(row["gap"]) == pytest.approx(apart, abs=2e-6)
    assert f"Scores are {METRICS[metric].words}" in files["shafts/toy.md"]
    long = list(csv.DictReader(io.StringIO(files["scores.csv"])))
    for row in rows:
        (same,) = [
            s for s in long if all(s[c] == row[c] for c in ("protocol", "model", "level")) and s["metric"] == metric
        ]
        assert same["mean"] == row["headline_mean"]


@pytest.mark.parametrize("level", LEVELS)
def test_the_table_and_python_give_one_score(ran: Catalogue, level: str) -> None:
    """`task.score`, which is the way of the API, of `score` and of `try`, and the table's own way."""
    suite = scored_by(ran, "macro_f1", level)
    work, task = SuiteRun(suite), Task.find(suite.catalogue, "toy")
    (row, *_) = [
        r
        for r in csv.DictReader(io.StringIO(render(suite)["leaderboard.csv"]))
        if r["protocol"] == "grouped" and r["model"] == "tones.none.logreg"
    ]
    cells = [c for c in work.plan.cells if (c.protocol, c.model) == ("grouped", "tones.none.logreg")]
    chances = {c.fold: work.results["shafts/toy"].windows(c.key).probabilities for c in cells}
    assert f"{task.score('grouped', chances)['macro_f1']:.6f}" == row["headline_mean"]


def test_a_worst_group_is_the_one_of_the_largest_error_where_less_is_better(ran: Catalogue) -> None:
    suite = scored_by(ran, "ece", "window")
    rows = [r for r in csv.DictReader(io.StringIO(render(suite)["leaderboard.csv"])) if r["worst_group"]]
    assert rows
    for row in rows:
        assert float(row["worst_score"]) >= float(row["headline_mean"])


def test_folds_of_one_class_are_scored_at_once_and_the_page_says_so(ran: Catalogue) -> None:
    """Each shaft is of one class: held out alone there is no curve, over all of them there is one."""
    path = ran.root / "tasks/shafts/toy.yaml"
    before = path.read_text(encoding="utf-8")
    try:
        text = before.split("metrics:")[0].replace(
            "{split: k_fold, by: shaft, folds: 3", "{split: leave_one_out, by: shaft"
        )
        text += "findings: [{kind: missing_class, protocols: [grouped], why: a shaft is of one class}]\n"
        path.write_text(text, encoding="utf-8")
        suite = scored_by(ran, "auroc", "window")
        SuiteRun(suite).run(Settings(1, "cpu"), 1, lambda *_: None)
        work, files, task = SuiteRun(suite), render(suite), Task.find(suite.catalogue, "toy")
        results = work.results["shafts/toy"]
    finally:
        path.write_text(before, encoding="utf-8")
        # the results of the card as it was, for the tests that follow
        SuiteRun(scored_by(ran, "accuracy", "window")).run(Settings(1, "cpu"), 1, lambda *_: None)
    rows = [r for r in csv.DictReader(io.StringIO(files["leaderboard.csv"])) if r["protocol"] == "grouped"]
    assert {(r["status"], r["worst_group"]) for r in rows} == {("ok", "")}
    cells = [c for c in work.plan.cells if (c.protocol, c.model, c.seed) == ("grouped", "tones.none.logreg", 0)]
    seen = [results.windows(c.key) for c in cells]
    truth = np.concatenate([w.truth for w in seen])
    bad = np.concatenate([w.probabilities[:, 1] for w in seen])
    (row,) = [r for r in rows if r["model"] == "tones.none.logreg"]
    assert row["headline_mean"] == f"{roc_auc_score(truth, bad):.6f}"
    chances = {c.fold: w.probabilities for c, w in zip(cells, seen, strict=True)}
    assert f"{task.score('grouped', chances)['auroc']:.6f}" == row["headline_mean"]
    assert "`grouped`: the truth of a fold holds one class, so the predictions of all folds" in files["shafts/toy.md"]
    assert "nan" not in files["leaderboard.csv"] + files["scores.csv"] + files["shafts/toy.md"]


def test_a_number_a_class_is_no_headline(root: Path, empty: Path) -> None:
    path = root / "tasks/shafts/toy.yaml"
    path.write_text(path.read_text() + "metrics: [recall]\n")
    with pytest.raises(CardError, match=r"metrics\.0: 'recall' is a number for each class"):
        check_words(Catalogue(root, empty).task("toy"))


def test_counts_are_added_over_folds(ran: Catalogue) -> None:
    suite = scored_by(ran, "accuracy", "window")
    long = list(csv.DictReader(io.StringIO(render(suite)["scores.csv"])))
    own = [
        r
        for r in long
        if r["metric"] == "confusion" and (r["protocol"], r["model"]) == ("grouped", "tones.none.logreg")
    ]
    work = SuiteRun(suite)
    cells = [c for c in work.plan.cells if (c.protocol, c.model) == ("grouped", "tones.none.logreg")]
    seen = [work.results["shafts/toy"].windows(c.key) for c in cells]
    truth, said = (
        np.concatenate(parts) for parts in ([w.truth for w in seen], [w.probabilities.argmax(1) for w in seen])
    )
    for row in own:
        true, taken = (["ok", "bad"].index(name) for name in row["class"].split(">"))
        assert float(row["mean"]) == ((truth == true) & (said == taken)).sum()
    assert sum(float(r["mean"]) for r in own) == 120  # every window is tested once
    write_tables(suite)
    assert np.isfinite([float(r["mean"]) for r in long]).all()
