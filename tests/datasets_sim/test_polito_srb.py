"""Generated Torino bearings: the card's counts, the same files from the same seed, strikes where the geometry says."""

from __future__ import annotations

import io
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.io import loadmat, savemat
from scipy.signal import butter, hilbert, sosfiltfilt

from faultboard.data.edition import Edition
from faultboard.data.prepared import Prepared
from faultboard.declare.catalogue import Catalogue
from faultboard.declare.code import load_function
from faultboard.errors import DataError
from faultboard.tasks.audit import audit
from faultboard.tasks.task import Task
from support.generated import generated
from support.repository import REPOSITORY

CODE = REPOSITORY / "datasets" / "polito_srb.py"
RATE = 20_480
SPEEDS = (127, 227, 353, 457, 523, 607, 727, 877, 937, 997)
LOADS = ("0_0", "64_0", "124.8_0", "124.8_49")
# strikes a turn of 17 rollers of 42 mm on a pitch circle of 280 mm at 0.17 rad (Randall, Antoni 2011, table 1)
RATIO = 42 / 280 * np.cos(0.17)
STRIKES = {"outer": 17 / 2 * (1 - RATIO), "inner": 17 / 2 * (1 + RATIO)}
STATES = {"inner": "inner race", "outer": "outer race", "normal": "undamaged"}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return generated("polito_srb")


@pytest.fixture(scope="module")
def raw(catalogue: Catalogue) -> Path:
    return Edition(catalogue.root, catalogue.dataset("polito_srb"), "sim").raw


def made(folder: Path, seed: int, recordings: int = 12) -> dict[str, np.ndarray]:
    folder.mkdir()
    load_function(CODE, "simulate")(folder, seed, 0.2, recordings)
    return {recording.id: recording.samples for recording in load_function(CODE, "read")(folder)}


def test_counts_and_form(catalogue: Catalogue, raw: Path) -> None:
    table = Prepared(catalogue.root / "data" / "prepared" / "polito_srb@sim").recordings
    cells = Counter(zip(table["fault"], table["speed"], table["load"], strict=True))
    assert cells == {(fault, str(speed), load): 1 for fault in STATES for speed in SPEEDS for load in LOADS}
    # two chunks of the paper a recording
    assert set(zip(table["length"], table["channels"], table["rate"], strict=True)) == {(2 * 32_768, 1, RATE)}
    assert sum(p.stat().st_size for p in raw.rglob("*.mat")) < 40e6


def test_the_task_says_what_its_protocols_leak(catalogue: Catalogue) -> None:
    bound = Task.open(catalogue.task("polito_srb"), Edition(catalogue.root, catalogue.dataset("polito_srb"), "sim"))
    found = audit(bound)
    assert [f for f in found if not f.declared] == []
    # one bearing a class: no protocol can keep it on one side
    assert {f.protocol for f in found if f.kind == "shared_unit"} == {"published", "by_speed", "by_load"}
    assert [len(bound.folds(p)) for p in ("published", "by_speed", "by_load")] == [1, 10, 4]


def test_the_seed_decides(tmp_path: Path) -> None:
    first, again, other = made(tmp_path / "a", 3), made(tmp_path / "b", 3), made(tmp_path / "c", 4)
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert not any(np.array_equal(first[name], other[name]) for name in first)


def test_a_recording_does_not_depend_on_how_many_there_are(tmp_path: Path) -> None:
    few, more = made(tmp_path / "a", 0, 3), made(tmp_path / "b", 0, 9)
    assert len(few) == 3
    assert all(np.array_equal(few[name], more[name]) for name in few)


def squared_envelope_height(wave: np.ndarray, at: float) -> float:
    """Highest line of the envelope spectrum within 1 % of a frequency, over the median of the lines around."""
    # shaft harmonics lie below; strikes ring above
    high = sosfiltfilt(butter(4, 700, "high", fs=RATE, output="sos"), wave)
    envelope = np.abs(hilbert(high)) ** 2
    spectrum = np.abs(np.fft.rfft((envelope - envelope.mean()) * np.hanning(len(envelope)), 4 * len(envelope)))
    away = np.abs(np.fft.rfftfreq(4 * len(envelope), 1 / RATE) - at) / at
    return float(spectrum[away < 0.01].max() / np.median(spectrum[away < 0.2]))


@pytest.mark.parametrize("speed", [457, 997])
@pytest.mark.parametrize("fault", ["inner", "outer"])
def test_strikes_come_within_one_per_cent_of_the_kinematic_frequency(raw: Path, fault: str, speed: int) -> None:
    for load in LOADS[1:]:
        heights = {}
        for state, folder in STATES.items():
            wave = loadmat(raw / folder / f"{speed}_{load}.mat")["vibration"][:, 0].astype(float)
            heights[state] = squared_envelope_height(wave, STRIKES[fault] * speed / 60)
        assert heights.pop(fault) > 5, load
        # neither a sound bearing nor the other race strikes there
        assert max(heights.values()) < 4, (load, heights)


def encoded(**variables: Any) -> bytes:
    stream = io.BytesIO()
    savemat(stream, variables)
    return stream.getvalue()


WAVE = np.random.default_rng(0).standard_normal((4096, 4))


def test_the_first_sensor_is_read_as_stored(tmp_path: Path) -> None:
    (tmp_path / "inner race").mkdir()
    (tmp_path / "inner race/127_64_0.mat").write_bytes(encoded(vibration=WAVE, speed=127.0))
    [recording] = load_function(CODE, "read")(tmp_path)
    assert np.array_equal(recording.samples, WAVE[:, :1])
    assert recording.columns == {"fault": "inner", "bearing": "inner", "speed": "127", "load": "64_0"}


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("undamaged/127_0_0.mat", encoded(vibration=WAVE)[:900], "ends after 900 of"),
        ("undamaged/127_0_0.mat", b"", "is no MATLAB 5 file (0 bytes)"),
        ("undamaged/127_0_0.mat", encoded(speed=127.0), "variable vibration not found"),
        ("undamaged/127_0_0.mat", encoded(vibration=WAVE.astype(np.int16)), "has int16 of shape (4096, 4)"),
        ("undamaged/127_0_0.mat", encoded(vibration=np.zeros((0, 1))), "has float64 of shape (0, 1)"),
        ("roller/127_0_0.mat", encoded(vibration=WAVE), "is no file of this set"),
        ("undamaged/ramp.mat", encoded(vibration=WAVE), "is no file of this set"),
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, name: str, content: bytes, fault: str) -> None:
    (tmp_path / name).parent.mkdir()
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError) as caught:
        list(load_function(CODE, "read")(tmp_path))
    assert str(caught.value).startswith(f"{name} ")
    assert fault in str(caught.value)
    assert "\n" not in str(caught.value)
