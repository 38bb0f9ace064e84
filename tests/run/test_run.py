"""What a run promises: stored cells are kept, a stop loses nothing, reasons stand beside blanks."""

import os
import random
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from faultboard.declare.catalogue import Catalogue
from faultboard.errors import FaultboardError
from faultboard.report.write import differing, write_tables
from faultboard.run.cell import Cell
from faultboard.run.compute import Settings, compute
from faultboard.run.executors import executor_for
from faultboard.run.plan import Choice
from faultboard.run.recompute import recompute
from faultboard.run.record import Record
from faultboard.run.store import Results, write_results
from faultboard.run.suite import Suite
from faultboard.run.suite_run import SuiteRun
from support.toy import FILES

SETTINGS = Settings(threads=1, device="cpu")
# 3 folds + 2 loads + 3 folds; logreg runs once, forest once a seed
CELLS = 8 * (1 + 2)


def run(cards: Catalogue, **options: object) -> list[Record]:
    work = SuiteRun(Suite.of(Catalogue(cards.root, cards.builtin), "toy_suite"), **options)  # type: ignore[arg-type]
    return work.run(SETTINGS, 1, lambda *_: None)


def tables(cards: Catalogue) -> pd.DataFrame:
    cards = Catalogue(cards.root, cards.builtin)
    work = SuiteRun(Suite.of(cards, "toy_suite"))
    write_tables(work.suite)
    return pd.read_csv(work.suite.folder / "leaderboard.csv", dtype={"separates": str, "leaks": str})


def scores(frame: pd.DataFrame) -> pd.DataFrame:
    times = ["train_seconds", "train_seconds_cached", "predict_ms"]
    return frame.drop(columns=times)


def test_a_run_computes_every_cell_once(ready: Catalogue) -> None:
    first = run(ready)
    assert [r.status for r in first] == ["ok"] * CELLS
    assert run(ready) == []


def test_a_leak_is_worth_what_the_table_says(ready: Catalogue) -> None:
    # the tone names the shaft: random windows are easy, so is a new shaft here, since the fault is strong
    run(ready)
    frame = tables(ready).set_index(["protocol", "model"])
    assert frame.loc[("published", "tones.none.logreg"), "macro_f1_mean"] > 0.95
    gap = frame.loc[("grouped", "tones.none.logreg"), "gap"]
    expected = (
        frame.loc[("published", "tones.none.logreg"), "macro_f1_mean"]
        - frame.loc[("grouped", "tones.none.logreg"), "macro_f1_mean"]
    )
    assert gap == pytest.approx(expected, abs=2e-6)
    assert pd.isna(frame.loc[("published", "tones.none.logreg"), "gap"])
    assert pd.isna(frame.loc[("published", "tones.none.logreg"), "macro_f1_std"])
    assert not pd.isna(frame.loc[("published", "tones.none.forest"), "macro_f1_std"])


def test_scores_come_from_the_stored_predictions(ready: Catalogue) -> None:
    run(ready)
    from sklearn.metrics import f1_score

    results = Results(ready.root / "results/toy_suite/cells/shafts/toy.parquet")
    means = []
    for record in results.records.values():
        if (record.cell.protocol, record.cell.model) == ("grouped", "tones.none.logreg"):
            rows = results.rows(record.cell.key)
            predicted = rows[["p_ok", "p_bad"]].to_numpy().argmax(1)
            means.append(f1_score(rows["truth"], predicted, average="macro"))
    frame = tables(ready).set_index(["protocol", "model"])
    assert frame.loc[("grouped", "tones.none.logreg"), "macro_f1_mean"] == pytest.approx(np.mean(means), abs=1e-6)


