"""Generated thermal pictures: the card's counts, the same pictures from the same seed, heat where its source is."""

from __future__ import annotations

import io
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from faultboard.data.edition import Edition
from faultboard.data.prepare import prepare
from faultboard.data.prepared import Prepared
from faultboard.data.video import read_video, write_video
from faultboard.declare.catalogue import Catalogue
from faultboard.declare.code import load_function
from faultboard.errors import DataError
from faultboard.files.checksum import file_hash
from faultboard.simulation import heat, thermal_camera
from faultboard.tasks.audit import audit
from faultboard.tasks.task import Task
from support.generated import generated
from support.repository import REPOSITORY

CODE = REPOSITORY / "datasets" / "thermal_bearings.py"
FAULTS = ("ball", "cage", "healthy", "inner_race", "lack_of_lubrication", "outer_race")


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return generated("thermal_bearings")


@pytest.fixture(scope="module")
def machine() -> heat.Machine:
    found: heat.Machine = load_function(CODE, "machines")(0)[0]
    return found


def read(folder: Path) -> list:
    return list(load_function(CODE, "read")(folder))


def made(folder: Path, seed: int) -> dict[str, np.ndarray]:
    folder.mkdir()
    load_function(CODE, "simulate")(folder, seed, None, 48)
    return {recording.id: recording.samples for recording in read(folder)}


def test_counts_and_groups(catalogue: Catalogue) -> None:
    table = Prepared(catalogue.root / "data" / "prepared" / "thermal_bearings@sim").recordings
    assert set(Counter(zip(table["machine"], table["fault"], strict=True)).values()) == {16}
    assert set(table["sequence"].value_counts()) == {8}
    # a sequence is one machine and one fault, and stands in both folders
    assert (table.groupby("sequence")[["machine", "fault"]].nunique() == 1).all().all()
    assert (table.groupby("sequence")["folder"].nunique() == 2).all()
    assert set(zip(table["height"], table["width"], table["channels"], strict=True)) == {(120, 160, 3)}


def test_task_has_no_undeclared_leak(catalogue: Catalogue) -> None:
    dataset = catalogue.dataset("thermal_bearings")
    bound = Task.open(catalogue.task("thermal_images/thermal_bearings"), Edition(catalogue.root, dataset, "sim"))
    found = audit(bound)
    assert [f for f in found if not f.declared] == []
    assert any("sequence" in f.what for f in found if f.protocol == "published")
    # what is found there is the symptom itself, and no leak
    assert {f.kind for f in found if f.protocol == "grouped"} == {"fact"}
    for fold in bound.folds("grouped"):
        assert not set(bound.column("sequence")[fold.train]) & set(bound.column("sequence")[fold.test])
    assert [len(bound.folds(p)) for p in ("published", "by_sequence", "grouped")] == [1, 4, 4]


def test_the_seed_decides(tmp_path: Path) -> None:
    first, again, other = made(tmp_path / "a", 3), made(tmp_path / "b", 3), made(tmp_path / "c", 4)
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert not any(np.array_equal(first[name], other[name]) for name in first.keys() & other.keys())


def test_no_heat_is_lost(machine: heat.Machine) -> None:
    plate = heat.Plate(machine, 60.0, insulated=True)
    rise = plate.heat(5 * machine.source("ball"), 40)
    assert plate.stored(rise) == pytest.approx(5 * 40 * 60, rel=1e-9)


def test_what_is_made_leaves_in_the_end(machine: heat.Machine) -> None:
    plate = heat.Plate(machine, 600.0)
    rise = plate.heat(5 * machine.source("inner_race"), 500)
    assert plate.leaving(rise) == pytest.approx(5, rel=1e-6)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_source_is_of_the_machine_and_sums_to_one(machine: heat.Machine, fault: heat.Fault) -> None:
    source = machine.source(fault)
    assert source.sum() == pytest.approx(1)
    assert source.min() == 0
    assert source[~np.logical_or.reduce([*machine.parts().values()])].sum() == 0


@pytest.mark.parametrize("fault", FAULTS)
def test_it_is_hotter_where_the_source_is(machine: heat.Machine, fault: heat.Fault) -> None:
    source = machine.source(fault)
    rise = heat.Plate(machine, 60.0).heat(5 * source, 10)
    parts = machine.parts()
    assert rise.min() > -1e-9
    assert np.average(rise, weights=source) > rise[parts["housing"]].mean()
    # no cell is hotter than the hottest that makes heat
    assert rise.argmax() in np.flatnonzero(source)


def test_faults_heat_different_places(machine: heat.Machine) -> None:
    plate, parts = heat.Plate(machine, 60.0), machine.parts()
    rise = {fault: plate.heat(5 * machine.source(fault), 10) for fault in FAULTS}
    ratio = {fault: r[parts["inner"]].mean() / r[parts["outer"]].mean() for fault, r in rise.items()}
    assert ratio["inner_race"] > ratio["cage"] > ratio["ball"] > ratio["outer_race"]
    # the load zone lies below, so a damaged outer race heats the lower half more
    row = np.indices(heat.SHAPE)[0]
    below, above = parts["outer"] & (row > machine.centre[0]), parts["outer"] & (row < machine.centre[0])
    lean = {fault: r[below].mean() / r[above].mean() for fault, r in rise.items()}
    assert lean["outer_race"] > max(lean["ball"], lean["inner_race"], lean["healthy"])


