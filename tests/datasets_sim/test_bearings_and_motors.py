"""Generated bearings and motors in the layouts of their sources: the same from the same seed, and no leak of their own.

The counts of the cards are held by `prepare`.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from faultboard.declare.code import load_function
from faultboard.tasks.audit import audit
from support.generated import edition, task
from support.repository import REPOSITORY

FOLDER = REPOSITORY / "datasets"
# recordings that are drawn: a bearing's second record of a phase, two bearings, motors of both kinds of state
FEW = {"femto": 36, "paderborn": 6, "phone_motors": 8}
TASKS = [
    "bearing_vibration/femto",
    "bearing_vibration/paderborn",
    "bearing_vibration/paderborn_real",
    "motor_accelerometer/phone_motors",
    "motor_accelerometer/phone_motors_faulty",
]


def made(dataset: str, folder: Path, seed: int, recordings: int) -> dict[str, np.ndarray]:
    folder.mkdir()
    load_function(FOLDER / f"{dataset}.py", "simulate")(folder, seed, None, recordings)
    return {recording.id: recording.load() for recording in load_function(FOLDER / f"{dataset}.py", "read")(folder)}


@pytest.mark.parametrize("dataset", FEW)
def test_the_seed_decides(dataset: str, tmp_path: Path) -> None:
    first, again, other = (
        made(dataset, tmp_path / name, seed, FEW[dataset]) for name, seed in [("a", 3), ("b", 3), ("c", 4)]
    )
    assert len(first) == FEW[dataset]
    assert first.keys() == again.keys() == other.keys()
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert not any(np.array_equal(first[name], other[name]) for name in first)


@pytest.mark.parametrize("dataset", FEW)
def test_a_recording_does_not_depend_on_how_many_there_are(dataset: str, tmp_path: Path) -> None:
    few, more = made(dataset, tmp_path / "a", 0, 3), made(dataset, tmp_path / "b", 0, FEW[dataset])
    assert len(few) == 3
    assert all(np.array_equal(few[name], more[name]) for name in few)


@pytest.mark.parametrize("name", TASKS)
def test_nothing_is_found_that_the_task_does_not_declare(name: str) -> None:
    found = task(name)
    assert [f"{f.kind} {f.protocol}: {f.what}" for f in audit(found) if not f.declared] == []
    assert all(found.folds(protocol) for protocol in found.card.protocols)


def test_a_bearing_of_pronostia_is_written_as_its_source_writes_it() -> None:
    raw = edition("femto").raw
    for name, between in (("Full_Test_Set/Bearing1_4", ";"), ("Learning_set/Bearing1_1", ",")):
        lines = next(iter(sorted((raw / name).glob("acc_*.csv")))).read_text().splitlines()
        assert len(lines) == 2560
        assert {line.count(between) for line in lines} == {5}


def test_wear_is_heard_at_the_end_of_a_life() -> None:
    found = task("bearing_vibration/femto")
    level = np.asarray(found.windows.batch(np.arange(len(found)))).std((1, 2))
    bearing = found.column("bearing")
    louder = [
        level[(bearing == b) & (found.y == 1)].mean() > level[(bearing == b) & (found.y == 0)].mean() for b in bearing
    ]
    assert np.mean(louder) > 0.9


def test_motors_hold_what_those_of_the_source_hold() -> None:
    rows = task("motor_accelerometer/phone_motors_faulty").recordings
    held = Counter(zip(rows["motor"], rows["fault"], strict=True))
    assert {motor for motor, fault in held if fault == "healthy"} == set("12345")
    assert {motor for motor, fault in held if fault == "unstated"} == {"6"}
