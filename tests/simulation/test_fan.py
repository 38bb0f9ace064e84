"""Fans: clogging and a drop of the voltage change what they should, and the factory is as loud as it is said to be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import welch

from faultboard.declare.code import load_function
from faultboard.simulation.fan import Fan, State, sound
from support.repository import REPOSITORY

CODE = REPOSITORY / "datasets" / "mimii_fan.py"
RATE = 16_000
MACHINES = ("id_00", "id_02", "id_04", "id_06")


def bare(machine: str) -> Fan:
    """Fan without the resonances that colour tone and noise alike."""
    fan = load_function(CODE, "units")(0)[machine]
    return Fan(**{**vars(fan), "resonances": np.zeros((0, 3))})


def spectrum(fan: Fan, state: State) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    wave = sound(fan, state, 16 * RATE, RATE, np.random.default_rng(0))
    frequency, power = welch(wave, RATE, nperseg=2 * RATE)
    return frequency, power


@pytest.mark.parametrize("machine", MACHINES)
def test_a_clogged_fan_has_weaker_tones_and_louder_eddies(machine: str) -> None:
    fan = bare(machine)
    frequency, sound_fan = spectrum(fan, State())
    _, clogged = spectrum(fan, State(clogging=1.0))
    tone = abs(frequency - fan.blade_pass()) < 2
    # the load on the blades, and with it their pressure, is halved: a quarter of the power
    assert clogged[tone].max() / sound_fan[tone].max() == pytest.approx(0.25, rel=0.3)
    low, high = (frequency > 25) & (frequency < 60), (frequency > 4000) & (frequency < 7000)
    assert np.median(clogged[low]) > 3 * np.median(sound_fan[low])
    assert np.median(clogged[high]) < 1.5 * np.median(sound_fan[high])


@pytest.mark.parametrize("machine", MACHINES)
def test_stalled_cells_run_round_at_half_the_speed_of_the_blades(machine: str) -> None:
    fan = bare(machine)
    slow = []
    for clogging in (0.0, 1.0):
        wave = sound(fan, State(clogging=clogging), 16 * RATE, RATE, np.random.default_rng(0))
        frequency, power = welch(wave**2 - np.mean(wave**2), RATE, nperseg=4 * RATE)
        band = (frequency > 0.3 * fan.shaft) & (frequency < 0.7 * fan.shaft)
        slow.append((frequency[band][power[band].argmax()], power[band].max() / np.median(power[band])))
    assert 0.39 * fan.shaft < slow[1][0] < 0.61 * fan.shaft
    assert slow[1][1] > 4 * slow[0][1]


@pytest.mark.parametrize("severity", [0.25, 1.0])
def test_a_drop_of_the_voltage_slows_the_fan(severity: float) -> None:
    class Drawn:
        """Stands in for the random numbers: a nominal fan, and a fault of this severity."""

        def uniform(self, low: float, high: float) -> float:
            return severity if (low, high) == (0.25, 1.0) else (low + high) / 2

    fan, state = bare("id_00"), load_function(CODE, "_faulty")(Drawn(), 3)
    frequency, power = spectrum(fan, state)
    expected = fan.blade_pass() * (1 - 0.2 * severity)
    near = abs(frequency - expected) < 10
    assert frequency[near][power[near].argmax()] == pytest.approx(expected, rel=0.005)


@pytest.mark.parametrize("snr", [6, 0, -6])
def test_the_factory_is_as_loud_as_it_is_said_to_be(tmp_path: Path, snr: int) -> None:
    simulate, read = load_function(CODE, "simulate"), load_function(CODE, "read")
    clips = {}
    for name, decibels in (("alone", 200), ("mixed", snr)):
        (tmp_path / name).mkdir()
        simulate(tmp_path / name, 5, 1.0, 24, decibels)
        clips[name] = {r.id: r.load().astype(float) for r in read(tmp_path / name)}
    for machine in MACHINES:
        own = [i for i in clips["alone"] if machine in i]
        fan = np.mean([np.square(clips["alone"][i]) for i in own])
        factory = np.mean([np.square(clips["mixed"][i] - clips["alone"][i]) for i in own])
        assert 10 * np.log10(fan / factory) == pytest.approx(snr, abs=0.5)
