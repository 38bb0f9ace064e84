"""Bearings of PRONOSTIA, run to failure, read and generated: ``Learning_set/Bearing1_1/acc_00001.csv``.

A record is a tenth of a second, one every ten seconds, without a header: hour, minute, second, microsecond,
horizontal, vertical. Its number and its clock say how much of the life is over, which is the label: neither is handed
on. Even the id of a recording is a hash, since in the order of their numbers the records of a bearing are sorted by
class.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from faultboard.data import DataError, Recording, reading
from faultboard.simulation.bearing import Geometry, Structure, coloured_noise, defect_signal, shaft_harmonics

# records of each bearing from the first to the last, which the cut does not show
_LIVES = {
    "Learning_set": {"1_1": 2803, "1_2": 871, "2_1": 911, "2_2": 797, "3_1": 515, "3_2": 1637},
    "Full_Test_Set": {
        "1_3": 2375, "1_4": 1428, "1_5": 2463, "1_6": 2448, "1_7": 2259,
        "2_3": 1955, "2_4": 751, "2_5": 2311, "2_6": 701, "2_7": 230, "3_3": 434,
    },
}  # fmt: skip
# percent of a bearing's life
_PHASES = {"early": (10, 14), "quarter": (25, 29), "mid": (40, 60), "end": (95, 100)}
_NAME = re.compile(r"(Learning_set|Full_Test_Set)/Bearing([123]_[1-7])/acc_(\d{5})\.csv")
# the only one that is written so
_SEMICOLONS = "Full_Test_Set/Bearing1_4/"
_RATE = 25_600.0
_ROWS = 2560
_FIELDS = 6
_RPM = {"1": 1800, "2": 1650, "3": 1500}
# of the rig's bearings, from memory and unverified
_BEARING = Geometry(elements=13, element_diameter=3.5, pitch_diameter=25.6, contact_angle=0.0)


def read(folder: Path) -> Iterator[Recording]:
    """Read both directions of each record, in g.

    Yields
    ------
    Recording
        (2560, 2) float64 at 25.6 kHz: horizontal, vertical.

    Raises
    ------
    DataError
        A file is none of the set (such as one of the challenge's ``Test_set``, which ``Full_Test_Set`` repeats), or
        is no whole record.
    """
    for name, path in reading.files(folder):
        found = _NAME.fullmatch(name)
        life = _LIVES[found[1]].get(found[2], 0) if found else 0
        if not found or not 1 <= int(found[3]) <= life:
            raise DataError(f"{name} is no file of this set")
        bearing = f"Bearing{found[2]}"
        columns = {"bearing": bearing, "condition": found[2][0], "phase": phase(int(found[3]), life)}
        unordered = hashlib.sha256(name.encode()).hexdigest()[:12]
        yield Recording(f"{bearing}/{unordered}", partial(_record, path, name), _RATE, columns, name)


def phase(number: int, life: int) -> str:
    """Say which part of a bearing's life a record is of, by the share of it that is over.

    Parameters
    ----------
    number : int
        Of the record, from 1.
    life : int
        Records of the bearing.
    """
    if number <= 5:
        return "start"
    for name, (first, last) in _PHASES.items():
        # the time from the last record to this one touches the part: it ends behind its beginning and starts before
        # its end
        if 100 * number > first * life and 100 * (number - 1) <= last * life:
            return name
    return "between"


def _record(path: Path, name: str) -> NDArray[np.float64]:
    lines = reading.whole_lines(path, name, _ROWS)
    between = ";" if name.startswith(_SEMICOLONS) else ","
    for number, line in enumerate(lines, 1):
        if line.count(between) != _FIELDS - 1:
            raise DataError(f"{name} has {line.count(between) + 1} fields in row {number:,}, not {_FIELDS}")
    return np.ascontiguousarray(reading.numbers(lines, name, between)[:, 4:])


def simulate(folder: Path, seed: int, seconds: float | None, recordings: int | None) -> None:
    """Write records from the middle and from the end of each bearing's life, in the layout of the source.

    Parameters
    ----------
    folder : Path
        Where to write.
    seed : int
        Same seed, same files.
    seconds : float, optional
        No choice is left: a record is a tenth of a second.
    recordings : int, optional
        How many, half of them from the middle; 136 without it, eight a bearing.
    """
    bearings = [(side, bearing, life) for side, lives in _LIVES.items() for bearing, life in lives.items()]
    rig = Structure.drawn(np.random.default_rng([seed, 0]), _RATE)
    for count in range(recordings or 8 * len(bearings)):
        at, turn = count % len(bearings), count // len(bearings)
        side, bearing, life = bearings[at]
        first, last = _PHASES["end" if turn % 2 else "mid"]
        number = first * life // 100 + 1 + turn // 2 % max(1, (last - first) * life // 100)
        mounted = rig.remounted(np.random.default_rng([seed, 1, at]))
        wave = _worn(mounted, _RPM[bearing[0]] / 60, number / life, np.random.default_rng([seed, 2, at, number]))
        name = f"{side}/Bearing{bearing}/acc_{number:05d}.csv"
        between = ";" if name.startswith(_SEMICOLONS) else ","
        clock = 36_000 + 10 * number
        day = between.join(str(part) for part in (clock // 3600 % 24, clock // 60 % 60, clock % 60))
        rows = (between.join((day, f"{39 * i:.5g}", f"{x:.3f}", f"{y:.3f}")) for i, (x, y) in enumerate(wave.tolist()))
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{row}\n" for row in rows), encoding="ascii", newline="\n")


def _worn(mounted: Structure, shaft: float, share: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Vibration in both directions at a share of life; strikes grow from four fifths of it."""
    seconds = _ROWS / _RATE
    strikes = 3 * max(0.0, share - 0.8) / 0.2 * defect_signal(_BEARING, "outer", mounted, shaft, seconds, _RATE, rng)
    turning = shaft_harmonics(shaft, np.array([0.1, 0.05, 0.02]), seconds, _RATE, rng)
    noise = [mounted.through(0.3 * coloured_noise(_ROWS, 0.5, rng), _RATE) for _ in range(2)]
    return np.stack([turning + strikes + noise[0], 0.5 * strikes + noise[1]], axis=1)
