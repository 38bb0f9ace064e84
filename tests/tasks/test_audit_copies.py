"""Copies under another name, overlapping cuts and parts with two names are found; what is only alike is not accused."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from PIL import Image, ImageEnhance
from scipy.ndimage import gaussian_filter

from faultboard.data.edition import Edition
from faultboard.tasks.audit import Found, audit, notes
from faultboard.tasks.audit.copies.findings import copies as copies_between
from faultboard.tasks.audit.copies.same_surface import same_surfaces
from faultboard.tasks.folds import Fold
from faultboard.tasks.task import Task
from support import shared
from support.planted import Row, bind, planted, sounds, unchanged
from support.real_archives import audited
from support.real_archives import task as real
from support.repository import CARDS

RATE, LENGTH = 8000, 16000


def found(task: Task, *kinds: str) -> list[Found]:
    return [f for f in audit(task) if f.kind in kinds]


def machines(seed: int, units: int = 4, each: int = 4) -> list[Row]:
    """Machines of steady tones and hiss of their own, faults as a weak tone: alike, and no copies."""
    rng = np.random.default_rng(seed)
    time = np.arange(LENGTH) / RATE
    rows: list[Row] = []
    for unit in range(units):
        tones = rng.uniform(100, 3000, 5)
        for number in range(each):
            wave = rng.standard_normal(LENGTH) + sum(np.sin(2 * np.pi * f * time + rng.uniform(0, 6)) for f in tones)
            wave += 0.3 * (number % 2) * np.sin(2 * np.pi * 1700 * time)
            rows.append((f"m{unit}", ("ok", "bad")[number % 2], stored(wave), float(RATE)))
    return rows


def stored(wave: np.ndarray, level: float = 3000) -> np.ndarray:
    return np.round(level * wave / wave.std()).clip(-32768, 32767).astype(np.int16)[:, None]


def as_flac(wave: np.ndarray) -> np.ndarray:
    file = io.BytesIO()
    soundfile.write(file, 0.5 * wave / np.abs(wave).max(), RATE, format="FLAC", subtype="PCM_16")
    file.seek(0)
    return soundfile.read(file)[0]


def with_noise(decibels: float) -> Callable[[np.ndarray], np.ndarray]:
    def change(wave: np.ndarray) -> np.ndarray:
        noise = np.random.default_rng(9).standard_normal(len(wave))
        return wave + wave.std() * 10 ** (-decibels / 20) * noise

    return change


def through_half_the_rate(wave: np.ndarray) -> np.ndarray:
    return soxr.resample(soxr.resample(wave, RATE, RATE // 2), RATE // 2, RATE)


def half_of_it(wave: np.ndarray) -> np.ndarray:
    """A cut that overlaps by half, as from a recorder that was cut into files with a hop of half their length."""
    fresh = wave.std() * np.random.default_rng(8).standard_normal(len(wave) // 2)
    return np.concatenate([wave[len(wave) // 2 :], fresh])


CHANGES = {
    "as FLAC at another gain": as_flac,
    "noise 20 dB below": with_noise(20),
    "noise as loud": with_noise(0),
    "through half the rate": through_half_the_rate,
    "turned in sign": np.negative,
    "a ninth cut off": lambda wave: wave[len(wave) // 9 :],
    "half of it": half_of_it,
    "8 bits": lambda wave: np.round(127 * wave / np.abs(wave).max()),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_copy_under_another_unit_is_named(change: Callable, tmp_path: Path) -> None:
    rows = machines(0)
    _, state, wave, rate = rows[1]
    rows.append(("m3", state, stored(change(wave[:, 0].astype(float)), 1700), rate))
    copies = found(planted(tmp_path, rows), "near_copy", "identical")
    assert {(f.protocol, f.kind, f.declared) for f in copies} >= {("grouped", "near_copy", False)}
    assert all(f.what.startswith("001 and 016 correlate") for f in copies)


def test_a_copy_is_told_whichever_of_the_two_is_in_training(tmp_path: Path) -> None:
    rows = machines(0)
    rows.append(("m3", rows[1][1], stored(as_flac(rows[1][2][:, 0]), 1700), float(RATE)))
    task = planted(tmp_path, rows)
    one, other = (np.flatnonzero(task.windows.recording == number) for number in (1, 16))
    neither = np.flatnonzero(task.windows.recording == 5)

    def told(train: np.ndarray, test: np.ndarray) -> bool:
        return bool(copies_between(task, "grouped", [Fold("only", train, test)]))

    assert told(one, other)
    assert told(other, one)
    assert not told(np.r_[one, other], neither)
    assert not told(one, neither)


@pytest.mark.parametrize("seed", range(3))
def test_machines_that_sound_alike_are_no_copies(seed: int, tmp_path: Path) -> None:
    assert found(planted(tmp_path, machines(seed)), "near_copy", "identical") == []


def test_short_cuts_that_overlap_are_found(tmp_path: Path) -> None:
    """Pre-cut windows whose names say nothing: the classic leak of a random split."""
    rng = np.random.default_rng(0)
    rows: list[Row] = []
    for unit in range(4):
        tape = gaussian_filter(rng.standard_normal(16 * 1024), 0.7)
        for number in range(14):
            cut = tape[1024 * number : 1024 * number + 2048]
            rows.append((f"m{unit}", ("ok", "bad")[unit % 2], stored(cut), 12000.0))
    copies = found(planted(tmp_path, rows, "{whole: yes}"), "near_copy")
    assert [f.protocol for f in copies] == ["published"]
    assert "0.09 s apart" in copies[0].what


@pytest.mark.parametrize("name", ["cwru", "adi_cbm"])
def test_no_two_recordings_of_the_real_sets_are_copies(name: str) -> None:
    assert [f for f in audited(name) if f.kind == "near_copy"] == []


def test_rails_that_repeat_their_motion_are_taken_for_copies_and_no_other_clips() -> None:
    """A false alarm, which the task's card excuses clip by clip: another clip would stand in a finding of its own."""
    copies = [f for f in audited("machine_sound_clips") if f.kind == "near_copy"]
    assert [(f.protocol, f.declared) for f in copies] == [("published", True)]
    (excused,) = [f for f in CARDS.task("machine_sound_clips").findings if f.kind == "near_copy"]
    clips = excused.where.replace(",", " ").split()
    assert len(clips) == 15
    # the rail of before, slider_00, is not among them
    assert all(clip.startswith("slider/") and "_id_00_" not in clip for clip in clips)


