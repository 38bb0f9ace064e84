"""Spherical roller bearings of Politecnico di Torino: reader, and generated recordings in an assumed layout.

The record is public in description only: folders undamaged, inner race and outer race with .mat files of vibration
and speed. Where its names are known, ``mapping.csv`` in the folder says them, one line a recording: file, fault
(normal, inner, outer), speed in rpm, radial and axial load in kN, variable, and column (the sensor, from 1).
Without it a file is called ``<folder>/<speed>_<radial>_<axial>.mat`` and holds ``vibration`` (length, sensors).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faultboard.data import DataError, Recording, reading
from faultboard.simulation.bearing import Defect, Geometry, Structure, coloured_noise, defect_signal, shaft_harmonics

_FOLDERS = {"undamaged": "normal", "inner race": "inner", "outer race": "outer"}
_DEFECTS: dict[str, Defect] = {"inner": "inner", "outer": "outer"}
_SPEEDS = (127, 227, 353, 457, 523, 607, 727, 877, 937, 997)
_LOADS = ("0_0", "64_0", "124.8_0", "124.8_49")
_RATE = 20_480.0
_NAME = re.compile(rf"({'|'.join(_FOLDERS)})/(\d+)_([\d.]+)_([\d.]+)\.mat")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_MAPPING = "mapping.csv"
# Of an SKF 22240: bore and outside diameter are the catalogue's, the rest is approximate and unverified.
_BEARING = Geometry(elements=17, element_diameter=42.0, pitch_diameter=280.0, contact_angle=0.17)


@dataclass(frozen=True)
class _Place:
    """Where one recording lies, and what it is of."""

    file: str
    fault: str
    speed: str
    radial: str
    axial: str
    variable: str = "vibration"
    column: str = "1"


def read(folder: Path) -> Iterator[Recording]:
    """Read one sensor of each recording: the one that the mapping names, else the first.

    Yields
    ------
    Recording
        (length, 1) at 20,480 Hz, floating point as stored.

    Raises
    ------
    DataError
        A file is none of the set, is damaged, or lacks its vibration; the mapping is no such table.
    """
    files = dict(reading.files(folder))
    places = _mapped(files) if _MAPPING in files else [_assumed(name) for name in files]
    for place in places:
        columns = {
            "fault": place.fault,
            "bearing": place.fault,
            "speed": place.speed,
            "load": f"{place.radial}_{place.axial}",
        }
        samples = _vibration(files[place.file], place)
        yield Recording(place.file.removesuffix(".mat"), samples, _RATE, columns, place.file)


def _assumed(name: str) -> _Place:
    found = _NAME.fullmatch(name)
    if not found:
        raise DataError(
            f"{name} is no file of this set: <state>/<speed>_<radial>_<axial>.mat, or say in {_MAPPING} what it is"
        )
    return _Place(name, _FOLDERS[found[1]], found[2], found[3], found[4])


def _mapped(files: dict[str, Path]) -> list[_Place]:
    """Places in the order of their files; what the mapping does not name (ramps, rollers) is left alone."""
    known = [field.name for field in fields(_Place)]
    try:
        with files[_MAPPING].open(encoding="utf-8-sig", newline="") as stream:
            header, *rows = list(csv.reader(stream, strict=True)) or [[]]
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{_MAPPING} is no table: {error}") from None
    if header != known:
        raise DataError(f"{_MAPPING} starts with {','.join(header)[:60]!a}, not {','.join(known)}")
    places = {}
    for number, row in enumerate(rows, start=2):
        at = f"{_MAPPING}, line {number}:"
        if len(row) != len(known):
            raise DataError(f"{at} {len(row)} fields, not {len(known)}")
        place = _Place(*row)
        if place.file not in files or place.file in places:
            raise DataError(f"{at} {place.file!a} is {'named twice' if place.file in places else 'not in the folder'}")
        if place.fault not in _FOLDERS.values():
            raise DataError(f"{at} fault {place.fault!a} is none of {', '.join(_FOLDERS.values())}")
        if not all(_NUMBER.fullmatch(n) for n in (place.speed, place.radial, place.axial)):
            raise DataError(f"{at} speed, radial or axial is no plain number")
        if not place.variable.isidentifier():
            raise DataError(f"{at} {place.variable!a} is no name of a variable")
        if not re.fullmatch("[1-9]", place.column):
            raise DataError(f"{at} column {place.column!a} is no number of a sensor, from 1")
        places[place.file] = place
    return [places[name] for name in sorted(places)]


def _vibration(path: Path, place: _Place) -> NDArray[Any]:
    samples, sensor = np.asarray(reading.mat(path, place.file, place.variable)), int(place.column) - 1
    if samples.dtype.kind != "f" or samples.ndim != 2 or not samples.size:
        said = f"{samples.dtype} of shape {samples.shape} in {place.variable}"
        raise DataError(f"{place.file} has {said}, not floats of (length, sensors)")
    if not 0 <= sensor < samples.shape[1]:
        raise DataError(f"{place.file} has {samples.shape[1]} sensors in {place.variable}, none of number {sensor + 1}")
    return samples[:, sensor : sensor + 1]


@dataclass(frozen=True)
class _Mounted:
    """One bearing as it was mounted: what differs from one to the next."""

    geometry: Geometry
    structure: Structure
    orders: NDArray[np.float64]  # of the shaft, at full speed
    gain: float


def _mounted(rig: Structure, rng: np.random.Generator) -> _Mounted:
    # clearance and fit move the contact angle a little
    geometry = replace(_BEARING, contact_angle=_BEARING.contact_angle + rng.normal(0, 0.02))
    return _Mounted(geometry, rig.remounted(rng), rng.uniform(0.2, 0.6, 4), rng.uniform(0.8, 1.25))


def simulate(folder: Path, seed: int, seconds: float | None, recordings: int | None) -> None:
    """Write recordings of three bearings at every speed and load; units are arbitrary.

    The rig is one. Mounting, unbalance and gain are each bearing's own, since it was dismounted to be drilled.

    Parameters
    ----------
    folder : Path
        Where to write.
    seed : int
        Same seed, same recordings.
    seconds : float, optional
        Length of a recording; 3.2 without it.
    recordings : int, optional
        In all, the same speeds and loads for each bearing, slow ones first; 120 without it.
    """
    from scipy.io import savemat

    runs = list(product(_SPEEDS, _LOADS))[: max(1, (recordings or 120) // len(_FOLDERS))]
    rig = Structure.drawn(np.random.default_rng([seed, 2]), _RATE)
    for number, (state, fault) in enumerate(_FOLDERS.items()):
        bearing = _mounted(rig, np.random.default_rng([seed, 0, number]))
        (folder / state).mkdir()
        for place, (speed, load) in enumerate(runs):
            rng = np.random.default_rng([seed, 1, number, place])
            wave = _acceleration(bearing, fault, speed, load, seconds or 3.2, rng)
            content = {"vibration": wave[:, None].astype(np.float32), "speed": float(speed)}
            savemat(folder / state / f"{speed}_{load}.mat", content)


def _acceleration(
    bearing: _Mounted, fault: str, speed: int, load: str, seconds: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Run one bearing: speed and load set how hard an element strikes the hole."""
    shaft = speed / 60 * (1 + 0.002 * rng.standard_normal())
    pace, force = speed / _SPEEDS[-1], 0.2 + float(load.split("_")[0]) / 124.8
    wave = shaft_harmonics(shaft, bearing.orders * pace**2, seconds, _RATE, rng)
    # the noise of rolling takes the way of the strikes; that of sensor and surroundings does not
    wave += 0.08 * (0.3 + pace) * bearing.structure.through(rng.standard_normal(len(wave)), _RATE)
    wave += 0.08 * (0.3 + pace) * coloured_noise(len(wave), 0.5, rng)
    if defect := _DEFECTS.get(fault):
        strikes = defect_signal(bearing.geometry, defect, bearing.structure, shaft, seconds, _RATE, rng)
        wave += 3 * pace * force * strikes
    return bearing.gain * wave
