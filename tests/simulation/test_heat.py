"""Heat and its camera: the plate solves its equation, a fault is hot where it is, the camera reads what is emitted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage, sparse
from scipy.sparse.linalg import spsolve
from scipy.special import k0

from faultboard.declare.code import load_function
from faultboard.simulation.heat import SHAPE, Fault, Field, Machine, Plate, draw_machine
from faultboard.simulation.thermal_camera import Camera, colours, draw_camera, picture
from support.repository import REPOSITORY

CODE = REPOSITORY / "datasets" / "thermal_bearings.py"
FAULTS: tuple[Fault, ...] = ("ball", "cage", "inner_race", "lack_of_lubrication", "outer_race")
STEPS = colours(np.arange(256) / 255)


def drawn(seed: int) -> Machine:
    return draw_machine(np.random.default_rng(seed))


def sheet(exchange: float) -> Machine:
    """The same steel all over the grid, so that formulas apply: no balls, no housing of another metal, no open air."""
    radii = np.array([0.005, 0.010, 0.010, 0.015])
    return replace(
        drawn(0), pixel=0.002, centre=np.array([30.0, 40.0]), radii=radii, housing=np.array([9.0, 9.0]),
        thickness=0.015, conductivity=45.0, exchange=exchange,
    )  # fmt: skip


def warm(machine: Machine, fault: Fault) -> Field:
    """Rise that a fault of 5 W adds in the end; conduction is linear, so friction is of no account."""
    return Plate(machine, 1e6).heat(5 * machine.source(fault), 6)


def polar(machine: Machine) -> tuple[Field, Field]:
    """Distance of each cell from the axis, in cells, and its angle from below."""
    row, column = np.indices(SHAPE) - machine.centre[:, None, None]
    return np.hypot(row, column), np.arctan2(column, row)


def test_a_hot_spot_falls_off_as_bessel_says() -> None:
    """A spot on a wide sheet that is cooled all over: P / (2 pi k d) K0(r / length) of the fin equation."""
    machine = sheet(4000.0)
    power = np.zeros(SHAPE)
    power[30, 40] = 5.0
    rise = Plate(machine, 1e6).heat(power, 6)
    through = machine.conductivity * machine.thickness
    length = np.sqrt(through / machine.exchange)
    radius = polar(machine)[0] * machine.pixel
    # beyond the grid's own coarseness, and before its edge is felt
    ring = (radius > 2 * machine.pixel) & (radius < 1.5 * length)
    expected = 5.0 / (2 * np.pi * through) * k0(radius[ring] / length)
    assert ring.sum() > 100
    assert rise[ring] == pytest.approx(expected, rel=0.04)


def test_it_warms_with_its_time_constant() -> None:
    """Heated evenly, nothing is conducted: an exponential of capacity over exchange."""
    machine = sheet(60.0)
    area = machine.pixel**2 * np.prod(SHAPE)
    constant = 3.7e6 * machine.thickness / machine.exchange
    plate = Plate(machine, constant / 500)
    power = np.full(SHAPE, 20.0 / np.prod(SHAPE))
    for steps in (250, 500, 1000):
        expected = 20.0 / (machine.exchange * area) * (1 - np.exp(-steps / 500))
        assert plate.heat(power, steps).mean() == pytest.approx(expected, rel=0.002)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_made_is_stored_or_leaves_at_every_step(fault: Fault, seed: int) -> None:
    machine = drawn(seed)
    plate, rise = Plate(machine, 60.0), np.zeros(SHAPE)
    for _ in range(4):
        later = plate.heat(5 * machine.source(fault), 1, rise)
        assert plate.stored(later) - plate.stored(rise) == pytest.approx(60 * (5 - plate.leaving(later)), rel=1e-9)
        assert (later >= rise - 1e-9).all()
        rise = later


@pytest.mark.parametrize("fault", FAULTS)
def test_the_end_is_that_of_another_solver(fault: Fault) -> None:
    """The steady state, with heat between two cells written out by hand: two half cells in series."""
    machine = drawn(1)
    parts = machine.parts()
    solid = np.logical_or.reduce([*parts.values()])
    k = np.where(parts["balls"], 1.5, np.where(parts["housing"], machine.conductivity, 45.0)) * machine.thickness
    leaves = np.where(solid, machine.exchange, 5e3) * machine.pixel**2
    matrix = sparse.lil_matrix((k.size, k.size))
    for row, column in np.ndindex(SHAPE):
        cell = row * SHAPE[1] + column
        matrix[cell, cell] += leaves[row, column]
        for down, right in ((0, 1), (1, 0)):
            y, x = row + down, column + right
            if y < SHAPE[0] and x < SHAPE[1] and solid[row, column] and solid[y, x]:
                other = y * SHAPE[1] + x
                flow = 1 / (0.5 / k[row, column] + 0.5 / k[y, x])
                matrix[cell, cell] += flow
                matrix[other, other] += flow
                matrix[cell, other] -= flow
                matrix[other, cell] -= flow
    expected = spsolve(matrix.tocsr(), 5 * machine.source(fault).ravel()).reshape(SHAPE)
    found = warm(machine, fault)
    assert np.abs(found - expected).max() < 1e-6 * expected.max()
    # the air between machine and edge stays at ambient
    assert found[~solid].max() < 1e-9


@pytest.mark.parametrize("seed", range(4))
def test_the_hottest_place_is_that_of_the_fault(seed: int) -> None:
    machine = drawn(seed)
    radius, angle = polar(machine)
    _, inner, outer, _ = machine.radii / machine.pixel
    at = {fault: np.unravel_index(warm(machine, fault).argmax(), SHAPE) for fault in FAULTS}
    assert abs(radius[at["inner_race"]] - inner) < 1.5
    assert abs(radius[at["outer_race"]] - outer) < 1.5
    # a damaged outer race stands still in the load zone
    assert abs(angle[at["outer_race"]] - machine.load) < 0.5
    assert inner < radius[at["ball"]] < outer
    assert abs(radius[at["cage"]] - (0.7 * inner + 0.3 * outer)) < 1.5
    assert inner - 1.5 < radius[at["lack_of_lubrication"]] < outer + 1.5


def test_a_turning_part_is_hot_all_round_and_a_standing_one_on_its_side() -> None:
    machine = drawn(0)
    _, angle = polar(machine)
    loaded, away = abs(angle - machine.load) < 0.5, abs(angle - machine.load) > np.pi - 0.5

    def lean(fault: Fault) -> float:
        power = machine.source(fault)
        return float(power[loaded].sum() / max(power[away].sum(), 1e-12))

    for fault in ("inner_race", "ball", "cage"):
        assert lean(fault) == pytest.approx(1, abs=0.35)
    assert lean("outer_race") > 1e6
    # a sound bearing leans on its load zone, and the less so without lubricant
    assert 1.2 < lean("lack_of_lubrication") < lean("healthy") < 10


def test_no_two_faults_heat_alike() -> None:
    machine = drawn(0)
    shapes = {fault: warm(machine, fault).ravel() for fault in (*FAULTS, "healthy")}
    for one, a in shapes.items():
        for other, b in shapes.items():
            if one < other:
                assert np.linalg.norm(a / a.sum() - b / b.sum()) > 0.02 * np.linalg.norm(a / a.sum()), (one, other)


def test_a_machine_that_stands_straight_is_warm_on_both_sides_alike() -> None:
    machine = replace(drawn(0), centre=np.array([27.0, 39.5]), load=0.0)
    for fault in ("healthy", "lack_of_lubrication", "outer_race"):
        rise = warm(machine, fault)
        assert np.abs(rise - rise[:, ::-1]).max() < 1e-9 * rise.max()
    # a load from the side is seen
    rise = warm(replace(machine, load=0.4), "outer_race")
    assert rise[:, 40:].sum() > 1.001 * rise[:, :40].sum()


def steps(pixels: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Which of the 256 colours each pixel has; a colour that the palette has not is a failure."""
    names, palette = (colour.astype(np.int64) @ [1 << 16, 1 << 8, 1] for colour in (pixels, STEPS))
    order = palette.argsort()
    found: NDArray[np.int64] = order[np.searchsorted(palette[order], names).clip(max=255)]
    assert np.array_equal(palette[found], names)
    return found