def test_one_added_model_costs_its_own_cells_in_a_fresh_clone(ready: Catalogue) -> None:
    run(ready)
    shutil.rmtree(ready.root / "data/cells")
    shutil.rmtree(ready.root / "data/features")
    more = FILES["models/tones.yaml"].replace("forest: {settings: {n_estimators: 20}}", "knn: {}").lstrip()
    (ready.root / "models/more.yaml").write_text(more.replace("logreg: {}, ", ""))
    suite = FILES["benchmarks/toy_suite.yaml"].replace('"tones.*"', '"tones.*", "more.*"').lstrip()
    (ready.root / "benchmarks/toy_suite.yaml").write_text(suite)
    added = run(ready)
    assert {r.cell.model for r in added} == {"more.none.knn"}
    assert len(added) == 8


def test_words_on_a_card_cost_nothing_and_a_number_costs_its_cells(ready: Catalogue) -> None:
    run(ready)
    card = ready.root / "models/tones.yaml"
    card.write_text(card.read_text().replace("Tone heights", "Heights of tones"))
    assert run(ready) == []
    card.write_text(card.read_text().replace("n_estimators: 20", "n_estimators: 21"))
    assert {r.cell.model for r in run(ready)} == {"tones.none.forest"}


def test_changed_code_of_a_builder_costs_its_cells(ready: Catalogue) -> None:
    run(ready)
    code = ready.root / "models/tones.py"
    code.write_text(code.read_text().replace("1e-9", "1e-6"))
    assert len(run(ready)) == CELLS


def test_a_clone_without_data_wipes_nothing(ready: Catalogue) -> None:
    run(ready)
    before = scores(tables(ready))
    shutil.rmtree(ready.root / "data")
    assert run(ready) == []
    pd.testing.assert_frame_equal(scores(tables(ready)), before)


def test_a_card_whose_declarations_changed_wipes_nothing_where_the_data_are_not(ready: Catalogue) -> None:
    """Its keys cannot be known without the folds, which are drawn from the data."""
    run(ready)
    stored = ready.root / "results/toy_suite/cells/shafts/toy.parquet"
    before = stored.read_bytes()
    shutil.rmtree(ready.root / "data")
    card = ready.root / "tasks/shafts/toy.yaml"
    card.write_text(card.read_text() + "findings: [{kind: dead, protocols: [published], why: none is}]\n")
    run(ready)
    assert stored.read_bytes() == before


def test_without_data_and_results_each_row_says_why(cards: Catalogue) -> None:
    assert run(cards) == []
    frame = tables(cards)
    assert set(frame["status"]) == {"unavailable"}
    assert frame["reason"].str.contains("faultboard prepare toy@sim").all()
    assert frame["macro_f1_mean"].isna().all()


def test_an_undeclared_leak_stops_its_protocol_and_no_other(ready: Catalogue) -> None:
    task = ready.root / "tasks/shafts/toy.yaml"
    task.write_text(task.read_text().replace("leaks: [recording, shaft]", "leaks: [recording]"))
    run(ready)
    frame = tables(ready)
    bad = frame[frame["protocol"] == "published"]
    assert set(bad["status"]) == {"failed"}
    assert bad["reason"].str.startswith("audit: shared_unit: shaft shaft0").all()
    assert set(frame[frame["protocol"] != "published"]["status"]) == {"ok"}


def test_a_model_that_breaks_is_a_row_with_its_reason_and_is_tried_again(ready: Catalogue) -> None:
    code = ready.root / "models/tones.py"
    good = code.read_text()
    code.write_text(good.replace("power = ", "raise ValueError('no such tone')\n    power = "))
    assert {r.status for r in run(ready)} == {"failed"}
    frame = tables(ready)
    assert set(frame["reason"]) == {"ValueError: no such tone"}
    assert frame["cells_planned"].sum() == CELLS
    assert len(run(ready)) == CELLS, "what failed is tried again"
    code.write_text(good)
    assert {r.status for r in run(ready)} == {"ok"}


