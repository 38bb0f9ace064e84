"""Paderborn bearing data, read and generated: ``<bearing>/<setting>_<bearing>_<number>.mat``.

A file holds one struct of its own name, whose field ``Y`` is an array of channels with ``Name`` and ``Data``. A data
sheet ``<bearing>.pdf`` beside the recordings is left alone.

A public copy of some bearings has the vibration alone, one number a line:
``{Normal,Inner_Race,Outer_Race}/<setting>_<bearing>_<number>.csv``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faultboard.data import DataError, Recording, reading
from faultboard.simulation.bearing import Defect, Geometry, Structure, coloured_noise, defect_signal, shaft_harmonics

Samples = Callable[[], NDArray[Any]]

_ORIGINS = {
    "none": "K001 K002 K003 K004 K005 K006",
    "artificial": "KA01 KA03 KA05 KA06 KA07 KA08 KA09 KI01 KI03 KI05 KI07 KI08",
    "real": "KA04 KA15 KA16 KA22 KA30 KB23 KB24 KB27 KI04 KI14 KI16 KI17 KI18 KI21",
}
_ORIGIN = {bearing: origin for origin, bearings in _ORIGINS.items() for bearing in bearings.split()}
_FAULTS = {"K0": "healthy", "KA": "outer", "KI": "inner", "KB": "both"}
_SETTINGS = "N15_M07_F10|N09_M07_F10|N15_M01_F10|N15_M07_F04"
_NAME = re.compile(rf"({'|'.join(_ORIGIN)})/(({_SETTINGS})_\1_(?:[1-9]|1\d|20))\.mat")
_SHEET = re.compile(rf"({'|'.join(_ORIGIN)})/\1\.pdf")
_COPIES = {"Normal": "healthy", "Inner_Race": "inner", "Outer_Race": "outer"}
_COPY = re.compile(rf"({'|'.join(_COPIES)})/({_SETTINGS})_({'|'.join(_ORIGIN)})_1\.csv")
_COPY_ROWS = 128_000  # the copy's files differ in length: the cut keeps 2 s of each
# as published, and not by a fault of the download: no reader that is known opens it
_UNREADABLE = "KA08/N15_M01_F10_KA08_2.mat"
_CHANNEL = "vibration_1"
_RATE = 64_000.0
_DEFECTS: dict[str, tuple[Defect, ...]] = {
    "healthy": (),
    "outer": ("outer",),
    "inner": ("inner",),
    "both": ("outer", "inner"),
}
# a 6203, whose balls and pitch circle are approximate and unverified
_BEARING = Geometry(elements=8, element_diameter=6.75, pitch_diameter=28.5, contact_angle=0.0)


def read(folder: Path) -> Iterator[Recording]:
    """Read the vibration of each recording.

    Yields
    ------
    Recording
        (length, 1) float64 at 64 kHz: about 4 s, or 2 s of a copy in text.

    Raises
    ------
    DataError
        A file is none of the set, is damaged, or lacks its vibration.
    """
    for name, path in reading.files(folder):
        if name == _UNREADABLE or _SHEET.fullmatch(name):
            continue
        bearing, setting, samples = _copy(name, path) if name.endswith(".csv") else _official(name, path)
        columns = {
            "fault": _FAULTS[bearing[:2]],
            "bearing": bearing,
            "origin": _ORIGIN[bearing],
            "setting": setting,
        }
        yield Recording(name.rpartition(".")[0], samples, _RATE, columns, name)


def _official(name: str, path: Path) -> tuple[str, str, Samples]:
    """Bearing, setting, and what reads the vibration of a file as it is published."""
    found = _NAME.fullmatch(name)
    if not found:
        raise DataError(f"{name} is no file of this set: <bearing>/<setting>_<bearing>_<number>.mat")
    bearing, variable, setting = found.groups()
    return bearing, setting, partial(_vibration, path, name, variable)


def _copy(name: str, path: Path) -> tuple[str, str, Samples]:
    """Bearing, setting, and what reads the vibration of a file of the copy."""
    found = _COPY.fullmatch(name)
    if not found or _COPIES[found[1]] != _FAULTS[found[3][:2]]:
        raise DataError(f"{name} is no file of this set: <state>/<setting>_<bearing>_1.csv")
    _, setting, bearing = found.groups()
    return bearing, setting, partial(_column, path, name)


def _column(path: Path, name: str) -> NDArray[np.float64]:
    values = reading.numbers(reading.whole_lines(path, name, _COPY_ROWS), name)
    # numpy passes over empty rows
    if values.shape != (_COPY_ROWS, 1):
        raise DataError(f"{name} does not hold one number a row")
    return values


def _vibration(path: Path, name: str, variable: str) -> NDArray[Any]:
    content = reading.mat(path, name, variable, structs=True)
    channels = content.get("Y") if isinstance(content, dict) else None
    # scipy gives one struct as itself, several as a list
    listed = channels if isinstance(channels, list) else [channels]
    found = [c["Data"] for c in listed if isinstance(c, dict) and c.get("Name") == _CHANNEL and "Data" in c]
    if len(found) != 1:
        raise DataError(f"{name} has {len(found)} channels {_CHANNEL} in {variable}.Y, not one")
    samples = np.asarray(found[0])
    if samples.dtype != np.float64 or samples.ndim != 1 or not samples.size:
        raise DataError(f"{name} has {samples.dtype} of shape {samples.shape} in {_CHANNEL}, not one float64 channel")
    return samples[:, None]


def simulate(folder: Path, seed: int, seconds: float | None, recordings: int | None) -> None:
    """Write one recording of each bearing at each setting, in the layout of the source.

    Parameters
    ----------
    folder : Path
        Where to write.
    seed : int
        Same seed, same files.
    seconds : float, optional
        Length of a recording; 0.5 without it.
    recordings : int, optional
        How many of the 128, from the first; all without it.
    """
    from scipy.io import savemat

    rig = Structure.drawn(np.random.default_rng([seed, 0]), _RATE)
    bearings = sorted(_ORIGIN)
    cells = list(product(range(len(bearings)), _SETTINGS.split("|")))[:recordings]
    for number, (at, setting) in enumerate(cells):
        bearing, mounting = bearings[at], np.random.default_rng([seed, 1, at])
        rng = np.random.default_rng([seed, 2, number])
        wave = _wave(bearing, setting, rig.remounted(mounting), mounting.uniform(0.3, 1.2), seconds or 0.5, rng)
        stem = f"{setting}_{bearing}_1"
        channel = {"Name": _CHANNEL, "Data": wave[None]}
        (folder / bearing).mkdir(exist_ok=True)
        savemat(folder / bearing / f"{stem}.mat", {stem: {"Y": channel}})


def _wave(
    bearing: str, setting: str, mounted: Structure, damage: float, seconds: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Vibration of a bearing whose strikes are as strong as its damage and the radial force on it."""
    shaft = float(setting[1:3]) * 100 / 60
    wave = shaft_harmonics(shaft, np.array([0.1, 0.05, 0.02]), seconds, _RATE, rng)
    wave += mounted.through(0.3 * coloured_noise(len(wave), 0.5, rng), _RATE)
    for defect in _DEFECTS[_FAULTS[bearing[:2]]]:
        strength = damage * (1.0 if setting.endswith("F10") else 0.5)
        wave += strength * defect_signal(_BEARING, defect, mounted, shaft, seconds, _RATE, rng)
    return wave
