"""Motor: each fault makes its own orders along its own axes, and motor, load and mounting change what is measured."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import welch

from faultboard.declare.code import load_function
from faultboard.simulation.motor import Motor, Running, clock, counts, draw_motor, vibration
from support.repository import REPOSITORY

Wave = NDArray[np.float64]

CODE = REPOSITORY / "datasets" / "soon_pemp.py"
RATE, SECONDS, LINE = 2000.0, 16.0, 25.0
FAULTS = {
    "unbalance": Running(imbalance=0.05),
    "misalignment": Running(misalignment=0.05),
    "looseness": Running(looseness=0.1),
    "electrical": Running(resistor=150.0),
}
# orders of the shaft, and of the line
LINES = [
    ("unbalance", 1.0, 0.0), ("misalignment", 2.0, 0.0), ("looseness", 0.5, 0.0), ("looseness", 1.5, 0.0),
    ("looseness", 2.5, 0.0), ("looseness", 3.5, 0.0), ("electrical", 0.0, 2.0),
]  # fmt: skip


def drawn(seed: int) -> Motor:
    """Motor that no unbalance and no hum were left in: what stands out is the fault's."""
    return replace(draw_motor(np.random.default_rng(seed), LINE), rest=0.0, field=0.0)


def free(motor: Motor) -> Motor:
    """The motor without base or noise: forces are measured as they are made."""
    none = np.zeros((0, 3))
    return replace(motor, modes=np.zeros((0, 2)), shapes=none, drives=none, noise=0.0)


def run(motor: Motor, running: Running, seed: int = 0) -> Wave:
    return vibration(motor, running, SECONDS, RATE, np.random.default_rng(seed))


def lines(wave: Wave) -> tuple[Wave, Wave]:
    """Frequencies, and amplitudes of each axis, (n, 3)."""
    window = np.hanning(len(wave))[:, None]
    spectrum = 2 * abs(np.fft.rfft((wave - wave.mean(axis=0)) * window, axis=0)) / window.sum()
    return np.fft.rfftfreq(len(wave), 1 / RATE), spectrum


def peak(wave: Wave, at: float, within: float) -> tuple[float, float]:
    """Frequency of the highest line about a place, over all axes, and how far it stands out."""
    frequency, axes = lines(wave)
    heights = np.linalg.norm(axes, axis=1)
    near = abs(frequency - at) < within
    best = heights[near].argmax()
    return float(frequency[near][best]), float(heights[near][best] / np.median(heights[near]))


def amplitude(wave: Wave, at: float) -> Wave:
    """Amplitude of a line along each axis, (3,)."""
    frequency, axes = lines(wave)
    found: Wave = axes[abs(frequency - at) < 0.3].max(axis=0)
    return found


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("fault", "of_shaft", "of_line"), LINES)
def test_a_fault_makes_its_order_and_nothing_makes_it_without(
    fault: str, of_shaft: float, of_line: float, seed: int
) -> None:
    motor = drawn(seed)
    expected = of_shaft * motor.shaft() + of_line * LINE
    found, height = peak(run(motor, FAULTS[fault]), expected, 0.2 * motor.shaft())
    assert found == pytest.approx(expected, rel=0.01)
    assert height > 10
    assert peak(run(motor, Running()), expected, 0.2 * motor.shaft())[1] < 7


@pytest.mark.parametrize("seed", range(3))
def test_twice_the_line_is_not_the_fourth_order(seed: int) -> None:
    """Slip parts them by less than a hertz: a motor that ran in step with its field would hide the difference."""
    motor = drawn(seed)
    found, _ = peak(run(motor, FAULTS["electrical"]), 2 * LINE, 2.0)
    assert abs(found - 2 * LINE) < 0.1 < 0.3 < 2 * LINE - 4 * motor.shaft()


def test_a_fault_raises_its_own_lines_alone() -> None:
    motor = free(drawn(0))
    places = {fault: of_shaft * motor.shaft() + of_line * LINE for fault, of_shaft, of_line in LINES}
    for fault, running in FAULTS.items():
        found = {other: np.linalg.norm(amplitude(run(motor, running), at)) for other, at in places.items()}
        own = found.pop(fault)
        # a coupling out of line has some of order 1 along the axis
        limit = 0.5 if fault == "misalignment" else 0.01
        assert max(found.values()) < limit * own, fault