def test_predictions_that_are_not_numbers_are_refused(ready: Catalogue) -> None:
    # a network that trains as it should and says nothing when it is asked: a score of that would be one of class 0
    add_a_line(ready)
    code = ready.root / "models/line.py"
    net = "class Mute(nn.Flatten):\n    def forward(self, x):\n        said = super().forward(x)\n"
    net += "        return said if self.training else said * float('nan')\n\n\n"
    code.write_text(code.read_text().replace("def build", net + "def build").replace("nn.Flatten()", "Mute()"))
    suite = ready.root / "benchmarks/toy_suite.yaml"
    suite.write_text(suite.read_text().replace('["tones.*"]', '["line.*"]'))
    found = run(ready, choice=Choice(protocols=["by_load"]))
    assert {(r.status, r.reason) for r in found} == {("failed", "predictions are not finite")}
    assert not list((ready.root / "data/cells").glob("*.npy"))


def test_a_part_of_a_suite_keeps_the_rest(ready: Catalogue) -> None:
    found = run(ready, choice=Choice(models=["*.logreg"]))
    assert len(found) == 8
    frame = tables(ready)
    assert set(frame[frame["recipe"] == "forest"]["status"]) == {"planned"}
    run(ready)
    assert set(tables(ready)["status"]) == {"ok"}


def test_a_part_of_a_suite_keeps_the_reasons_of_the_rest(ready: Catalogue) -> None:
    code = ready.root / "models/tones.py"
    code.write_text(code.read_text().replace("power = ", "raise ValueError('no such tone')\n    power = "))
    run(ready)
    shutil.rmtree(ready.root / "data/cells", ignore_errors=True)
    run(ready, choice=Choice(models=["*.logreg"]))
    assert set(tables(ready)["reason"]) == {"ValueError: no such tone"}


def test_two_runs_of_one_suite_do_not_meet(ready: Catalogue) -> None:
    work = SuiteRun(Suite.of(ready, "toy_suite"))

    def second(*_: object) -> None:
        with pytest.raises(FaultboardError, match="another run of 'toy_suite' is under way"):
            SuiteRun(Suite.of(Catalogue(ready.root, ready.builtin), "toy_suite")).run(SETTINGS, 1, lambda *_: None)

    met = []
    work.run(SETTINGS, 1, lambda record, *_: met.append(second()) if record and not met else None)
    assert met


MEET = """
import os, time
from pathlib import Path
here = Path(__file__).parent
(here / f"{os.getpid()}.met").touch()
for _ in range(20000):
    if len(list(here.glob("*.met"))) > 1:
        break
    time.sleep(0.01)
"""


def test_processes_give_what_one_process_gives(ready: Catalogue, tmp_path: Path) -> None:
    # two tasks are two jobs, and each waits until another process is at the other
    (ready.root / "tasks/shafts/twin.yaml").write_text((ready.root / "tasks/shafts/toy.yaml").read_text())
    shutil.copytree(ready.root, tmp_path / "other")
    other = Catalogue(tmp_path / "other", ready.builtin)
    run(ready)
    code = other.root / "models/tones.py"
    code.write_text(code.read_text() + MEET)
    work = SuiteRun(Suite.of(other, "toy_suite"))
    jobs = work._jobs(work.todo())
    found = list(executor_for(2).run(other, jobs, SETTINGS, 2, lambda *_: None))
    assert sorted(len(job) for job in jobs) == [CELLS, CELLS]
    assert [r.status for r in found] == ["ok"] * 2 * CELLS
    assert len({path.stem for path in code.parent.glob("*.met")} - {str(os.getpid())}) == 2
    assert run(other) == [], "all of it is stored"
    pd.testing.assert_frame_equal(scores(tables(ready)), scores(tables(other)))


def test_stored_cells_computed_again_are_the_same_to_the_last_digit(ready: Catalogue) -> None:
    run(ready)
    work = SuiteRun(Suite.of(Catalogue(ready.root, ready.builtin), "toy_suite"))
    again = recompute(work, CELLS, replace(SETTINGS, fresh=True))
    assert len(again) == CELLS
    assert {(a.moved, a.reason, a.elsewhere) for a in again} == {(0.0, "", "")}


