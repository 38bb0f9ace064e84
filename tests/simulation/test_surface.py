"""Surfaces: a defect lies where it lies and nowhere else, light does as Lambert says, views show one part."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from faultboard.declare.code import load_function
from faultboard.simulation.surface import DEFECTS, FINISHES, SIDE, Defect, Field, Part, damage, draw_part, picture
from support.repository import REPOSITORY

CODE = REPOSITORY / "datasets" / "equipment_defects.py"
FACE = 160
CUT = slice((FACE - SIDE) // 2, (FACE + SIDE) // 2)  # of the face, what a picture laid straight shows


class Still:
    """Stands in for the random numbers: a part laid straight, a lamp in the middle of its range, no noise."""

    def uniform(self, low: float, high: float, size: int | None = None) -> Any:
        middle = (low + high) / 2
        return middle if size is None else np.full(size, middle)

    def normal(self, mean: float, _: float, size: tuple[int, ...] | None = None) -> Any:
        return mean if size is None else np.full(size, mean)


def straight(part: Part, lamp: float = 0.0) -> Field:
    return picture(part, lamp, Still()).astype(float)  # type: ignore[arg-type]


def drawn(category: str, seed: int) -> Part:
    return draw_part(FINISHES[category], np.random.default_rng([seed, 1]))


def changes(defect: Defect, seed: int, category: str = "coating") -> tuple[Part, Part, Field, Field]:
    """A part before and after, and by how much its height and its reflectance changed."""
    sound = drawn(category, seed)
    damaged = damage(sound, defect, np.random.default_rng([seed, 2]))
    return sound, damaged, damaged.height - sound.height, damaged.reflects / sound.reflects - 1


def spread(mask: NDArray[np.bool_]) -> Field:
    """Root mean square extent of a place along its two main directions, longest first."""
    return np.sqrt(np.linalg.eigvalsh(np.cov(np.argwhere(mask).T)))[::-1]


@pytest.mark.parametrize("category", FINISHES)
@pytest.mark.parametrize("defect", DEFECTS)
def test_a_picture_changes_where_the_defect_lies_and_nowhere_else(category: str, defect: Defect) -> None:
    """Grey level by grey level, but for what the lens spreads; a sound part keeps no trace of it."""
    for seed in range(3):
        sound, damaged, height, reflects = changes(defect, seed, category)
        before, after = straight(sound), straight(damaged)
        lies = (abs(height) > 1e-3) | (abs(reflects) > 1e-3)
        reach = ndimage.binary_dilation(lies, iterations=6)[CUT, CUT]
        changed = abs(after - before)
        # a rounding may tip either way
        assert changed[~reach].max(initial=0) <= 1
        assert changed[reach].max() > 8
        assert reach.mean() < 0.5
        assert damaged.gloss == sound.gloss


@pytest.mark.parametrize("seed", range(4))
def test_each_kind_is_what_its_name_says(seed: int) -> None:
    _, _, scratch, reflects = changes("scratch", seed)
    assert not reflects.any()
    # a groove, with what was ploughed out beside it
    assert scratch.min() < -0.3
    assert 0.1 < scratch.max() < -scratch.min()
    long, wide = spread(scratch < 0.5 * scratch.min())
    assert long > 3 * wide

    _, _, pit, reflects = changes("pit", seed)
    assert not reflects.any()
    assert pit.max() <= 0
    labels, count = ndimage.label(pit < 0.3 * pit.min())
    assert 1 <= count <= 4
    deepest = labels == labels[np.unravel_index(pit.argmin(), pit.shape)]
    long, wide = spread(deepest)
    assert long < 3 * wide

    _, _, stain, reflects = changes("stain", seed)
    assert not stain.any()
    assert -0.46 < reflects.min() < -0.1
    assert reflects.max() <= 0

    _, _, crack, reflects = changes("crack", seed)
    assert crack.max() <= 0
    assert crack.min() < -0.7
    assert reflects.min() < -0.25
    long, wide = spread(crack < 0.5 * crack.min())
    assert long > 1.3 * wide
    # narrow: hardly a pixel on either side of its line
    assert (crack < 0.5 * crack.min()).sum() < 4 * 60 * 2

    _, _, chip, reflects = changes("chip", seed)
    hollow = chip < -1
    assert hollow.any()
    middle = np.argwhere(hollow).mean(axis=0)
    # near one border of what a picture shows
    assert abs(middle - FACE / 2).max() > SIDE / 2 - 20
    # what broke is rough
    assert ndimage.gaussian_laplace(chip, 1)[hollow].std() > 0.05


def slope_of(tilt: float, gloss: float = 0.0) -> Part:
    """A smooth grey plane that falls towards the right."""
    column = np.indices((FACE, FACE))[1].astype(float)
    return Part(-tilt * column, np.full((FACE, FACE), 0.5), gloss)


def middle_of(part: Part, lamp: float) -> float:
    return float(straight(part, lamp)[48:80, 48:80].mean())


@pytest.mark.parametrize("lamp", [0.0, 2.0, np.pi])
@pytest.mark.parametrize("tilt", [-0.4, 0.1, 0.4])
def test_matt_light_goes_with_the_cosine(lamp: float, tilt: float) -> None:
    up = np.radians(42.5)
    light = np.array([np.cos(up) * np.sin(lamp), np.cos(up) * np.cos(lamp), np.sin(up)])
    normal = np.array([0.0, tilt, 1.0]) / np.hypot(1.0, tilt)
    # what the room sends is a 0.15th of the lamp
    expected = (max(light @ normal, 0) + 0.15) / (light[2] + 0.15)
    assert middle_of(slope_of(tilt), lamp) / middle_of(slope_of(0.0), lamp) == pytest.approx(expected, rel=0.02)


def test_gloss_shines_where_the_normal_is_half_way_to_the_lamp() -> None:
    up = np.radians(42.5)
    half_way = np.tan((np.pi / 2 - up) / 2)
    gains = {
        tilt: middle_of(slope_of(tilt, 0.5), 0.0) / middle_of(slope_of(tilt), 0.0)
        for tilt in (half_way - 0.3, half_way, half_way + 0.3)
    }
    assert max(gains, key=gains.__getitem__) == half_way
    assert gains[half_way] == pytest.approx(1 + 0.5 / (np.cos((np.pi / 2 - up) / 2) + 0.15), rel=0.05)


def test_the_lamp_falls_off_over_the_face() -> None:
    for lamp, (near, far) in {0.0: (np.s_[:, 100:], np.s_[:, :28]), np.pi / 2: (np.s_[100:], np.s_[:28])}.items():
        seen = straight(slope_of(0.0), lamp)
        assert 1.08 < seen[near].mean() / seen[far].mean() < 1.3


def test_categories_have_textures_of_their_own() -> None:
    """Fall of the spectrum, direction, and threads: no category is another in other clothes."""
    f = np.fft.fftfreq(FACE) * FACE
    radius = np.hypot(*np.meshgrid(f, f))

    def measures(category: str) -> tuple[float, float, float]:
        fine, lean, threads = [], [], []
        for seed in range(6):
            height = drawn(category, seed).height
            power = abs(np.fft.fft2(height * np.outer(np.hanning(FACE), np.hanning(FACE)))) ** 2
            fine.append(power[radius > 20].sum() / power.sum())
            down, right = np.gradient(height)
            lean.append(abs(np.log(np.mean(down**2) / np.mean(right**2))))
            # the pattern of a plain weave repeats every second thread
            threads.append(power[(radius > 12) & (radius < 46)].max() / power[(radius > 3) & (radius < 9)].max())
        return float(np.median(fine)), float(np.median(lean)), float(np.median(threads))

    found = {category: measures(category) for category in FINISHES}
    assert found["ground"][1] > 3 * max(found[c][1] for c in ("casting", "coating", "weave"))
    assert found["coating"][0] < 0.5 * found["casting"][0]
    assert found["weave"][2] > 3 > 1 > max(found[c][2] for c in ("casting", "coating", "ground"))


def flat(pixels: NDArray[np.uint8]) -> NDArray[np.complex128]:
    """Spectrum of a picture without the fall of the lamp, of unit power."""
    grey = pixels.astype(float)
    grey -= ndimage.gaussian_filter(grey, 12)
    spectrum = np.fft.fft2(grey * np.outer(np.hanning(SIDE), np.hanning(SIDE)))
    unit: NDArray[np.complex128] = spectrum / np.sqrt((abs(spectrum) ** 2).mean())
    return unit


@pytest.mark.parametrize(("category", "least"), [("casting", 0.8), ("coating", 0.7), ("ground", 0.8), ("weave", 0.4)])
def test_the_view_most_like_another_is_of_the_same_part(category: str, least: float) -> None:
    """Among ten parts under three lamps, moved and turned: by chance it would be 2 in 29.

    A lamp from the other side turns light into dark, so that a likeness may be negative; threads repeat, so that any
    two weaves are somewhat alike.
    """
    spectra, of = [], []
    for number in range(10):
        rng = np.random.default_rng([0, 1, 0, number])
        part = draw_part(FINISHES[category], rng)
        for view in range(3):
            spectra.append(flat(picture(part, 2 * np.pi * view / 3, rng)))
            of.append(number)
    likeness = np.array([[abs(np.fft.ifft2(a * b.conj())).max() for b in spectra] for a in spectra])
    np.fill_diagonal(likeness, -1)
    assert np.mean(np.array(of)[likeness.argmax(axis=1)] == of) >= least


def test_a_fifth_of_the_parts_is_defective_and_each_kind_is_met(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The share of the source, 126 of 593; sound parts are never damaged, and the three views show one part."""
    simulate = load_function(CODE, "simulate")
    seen: list[Part] = []
    damaged: list[tuple[Defect, Part]] = []

    def taken(part: Part, lamp: float, rng: np.random.Generator) -> NDArray[np.uint8]:
        seen.append(part)
        return np.zeros((2, 2), np.uint8)

    def hurt(part: Part, defect: Defect, rng: np.random.Generator) -> Part:
        damaged.append((defect, damage(part, defect, rng)))
        return damaged[-1][1]

    monkeypatch.setitem(simulate.__globals__, "picture", taken)
    monkeypatch.setitem(simulate.__globals__, "damage", hurt)
    simulate(tmp_path, 0, None, 480)
    names = {side: sorted(p.stem for p in (tmp_path / side).iterdir()) for side in ("defective", "non-defective")}
    assert len(names["defective"]) + len(names["non-defective"]) == len(seen) == 480
    assert len(names["defective"]) / 480 == pytest.approx(126 / 593, abs=0.005)
    assert len(damaged) == len(names["defective"]) / 3
    assert set(Counter(id(part) for part in seen).values()) == {3}
    assert sum(any(part is bad for _, bad in damaged) for part in seen) == len(names["defective"])
    kinds = Counter(defect for defect, _ in damaged)
    assert set(kinds) == set(DEFECTS)
    assert max(kinds.values()) - min(kinds.values()) <= 3
    # no category is without
    assert len({name.partition("_")[0] for name in names["defective"]}) == len(FINISHES)


def test_the_seed_decides() -> None:
    def made(seed: int) -> tuple[Field, Field, NDArray[np.uint8]]:
        rng = np.random.default_rng(seed)
        part = damage(draw_part(FINISHES["ground"], rng), "crack", rng)
        return part.height, part.reflects, picture(part, 0.0, rng)

    for one, again, other in zip(made(3), made(3), made(4), strict=True):
        assert np.array_equal(one, again)
        assert not np.array_equal(one, other)
