"""Generated motor recordings: the card's counts, the same files from the same seed, lines where physics puts them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from faultboard.data.edition import Edition
from faultboard.data.prepared import Prepared
from faultboard.declare.catalogue import Catalogue
from faultboard.declare.code import load_function
from faultboard.errors import DataError
from faultboard.simulation import motor as physics
from faultboard.tasks.audit import audit
from faultboard.tasks.task import Task
from support.generated import generated
from support.repository import REPOSITORY

CODE = REPOSITORY / "datasets" / "soon_pemp.py"
FIRST = "01 - m1_half_shaft_speed_no_mechanical_load.csv"
RATE = 4000.0


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return generated("soon_pemp")


@pytest.fixture(scope="module")
def prepared(catalogue: Catalogue) -> Prepared:
    return Prepared(catalogue.root / "data" / "prepared" / "soon_pemp@sim")


@pytest.fixture
def motor() -> physics.Motor:
    found: physics.Motor = load_function(CODE, "motors")(0)[0]
    return found


def read(folder: Path) -> list:
    return list(load_function(CODE, "read")(folder))


def made(folder: Path, seed: int, recordings: int = 3) -> list:
    folder.mkdir()
    load_function(CODE, "simulate")(folder, seed, 0.5, recordings)
    return read(folder)


def bound(catalogue: Catalogue, name: str) -> Task:
    card = catalogue.task(f"motor_accelerometer/{name}")
    return Task.open(card, Edition(catalogue.root, catalogue.dataset("soon_pemp"), "sim"))


def height(wave: np.ndarray, at: float, rate: float = RATE) -> float:
    """Amplitude of a line, over all axes."""
    window = np.hanning(len(wave))[:, None]
    spectrum = 2 * abs(np.fft.rfft((wave - wave.mean(axis=0)) * window, axis=0)) / window.sum()
    f = np.fft.rfftfreq(len(wave), 1 / rate)
    return float(np.linalg.norm(spectrum[abs(f - at) < 0.4].max(axis=0)))


def waves(motor: physics.Motor, *running: physics.Running) -> list[np.ndarray]:
    return [physics.vibration(motor, r, 16, RATE, np.random.default_rng(0)) for r in running]


def test_columns_form_and_size(catalogue: Catalogue, prepared: Prepared) -> None:
    table = prepared.recordings
    assert sorted(table["recording_name"]) == [f"{n:02d}" for n in range(1, 31)]
    kept = table[table["background"] != "normal"]
    assert list(table["recording_name"][table["background"] == "normal"]) == ["16"]
    assert (kept.groupby("condition")["state"].nunique() == 4).all()
    assert set(table["channels"]) == {3}
    assert table["length"].min() >= 4000
    assert table["rate"].isna().all()
    raw = Edition(catalogue.root, catalogue.dataset("soon_pemp"), "sim").raw
    assert (raw / FIRST).read_text().startswith("Timestamp,AccX,AccY,AccZ\n")
    assert sum(p.stat().st_size for p in raw.iterdir()) < 15e6


def test_clock_and_gravity_are_those_of_the_source(prepared: Prepared) -> None:
    for row, facts in enumerate(prepared.recordings.to_dict("records")):
        times = prepared.times(row)
        assert times is not None
        steps = np.rint(np.diff(times) * 1e6)
        assert np.median(steps) == 1876
        assert 1776 <= steps.min() < 1860 < 1900 < steps.max() <= 1932
        samples = prepared.samples(row)
        assert samples.dtype == np.int32
        mean = samples.mean(axis=0)
        axis = 1 if facts["rotated"] == "yes" else 2
        assert mean[axis] == pytest.approx(16_384, rel=0.01)
        assert abs(np.delete(mean, axis)).max() < 600


def test_the_seed_decides(tmp_path: Path) -> None:
    first, again, other = made(tmp_path / "a", 3), made(tmp_path / "b", 3), made(tmp_path / "c", 4)
    for one, two, three in zip(first, again, other, strict=True):
        assert np.array_equal(one.samples, two.samples)
        assert np.array_equal(one.times, two.times)
        assert not np.array_equal(one.samples, three.samples)


@pytest.mark.parametrize("name", ["soon_pemp", "soon_pemp_recordings"])
def test_tasks_have_no_undeclared_leak(catalogue: Catalogue, name: str) -> None:
    found = audit(bound(catalogue, name))
    assert [f for f in found if not f.declared] == []
    assert ("overlap" in {f.kind for f in found}) == (name == "soon_pemp_recordings")
    assert not [f for f in found if f.protocol == "by_condition"]


def test_the_published_task_sees_raw_rows_and_the_honest_one_a_uniform_clock(
    catalogue: Catalogue, prepared: Prepared
) -> None:
    # both stand on one prepared set; 4,264 rows are filled up to 5,000, as the source filled to whole thousands
    raw = bound(catalogue, "soon_pemp_recordings")
    assert np.bincount(raw.windows.recording).tolist() == [9] * 30
    first = prepared.samples(0)
    found = raw.windows.batch(np.array([0, 1, 8]))
    assert np.array_equal(found[0], first[:1000])
    assert np.array_equal(found[1], first[500:1500])
    assert np.array_equal(found[2][:264], first[4000:])
    assert not found[2][264:].any()
    even = bound(catalogue, "soon_pemp")
    assert not np.array_equal(even.windows.batch(np.array([0]))[0], first[:512])


def test_four_conditions_without_the_sixteenth(catalogue: Catalogue) -> None:
    task = bound(catalogue, "soon_pemp")
    names = [f.name for f in task.folds("by_condition")]
    assert sorted(names) == ["0.5_imbalanced", "0.5_none", "0_imbalanced", "0_none"]
    assert "16" not in set(task.column("recording_name"))
    assert len(task.recordings) == 29


def test_imbalance_raises_the_first_order(motor: physics.Motor) -> None:
    quiet, loud = waves(motor, physics.Running(), physics.Running(imbalance=0.05))
    first = motor.shaft()
    assert height(loud, first) > 3 * height(quiet, first)
    assert height(loud, 2 * motor.line) == pytest.approx(height(quiet, 2 * motor.line), rel=0.01)


def test_misalignment_raises_the_second_order(motor: physics.Motor) -> None:
    straight, bent = waves(motor, physics.Running(), physics.Running(misalignment=0.05))
    second = 2 * motor.shaft()
    assert height(bent, second) > 5 * height(straight, second)


def test_looseness_raises_half_orders(motor: physics.Motor) -> None:
    tight, loose = waves(motor, physics.Running(), physics.Running(looseness=0.05))
    for order in (0.5, 1.5, 2.5):
        assert height(loose, order * motor.shaft()) > 3 * height(tight, order * motor.shaft())


def test_resistor_raises_twice_the_line_frequency(motor: physics.Motor) -> None:
    found = waves(motor, *(physics.Running(resistor=ohm) for ohm in (0.0, 50.0, 100.0, 150.0)))
    heights = [height(wave, 2 * motor.line) for wave in found]
    assert heights[3] > heights[2] > heights[1] > 1.5 * heights[0]
    assert height(found[3], motor.shaft()) == pytest.approx(height(found[0], motor.shaft()), rel=0.01)


def test_slip_makes_sidebands(motor: physics.Motor) -> None:
    motor = replace(motor, bars=0.3, noise=0.0)
    even, wave = waves(replace(motor, bars=0.0), physics.Running(resistor=150.0, load=0.5)) + waves(
        motor, physics.Running(resistor=150.0, load=0.5)
    )
    away = 2 * motor.slip_at(0.5) * motor.line
    assert away > 1  # far enough from the line to be told from it
    for sign in (-1, 1):
        assert height(wave, 2 * motor.line + sign * away) > 5 * height(even, 2 * motor.line + sign * away)


def test_load_slows_the_motor(motor: physics.Motor) -> None:
    assert motor.shaft(0.5) < motor.shaft() < motor.line / motor.pole_pairs


def test_imbalance_is_seen_in_the_files(prepared: Prepared) -> None:
    """Each state against healthy in the quiet condition, by lines of the resampled files."""
    lines: dict[str, list[tuple[float, float]]] = {}
    shaft = load_function(CODE, "motors")(0)[0].shaft()
    for row, facts in enumerate(prepared.recordings.to_dict("records")):
        if facts["condition"] == "0_none":
            times = prepared.times(row)
            assert times is not None
            grid = np.arange(times[0], times[-1], 1 / 533)
            wave = np.stack([np.interp(grid, times, c) for c in prepared.samples(row).T], axis=1)
            lines.setdefault(facts["state"], []).append((height(wave, shaft, 533), height(wave, 50, 533)))
    healthy = np.max(lines["healthy"], axis=0)
    for state, (first, field) in {"imbalance": (1, 0), "electrical": (0, 1), "both": (1, 1)}.items():
        least = np.min(lines[state], axis=0)
        assert (least[0] > 1.5 * healthy[0]) == bool(first), state
        assert (least[1] > 1.5 * healthy[1]) == bool(field), state


GOOD = "Timestamp,AccX,AccY,AccZ\n" + "".join(f"{1876 * i},1,2,16384\n" for i in range(1, 9))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (GOOD[:-3], "ends in the middle of a line"),
        ("", "ends in the middle of a line"),
        (GOOD.replace("AccZ", "AccW"), "starts with"),
        (GOOD.split("\n")[0] + "\n", "holds 0 rows"),
        (GOOD.replace("7504,1,2,16384", "7504,1,2"), "not four whole numbers"),
        (GOOD.replace("7504,1,2", "7504,1.5,2"), "not four whole numbers"),
        (GOOD.replace("7504,1,2", "7504,,2"), "not four whole numbers"),
        (GOOD.replace("7504,1", "1,1"), "line 5"),
        (GOOD.replace("7504,1,2", "7504,99999,2"), "more than 16 bits"),
        (GOOD.replace("7504", "é504"), "no text"),
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / FIRST).write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=says) as caught:
        read(tmp_path)
    assert str(caught.value).startswith(FIRST)
    assert "\n" not in str(caught.value)


def test_a_stranger_is_named(tmp_path: Path) -> None:
    (tmp_path / "31 - m1.csv").write_text(GOOD)
    with pytest.raises(DataError, match=r"31 - m1\.csv is no file of this set"):
        read(tmp_path)
