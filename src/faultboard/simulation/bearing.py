"""Vibration of a rolling bearing with a local defect.

A rolling element that passes a defect strikes it; the strike rings through the structure. The strikes
come at a frequency that geometry gives, are not quite periodic since the elements slip, and are as
strong as the load where they happen.

References
----------
.. [1] McFadden, Smith, Journal of Sound and Vibration 96 (1984) 69: load zone and transfer path.
.. [2] Antoni, Randall, Journal of Vibration and Acoustics 125 (2003) 282: random slip.
.. [3] Randall, Antoni, Mechanical Systems and Signal Processing 25 (2011) 485: kinematic frequencies.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.signal import fftconvolve

Signal = NDArray[np.float64]
Defect = Literal["inner", "outer", "ball"]


@dataclass(frozen=True)
class Geometry:
    """Geometry of a bearing.

    Attributes
    ----------
    elements : int
        Rolling elements a row.
    element_diameter, pitch_diameter : float
        In one unit of length.
    contact_angle : float
        In radians.
    """

    elements: int
    element_diameter: float
    pitch_diameter: float
    contact_angle: float

    @property
    def _ratio(self) -> float:
        return self.element_diameter / self.pitch_diameter * float(np.cos(self.contact_angle))

    @property
    def cage(self) -> float:
        """Turns of the cage a turn of the shaft (FTF)."""
        return (1 - self._ratio) / 2

    def strikes(self, defect: Defect) -> float:
        """Strikes a turn of the shaft: BPFI, BPFO, or twice BSF, since a ball strikes both races."""
        if defect == "outer":
            return self.elements * self.cage
        if defect == "inner":
            return self.elements * (1 - self.cage)
        return self.pitch_diameter / self.element_diameter * (1 - self._ratio**2)


@dataclass(frozen=True)
class Structure:
    """What a strike rings through: the housing, the mounting and the sensor of one machine.

    Attributes
    ----------
    resonances : (n,) Hz
    damping : (n,) share of critical
    gains : (n,)
        How strongly each resonance answers.
    """

    resonances: Signal
    damping: Signal
    gains: Signal

    @classmethod
    def drawn(cls, rng: np.random.Generator, rate: float) -> Structure:
        """Draw a structure: three resonances between 5 and 35 % of the rate, lightly damped."""
        return cls(rng.uniform(0.05, 0.35, 3) * rate, rng.uniform(0.01, 0.05, 3), rng.uniform(0.3, 1.0, 3))

    def remounted(self, rng: np.random.Generator) -> Structure:
        """Take the machine apart and put it together: joints move resonances by some per cent, damping by more."""
        return Structure(
            self.resonances * (1 + 0.03 * rng.standard_normal(len(self.resonances))),
            self.damping * np.exp(0.2 * rng.standard_normal(len(self.damping))),
            self.gains * np.exp(0.2 * rng.standard_normal(len(self.gains))),
        )

    def response(self, rate: float) -> Signal:
        """Answer to one strike, of unit energy, until it has died away (at most 0.1 s)."""
        t = np.arange(int(0.1 * rate)) / rate
        omega = 2 * np.pi * self.resonances[:, None]
        rings = self.gains[:, None] * np.exp(-self.damping[:, None] * omega * t) * np.sin(omega * t)
        answer: Signal = rings.sum(0)
        return answer / float(np.sqrt((answer**2).sum()))

    def through(self, force: Signal, rate: float) -> Signal:
        """Send a force (length,) at the bearing to the sensor; white noise keeps its power."""
        return np.asarray(fftconvolve(force, self.response(rate))[: len(force)])


def defect_signal(
    geometry: Geometry,
    defect: Defect,
    structure: Structure,
    shaft_hz: float,
    seconds: float,
    rate: float,
    rng: np.random.Generator,
    slip: float = 0.01,
) -> Signal:
    """Vibration that a local defect makes, of unit mean strike.

    Parameters
    ----------
    shaft_hz : float
        Turns a second.
    slip : float
        Standard deviation of the time between strikes, as a share of it.

    Returns
    -------
    (seconds * rate,) float64
        An outer-race defect stands still in the load zone; an inner-race defect goes round with the shaft,
        and a ball's with the cage, so that their strikes swell and fade with these turns.
    """
    samples = round(seconds * rate)
    frequency = geometry.strikes(defect) * shaft_hz
    count = int(seconds * frequency * 1.2) + 4
    steps = (1 + slip * rng.standard_normal(count)) / frequency
    times = rng.uniform(0, 1 / frequency) + np.cumsum(steps)
    times = times[times < seconds]
    turning = {"outer": 0.0, "inner": shaft_hz, "ball": geometry.cage * shaft_hz}[defect]
    strength = load_zone(2 * np.pi * (turning * times + rng.uniform())) if turning else np.ones_like(times)
    strength = strength * (1 + 0.1 * rng.standard_normal(len(times)))
    strikes = np.zeros(samples)
    np.add.at(strikes, np.minimum((times * rate).astype(np.int64), samples - 1), strength)
    return structure.through(strikes, rate)


def load_zone(angle: Signal, half_width: float = np.pi / 2) -> Signal:
    """Stribeck's load distribution: strongest below the shaft (angle 0), nothing outside the zone."""
    clearance = np.cos(half_width)
    return np.asarray(np.maximum((np.cos(angle) - clearance) / (1 - clearance), 0) ** 1.5)


def shaft_harmonics(
    shaft_hz: float, amplitudes: Signal, seconds: float, rate: float, rng: np.random.Generator
) -> Signal:
    """Tones at whole multiples of the shaft's speed: unbalance (1x), misalignment (2x) and above."""
    t = np.arange(round(seconds * rate)) / rate
    orders = np.arange(1, len(amplitudes) + 1)[:, None]
    phases = rng.uniform(0, 2 * np.pi, len(amplitudes))[:, None]
    return np.asarray((amplitudes[:, None] * np.sin(2 * np.pi * orders * shaft_hz * t + phases)).sum(0))


def coloured_noise(samples: int, slope: float, rng: np.random.Generator) -> Signal:
    """Gaussian noise of unit deviation whose power falls as frequency to the ``slope``."""
    spectrum = np.fft.rfft(rng.standard_normal(samples))
    frequency = np.maximum(np.arange(len(spectrum)), 1)
    noise = np.fft.irfft(spectrum * frequency ** (-slope / 2), samples)
    return np.asarray(noise / noise.std())