def test_colours_rise_with_temperature() -> None:
    bright = thermal_camera.colours(np.linspace(-0.1, 1.1, 50)[None]).astype(int).sum(axis=-1)[0]
    assert (np.diff(bright) >= 0).all()
    assert bright[0] == bright[1]


def encoded(form: str, mode: str = "RGB") -> bytes:
    stream = io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 256, (30, 40, 3), dtype=np.uint8)
    Image.fromarray(pixels).convert(mode).save(stream, form)
    return stream.getvalue()


def put(folder: Path, name: str, content: bytes) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


def test_any_such_folder_is_read(tmp_path: Path) -> None:
    put(tmp_path, "TRAINING/HEALTHY/IMG_2021_0001.JPG", encoded("JPEG", "L"))
    put(tmp_path, "VALIDATION/CAGE_DEFECT/7.bmp", encoded("BMP"))
    put(tmp_path, "VALIDATION/CAGE_DEFECT/m2_s03_004.png", encoded("PNG", "RGBA"))
    found = read(tmp_path)
    assert [(r.columns["machine"], r.columns["sequence"], r.columns["folder"]) for r in found] == [
        ("unknown", "IMG_2021_0001", "TRAINING"),
        ("unknown", "7", "VALIDATION"),
        ("m2", "m2_s03", "VALIDATION"),
    ]
    assert {r.samples.shape for r in found} == {(30, 40, 3)}


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("TRAINING/HEALTHY/a.png", b"", "is no whole picture (0 bytes)"),
        ("TRAINING/HEALTHY/a.png", encoded("PNG")[:900], "is no whole picture (900 bytes)"),
        ("TRAINING/HEALTHY/a.png", encoded("PNG", "I;16"), "mode I;16, not RGB, RGBA"),
        ("TRAINING/SEAL_DEFECT/a.png", encoded("PNG"), "is no file of this set"),
        ("TRAINING/HEALTHY/a.mp4", b"", "is no whole video (0 bytes)"),
        ("a.mp4", b"", "is no file of this set"),
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, name: str, content: bytes, fault: str) -> None:
    put(tmp_path, name, content)
    with pytest.raises(DataError) as caught:
        [recording.load() for recording in read(tmp_path)]
    assert str(caught.value).startswith(f"{name} ")
    assert fault in str(caught.value)
    assert "\n" not in str(caught.value)


def film(folder: Path, suffix: str) -> None:
    """Write generated sequences as videos alone: of each one in either folder."""
    for name, take, frames in load_function(CODE, "_takes")(3, None, 48):
        for side, part in (("TRAINING", frames[:6]), ("VALIDATION", frames[6:])):
            path = folder / side / name / f"{take}{suffix}"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_video(path, part, rate=2)


def test_a_sequence_is_the_same_as_pictures_and_as_a_video(tmp_path: Path) -> None:
    load_function(CODE, "simulate")(tmp_path / "pictures", 3, None, 48)
    film(tmp_path / "videos", ".avi")
    pictures, videos = read(tmp_path / "pictures"), read(tmp_path / "videos")
    assert (len(pictures), len(videos)) == (48, 12)
    for video in videos:
        own = [p for p in pictures if all(p.columns[c] == video.columns[c] for c in ("sequence", "folder", "fault"))]
        assert np.array_equal(video.load(), np.stack([p.load() for p in own]))


def test_each_class_has_a_video_beside_its_frames(tmp_path: Path) -> None:
    """As the layout of the source has it; the recordings are the pictures."""
    load_function(CODE, "simulate")(tmp_path, 3, None, 48)
    videos = sorted(tmp_path.rglob("*.avi"))
    assert [v.parent.name for v in videos] == sorted({r.columns["fault"] for r in read(tmp_path)})
    for video in videos:
        frames = [np.asarray(Image.open(p)) for p in sorted(video.parent.glob(f"{video.stem}_*.png"))]
        assert np.array_equal(read_video(video, video.name), np.stack(frames))


def test_a_video_is_read_by_its_frames_where_they_lie_beside_it(tmp_path: Path) -> None:
    put(tmp_path, "TRAINING/HEALTHY/run_001.png", encoded("PNG"))
    put(tmp_path, "VALIDATION/HEALTHY/run_002.png", encoded("PNG"))
    put(tmp_path, "run.mp4", b"never opened")
    assert [(r.id, r.columns["sequence"]) for r in read(tmp_path)] == [
        ("TRAINING/HEALTHY/run_001.png", "run"),
        ("VALIDATION/HEALTHY/run_002.png", "run"),
    ]


def test_each_frame_of_a_prepared_video_is_a_window(tmp_path: Path) -> None:
    film(tmp_path / "data/raw/thermal_bearings@full", ".mp4")
    found = Catalogue(tmp_path, REPOSITORY)
    dataset = found.dataset("thermal_bearings")
    folder = prepare(Edition(tmp_path, dataset, "full"))
    table = Prepared(folder).recordings
    assert table["length"].tolist() == [6] * 6 + [2] * 6
    first = tmp_path / "data/raw/thermal_bearings@full" / table["source"][0]
    assert table["sha256"][0] == file_hash(first)
    bound = Task.open(found.task("thermal_images/thermal_bearings"), Edition(tmp_path, dataset, "full"))
    assert len(bound) == 48
    (pixels,) = bound.windows.batch(np.array([3]))
    assert np.array_equal(pixels, read_video(first, "first")[3])
    assert bound.windows.start[:8].tolist() == [0, 1, 2, 3, 4, 5, 0, 1]
    (fold,) = bound.folds("published")
    assert (len(fold.train), len(fold.test)) == (36, 12)