def kelvin(camera: Camera, pixels: NDArray[np.uint8]) -> Field:
    """Read temperatures back from false colours."""
    return camera.low + steps(pixels) / 255 * (camera.high - camera.low)


def steady(machine: Machine, **fields: float) -> Camera:
    """Camera that points straight, of no pattern and a fine range, in a room at 20 degrees."""
    camera = draw_camera(np.random.default_rng(0), 10)
    still = {"ambient": 20.0, "mirrored": 20.0, "low": 19.0, "high": 21.0, "offset": np.zeros(2)}
    return replace(camera, pattern=np.zeros(SHAPE), **(still | fields))


def test_a_colour_says_one_temperature_and_warmer_is_brighter() -> None:
    assert len(np.unique(STEPS, axis=0)) == 256
    luminance = STEPS.astype(float) @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(luminance) >= 0).all()
    levels = np.linspace(0, 1, 1001)
    assert np.abs(steps(colours(levels)) / 255 - levels).max() <= 0.5 / 255 + 1e-12
    assert np.array_equal(colours(np.array([-3.0, 4.0])), STEPS[[0, -1]])


def test_bare_metal_shows_the_room_and_paint_the_machine() -> None:
    """Apparent temperature of a part: emissivity of its own, and the rest of what it mirrors."""
    machine = replace(drawn(0), emissivity=np.array([0.95, 0.75, 0.40]))
    camera = steady(machine, mirrored=26.0, low=15.0, high=65.0)
    seen = kelvin(camera, picture(machine, camera, np.full(SHAPE, 40.0), 0.0, np.random.default_rng(0)))
    parts = machine.parts()
    rings = parts["inner"] | parts["balls"] | parts["outer"]
    for part, (where, emissivity) in {
        "shaft": (parts["shaft"], 0.40),
        "rings": (rings, 0.75),
        "housing": (parts["housing"], 0.95),
    }.items():
        mask = ndimage.binary_erosion(where, iterations=2)
        assert mask.any()
        large = ndimage.zoom(mask.astype(float), 2, order=0) > 0
        assert seen[large].mean() == pytest.approx(emissivity * 60 + (1 - emissivity) * 26, abs=0.5), part


