import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from faultboard.declare.catalogue import Catalogue
from faultboard.errors import CardError
from faultboard.report.markdown import markdown
from faultboard.report.pages.task_page import task_page
from faultboard.report.row_scores import RowScores
from faultboard.report.rows import HEADER
from faultboard.report.task_table import TaskTable, read_tables
from faultboard.report.write import render, write_tables
from faultboard.run.cell import Cell
from faultboard.run.compute import Settings
from faultboard.run.record import Record
from faultboard.run.store import Results, prediction_rows, write_results
from faultboard.run.suite import Suite
from faultboard.run.suite_run import SuiteRun
from faultboard.tasks.card_words import check_words
from faultboard.tasks.metrics import Predictions
from faultboard.tasks.scoring import over_folds, scalars
from support.stored import FOREST, LOGREG, store

# a golden table: scores that a person can check by hand
GOLDEN = {
    # two folds by load, one model, two seeds; windows right out of four
    ("0", 0): 4,
    ("0", 1): 2,
    ("1", 0): 3,
    ("1", 1): 3,
}


@pytest.fixture
def golden(cards: Catalogue) -> Catalogue:
    folder = cards.root / "results/toy_suite"
    records, frames = [], []
    for (fold, seed), right in GOLDEN.items():
        cell = Cell(f"key{fold}{seed}", "shafts/toy", "sim", "by_load", fold, "h", "tones.none.forest", seed)
        index = pd.DataFrame({"recording": list("abcd"), "start": 0, "shaft": "s", "load": fold, "truth": [0, 0, 1, 1]})
        truth = np.array([0, 0, 1, 1])
        predicted = np.where(np.arange(4) < right, truth, 1 - truth)
        frames.append(prediction_rows(cell, index, ["ok", "bad"], np.eye(2, dtype=np.float16)[predicted]))
        seconds = {"train": 1.0, "train_cached": 0.5, "predict": 0.004}
        records.append(
            Record(
                cell,
                "ok",
                seconds=seconds,
                train_windows=4,
                test_windows=4,
                threads=1,
                device="cpu",
                dtype="float64",
                host="x",
            )
        )
    write_results(folder / "cells/shafts/toy.parquet", records, frames)
    return cards


def row(cards: Catalogue) -> dict[str, str]:
    text = render(Suite.of(cards, "toy_suite"))["leaderboard.csv"]
    return next(csv.DictReader(io.StringIO(text)))


def page(cards: Catalogue, table: TaskTable) -> str:
    return markdown(task_page(Suite.of(cards, "toy_suite"), table))


def test_the_header_is_the_contract() -> None:
    assert ",".join(HEADER).startswith(
        "task,family,dataset,edition,protocol,separates,leaks,level,budget,model,backbone,pretraining,trained_on,recipe,"
        "regime,input,status,cells,cells_planned,headline,accuracy_mean,accuracy_std,macro_f1_mean,macro_f1_std,"
        "worst_group,worst_score,gap,train_seconds,train_seconds_cached,predict_ms,params,trained_params,threads,device,"
        "dtype,host,reason"
    )
    assert HEADER[-6:] == ["mark", "headline_mean", "headline_std", "low", "high", "worst_units"]


def test_means_are_over_folds_then_over_seeds(golden: Catalogue) -> None:
    found = row(golden)
    assert found["accuracy_mean"] == "0.750000"  # seeds 0.875 and 0.625
    assert found["accuracy_std"] == f"{np.std([0.875, 0.625], ddof=1):.6f}"
    # macro-F1 of four, two, three and three of four right: 1 and 1/3 under load 0, 11/15 twice under load 1
    assert (found["worst_group"], found["worst_score"]) == ("0", "0.666667")
    assert found["predict_ms"] == "1.0000"
    assert (found["cells"], found["cells_planned"], found["status"]) == ("4", "4", "ok")


