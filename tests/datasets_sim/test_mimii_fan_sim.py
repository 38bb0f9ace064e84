"""Generated fans: the card's counts, the same clips from the same seed, and tones where the blades put them."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from scipy.signal import welch

from faultboard.data.edition import Edition
from faultboard.data.prepared import Prepared
from faultboard.declare.catalogue import Catalogue
from faultboard.declare.code import load_function
from faultboard.errors import DataError
from faultboard.simulation import fan as physics
from faultboard.tasks.audit import audit
from faultboard.tasks.task import Task
from faultboard.tasks.validation import watched
from support.generated import generated
from support.repository import REPOSITORY

CODE = REPOSITORY / "datasets" / "mimii_fan.py"
RATE = 16_000


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return generated("mimii_fan")


@pytest.fixture(scope="module")
def raw(catalogue: Catalogue) -> Path:
    return Edition(catalogue.root, catalogue.dataset("mimii_fan"), "sim").raw


def read(folder: Path) -> dict[str, np.ndarray]:
    return {recording.id: recording.load() for recording in load_function(CODE, "read")(folder)}


def made(folder: Path, seed: int, recordings: int = 12) -> dict[str, np.ndarray]:
    folder.mkdir()
    load_function(CODE, "simulate")(folder, seed, 0.3, recordings)
    return read(folder)


def test_counts_and_form(catalogue: Catalogue, raw: Path) -> None:
    """`prepare` has held them against the card; here against what the card is meant to say."""
    table = Prepared(catalogue.root / "data" / "prepared" / "mimii_fan@sim").recordings
    assert Counter(zip(table["machine"], table["label"], strict=True)) == {
        (machine, label): count
        for machine in ("id_00", "id_02", "id_04", "id_06")
        for label, count in (("normal", 14), ("abnormal", 7))
    }
    assert set(zip(table["length"], table["channels"], table["rate"], strict=True)) == {(24_000, 8, RATE)}
    assert (raw / "fan/id_00/normal/00000000.wav").is_file()
    assert sum(p.stat().st_size for p in raw.rglob("*.wav")) < 35e6


def test_no_clip_is_clipped(raw: Path) -> None:
    clips = read(raw)
    assert len(clips) == 84
    for name, samples in clips.items():
        assert 100 < abs(samples.astype(int)).max() < 32_767, name


def test_the_seed_decides(tmp_path: Path) -> None:
    first, again, other = made(tmp_path / "a", 3), made(tmp_path / "b", 3), made(tmp_path / "c", 4)
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert not any(np.array_equal(first[name], other[name]) for name in first)


def test_task_has_no_undeclared_leak(catalogue: Catalogue) -> None:
    bound = Task.open(catalogue.task("mimii_fan"), Edition(catalogue.root, catalogue.dataset("mimii_fan"), "sim"))
    assert [f for f in audit(bound) if not f.declared] == []
    assert [f.name for f in bound.folds("grouped")] == ["id_00", "id_02", "id_04", "id_06"]


def test_the_papers_rows_train_on_all_three_fans_that_are_left(catalogue: Catalogue) -> None:
    # as the source did: a stratified fifth of their clips is watched; by the suite's own rule a whole fan would be
    bound = Task.open(catalogue.task("mimii_fan"), Edition(catalogue.root, catalogue.dataset("mimii_fan"), "sim"))
    fan, recording = bound.column("machine"), bound.column("recording")
    for name in ("attention", "attention_masked", "attention_wrong_weight", "attention_wrong_weight_masked"):
        said = catalogue.model(f"resnet50.imagenet_v2.{name}").recipe.validation
        for fold in bound.folds("grouped"):
            found, of = watched(bound, "grouped", fold, said)
            assert of == "recording"
            assert set(fan[found.train]) == set(fan[found.validation]) == set(fan) - {fold.name}
            assert not set(recording[found.train]) & set(recording[found.validation])
            # of 42 normal and 21 abnormal clips
            assert np.bincount(bound.y[found.validation]).tolist() == [8, 4]
    assert watched(bound, "grouped", bound.folds("grouped")[0])[1] == "machine"


def test_a_window_is_a_clip_and_a_tenth_of_them_is_tested(catalogue: Catalogue) -> None:
    # the source scored clips: a shorter window would be scored six times a clip on the full data
    bound = Task.open(catalogue.task("mimii_fan"), Edition(catalogue.root, catalogue.dataset("mimii_fan"), "sim"))
    assert len(bound) == len(bound.recordings) == 84
    assert bound.windows.batch(np.arange(2)).shape == (2, 24_000, 8)
    (fold,) = bound.folds("published")
    assert np.bincount(bound.y[fold.test]).tolist() == [6, 3]


def spectrum(wave: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    frequency, power = welch(wave, RATE, nperseg=len(wave) // 4, axis=0)
    return frequency, power if power.ndim == 1 else power.mean(axis=1)


def height(wave: np.ndarray, at: float) -> float:
    """Power at a frequency over the median around it."""
    frequency, power = spectrum(wave)
    near = abs(frequency - at) < 40
    return float(power[abs(frequency - at) < 5].max() / np.median(power[near]))


@pytest.mark.parametrize("speed", [1.0, 0.85])
def test_blade_pass_stands_where_blades_and_speed_put_it(speed: float) -> None:
    for fan in load_function(CODE, "units")(0).values():
        wave = physics.sound(fan, physics.State(speed), 8 * RATE, RATE, np.random.default_rng(0))
        frequency, power = spectrum(wave)
        expected = fan.blade_pass(speed)
        near = abs(frequency - expected) < 15
        assert frequency[near][power[near].argmax()] == pytest.approx(expected, abs=1.5)
        assert height(wave, expected) > 10
        assert height(wave, expected * 1.13 + 7) < height(wave, expected)


def test_units_differ() -> None:
    fans = list(load_function(CODE, "units")(0).values())
    assert len({fan.blades for fan in fans}) == 4
    tones = sorted(fan.blade_pass() for fan in fans)
    assert min(np.diff(tones)) > 2


def test_slower_fan_is_quieter_by_the_law_of_fans() -> None:
    fan = load_function(CODE, "units")(0)["id_00"]
    bare = physics.Fan(**{**vars(fan), "resonances": np.zeros((0, 3))})
    levels = []
    for speed in (1.0, 0.8):
        wave = physics.sound(bare, physics.State(speed), 4 * RATE, RATE, np.random.default_rng(0))
        levels.append(np.mean(wave**2))
    # power of five, but for the share of broadband noise whose knee moves
    assert np.log(levels[1] / levels[0]) / np.log(0.8) == pytest.approx(5, abs=1)


def test_imbalance_raises_the_first_order() -> None:
    fan = load_function(CODE, "units")(0)["id_02"]
    waves = [
        physics.sound(fan, physics.State(imbalance=i), 4 * RATE, RATE, np.random.default_rng(0)) for i in (0.0, 1.0)
    ]
    first = [spectrum(w)[1][abs(spectrum(w)[0] - fan.shaft) < 3].max() for w in waves]
    assert first[1] > 10 * first[0]


def test_rattle_knocks_about_once_a_turn() -> None:
    fan = load_function(CODE, "units")(0)["id_04"]
    quiet, loud = (
        physics.sound(fan, physics.State(rattle=r), 8 * RATE, RATE, np.random.default_rng(0)) for r in (0.0, 1.0)
    )
    # the same random numbers come before the rattle, so that the difference is the rattle alone
    envelope = abs(loud - quiet)
    frequency, power = welch(envelope - envelope.mean(), RATE, nperseg=2 * RATE)
    slow = (frequency > 5) & (frequency < 1.5 * fan.shaft)
    assert frequency[slow][power[slow].argmax()] == pytest.approx(fan.shaft, abs=1.5)


def test_factory_is_heard_from_several_sides() -> None:
    noise = physics.factory(2 * RATE, RATE, np.random.default_rng(1))
    assert np.mean(noise**2) == pytest.approx(1)
    likeness = np.corrcoef(noise.T)
    assert likeness.min() > 0.3
    assert likeness[~np.eye(8, dtype=bool)].max() < 1


def test_delays_are_those_of_the_array() -> None:
    """A wave from the first microphone's side reaches the opposite one a diameter later."""
    wave = np.random.default_rng(0).standard_normal(RATE)
    heard = physics.at_microphones(wave, 0.0, RATE)
    lag = np.correlate(heard[50:-50, 4], heard[:, 0], "valid").argmax() - 50
    assert abs(lag) == round(2 * 0.034 / 343 * RATE)


def test_a_damaged_file_is_named(raw: Path, tmp_path: Path) -> None:
    name = "fan/id_06/abnormal/00000000.wav"
    (tmp_path / name).parent.mkdir(parents=True)
    shutil.copy(raw / name, tmp_path / name)
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(DataError) as caught:
        read(tmp_path)
    assert str(caught.value).startswith(f"{name} ends after")
    assert "\n" not in str(caught.value)
