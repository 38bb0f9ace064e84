"""Generated pictures of parts: the card's counts, the same pictures from the same seed, defects that can be seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from faultboard.data.edition import Edition
from faultboard.data.prepared import Prepared
from faultboard.declare.catalogue import Catalogue
from faultboard.declare.code import load_function
from faultboard.errors import DataError
from faultboard.simulation import surface
from faultboard.tasks.audit import audit
from faultboard.tasks.task import Task
from support.generated import generated
from support.repository import REPOSITORY

CODE = REPOSITORY / "datasets" / "equipment_defects.py"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return generated("equipment_defects")


@pytest.fixture(scope="module")
def prepared(catalogue: Catalogue) -> Prepared:
    return Prepared(catalogue.root / "data" / "prepared" / "equipment_defects@sim")


def read(folder: Path) -> list:
    return list(load_function(CODE, "read")(folder))


def made(folder: Path, seed: int) -> dict[str, np.ndarray]:
    folder.mkdir()
    load_function(CODE, "simulate")(folder, seed, None, 24)
    return {recording.id: recording.samples for recording in read(folder)}


def test_parts_form_and_size(catalogue: Catalogue, prepared: Prepared) -> None:
    table = prepared.recordings
    assert table["part"].nunique() == 160
    # a part is of one class and one category, and seen three times
    parts = table.groupby("part")
    assert (parts["quality"].nunique() == 1).all()
    assert (parts["category"].nunique() == 1).all()
    assert (parts["view"].nunique() == 3).all()
    bad = table[table["quality"] == "defective"].groupby("category")["part"].nunique()
    assert set(bad) <= {8, 9}
    assert len(bad) == 4
    assert set(zip(table["height"], table["width"], table["channels"], strict=True)) == {(128, 128, 1)}
    raw = Edition(catalogue.root, catalogue.dataset("equipment_defects"), "sim").raw
    assert sum(p.stat().st_size for p in raw.rglob("*.png")) < 15e6


def test_the_number_of_a_part_does_not_give_it_away(prepared: Prepared) -> None:
    table = prepared.recordings
    numbers = table["part"].str.split("_").str[1].astype(int)
    bad = table["quality"] == "defective"
    assert abs(numbers[bad].mean() - numbers[~bad].mean()) < 6


def test_task_has_no_undeclared_leak(catalogue: Catalogue) -> None:
    card = catalogue.task("defect_images/equipment_defects")
    task = Task.open(card, Edition(catalogue.root, catalogue.dataset("equipment_defects"), "sim"))
    found = audit(task)
    assert [f for f in found if not f.declared] == []
    assert any("part" in f.what for f in found if f.protocol == "published")
    assert not [f for f in found if f.protocol == "grouped"]
    assert [len(task.folds(p)) for p in ("published", "grouped")] == [5, 5]


def test_pictures_are_neither_black_nor_blown_out(prepared: Prepared) -> None:
    for row in range(len(prepared.recordings)):
        pixels = prepared.samples(row)
        assert 30 < pixels.mean() < 230
        assert np.mean(pixels == 255) < 0.01
        assert pixels.std() > 3


def test_the_seed_decides(tmp_path: Path) -> None:
    first, again, other = made(tmp_path / "a", 3), made(tmp_path / "b", 3), made(tmp_path / "c", 4)
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert not any(np.array_equal(first[name], other[name]) for name in first.keys() & other.keys())


@pytest.mark.parametrize("category", surface.FINISHES)
@pytest.mark.parametrize("defect", surface.DEFECTS)
def test_a_defect_changes_a_small_place(category: str, defect: surface.Defect) -> None:
    """The same part, lamp and noise with and without it: a difference beyond noise, and that in one place."""
    for seed in range(3):
        sound = surface.draw_part(surface.FINISHES[category], np.random.default_rng(seed))
        damaged = surface.damage(sound, defect, np.random.default_rng(seed + 10))
        before, after = (surface.picture(p, 0.0, np.random.default_rng(5)).astype(float) for p in (sound, damaged))
        changed = abs(after - before) > 4
        assert 10 < changed.sum() < 0.2 * changed.size
        assert changed.any(axis=1).sum() < 120


def test_a_stain_leaves_the_height_alone() -> None:
    sound = surface.draw_part(surface.FINISHES["ground"], np.random.default_rng(0))
    stained = surface.damage(sound, "stain", np.random.default_rng(1))
    assert np.array_equal(sound.height, stained.height)
    assert stained.reflects.min() < sound.reflects.min()


def test_ground_parts_have_a_direction_and_castings_none() -> None:
    def stretch(category: str) -> float:
        ratios = []
        for seed in range(8):
            part = surface.draw_part(surface.FINISHES[category], np.random.default_rng(seed))
            down, right = np.gradient(part.height)
            ratios.append(abs(np.log(np.mean(down**2) / np.mean(right**2))))
        return float(np.median(ratios))

    assert stretch("ground") > 3 > 1 > stretch("casting")


def test_parts_differ_and_views_share_the_part() -> None:
    """The same lamp: views of one part are alike once laid over each other, pictures of two parts are not."""

    def likeness(a: np.ndarray, b: np.ndarray) -> float:
        spectra = [np.fft.fft2(p - p.mean()) for p in (a, b)]
        product = np.fft.ifft2(spectra[0] * spectra[1].conj()).real
        return float(product.max() / np.sqrt((abs(spectra[0]) ** 2).mean() * (abs(spectra[1]) ** 2).mean()))

    for category in ("casting", "coating"):
        one, other = (surface.draw_part(surface.FINISHES[category], np.random.default_rng(s)) for s in (0, 1))
        shots = [surface.picture(p, 0.0, np.random.default_rng(i)) for i, p in enumerate((one, one, other))]
        assert likeness(shots[0], shots[1]) > 1.5 * likeness(shots[0], shots[2]), category


def test_the_lamp_changes_the_picture() -> None:
    part = surface.draw_part(surface.FINISHES["casting"], np.random.default_rng(0))
    lit, against = (surface.picture(part, lamp, np.random.default_rng(1)).astype(float) for lamp in (0.0, np.pi))
    # what faces one lamp turns away from the other
    assert np.corrcoef(lit.ravel(), against.ravel())[0, 1] < 0


def picture(folder: Path, name: str, mode: str = "L") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, (20, 10)).save(path)
    return path


def test_any_such_folder_is_read(tmp_path: Path) -> None:
    picture(tmp_path, "defective/IMG 7.png", "RGB")
    picture(tmp_path, "non-defective/weave_003_v2.png")
    first, second = read(tmp_path)
    assert first.samples.shape == (10, 20, 3)
    assert set(first.columns.values()) == {"defective", "unknown"}
    assert second.samples.shape == (10, 20, 1)
    assert second.columns == {"quality": "non-defective", "part": "weave_003", "category": "weave", "view": "v2"}


@pytest.mark.parametrize("name", ["defective/weave_001_v1.png", "non-defective/casting_040_v3.png"])
def test_a_damaged_file_is_named(catalogue: Catalogue, tmp_path: Path, name: str) -> None:
    path = picture(tmp_path, name)
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64), np.uint8)).save(path)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(DataError) as caught:
        read(tmp_path)
    assert str(caught.value).startswith(f"{name} is no whole picture (2,000 bytes)")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["good/a.png", "defective/a.tif", "a.png", "defective/x/a.png"])
def test_a_stranger_is_named(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    with pytest.raises(DataError, match=f"{name} is no file of this set"):
        read(tmp_path)


def test_sixteen_bits_are_refused(tmp_path: Path) -> None:
    picture(tmp_path, "defective/deep.png", "I;16")
    with pytest.raises(DataError, match=r"defective/deep\.png is a picture of mode I;16"):
        read(tmp_path)