def test_the_worst_group_is_the_lowest_headline(golden: Catalogue) -> None:
    (table,) = read_tables(Suite.of(golden, "toy_suite", "sim"))
    folds = table.by_fold("by_load", "tones.none.forest")
    found = row(golden)
    assert float(found["worst_score"]) == pytest.approx(min(folds.values()), abs=1e-6)
    assert folds[found["worst_group"]] == min(folds.values())


@pytest.mark.parametrize("status", ["failed", "over_limit", "unavailable", "planned"])
def test_a_row_that_is_not_whole_has_no_mean(golden: Catalogue, status: str) -> None:
    path = golden.root / "results/toy_suite/cells/shafts/toy.parquet"
    results = Results(path)
    records = list(results.records.values())
    records[2] = Record(records[2].cell, status, "why not")
    write_results(path, records, [results.rows(r.cell.key) for r in records if r.status == "ok"])
    found = row(golden)
    assert (found["status"], found["cells"], found["cells_planned"]) == (status, "3", "4")
    assert (found["accuracy_mean"], found["macro_f1_mean"], found["reason"]) == ("", "", "why not")


def test_times_of_other_machines_or_threads_are_marked(golden: Catalogue) -> None:
    path = golden.root / "results/toy_suite/cells/shafts/toy.parquet"
    results = Results(path)
    (table,) = read_tables(Suite.of(golden, "toy_suite", "sim"))
    assert "Training times: x, 1 thread." in page(golden, table)
    assert "| 1.0 s" in page(golden, table)
    records = [replace(r, host="y", threads=2) if r.cell.fold == "1" else r for r in results.records.values()]
    write_results(path, records, [results.rows(k) for k in results.records])
    (table,) = read_tables(Suite.of(golden, "toy_suite", "sim"))
    assert "Training times: x or y, 1 or 2 threads." in page(golden, table)
    other = [replace(r, model="other", host="y", device="NVIDIA H100") for r in table.rows]
    table = replace(table, rows=[*table.rows, *other])
    assert "Training times: (a) x or y, 1 or 2 threads; (b) y, 1 or 2 threads, NVIDIA H100. Compare" in page(
        golden, table
    )
    assert "| 1.0 s (a)" in page(golden, table)
    assert "| 1.0 s (b)" in page(golden, table)