@pytest.mark.parametrize("fault", FAULTS)
def test_a_line_grows_with_its_fault(fault: str) -> None:
    motor, running = free(drawn(1)), FAULTS[fault]
    at = next(of_shaft * motor.shaft() + of_line * LINE for name, of_shaft, of_line in LINES if name == fault)
    if fault == "electrical":
        # symmetrical components: the backward field is R / (3 Z + R) of the forward one
        share = [ohm / (3 * motor.impedance + ohm) for ohm in (150.0, 50.0)]
        less, expected = Running(resistor=50.0), share[0] / share[1]
    else:
        name = {"unbalance": "imbalance"}.get(fault, fault)
        less, expected = Running(**{name: 0.2 * getattr(running, name)}), 5.0
    high, low = (np.linalg.norm(amplitude(run(motor, r), at)) for r in (running, less))
    assert high / low == pytest.approx(expected, rel=0.01)


def test_forces_pull_along_their_axes() -> None:
    motor = free(drawn(2))
    shaft = motor.shaft()
    across, along, upright = amplitude(run(motor, FAULTS["unbalance"]), shaft)
    assert across == pytest.approx(upright, rel=0.01)
    assert along < 0.01 * across
    across, along, upright = amplitude(run(motor, FAULTS["looseness"]), 0.5 * shaft)
    assert upright > 2 * across > 2 * along
    across, along, upright = amplitude(run(motor, FAULTS["misalignment"]), 2 * shaft)
    assert min(across, along, upright) > 0.3 * across
    # of order 1, a coupling out of line pulls along the shaft alone
    across, along, upright = amplitude(run(motor, FAULTS["misalignment"]), shaft)
    assert along > 50 * max(across, upright)
    across, along, upright = amplitude(run(motor, FAULTS["electrical"]), 2 * LINE)
    assert across > upright > 50 * along


def test_unbalance_turns_with_the_rotor() -> None:
    """A quarter of a turn between two axes at right angles, which no shaking to and fro has."""
    wave = run(free(drawn(0)), FAULTS["unbalance"])
    turning = wave[:, 0] + 1j * wave[:, 2]
    spectrum = abs(np.fft.fft(turning * np.hanning(len(turning))))
    frequency = np.fft.fftfreq(len(turning), 1 / RATE)
    forward, backward = (spectrum[sign * frequency > 1].max() for sign in (1, -1))
    assert forward > 100 * backward


def test_unbalance_grows_with_the_square_of_the_speed() -> None:
    slow = free(drawn(0))
    fast = replace(slow, line=2 * LINE)
    heights = [amplitude(run(m, FAULTS["unbalance"]), m.shaft())[0] for m in (slow, fast)]
    # the sensor's own filter takes next to nothing at 25 Hz
    assert heights[1] / heights[0] == pytest.approx(4, rel=0.01)


def test_load_slows_the_shaft_and_loads_the_field() -> None:
    motor = free(drawn(0))
    resting, loaded = (replace(FAULTS["electrical"], imbalance=0.05, load=load) for load in (0.0, 0.5))
    slower = LINE / 2 * (1 - motor.slip[0] - 0.5 * motor.slip[1])
    assert peak(run(motor, loaded), slower, 1.0)[0] == pytest.approx(slower, rel=0.003)
    assert motor.shaft() - slower > 0.2
    torque = [amplitude(run(motor, r), 2 * LINE)[0] for r in (resting, loaded)]
    assert torque[1] / torque[0] == pytest.approx(1.5, rel=0.01)


@pytest.mark.parametrize("damping", [0.02, 0.05])
@pytest.mark.parametrize("centre", [40.0, 150.0])
def test_a_mode_rings_where_it_is_and_as_high_as_its_damping_lets_it(centre: float, damping: float) -> None:
    """One mode across: noise peaks at it, and a force at its frequency is magnified by 1 / (2 damping)."""
    across = np.array([[1.0, 0.0, 0.0]])
    modal = replace(
        free(drawn(0)), noise=0.01, modes=np.array([[centre, damping]]), shapes=across, drives=across, line=centre / 2
    )
    wave = vibration(modal, Running(), 64, RATE, np.random.default_rng(0))
    frequency, power = welch(wave, RATE, nperseg=8192, axis=0)
    assert frequency[power[:, 0].argmax()] == pytest.approx(centre, rel=0.02)
    assert power[:, 0].max() > 20 * power[:, 2].max()
    quiet = replace(modal, noise=0.0, bars=0.0)
    stiff = free(quiet)
    with_mode, without = (amplitude(run(m, Running(resistor=150.0)), centre)[0] for m in (quiet, stiff))
    assert with_mode / without == pytest.approx(1 / (2 * damping), rel=0.05)


