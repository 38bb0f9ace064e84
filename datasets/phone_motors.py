"""Motors recorded by a telephone: ``Motor_<n>/<state>/Motor<n>_<state>_<axis>axis_<speed>.dat``, read and generated.

A file is one line. Rows end in ``;`` and hold seven fields: three filtered axes, three raw ones in m/s2, and the time
in ms since the start. The first row, all 999, and the last, all 111, are marks. The filtered axes are what the
telephone took for gravity; the raw ones hold it too, and they alone are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from faultboard.data import DataError, Recording, reading
from faultboard.simulation.bearing import Geometry, Structure, defect_signal
from faultboard.simulation.motor import Motor, Running, draw_motor, vibration

# folder behind its number, what its files call the state, and the fault
_STATES = {
    "Healthy_Conditions": ("Healthy", "healthy"),
    "New_Bearing": ("Healthy_NewBearing", "healthy"),
    "Healthy": ("Healthy", "healthy"),
    "Unbalanced_Rotor/2_Unbalance_Weights": ("UnbalancedRotor_2Weights", "unbalanced"),
    "Unbalanced_Rotor/4_Unbalance_Weights": ("UnbalancedRotor_4Weights", "unbalanced"),
    "Minor_Bearing_Damage": ("DamagedBearing_Minor", "bearing"),
    "Moderate_Bearing_Damage": ("DamagedBearing_Moderate", "bearing"),
    "Severe_Bearing_Damage": ("DamagedBearing_Severe", "bearing"),
    "Bearing_Not_Rolling": ("DamagedBearing_NotRolling", "bearing"),
    "Broken_Rotor_Bar": ("BrokenRotorBar", "rotor_bar"),
    "Faulty": ("Faulty", "unstated"),
}
_NAME = re.compile(
    rf"Motor_([1-6])/(?:0\d_)?({'|'.join(_STATES)})/Motor\1_(\w+)_([XYZ])axis"
    # where the telephone lay otherwise than by its own case, and a speed that was recorded twice
    r"(?:_LateralFrame(?:_NoCase)?)?_(\d+(?:,5)?)(Hz|RPM)(?:\(2\))?\.dat"
)
_FIRST, _LAST = ",".join(["999"] * 7), ",".join(["111"] * 7)
_RAW, _TIME = slice(3, 6), 6
_RATE = 99.0  # Hz, of the generated recordings; that of the others is their own
_TICK = 16.777  # ms, steps of the telephone's clock
_GRAVITY = 9.81  # m/s2
_STEP = 0.03846  # m/s2, of the telephone's converter
_BEARING = Geometry(elements=8, element_diameter=7.0, pitch_diameter=30.0, contact_angle=0.0)


def read(folder: Path) -> Iterator[Recording]:
    """Read the three raw axes of each recording, in m/s2 with gravity.

    Yields
    ------
    Recording
        (length, 3) float64 at the mean rate of the file, 98 to 100 Hz. Rows are taken as uniform: their stamps are
        those of a clock that stands still for rows on end, so they say when a row was written, not measured.

    Raises
    ------
    DataError
        A file is none of the set, lacks its marks, or is damaged between them.
    """
    for name, path in reading.files(folder):
        found = _NAME.fullmatch(name)
        state, fault = _STATES[found[2]] if found else ("", "")
        if not found or found[3] != state:
            raise DataError(f"{name} is no file of this set")
        motor, _, _, axis, speed, unit = found.groups()
        columns = {
            "fault": fault,
            "motor": motor,
            "speed": f"{speed.replace(',', '.')} {'rpm' if unit == 'RPM' else unit}",
            "orientation": axis,
        }
        rows = _rows(path, name)
        rate = 1000 * (len(rows) - 1) / (rows[-1, _TIME] - rows[0, _TIME])
        yield Recording(name.removesuffix(".dat"), np.ascontiguousarray(rows[:, _RAW]), rate, columns, name)


def _rows(path: Path, name: str) -> NDArray[np.float64]:
    """Rows between the marks, (length, 7)."""
    try:
        first, *lines, last, rest = reading.text(path, name).split(";")
    except ValueError:
        raise DataError(f"{name} holds no rows ({path.stat().st_size:,} bytes)") from None
    if first != _FIRST:
        raise DataError(f"{name} starts with {first[:40]!a}, not {_FIRST}")
    if last != _LAST or rest:
        raise DataError(f"{name} ends with {last[:40]!a}, not {_LAST}: it is cut short")
    for number, line in enumerate(lines, 1):
        if line.count(",") != _TIME:
            raise DataError(f"{name} has {line.count(',') + 1} fields in row {number:,}, not {_TIME + 1}")
    rows = reading.numbers(lines, name) if lines else np.empty((0, 7))
    # rows that are lost or doubled leave the clock whole, but not the rate
    steps = np.diff(rows[:, _TIME])
    if len(steps) < 1 or not (steps >= 0).all() or not 90 < 1000 * len(steps) / max(steps.sum(), 1.0) < 110:
        raise DataError(f"{name} does not hold about 99 rows a second in the order of their time")
    return rows


def simulate(folder: Path, seed: int, seconds: float | None, recordings: int | None) -> None:
    """Write recordings of six generated motors, in the layout of the source.

    Parameters
    ----------
    folder : Path
        Where to write.
    seed : int
        Same seed, same files.
    seconds : float, optional
        Length of a recording; 6 without it.
    recordings : int, optional
        How many of the 60, from the first; all without it.
    """
    names = [
        f"Motor_{motor}/{number}_{place}/Motor{motor}_{state}_{axis}axis_{line}Hz.dat"
        for motor, (number, place, state), (line, axis) in product(
            "12",
            [
                ("01", "Healthy_Conditions", "Healthy"),
                ("02", "Unbalanced_Rotor/4_Unbalance_Weights", "UnbalancedRotor_4Weights"),
                ("03", "Minor_Bearing_Damage", "DamagedBearing_Minor"),
                ("06", "Broken_Rotor_Bar", "BrokenRotorBar"),
            ],
            zip((20, 30, 40, 50, 60), "YZYZY", strict=True),
        )
    ]
    names += [f"Motor_{m}/Healthy/Motor{m}_Healthy_Yaxis_{line}Hz.dat" for m in "345" for line in (20, 30, 40, 50, 60)]
    names += [f"Motor_6/Faulty/Motor6_Faulty_Yaxis_{rpm}RPM.dat" for rpm in (500, 820, 1000, 1500, 2000)]
    for number, name in enumerate(names[:recordings]):
        rng = np.random.default_rng([seed, 1, number])
        raw = _heard(name, seed, seconds or 6.0, rng)
        filtered = 0.8 * raw + 0.2 * raw.mean(0)
        time = _TICK * np.floor(np.arange(len(raw)) * 1000 / _RATE / _TICK)
        rows = np.column_stack([filtered, raw, time]).tolist()
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = ";".join([_FIRST, *(",".join(f"{value:.6g}" for value in row) for row in rows), _LAST, ""])
        path.write_text(text, encoding="ascii", newline="\n")


def _heard(name: str, seed: int, seconds: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Acceleration in m/s2 as the telephone has it: every tenth sample or so, with nothing filtered out before."""
    found = _NAME.fullmatch(name)
    assert found is not None
    motor, (_, fault), axis = found[1], _STATES[found[2]], found[4]
    drawn = _motor(seed, int(motor), float(found[5]) if found[6] == "Hz" else float(found[5]) / 30)
    running = Running(imbalance=0.03 * (fault in ("unbalanced", "unstated")), misalignment=rng.uniform(0.001, 0.003))
    if fault == "rotor_bar":
        drawn = replace(drawn, bars=1.0, field=3 * drawn.field)
    rate = 10 * _RATE
    wave = vibration(drawn, running, seconds, rate, rng)
    if fault == "bearing":
        structure = Structure.drawn(np.random.default_rng([seed, 2, int(motor)]), rate)
        strikes = defect_signal(_BEARING, "outer", structure, drawn.shaft(), seconds, rate, rng)
        wave[:, 2] += 0.1 * strikes[: len(wave)]
    wave = _GRAVITY * wave[::10]
    wave[:, "XYZ".index(axis)] += _GRAVITY
    return np.round((wave + rng.normal(0, 0.1, wave.shape)) / _STEP) * _STEP


def _motor(seed: int, number: int, line: float) -> Motor:
    """Draw one of the motors, which is the same at every frequency of its supply."""
    return draw_motor(np.random.default_rng([seed, 0, number]), line)