def test_results_survive_writing_and_reading(golden: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = golden.root / "results/toy_suite/cells/shafts/toy.parquet"
    results = Results(path)
    again = tmp_path_factory.mktemp("again") / "toy.parquet"
    write_results(again, list(results.records.values()), [results.rows(k) for k in results.records])
    assert again.read_bytes() == path.read_bytes()
    assert results.rows("key00")["p_ok"].dtype == np.float16


def test_the_same_input_gives_the_same_bytes(ready: Catalogue) -> None:
    work = SuiteRun(Suite.of(ready, "toy_suite"))
    work.run(Settings(1, "cpu"), 1, lambda *_: None)
    assert render(work.suite) == render(work.suite)


def test_a_page_says_what_a_reader_needs(ready: Catalogue) -> None:
    work = SuiteRun(Suite.of(ready, "toy_suite"))
    work.run(Settings(1, "cpu"), 1, lambda *_: None)
    (table,) = read_tables(work.suite)
    text = page(ready, table)
    assert text.index("Generated data") < text.index("Scores")
    assert "6 shafts" in text
    assert "Each load is held out once" in text
    assert "the protocol leaks, as declared" in text
    assert "Nothing looks at the test side" in text
    assert "leak number" in text


def test_a_page_says_how_much_of_each_class_there_is(ready: Catalogue) -> None:
    """Shafts at two loads each, ten windows a recording; of the four that are kept, the second is bad."""
    task = ready.root / "tasks/shafts/toy.yaml"
    task.write_text(task.read_text() + "where: {shaft: [shaft0, shaft1, shaft2, shaft4]}\n")
    cards = Catalogue(ready.root, ready.builtin)
    work = SuiteRun(Suite.of(cards, "toy_suite"))
    work.run(Settings(1, "cpu"), 1, lambda *_: None)
    (table,) = read_tables(work.suite)
    said = "Windows a class: bad 20 (2 recordings, 1 shaft), ok 60 (6 recordings, 3 shafts)."
    assert said in page(cards, table)


def test_facts_that_were_written_before_recordings_were_counted_are_read(ready: Catalogue) -> None:
    work = SuiteRun(Suite.of(ready, "toy_suite"))
    work.run(Settings(1, "cpu"), 1, lambda *_: None)
    path = work.suite.folder / "tasks.json"
    plain = json.loads(path.read_text(encoding="utf-8"))
    del plain["shafts/toy"]["class_recordings"], plain["shafts/toy"]["class_units"]
    path.write_text(json.dumps(plain), encoding="utf-8")
    (table,) = read_tables(work.suite)
    assert "Windows a class: bad 60, ok 60." in page(ready, table)


def test_a_published_figure_stands_on_the_page_whatever_its_metric(ready: Catalogue) -> None:
    task = ready.root / "tasks/shafts/toy.yaml"
    said = """
reported:
  - {system: theirs, protocol: published, metric: balanced_accuracy, value: 0.902, source: s, training_time: 936 s,
     hardware: T4, note: Four passes.}
  - {system: theirs, protocol: published, metric: recall, value: {ok: 0.57, bad: 0.31}, source: s}
  - {system: theirs, protocol: published, metric: accuracy, side: validation, value: 0.85, source: s}
  - {system: theirs, protocol: published, metric: accuracy, value: 0.38, source: s}
"""
    task.write_text(task.read_text() + said)
    cards = Catalogue(ready.root, ready.builtin)
    work = SuiteRun(Suite.of(cards, "toy_suite"))
    work.run(Settings(1, "cpu"), 1, lambda *_: None)
    write_tables(work.suite)
    text = (work.suite.folder / "shafts/toy.md").read_text(encoding="utf-8")
    lines = [
        [c.strip() for c in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| theirs")
    ]
    assert lines == [
        ["theirs", "published", "balanced accuracy", "0.902", "936 s, T4", "s, read second-hand. Four passes."],
        ["theirs", "published", "recall", "ok 0.570, bad 0.310", "", "s, read second-hand"],
        ["theirs", "published", "accuracy, validation side", "0.850", "", "s, read second-hand"],
        ["theirs", "published", "accuracy", "0.380", "", "s, read second-hand"],
    ]
    # what was scored on another side, or by another metric, is no score of the table
    rows = csv.DictReader(io.StringIO((work.suite.folder / "leaderboard.csv").read_text(encoding="utf-8")))
    assert [row["accuracy_mean"] for row in rows if row["status"] == "reported"] == ["0.380000"]


@pytest.mark.parametrize(
    ("figure", "said"),
    [
        ("metric: recall, value: 0.5", "recall has a value for each class"),
        ("metric: accuracy, value: {ok: 0.5}", "accuracy has one value"),
        ("metric: recall, value: {okay: 0.5}", "no class 'okay'. Did you mean 'ok'?"),
        ("metric: recal, value: 0.5", "toy.yaml:11: reported.0: no metric 'recal'. Did you mean 'recall'?"),
    ],
)
def test_a_published_figure_is_of_a_known_kind(root: Path, empty: Path, figure: str, said: str) -> None:
    path = root / "tasks/shafts/toy.yaml"
    path.write_text(path.read_text() + f"reported: [{{system: theirs, protocol: published, {figure}, source: s}}]\n")
    with pytest.raises(CardError, match=re.escape(said)):
        check_words(Catalogue(root, empty).task("toy"))


def test_a_task_may_be_scored_at_two_levels(cards: Catalogue) -> None:
    task = cards.root / "tasks/shafts/toy.yaml"
    task.write_text(task.read_text() + "level: [window, recording by vote]\n")
    cards = Catalogue(cards.root, cards.builtin)
    # three windows of recording a, of which two are right, and one of b
    cell = Cell("key", "shafts/toy", "sim", "by_load", "0", "h", "tones.none.forest", 0)
    index = pd.DataFrame({"recording": list("aaab"), "start": 0, "shaft": "s", "load": "0", "truth": [0, 0, 0, 1]})
    probabilities = np.eye(2, dtype=np.float16)[[0, 0, 1, 1]]
    seconds = {"train": 1.0, "train_cached": 0.5, "predict": 0.004}
    record = Record(cell, "ok", seconds=seconds, train_windows=4, test_windows=4)
    folder = cards.root / "results/toy_suite"
    write_results(
        folder / "cells/shafts/toy.parquet", [record], [prediction_rows(cell, index, ["ok", "bad"], probabilities)]
    )
    (table,) = read_tables(Suite.of(cards, "toy_suite", "sim"))
    assert [(r.level, r.accuracy_mean) for r in table.rows] == [("window", 0.75), ("recording by vote", 1.0)]
    assert table.row("by_load", "tones.none.forest") is table.rows[0]
    text = page(cards, table)
    assert text.index("0.733") < text.index("### Each recording, by the vote of its windows") < text.index("1.000")


def test_a_scalar_that_one_fold_does_not_define_is_not_defined() -> None:
    """A mean over the folds that happen to define it would be of other data than the row's."""
    both = [Predictions(np.array([0, 1]), np.eye(2))] * 2
    assert np.isnan(over_folds(both, [dict.fromkeys(scalars(), 1.0), dict.fromkeys(scalars(), np.nan)])["auroc"])
    # of a class, a fold that lacks it does not count
    cells, values = [(0, "0"), (0, "1"), (1, "0"), (1, "1")], np.array([1.0, np.nan, 1.0, 0.5])
    mean, std = RowScores(cells, {"recall": np.stack([values, values], axis=1)}, {}).mean_and_std("recall")
    assert mean.tolist() == [0.875, 0.875]
    assert std.tolist() == pytest.approx([0.125 * 2**0.5] * 2)


def test_a_task_that_says_what_is_healthy_says_how_many_faults_are_found(cards: Catalogue) -> None:
    path = cards.root / "tasks/shafts/toy.yaml"
    path.write_text(path.read_text() + "healthy: ok\nfalse_alarm_rate: 0.25\n")
    cards = Catalogue(cards.root, cards.builtin)
    store(cards, {(FOREST, "grouped"): [4, 4, 4, 4, 4, 4], (LOGREG, "grouped"): [1, 1, 1, 1, 1, 1]})
    page = render(Suite.of(cards, "toy_suite"))["shafts/toy.md"]
    section = page.split("### Faults found at a rate of false alarms (`grouped`)")[1].split("\n#")[0]
    found = [[c.strip() for c in line.strip("|").split("|")] for line in section.splitlines() if "tones" in line]
    # of the second row's healthy windows one in two is taken for a fault with certainty
    assert found == [[FOREST, "1.000", ""], [LOGREG, "0.000", ""]]


@pytest.mark.parametrize(
    ("said", "why"),
    [("healthy: okay", "no class 'okay'. Did you mean 'ok'?"), ("classes: [ok, bad, worse]\nhealthy: ok", "3 classes")],
)
def test_what_is_healthy_is_one_of_two_classes(cards: Catalogue, said: str, why: str) -> None:
    path = cards.root / "tasks/shafts/toy.yaml"
    path.write_text(
        path.read_text().replace("classes: [ok, bad]", said) if "classes" in said else path.read_text() + said
    )
    with pytest.raises(CardError, match=re.escape(why)):
        Catalogue(cards.root, cards.builtin).task("toy")
