"""Spherical roller bearings of Politecnico di Torino: reader, and generated recordings in its layout.

The layout is assumed: the record is public in description only (folders undamaged, inner race, outer race;
.mat files with vibration and speed). A file is called ``<speed in rpm>_<radial kN>_<axial kN>.mat`` here and
holds ``vibration`` (length, sensors) and ``speed``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faultboard.data import DataError, Recording
from faultboard.simulation.bearing import Defect, Geometry, Structure, coloured_noise, defect_signal, shaft_harmonics

_FOLDERS = {"undamaged": "normal", "inner race": "inner", "outer race": "outer"}
_DEFECTS: dict[str, Defect] = {"inner": "inner", "outer": "outer"}
_SPEEDS = (127, 227, 353, 457, 523, 607, 727, 877, 937, 997)
_LOADS = ("0_0", "64_0", "124.8_0", "124.8_49")
_RATE = 20_480.0
_NAME = re.compile(rf"({'|'.join(_FOLDERS)})/(\d+)_([\d.]+)_([\d.]+)\.mat")
# Of an SKF 22240: bore and outside diameter are the catalogue's, the rest is approximate and unverified.
_BEARING = Geometry(elements=17, element_diameter=42.0, pitch_diameter=280.0, contact_angle=0.17)


def read(folder: Path) -> Iterator[Recording]:
    """Read the first sensor of each recording.

    Yields
    ------
    Recording
        (length, 1) at 20,480 Hz, floating point as stored.

    Raises
    ------
    DataError
        A file is none of the set, is damaged, or lacks its vibration.
    """
    files = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
    for name, path in sorted(files.items()):
        found = _NAME.fullmatch(name)
        if not found:
            raise DataError(f"{name} is no file of this set: <state>/<speed>_<radial>_<axial>.mat")
        fault = _FOLDERS[found[1]]
        columns = {"fault": fault, "bearing": fault, "speed": found[2], "load": f"{found[3]}_{found[4]}"}
        yield Recording(name.removesuffix(".mat"), _vibration(path, name), _RATE, columns, name)


def _vibration(path: Path, name: str) -> NDArray[Any]:
    from scipy.io import loadmat

    try:
        content = loadmat(path, variable_names=["vibration"])
    except Exception as error:  # scipy raises whatever the damage makes it raise
        raise DataError(f"{name} is damaged: {type(error).__name__}: {error}") from None
    if "vibration" not in content:
        raise DataError(f"{name} ends early, or is another file: variable vibration not found")
    samples = np.asarray(content["vibration"])
    if samples.dtype.kind != "f" or samples.ndim != 2 or not samples.size:
        raise DataError(f"{name} has {samples.dtype} of shape {samples.shape} in vibration, not (length, sensors)")
    return samples[:, :1]


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
