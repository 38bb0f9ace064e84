"""Drawing a stored row on its frames: the right frames, in their order, with what was found."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from faultboard.data.edition import Edition
from faultboard.data.prepare import prepare
from faultboard.data.video import read_video, write_video
from faultboard.declare.catalogue import Catalogue
from faultboard.declare.code import load_function
from faultboard.errors import CardError
from faultboard.report.film import frames, stored_predictions
from faultboard.report.write import render
from faultboard.run.compute import Settings
from faultboard.run.suite import Suite
from faultboard.run.suite_run import SuiteRun
from faultboard.tasks.task import Task
from support.command import faultboard
from support.repository import REPOSITORY

SUITE = """
title: Videos of bearings
version: 1
edition: full
tasks: [thermal_images/thermal_bearings]
models: [thumbnail.none.logreg]
"""
# few generated videos are confounded, as any few are, which a card has to say before anything runs
CARD = """
title: Which fault heats the bearing
dataset: thermal_bearings
label: fault
classes: [BALL_DEFECT, CAGE_DEFECT, HEALTHY, INNER_RACE_DEFECT, LACK_OF_LUBRICATION, OUTER_RACE_DEFECT]
window: {whole: yes}
level: [window, sequence by mean]
protocols:
  published: {split: list, by: folder, train: [TRAINING], test_on: [VALIDATION], separates: [folder, recording],
              leaks: [sequence, machine]}
findings:
  - {kind: confounded, protocols: [published], why: one video a class}
  - {kind: fact, protocols: [published], why: heat is the symptom}
"""
TASK, MODEL = "thermal_images/thermal_bearings", "thumbnail.none.logreg"


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    """Root whose bearings are videos, with one row computed on them."""
    root = tmp_path_factory.mktemp("videos")
    for name, text in (("benchmarks/videos.yaml", SUITE), (f"tasks/{TASK}.yaml", CARD)):
        (root / name).parent.mkdir(parents=True)
        (root / name).write_text(text.lstrip())
    takes = load_function(REPOSITORY / "datasets/thermal_bearings.py", "_takes")
    for name, take, sequence in takes(0, None, 48):
        for side, part in (("TRAINING", sequence[:6]), ("VALIDATION", sequence[6:])):
            path = root / "data/raw/thermal_bearings@full" / side / name / f"{take}.avi"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_video(path, part, rate=2)
    found = Catalogue(root, REPOSITORY)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("FAULTBOARD_DATA", raising=False)
        prepare(Edition(root, found.dataset("thermal_bearings"), "full"))
        (record,) = SuiteRun(Suite.of(found, "videos")).run(Settings(1, "cpu"), 1, lambda *_: None)
    assert record.status == "ok", record.reason
    return found


@pytest.fixture(scope="module")
def video(catalogue: Catalogue) -> str:
    """Some video that was tested."""
    table = Task.open(
        catalogue.task(TASK), Edition(catalogue.root, catalogue.dataset("thermal_bearings"), "full")
    ).recordings
    return str(table.loc[table["folder"] == "VALIDATION", "id"].iloc[0])


def test_frames_are_those_of_the_video_with_what_was_found(catalogue: Catalogue, video: str) -> None:
    card = catalogue.task(TASK)
    rows = stored_predictions(Suite.of(catalogue, "videos"), card, "published", MODEL, video)
    bound = Task.open(card, Edition(catalogue.root, catalogue.dataset("thermal_bearings"), "full"))
    drawn = list(frames(bound, rows))
    source = read_video(catalogue.root / "data/raw/thermal_bearings@full" / video, video)
    assert len(drawn) == len(source) == 2
    for picture, original in zip(drawn, source, strict=True):
        assert picture.shape == (388, 480, 3)  # three times 120 x 160, and a strip for the words
        assert np.array_equal(picture[28::3, ::3], original)
        assert picture[:28].any()
    # another class on the same picture gives other words
    other = rows.assign(truth=(rows["truth"] + 1) % 6)
    assert not np.array_equal(next(frames(bound, other))[:28], drawn[0][:28])


def test_the_command_writes_a_video_that_can_be_read(catalogue: Catalogue, video: str, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    found = faultboard("draw", "videos", "thermal_bearings", MODEL, video, "-o", out, root=catalogue.root)
    assert found.returncode == 0, found.stderr
    assert "2 frames under published" in found.stdout
    assert read_video(out, "out.mp4").shape == (2, 388, 480, 3)


@pytest.mark.parametrize(
    ("model", "name", "said"),
    [
        ("thumbnail.none.logrge", "m1_s01", f"no stored row {TASK} published thumbnail.none.logrge in videos@full."),
        ("thumbnail.none.logrge", "m1_s01", f"Did you mean '{MODEL}'?"),
        (MODEL, "m1_s1", "no test frame of 'm1_s1'. Did you mean 'm1_s"),
    ],
)
def test_a_misspelt_name_gives_the_nearest(catalogue: Catalogue, model: str, name: str, said: str) -> None:
    with pytest.raises(CardError) as caught:
        stored_predictions(Suite.of(catalogue, "videos"), catalogue.task(TASK), "published", model, name)
    assert said in str(caught.value)


def test_a_signal_cannot_be_drawn(ready: Catalogue) -> None:
    toy = Task.open(ready.task("toy"), Edition(ready.root, ready.dataset("toy"), "sim"))
    with pytest.raises(CardError, match="toy is vibration: only pictures and videos can be drawn"):
        next(frames(toy, pd.DataFrame()))


def test_frames_and_videos_have_a_row_each(catalogue: Catalogue) -> None:
    files = render(Suite.of(catalogue, "videos"))
    rows = [r for r in csv.DictReader(io.StringIO(files["leaderboard.csv"])) if r["status"] == "ok"]
    assert [r["level"] for r in rows] == ["window", "sequence by mean"]
    # six videos of two frames
    for row, count in zip(rows, (12, 6), strict=True):
        right = float(row["accuracy_mean"]) * count
        assert right == pytest.approx(round(right), abs=1e-4)
