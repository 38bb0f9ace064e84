"""The physics: strikes come where the geometry puts them, and not without a defect."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import hilbert

from faultboard.declare.code import load_function
from faultboard.simulation.bearing import Geometry, Structure, coloured_noise, defect_signal, load_zone
from support.repository import REPOSITORY

# SKF 6205-2RS, the bearing whose multiples everybody knows
SKF_6205 = Geometry(9, 7.94, 39.04, 0.0)
RATE, SHAFT, SECONDS = 12_000.0, 29.95, 10.0
CODE = REPOSITORY / "datasets" / "polito_srb.py"
RIG_RATE = 20_480.0


def envelope_peak(signal: NDArray[np.float64], low: float, high: float, rate: float = RATE) -> tuple[float, float]:
    """Frequency of the highest line of the envelope spectrum in a band, and how far it stands out."""
    envelope = np.abs(hilbert(signal))
    spectrum = np.abs(np.fft.rfft((envelope - envelope.mean()) * np.hanning(len(signal))))
    frequency = np.fft.rfftfreq(len(signal), 1 / rate)
    inside = (frequency > low) & (frequency < high)
    best = int(np.argmax(spectrum * inside))
    return float(frequency[best]), float(spectrum[best] / np.median(spectrum[inside]))


@pytest.mark.parametrize(("defect", "multiple"), [("inner", 5.4152), ("outer", 3.5848), ("ball", 2 * 2.3567)])
def test_the_kinematic_multiples_are_those_of_the_catalogue(defect: str, multiple: float) -> None:
    assert SKF_6205.strikes(defect) == pytest.approx(multiple, rel=0.002)  # type: ignore[arg-type]
    assert SKF_6205.cage == pytest.approx(0.39828, rel=0.002)


@pytest.mark.parametrize("defect", ["inner", "outer", "ball"])
@pytest.mark.parametrize("seed", range(3))
def test_the_envelope_peaks_where_the_defect_strikes(defect: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    signal = defect_signal(SKF_6205, defect, Structure.drawn(rng, RATE), SHAFT, SECONDS, RATE, rng)  # type: ignore[arg-type]
    signal += 0.5 * signal.std() * coloured_noise(len(signal), 0.5, rng)
    expected = SKF_6205.strikes(defect) * SHAFT  # type: ignore[arg-type]
    # inside the first order, so that no sideband of shaft or cage can be met
    found, height = envelope_peak(signal, expected - 0.3 * SHAFT, expected + 0.3 * SHAFT)
    assert found == pytest.approx(expected, rel=0.01)
    assert height > 10


@pytest.mark.parametrize("defect", ["inner", "outer"])
@pytest.mark.parametrize("seed", range(3))
def test_with_the_defect_switched_off_the_peak_is_gone(defect: str, seed: int) -> None:
    """The same bearing, mounting, run and noise in the simulator, with the defect and without."""
    heights = {}
    for fault in (defect, "normal"):
        rig = Structure.drawn(np.random.default_rng([seed, 2]), RIG_RATE)
        bearing = load_function(CODE, "_mounted")(rig, np.random.default_rng([seed, 0]))
        rng = np.random.default_rng([seed, 1])
        wave = load_function(CODE, "_acceleration")(bearing, fault, 607, "124.8_0", SECONDS, rng)
        shaft = 607 / 60
        expected = bearing.geometry.strikes(defect) * shaft
        heights[fault] = envelope_peak(wave, expected - 0.3 * shaft, expected + 0.3 * shaft, RIG_RATE)[1]
    assert heights[defect] > 10
    assert heights["normal"] < 6


def test_an_inner_race_defect_swells_with_the_shaft_and_an_outer_does_not() -> None:
    shares = {}
    for defect in ("inner", "outer"):
        rng = np.random.default_rng(1)
        signal = defect_signal(SKF_6205, defect, Structure.drawn(rng, RATE), SHAFT, SECONDS, RATE, rng)  # type: ignore[arg-type]
        shares[defect] = envelope_peak(signal, SHAFT - 2, SHAFT + 2)[1]
    assert shares["inner"] > 5 * shares["outer"]


def test_there_is_no_load_above_the_shaft() -> None:
    assert load_zone(np.array([0.0, np.pi])).tolist() == [1.0, 0.0]


def test_noise_falls_as_it_should() -> None:
    noise = coloured_noise(1 << 16, 1.0, np.random.default_rng(0))
    power = np.abs(np.fft.rfft(noise))[1:] ** 2
    decades = [power[a:b].mean() for a, b in ((10, 100), (100, 1000), (1000, 10000))]
    assert np.diff(np.log10(decades)) == pytest.approx([-1, -1], abs=0.15)