@pytest.mark.parametrize("seed", range(10))
def test_clean_sets_raise_no_alarm_of_any_kind(seed: int, tmp_path: Path) -> None:
    units, nested = [(4, False), (6, False), (10, True), (12, True), (6, True)][seed % 5]
    assert [f for f in audit(planted(tmp_path, sounds(seed, units, nested, unchanged))) if not f.declared] == []


def surface(seed: int, size: tuple[int, int] = (180, 240)) -> np.ndarray:
    """A texture with spots: something to recognise."""
    rng = np.random.default_rng(seed)
    grain = sum(s * gaussian_filter(rng.standard_normal(size), s) for s in (1, 3, 8))
    for _ in range(25):
        y, x, r = rng.integers(0, size[0]), rng.integers(0, size[1]), rng.integers(3, 9)
        grain[max(y - r, 0) : y + r, max(x - r, 0) : x + r] += rng.choice([-3, 3])
    grain = 128 + 40 * (grain - grain.mean()) / grain.std()
    return np.repeat(grain.clip(0, 255).astype(np.uint8)[..., None], 3, axis=2)


def as_jpeg(picture: Image.Image) -> Image.Image:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=50)
    return Image.open(file)


PICTURE_CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "as JPEG": as_jpeg,
    "smaller": lambda p: p.resize((p.width * 2 // 3, p.height * 2 // 3)),
    "brighter": lambda p: ImageEnhance.Brightness(p).enhance(1.4),
    "mirrored": lambda p: p.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    "upside down": lambda p: p.rotate(180),
    "cropped": lambda p: p.crop((p.width // 8, p.height // 8, p.width, p.height)),
}


@pytest.mark.parametrize("change", PICTURE_CHANGES.values(), ids=PICTURE_CHANGES)
def test_a_part_with_two_names_is_found(change: Callable, tmp_path: Path) -> None:
    rows: list[Row] = [(f"p{n:02d}", ("ok", "bad")[n % 2], surface(n), None) for n in range(16)]
    again = np.asarray(change(Image.fromarray(surface(5))).convert("RGB"))
    task = planted(tmp_path, [*rows, ("p99", "bad", again, None)], "{whole: yes}", "photo")
    hidden = found(task, "near_copy", "hidden_unit")
    assert [(f.protocol, f.kind, f.declared) for f in hidden if f.protocol == "grouped"] in (
        [("grouped", "hidden_unit", False)],
        [],  # the two stand on one side of both folds
    )
    pairs, one_scene = same_surfaces(task, task.recordings["unit"].to_numpy(dtype=str))
    assert [(p.one, p.other) for p in pairs] == [(5, 16)]
    assert not one_scene


def test_a_wrong_group_column_is_told_with_the_units_that_are_one(tmp_path: Path) -> None:
    rows: list[Row] = []
    for part in range(8):
        for view in range(4):
            light = (surface(part) * (0.7 + 0.15 * view)).clip(0, 255).astype(np.uint8)
            rows.append((f"p{part}{'ab'[view % 2]}", ("ok", "bad")[part % 2], light, None))
    task = planted(tmp_path, rows, "{whole: yes}", "photo")
    hidden = found(task, "hidden_unit")
    assert [f.protocol for f in hidden] == ["grouped"]
    assert "but show one surface" in hidden[0].what
    assert "the groups are wrong" in hidden[0].remedy


def test_tiles_whose_groups_are_split_in_two_are_found_and_no_others() -> None:
    task = real("magnetic_tile")
    tiles = task.recordings["tile"].to_numpy(dtype=str)
    chosen = np.isin(tiles, np.unique(tiles)[::6])
    few = np.flatnonzero(chosen)
    part = _part_of(task, few)
    right, _ = same_surfaces(part, tiles[few])
    assert right == []
    halves = np.array([f"{tile}{'ab'[n % 2]}" for n, tile in enumerate(tiles[few])])
    wrong, one_scene = same_surfaces(part, halves)
    assert not one_scene
    assert all(tiles[few][p.one] == tiles[few][p.other] for p in wrong), "different tiles are never joined"
    split = {t for t in set(tiles[few]) if len(set(halves[tiles[few] == t])) == 2}
    assert {tiles[few][p.one] for p in wrong} == split


def _part_of(task: Task, positions: np.ndarray) -> Task:
    """The task on some of its recordings."""
    card = task.card.model_copy(update={"where": {"recording": task.recordings["id"].iloc[positions].tolist()}})
    card._path, card._id = task.card.path, task.card.id
    return Task(card, Edition(shared.folder(), task.dataset, task.edition), task.prepared)


def test_before_a_still_camera_likeness_says_nothing_but_a_mirrored_copy_does(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    scene = surface(1).astype(float)
    rows: list[Row] = []
    for unit in range(4):
        for number in range(6):
            warm = scene + 10 * (number % 2) + 4 * rng.standard_normal(scene.shape)
            rows.append((f"u{unit}", ("ok", "bad")[number % 2], warm.clip(0, 255).astype(np.uint8), None))
    task = planted(tmp_path, rows, "{whole: yes}", "thermal")
    assert found(task, "near_copy", "hidden_unit") == []
    assert any("one scene" in said for said in notes(task))
    rows.append(("u9", "ok", np.ascontiguousarray(rows[2][2][:, ::-1]), None))
    (tmp_path / "b").mkdir()
    again = planted(tmp_path / "b", rows, "{whole: yes}", "thermal")
    pairs, one_scene = same_surfaces(again, again.recordings["unit"].to_numpy(dtype=str))
    assert one_scene
    assert pairs
    assert {p.other for p in pairs} == {24}


def test_what_is_identical_is_said_once(tmp_path: Path) -> None:
    rows = machines(0)
    rows.append(("m3", rows[1][1], rows[1][2], float(RATE)))
    assert {f.kind for f in found(planted(tmp_path, rows), "identical", "near_copy")} == {"identical"}


def test_a_declared_copy_excuses_no_other(tmp_path: Path) -> None:
    rows = machines(0)
    rows.append(("m3", rows[1][1], rows[1][2], float(RATE)))
    rows.append(("m0", rows[8][1], stored(as_flac(rows[8][2][:, 0]), 1700), float(RATE)))
    task = planted(tmp_path, rows)
    card = task.card.path
    plain = card.read_text()
    finding = "findings: [{{kind: identical, protocols: [published, grouped], where: {}, why: known}}]\n"

    def marks(where: str) -> set[tuple[str, bool]]:
        card.write_text(plain + finding.format(where))
        again = bind(card.parents[2], tmp_path / "empty")
        return {(f.kind, f.declared) for f in found(again, "identical", "near_copy")}

    assert marks("001 = 016") == {("identical", True), ("near_copy", False)}
    assert marks("001 = 002") == {("identical", False), ("near_copy", False)}


def test_broken_recordings_are_named(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    rows: list[Row] = []
    for number in range(12):
        wave = np.round(3000 * rng.standard_normal((4000, 2))).astype(np.int16)
        if number == 3:
            wave[:, 1] = 7
        if number == 4:
            wave = wave.clip(-2500, 2500)
        if number == 5:
            wave[:] = 0
        if number == 6:
            # of three levels most samples are at a limit, and none was cut off
            wave = 3000 * np.sign(wave).cumsum(0).clip(-1, 1).astype(np.int16)
        rows.append((f"m{number % 4}", ("ok", "bad")[number // 2 % 2], wave, 8000.0))
    said = {f.what for f in found(planted(tmp_path, rows), "dead")}
    assert said == {"003 has a constant channel (1)", "004 is clipped", "005 is constant"}


def test_a_recording_shorter_than_a_window_marks_nothing(tmp_path: Path) -> None:
    """It is in no split, so that its facts, which are not measured, name no class."""
    rng = np.random.default_rng(2)
    rows: list[Row] = []
    for number in range(72):
        length = 800 if number % 6 == 1 else 4000
        wave = np.round(3000 * rng.standard_normal(length)).astype(np.int16)[:, None]
        rows.append((f"m{number // 12}", ("ok", "bad")[number % 2], wave, 8000.0))
    task = planted(tmp_path, rows)
    assert [f.what for f in found(task, "fact") if not f.what.startswith("length")] == []
    assert "12 recordings are shorter than a window and in no split" in notes(task)
