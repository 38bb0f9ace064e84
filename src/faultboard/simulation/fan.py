"""Sound of an axial fan in a factory, at an array of microphones.

What is modelled, each part with the mechanism behind it:

- **blade-pass tones**: `blades` x shaft frequency and its harmonics, from the steady load on the blades; blades are
  never quite alike, which adds weak tones at the other orders of the shaft [1]_.
- **broadband noise** of turbulent flow over the blades: wide, falling with frequency, and swelling a little with each
  blade that passes [1]_.
- **duct, casing and room**: resonances of the unit, which colour tones and noise alike.
- **speed**: sound power grows with about the fifth power of the speed, pressure with 2.5 [2]_.
- **array**: eight microphones on a small circle; the fan reaches each by its own delay and gain, the factory comes
  from several directions [3]_.

Faults are those that the source of the MIMII data names: imbalance, clogging, change of voltage, and the rattle of a
loose part [3]_. Nothing here was fitted to recordings, and severities were not chosen by any model's score.

References
----------
.. [1] I. J. Sharland, "Sources of noise in axial flow fans", Journal of Sound and Vibration 1(3), 302-322, 1964.
.. [2] D. A. Bies, C. H. Hansen, C. Q. Howard, "Engineering Noise Control", CRC Press: sound power of fans.
.. [3] H. Purohit et al., "MIMII Dataset", DCASE 2019, arXiv:1909.09347.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Wave = NDArray[np.float64]
Shape = Callable[[Wave], Wave]

MICROPHONES = 8
_RADIUS = 0.034  # m, of the circle of microphones
_SPEED_OF_SOUND = 343.0  # m/s
_PRESSURE_LAW = 2.5
# a delay wraps round in the frequency domain, and filters ring: what is cut off at both ends hides it
_MARGIN = 512


@dataclass(frozen=True)
class Fan:
    """One fan where it stands: what differs from unit to unit.

    Attributes
    ----------
    blades : int
        Number of blades.
    shaft : float
        Nominal speed in Hz.
    tones : (n,) float
        Pressure of the blade-pass tone and its harmonics, against broadband noise of 1.
    orders : (n,) float
        Pressure of the first orders of the shaft: blades that are not quite alike.
    knee : float
        Frequency in Hz above which the broadband noise falls.
    resonances : (n, 3) float
        Frequency in Hz, quality and height of each resonance of duct, casing and room.
    casing : (n, 2) float
        Frequency in Hz and decay time in s of what a loose part sets ringing.
    gains : (MICROPHONES,) float
        Sensitivity of each microphone.
    bearing : float
        Direction in which the fan stands from the array, in radians.
    level : float
        Pressure at the array, 1 being full scale of the recording.
    """

    blades: int
    shaft: float
    tones: Wave
    orders: Wave
    knee: float
    resonances: Wave
    casing: Wave
    gains: Wave
    bearing: float
    level: float

    def blade_pass(self, speed: float = 1.0) -> float:
        """Blade-pass frequency in Hz at a share of the nominal speed."""
        return self.blades * self.shaft * speed


@dataclass(frozen=True)
class State:
    """How a fan runs during one clip; all faults at 0 is a sound fan.

    Attributes
    ----------
    speed : float
        Share of the nominal speed. A drop of the voltage lowers it.
    imbalance, rattle, clogging : float
        Severity, 0 (none) to 1 (severe).
    """

    speed: float = 1.0
    imbalance: float = 0.0
    rattle: float = 0.0
    clogging: float = 0.0


def draw_fan(rng: np.random.Generator, blades: int) -> Fan:
    """Draw a unit with a given number of blades."""
    heights = 10 ** (rng.uniform(-4, 4, 6) / 20)
    count = int(rng.integers(5, 9))
    spread = np.geomspace(120, 6000, count) * rng.uniform(0.8, 1.25, count)
    return Fan(
        blades=blades,
        shaft=float(rng.uniform(20, 32)),
        tones=1.2 * heights / np.arange(1, 7) ** rng.uniform(0.9, 1.5),
        orders=0.15 * rng.uniform(0.3, 1.0, 5),
        knee=float(rng.uniform(400, 1200)),
        resonances=np.stack([spread, rng.uniform(4, 20, count), rng.uniform(0.5, 3.0, count)], axis=1),
        casing=np.stack([rng.uniform(900, 5000, 3), rng.uniform(0.004, 0.015, 3)], axis=1),
        gains=10 ** (rng.uniform(-1.5, 1.5, MICROPHONES) / 20),
        bearing=float(rng.uniform(0, 2 * np.pi)),
        level=float(rng.uniform(0.02, 0.05)),
    )


def sound(fan: Fan, state: State, length: int, rate: float, rng: np.random.Generator) -> Wave:
    """Pressure of the fan at the array, before microphones.

    Returns
    -------
    (length + margin,) float
        As `at_microphones` takes it.
    """
    total = length + 2 * _MARGIN
    turns = _turns(fan.shaft * state.speed, total, rate, rng)
    # an eccentric rotor changes the gap at the blade tips once a turn
    once = 1 + 0.6 * state.imbalance * np.cos(2 * np.pi * (turns + rng.uniform()))
    # stalled cells run round at about half the speed of the blades and choke the flow in turn
    stall = 1 + 0.5 * state.clogging * np.cos(2 * np.pi * (rng.uniform(0.4, 0.6) * turns + rng.uniform()))
    wave = _tones(fan, state, turns, rate, rng) * once
    wave += _broadband(fan, state, turns, rate, rng) * once * stall
    coloured = _coloured(wave, fan, rate)
    if state.rattle:
        coloured += state.rattle * _rattle(fan, turns, rate, rng)
    return coloured * (fan.level * float(state.speed**_PRESSURE_LAW))


def at_microphones(wave: Wave, bearing: float, rate: float) -> Wave:
    """Send a wave from one direction over the array: delays only, as from afar.

    Returns
    -------
    (length, MICROPHONES) float
        Without the margin.
    """
    half = 2 * np.pi * np.arange(MICROPHONES // 2) / MICROPHONES
    delays = -_RADIUS / _SPEED_OF_SOUND * np.cos(half - bearing)
    shift = np.exp(-2j * np.pi * np.fft.rfftfreq(len(wave), 1 / rate) * delays[:, None])
    # the microphone across the circle hears as much later as its opposite hears earlier
    spectra = np.fft.rfft(wave) * np.concatenate([shift, shift.conj()])
    heard: Wave = np.fft.irfft(spectra, len(wave), axis=1)[:, _MARGIN:-_MARGIN].T
    return heard


def factory(length: int, rate: float, rng: np.random.Generator) -> Wave:
    """Background of a factory: rumble from several directions, hum of other machines, now and then a clank.

    Returns
    -------
    (length, MICROPHONES) float
        Of mean power 1.
    """
    total = length + 2 * _MARGIN
    t = np.arange(total) / rate
    heard = np.zeros((length, MICROPHONES))
    for _ in range(3):
        wave = _shaped(rng, total, rate, lambda f: 1 / np.sqrt(1 + (f / 200) ** 2))
        wave /= wave.std()
        for frequency in rng.uniform(60, 900, 2):
            wave += 0.3 * np.cos(2 * np.pi * (frequency * t + rng.uniform()))
        if rng.random() < 0.5:
            start, pitch = rng.uniform(0, t[-1]), rng.uniform(500, 3500)
            after = np.clip(t - start, 0, None)
            wave += 3 * (t >= start) * np.exp(-after / 0.03) * np.sin(2 * np.pi * pitch * after)
        heard += at_microphones(wave, rng.uniform(0, 2 * np.pi), rate)
    heard /= np.sqrt(np.mean(heard**2))
    return heard


def _turns(shaft: float, total: int, rate: float, rng: np.random.Generator) -> Wave:
    """Turns of the shaft since the start; the load lets the speed wander by some tenths of a per cent."""
    t = np.arange(total) / rate
    wander = 0.002 * np.sin(2 * np.pi * (rng.uniform(0.2, 1.0) * t + rng.uniform()))
    turns: Wave = np.cumsum(shaft * (1 + wander)) / rate
    return turns + rng.uniform()


def _tones(fan: Fan, state: State, turns: Wave, rate: float, rng: np.random.Generator) -> Wave:
    """Blade-pass tones, and the orders of the shaft beside them."""
    # less flow, less load on the blades
    pressures = fan.tones * (1 - 0.5 * state.clogging)
    # the force of an imbalance grows with the square of the speed and sounds at the first order
    orders = fan.orders + 1.5 * state.imbalance * state.speed**2 * (np.arange(len(fan.orders)) == 0)
    each = [*zip(fan.blades * np.arange(1, len(pressures) + 1), pressures, strict=True)]
    each += [*zip(np.arange(1, len(orders) + 1), orders, strict=True)]
    wave = np.zeros_like(turns)
    for order, pressure in each:
        phase = rng.uniform()
        if order * fan.shaft * state.speed < 0.45 * rate:
            wave += pressure * np.cos(2 * np.pi * (order * turns + phase))
    return wave


def _broadband(fan: Fan, state: State, turns: Wave, rate: float, rng: np.random.Generator) -> Wave:
    knee = fan.knee * state.speed

    def fall(f: Wave) -> Wave:
        # separated flow makes large eddies: the noise grows where it is low
        return 1 / (1 + (f / knee) ** 2) ** 0.5 + 1.5 * state.clogging / (1 + (f / 150) ** 2)

    # scaled to 1 without the fault, so that a clogged fan is louder
    sane = float(np.sqrt(np.mean(1 / (1 + (np.fft.rfftfreq(len(turns), 1 / rate) / knee) ** 2))))
    swell: Wave = 1 + 0.2 * np.cos(2 * np.pi * fan.blades * turns)
    return _shaped(rng, len(turns), rate, fall) / sane * swell


def _shaped(rng: np.random.Generator, total: int, rate: float, shape: Shape) -> Wave:
    """White noise of power 1 under a spectral shape; no share below 20 Hz, which no microphone here records."""
    f: Wave = np.fft.rfftfreq(total, 1 / rate).astype(np.float64)
    wave: Wave = np.fft.irfft(np.fft.rfft(rng.standard_normal(total)) * shape(f) * (f > 20), total)
    return wave


def _coloured(wave: Wave, fan: Fan, rate: float) -> Wave:
    """Add what the resonances of duct, casing and room answer to a wave (two-pole band-passes, height at the peak)."""
    f = np.fft.rfftfreq(len(wave), 1 / rate)[1:]
    answer = np.ones(len(f) + 1, dtype=np.complex128)
    for centre, quality, height in fan.resonances:
        answer[1:] += height / (1 + 1j * quality * (f / centre - centre / f))
    coloured: Wave = np.fft.irfft(np.fft.rfft(wave) * answer, len(wave))
    return coloured


def _rattle(fan: Fan, turns: Wave, rate: float, rng: np.random.Generator) -> Wave:
    """Knocks of a loose part, about one a turn and never quite alike, each ringing in the casing."""
    knocks = np.zeros_like(turns)
    first, last = int(np.ceil(turns[0])), int(turns[-1])
    when = np.arange(first, last + 1) + 0.04 * rng.standard_normal(last + 1 - first)
    place = np.searchsorted(turns, when).clip(0, len(turns) - 1)
    np.add.at(knocks, place, rng.uniform(0.3, 1.0, len(place)))
    t = np.arange(round(0.08 * rate)) / rate
    ring = sum(np.exp(-t / decay) * np.sin(2 * np.pi * pitch * t) for pitch, decay in fan.casing)
    return 4 * np.convolve(knocks, np.asarray(ring))[: len(turns)]