def test_two_motors_answer_the_same_fault_differently() -> None:
    """Gain along each axis and at each order: the path is the unit's own."""
    answers = []
    for seed in range(6):
        motor = drawn(seed)
        loose, bare = (run(m, FAULTS["looseness"]) for m in (replace(motor, noise=0.0), free(motor)))
        at = [order * motor.shaft() for order in (0.5, 1.5, 2.5, 3.5)]
        answers.append([np.linalg.norm(amplitude(loose, f)) / np.linalg.norm(amplitude(bare, f)) for f in at])
    gains = np.array(answers)
    # below all modes the motor moves as a whole, near them no two move alike
    assert gains[:, 0].std() < 0.1
    assert gains[:, 3].max() > 2 * gains[:, 3].min()
    assert len({round(draw_motor(np.random.default_rng(seed), LINE).shaft(), 3) for seed in range(6)}) == 6


def test_a_turned_sensor_sees_the_same_on_other_axes() -> None:
    wave = run(drawn(0), FAULTS["unbalance"])
    axes = load_function(CODE, "_axes")
    upright, turned = (
        counts(wave, axes(rotated, np.random.default_rng(1)), 16_384, np.random.default_rng(2)).astype(float)
        for rotated in (False, True)
    )
    # gravity goes with the upright axis, and each axis carries its own vibration along
    assert upright.mean(axis=0)[2] == pytest.approx(16_384, rel=0.01)
    assert turned.mean(axis=0)[1] == pytest.approx(16_384, rel=0.01)
    for before, after, sign in ((0, 0, 1), (2, 1, 1), (1, 2, -1)):
        assert np.corrcoef(upright[:, before], sign * turned[:, after])[0, 1] > 0.9


def test_counts_are_the_acceleration_in_steps() -> None:
    wave = np.zeros((4000, 3))
    wave[:, 0] = np.linspace(-0.5, 0.5, 4000)
    read = counts(wave, np.eye(3), 16_384, np.random.default_rng(0))
    assert np.abs(read[:, 0] / 16_384 - wave[:, 0]).max() < 0.03  # four times the noise of 6.5 mg
    assert read[:, 1].std() == pytest.approx(16_384 * 4e-4 * np.sqrt(266), rel=0.05)
    assert counts(wave + 9, np.eye(3), 16_384, np.random.default_rng(0)).max() == 32_767


def test_a_motor_beside_is_heard_weaker_and_from_the_side() -> None:
    acceleration = load_function(CODE, "_acceleration")
    tested, beside = load_function(CODE, "motors")(0)
    t = np.arange(0, SECONDS, 1 / RATE)
    facts = {"imbalance": "no", "resistor_ohm": "", "load_nm": "0"}
    waves = {b: acceleration(facts | {"background": b}, tested, beside, t, np.random.default_rng(5)) for b in
             ("none", "imbalanced")}  # fmt: skip
    # both hang on one line, so that their slips alone tell them apart
    heard = waves["imbalanced"] - waves["none"]
    found, height = peak(heard, beside.shaft(), 0.3)
    assert found == pytest.approx(beside.shaft(), rel=0.003)
    assert height > 5
    assert abs(beside.shaft() - tested.shaft()) > 0.02
    near = run(beside, Running(imbalance=0.035))
    assert np.linalg.norm(amplitude(heard, beside.shaft())) < 0.5 * np.linalg.norm(amplitude(near, beside.shaft()))


def test_the_seed_decides() -> None:
    def made(seed: int) -> tuple[Wave, NDArray[np.int64], NDArray[np.int32]]:
        rng = np.random.default_rng(seed)
        wave = vibration(draw_motor(rng, LINE), FAULTS["looseness"], 1.0, RATE, rng)
        return wave, clock(len(wave), rng), counts(wave, np.eye(3), 16_384, rng)

    for one, again, other in zip(made(3), made(3), made(4), strict=True):
        assert np.array_equal(one, again)
        assert not np.array_equal(one, other)