def test_noise_is_new_each_time_and_a_pattern_is_not() -> None:
    """Of a scene of one temperature: what two pictures share is the pattern, what they do not is the noise."""
    machine = drawn(0)
    pattern = draw_camera(np.random.default_rng(1), 10).pattern
    camera = replace(steady(machine), pattern=pattern)
    rng = np.random.default_rng(2)
    shots = np.array([kelvin(camera, picture(machine, camera, np.zeros(SHAPE), 0.0, rng)) for _ in range(20)])
    # doubled by drawing lines between what was measured: weights f and 1 - f leave 2/3 of the power along either side
    assert shots.std(axis=0, ddof=1).mean() == pytest.approx(0.08 * 2 / 3, rel=0.1)
    left = shots.mean(axis=0) - 20.0
    expected = ndimage.zoom(pattern, 2, order=1)
    assert np.corrcoef(left.ravel(), expected.ravel())[0, 1] > 0.95
    # columns are read by amplifiers of their own
    assert left.mean(axis=0).std() > 2 * left.mean(axis=1).std()


def test_a_detector_that_drifts_reads_too_high_everywhere() -> None:
    machine = drawn(0)
    camera = steady(machine)
    true, drifted = (
        kelvin(camera, picture(machine, camera, np.zeros(SHAPE), drift, np.random.default_rng(0)))
        for drift in (0.0, 0.4)
    )
    assert (drifted - true) == pytest.approx(np.full(true.shape, 0.4), abs=0.01)


def test_a_camera_that_points_aside_moves_the_picture() -> None:
    machine = replace(drawn(0), emissivity=np.full(3, 0.93))
    rise = 10 * np.exp(-(polar(machine)[0] ** 2) / 50)
    middles = []
    for offset in (np.zeros(2), np.array([2.0, -3.0])):
        camera = replace(steady(machine, high=32.0), offset=offset)
        seen = kelvin(camera, picture(machine, camera, rise, 0.0, np.random.default_rng(0)))
        middles.append(np.array(ndimage.center_of_mass((seen - 21).clip(0))))
    assert (middles[1] - middles[0]) / 2 == pytest.approx([2, -3], abs=0.1)


def test_a_picture_shows_the_fault_where_it_is() -> None:
    """All the way: heat, camera, colours, and back to temperatures."""
    machine = replace(drawn(0), emissivity=np.full(3, 0.9))
    friction = machine.friction * warm(machine, "healthy") / 5
    for fault in ("inner_race", "outer_race"):
        rise = friction + machine.friction * warm(machine, fault) / 5
        camera = steady(machine, low=18.0, high=22.0 + rise.max())
        seen = kelvin(camera, picture(machine, camera, rise, 0.0, np.random.default_rng(0)))
        usual = kelvin(camera, picture(machine, camera, friction, 0.0, np.random.default_rng(0)))
        place = np.array(np.unravel_index((seen - usual).argmax(), seen.shape)) / 2 - machine.centre
        expected = machine.radii[{"inner_race": 1, "outer_race": 2}[fault]] / machine.pixel
        assert np.hypot(*place) == pytest.approx(expected, abs=2), fault


def test_sequences_warm_over_time(tmp_path: Path) -> None:
    """Each of the six classes, as generated: brighter from frame to frame, and more than the detector drifts."""
    load_function(CODE, "simulate")(tmp_path, 3, None, 48)
    sequences: dict[str, list[float]] = {}
    for path in sorted(tmp_path.rglob("*.png"), key=lambda p: p.name):
        sequences.setdefault(path.stem[:-4], []).append(steps(np.asarray(Image.open(path))).mean() / 255)
    assert len(sequences) == 6
    for levels in sequences.values():
        assert len(levels) == 8
        assert levels[-1] - levels[0] > 0.02
        assert np.corrcoef(np.arange(8), levels)[0, 1] > 0.7
        # as anything that nears its end: half of it comes early
        assert levels[4] - levels[0] > levels[-1] - levels[4]


def test_the_seed_decides() -> None:
    def made(seed: int) -> tuple[Field, NDArray[np.uint8]]:
        rng = np.random.default_rng(seed)
        machine = draw_machine(rng)
        rise = Plate(machine, 60.0).heat(machine.friction * machine.source("cage"), 5)
        return rise, picture(machine, draw_camera(rng, 20.0), rise, 0.1, rng)

    for one, again, other in zip(made(3), made(3), made(4), strict=True):
        assert np.array_equal(one, again)
        assert not np.array_equal(one, other)
