"""Vibration of a small induction motor on its base, and the three-axis sensor that records it.

What is modelled, each part with the mechanism behind it (orders are multiples of the shaft's frequency):

- **slip**: the rotor turns a little slower than the field, the more so under load.
- **unbalance**: a force of order 1 that turns with the rotor and grows with the square of the speed [1]_.
- **misalignment** to what the motor drives: order 2, radial and axial, with some of order 1 along the axis [1]_.
- **looseness**: a foot that lifts every other turn, so half orders 0.5, 1.5, 2.5 ..., upright above all [1]_.
- **field**: every motor hums at twice the line frequency. A resistor in series with one phase adds a field that turns
  backwards, of I2 / I1 = R / (3 Z + R) for a star without neutral, whose torque pulsates at twice the line frequency;
  unequal bars of the rotor modulate it at the pole-pass frequency, twice slip times line, which makes sidebands [2]_.
- **bearings and air**: broadband noise, swelling a little once a turn.
- **path**: modes of motor and base between these forces and the sensor; a second motor on the same base reaches the
  sensor by a path of its own, weaker and along other axes.
- **sensor**: gravity, direction of its axes, noise, whole counts, and a clock that is read in steps of 4 microseconds.

Nothing here was fitted to recordings, and severities were not chosen by any model's score.

References
----------
.. [1] R. B. Randall, "Vibration-based Condition Monitoring", Wiley, 2011.
.. [2] W. T. Thomson, M. Fenger, "Current signature analysis to detect induction motor faults", IEEE Industry
   Applications Magazine 7(4), 2001; symmetrical components: any text on electrical machines.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Wave = NDArray[np.float64]

# the path is applied in the frequency domain and wraps round: what is cut off at both ends hides it
_MARGIN = 1.0  # s
_FOOT = np.array([1.0, 0.6, 0.35, 0.2])  # of orders 0.5, 1.5, 2.5 and 3.5
_NOMINAL = 12.5  # Hz, speed at which forces of the rotor are given


@dataclass(frozen=True)
class Motor:
    """One motor where it stands. Forces are in the acceleration in g that they would give the free motor.

    Attributes
    ----------
    line : float
        Frequency of the supply in Hz.
    pole_pairs : int
        Of the winding.
    slip : (2,) float
        Without load, and what each N m adds.
    impedance : float
        Of one phase, in ohm: what a resistor in series is held against.
    rest : float
        Unbalance that the rotor was left with.
    field : float
        Pull at twice the line frequency of the sound motor.
    bars : float
        Depth of the modulation by unequal bars.
    noise : float
        Broadband force, root mean square.
    modes : (n, 2) float
        Frequency in Hz and damping ratio.
    shapes, drives : (n, 3) float
        How each mode moves the sensor along X (across), Y (along the shaft) and Z (upright), and how a force along
        these drives it.
    """

    line: float
    pole_pairs: int
    slip: Wave
    impedance: float
    rest: float
    field: float
    bars: float
    noise: float
    modes: Wave
    shapes: Wave
    drives: Wave

    def shaft(self, load: float = 0.0) -> float:
        """Speed in Hz under a load in N m."""
        return self.line / self.pole_pairs * (1 - self.slip_at(load))

    def slip_at(self, load: float) -> float:
        """Slip under a load in N m."""
        return float(self.slip[0] + self.slip[1] * load)


@dataclass(frozen=True)
class Running:
    """How a motor runs; all at 0 is a sound motor without load.

    Attributes
    ----------
    imbalance, misalignment, looseness : float
        Force of each.
    resistor : float
        In series with one phase, in ohm.
    load : float
        In N m.
    """

    imbalance: float = 0.0
    misalignment: float = 0.0
    looseness: float = 0.0
    resistor: float = 0.0
    load: float = 0.0


def draw_motor(rng: np.random.Generator, line: float, pole_pairs: int = 2) -> Motor:
    """Draw a motor and its base."""
    count = 6
    frequencies = np.geomspace(32, 240, count) * rng.uniform(0.88, 1.12, count)
    shapes = rng.normal(0, 1, (count, 3))
    shapes /= np.linalg.norm(shapes, axis=1, keepdims=True)
    # sensor and rotor are near each other on a stiff housing: they move nearly alike
    drives = shapes + rng.normal(0, 0.2, (count, 3))
    return Motor(
        line=line,
        pole_pairs=pole_pairs,
        slip=np.array([rng.uniform(0.012, 0.025), rng.uniform(0.04, 0.07)]),
        impedance=rng.uniform(120, 200),
        rest=rng.uniform(0.004, 0.010),
        field=rng.uniform(0.006, 0.012),
        bars=rng.uniform(0.1, 0.3),
        noise=rng.uniform(0.010, 0.020),
        modes=np.stack([frequencies, rng.uniform(0.02, 0.06, count)], axis=1),
        shapes=shapes,
        drives=drives,
    )


def vibration(motor: Motor, running: Running, seconds: float, rate: float, rng: np.random.Generator) -> Wave:
    """Acceleration at the sensor, without gravity.

    Parameters
    ----------
    rate : float
        At which it is computed, in Hz; many times what the sensor takes.

    Returns
    -------
    (length, 3) float
        In g, along X, Y and Z.
    """
    margin = round(_MARGIN * rate)
    total = round(seconds * rate) + 2 * margin
    turns = _turns(motor.shaft(running.load), total, rate, rng)
    force = _rotor(motor, running, turns, rng) + _field(motor, running, total, rate, rng)
    swell = 1 + 0.2 * np.cos(2 * np.pi * turns)
    force += motor.noise * (1 + 0.4 * running.load) * swell * rng.standard_normal((3, total)) * _white(rate)
    return _through(motor, force, rate)[:, margin:-margin].T


def clock(count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Time stamps of a logger that polls its sensor: steps of 1,776 to 1,932 microseconds, their median 1,876.

    Returns
    -------
    (count,) int
        In microseconds since it was switched on, whole multiples of 4.
    """
    # now and then a step is late, and the next one early by as much
    steps = np.rint(rng.normal(469, 1.5, count)).astype(np.int64)
    late = np.flatnonzero(rng.random(count - 1) < 0.02)
    by = rng.integers(5, 20, len(late))
    steps[late] += by
    steps[late + 1] -= by
    start = int(rng.integers(500_000, 5_000_000))
    stamps: NDArray[np.int64] = 4 * (start + np.cumsum(steps.clip(444, 483)))
    return stamps