def test_one_number_of_a_cell_that_was_edited_is_found(ready: Catalogue) -> None:
    run(ready, choice=Choice(models=["*.logreg"], protocols=["by_load"]))
    work = SuiteRun(Suite.of(Catalogue(ready.root, ready.builtin), "toy_suite"))
    results = work.results["shafts/toy"]
    edited, _ = (key for key, record in results.records.items() if record.status == "ok")
    row = results.rows(edited).index[3]
    results.predictions.loc[row, "p_ok"] = np.float16(1) - results.predictions.loc[row, "p_ok"]
    moved = {again.cell.key: again.moved for again in recompute(work, CELLS, replace(SETTINGS, fresh=True))}
    assert {key for key, by in moved.items() if by > 0} == {edited}


def test_a_cell_of_another_processor_is_computed_as_it_was_and_says_so(
    ready: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(ready)
    work = SuiteRun(Suite.of(Catalogue(ready.root, ready.builtin), "toy_suite"))
    for task in work.plan.tasks:
        records = work.results[task].records
        work.results[task].records = {k: replace(r, host="an abacus") for k, r in records.items()}
    used = []

    def watched(cards: Catalogue, cells: list[Cell], settings: Settings) -> Iterator[Any]:
        used.append(settings.threads)
        return compute(cards, cells, settings)

    monkeypatch.setattr("faultboard.run.recompute.compute", watched)
    (found,) = recompute(work, 1, replace(SETTINGS, threads=99, fresh=True))
    assert (found.moved, found.elsewhere, used) == (0.0, "an abacus", [SETTINGS.threads])


def test_tables_that_were_edited_are_found(ready: Catalogue) -> None:
    run(ready)
    tables(ready)
    work = SuiteRun(Suite.of(ready, "toy_suite"))
    assert differing(work.suite) == []
    page = work.suite.folder / "leaderboard.csv"
    page.write_text(page.read_text().replace("0.", "1.", 1))
    assert [f.split(":")[0] for f in differing(work.suite)] == [str(page)]
    assert work.stale() == []


def test_a_record_whose_score_was_edited_is_stale(ready: Catalogue) -> None:
    run(ready)
    suite = Suite.of(ready, "toy_suite")
    results = Results(suite.cells_file("shafts/toy"))
    first, *others = results.records.values()
    better = replace(first, scores=first.scores | {"macro_f1": first.scores["macro_f1"] / 2})
    write_results(results.path, [better, *others], [results.predictions.astype({"key": str})])
    (said,) = SuiteRun(suite).stale()
    assert "scores of 1 cells are not what their predictions give: faultboard run toy_suite" in said


def test_results_of_another_plan_are_stale(ready: Catalogue) -> None:
    run(ready)
    task = ready.root / "tasks/shafts/toy.yaml"
    task.write_text(task.read_text().replace("length: 200", "length: 250"))
    work = SuiteRun(Suite.of(Catalogue(ready.root, ready.builtin), "toy_suite"))
    assert f"{CELLS} cells of the plan are missing, {CELLS} are of another" in work.stale()[0]


def test_a_run_killed_three_times_ends_with_the_same_table(ready: Catalogue, tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    shutil.copytree(ready.root, whole)
    run(Catalogue(whole, ready.builtin))
    expected = scores(tables(Catalogue(whole, ready.builtin)))
    command = [sys.executable, "-m", "faultboard", "run", "toy_suite", "--root", str(ready.root), "--threads", "1"]
    cells = ready.root / "data/cells"
    wait = random.Random(7)
    kills = 0
    for _ in range(3):
        before = len(list(cells.glob("*.json"))) if cells.exists() else 0
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        enough = before + wait.randint(1, 4)
        while child.poll() is None and (len(list(cells.glob("*.json"))) if cells.exists() else 0) < enough:
            time.sleep(0.002)
        kills += child.poll() is None
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    assert kills == 3
    assert len(run(ready)) < CELLS, "what was done before a kill is kept"
    pd.testing.assert_frame_equal(scores(tables(ready)), expected)


def test_ctrl_c_keeps_what_is_done(ready: Catalogue) -> None:
    def stop(record: Record | None, done: int, *_: object) -> None:
        if record and done == 5:
            raise KeyboardInterrupt

    work = SuiteRun(Suite.of(ready, "toy_suite"))
    with pytest.raises(KeyboardInterrupt):
        work.run(SETTINGS, 1, stop)
    results = Results(ready.root / "results/toy_suite/cells/shafts/toy.parquet")
    assert sum(r.status == "ok" for r in results.records.values()) == 5
    assert len(run(ready)) == CELLS - 5


def test_a_half_written_cell_is_computed_again(ready: Catalogue) -> None:
    run(ready)
    key = next(iter(Results(ready.root / "results/toy_suite/cells/shafts/toy.parquet").records))
    shutil.rmtree(ready.root / "results")
    (ready.root / f"data/cells/{key}.npy").write_bytes(b"\x93NUMPY half")
    assert [r.cell.key for r in run(ready)] == [key]


def add_a_line(cards: Catalogue) -> None:
    """Put a model that trains beside those that do not."""
    code = "from torch import nn\n\n\ndef build():\n    return nn.Sequential(nn.Flatten(), nn.Linear(200, 2))\n"
    card = (
        "title: A line\nbuilder: line.py:build\ninput: {vibration: raw}\nlayers: {head: '1', width: 200}\n"
        "pretraining: {scratch: {}}\nrecipes:\n  full: {epochs: 1}\n"
    )
    (cards.root / "models/line.py").write_text(code, encoding="utf-8")
    (cards.root / "models/line.yaml").write_text(card, encoding="utf-8")


def test_what_trains_stops_when_the_suites_time_is_spent_and_what_is_frozen_does_not(
    ready: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_a_line(ready)
    suite = textwrap.dedent(FILES["benchmarks/toy_suite.yaml"]).lstrip()
    suite = suite.replace('["tones.*"]', '["tones.none.logreg", "line.*"]') + "time_budget: {suite: 100 s}\n"
    (ready.root / "benchmarks/toy_suite.yaml").write_text(suite, encoding="utf-8")
    cards = Catalogue(ready.root, ready.builtin)
    first = SuiteRun(Suite.of(cards, "toy_suite"), choice=Choice([], ["line.*"], ["published"]))
    assert {r.status for r in first.run(Settings(1, "cpu"), 1, lambda *_: None)} == {"ok"}
    # the stored cells took longer than the suite has
    monkeypatch.setattr(SuiteRun, "_spent", lambda self: 101.0)
    second = SuiteRun(Suite.of(cards, "toy_suite"))
    done = {(r.cell.model.partition(".")[0], r.status) for r in second.run(Settings(1, "cpu"), 1, lambda *_: None)}
    assert done == {("tones", "ok"), ("line", "over_limit")}
    monkeypatch.undo()
    assert second._spent() > 0
    third = SuiteRun(Suite.of(cards, "toy_suite")).run(Settings(1, "cpu"), 1, lambda *_: None)
    assert {r.status for r in third} == {"ok"}


def test_one_task_of_a_suite_that_trains_runs_alone(ready: Catalogue) -> None:
    # the suite's time is counted over all of its tasks, also over those that the choice leaves out
    add_a_line(ready)
    text = (ready.root / "tasks/shafts/toy.yaml").read_text()
    (ready.root / "tasks/shafts/twin.yaml").write_text(text)
    suite = ready.root / "benchmarks/toy_suite.yaml"
    suite.write_text(suite.read_text().replace('["tones.*"]', '["line.*"]'))
    assert {r.cell.task for r in run(ready, choice=Choice(tasks=["shafts/twin"]))} == {"shafts/twin"}