def counts(wave: Wave, axes: Wave, full: float, rng: np.random.Generator) -> NDArray[np.int32]:
    """Read acceleration with a sensor of 16 bits.

    Parameters
    ----------
    wave : (length, 3) float
        In g, without gravity.
    axes : (3, 3) float
        Directions of the sensor's axes, one a row.
    full : float
        Counts a g.

    Returns
    -------
    (length, 3) int32
        Whole counts.
    """
    seen = (wave + np.array([0.0, 0.0, 1.0])) @ axes.T
    # 0.4 mg for each root hertz, as such sensors have it
    seen = seen + rng.normal(0, 4e-4 * np.sqrt(266), seen.shape)
    read: NDArray[np.int32] = np.clip(np.rint(seen * full), -32768, 32767).astype(np.int32)
    return read


def _turns(shaft: float, total: int, rate: float, rng: np.random.Generator) -> Wave:
    """Turns of the shaft since the start; load and supply let the speed wander by some tenths of a per cent."""
    t = np.arange(total) / rate
    wander = 0.002 * np.sin(2 * np.pi * (rng.uniform(0.1, 0.6) * t + rng.uniform()))
    turns: Wave = np.cumsum(shaft * (1 + wander)) / rate + rng.uniform()
    return turns


def _rotor(motor: Motor, running: Running, turns: Wave, rng: np.random.Generator) -> Wave:
    """Forces that go with the shaft, (3, n)."""
    angle = 2 * np.pi * turns
    # the force of an unbalance grows with the square of the speed; the one left over stands somewhere on the rotor
    speed = (motor.shaft(running.load) / _NOMINAL) ** 2
    left = rng.uniform(0, 2 * np.pi)
    across = speed * (running.imbalance * np.cos(angle) + motor.rest * np.cos(angle + left))
    upright = speed * (running.imbalance * np.sin(angle) + motor.rest * np.sin(angle + left))
    # any coupling is a little out of line, and pulls the more the more it transmits
    skew = running.misalignment + 0.004 * running.load / 0.5
    phase = rng.uniform(0, 2 * np.pi, 2)
    twice = skew * np.cos(2 * angle + phase[0])
    force = np.stack([across + twice, 0.6 * twice + 0.4 * skew * np.cos(angle + phase[1]), upright + 0.5 * twice])
    for number, height in enumerate(_FOOT):
        order = number + 0.5
        force += running.looseness * height * np.outer([0.3, 0.1, 1.0], np.cos(order * angle + rng.uniform(0, 6.28)))
    return force


def _field(motor: Motor, running: Running, total: int, rate: float, rng: np.random.Generator) -> Wave:
    """Forces of the field on the housing, (3, n)."""
    t = np.arange(total) / rate
    hum = np.cos(2 * np.pi * (2 * motor.line * t + rng.uniform()))
    backwards = running.resistor / (3 * motor.impedance + running.resistor)
    pole_pass = 2 * motor.slip_at(running.load) * motor.line
    # a larger torque is a larger product of the two fields
    torque = 0.15 * backwards * (1 + running.load)
    bars = 1 + motor.bars * np.cos(2 * np.pi * (pole_pass * t + rng.uniform()))
    pulse = torque * bars * np.cos(2 * np.pi * (2 * motor.line * t + rng.uniform()))
    # the pull is radial, the reaction to the torque rocks the housing sideways on its feet
    return np.stack([0.6 * motor.field * hum + pulse, np.zeros(total), motor.field * hum + 0.5 * pulse])


def _white(rate: float) -> float:
    """Height of white noise computed at a rate, so that its power below 266 Hz does not depend on the rate."""
    return float(np.sqrt(rate / 2 / 266))


def _through(motor: Motor, force: Wave, rate: float) -> Wave:
    """Send forces through the modes to the sensor, (3, n): the free motor's answer, and what each mode adds to it."""
    f = np.fft.rfftfreq(force.shape[1], 1 / rate)
    spectra = np.fft.rfft(force, axis=1)
    answer = spectra.copy()
    for (centre, damping), shape, drive in zip(motor.modes, motor.shapes, motor.drives, strict=True):
        ratio = f / centre
        answer += np.outer(shape, (drive @ spectra) * ratio**2 / (1 - ratio**2 + 2j * damping * ratio))
    # the sensor's own filter, half the power gone at 220 Hz: little is left to alias at 533 Hz
    answer /= np.sqrt(1 + (f / 220) ** 8)
    moved: Wave = np.fft.irfft(answer, force.shape[1], axis=1)
    return moved
