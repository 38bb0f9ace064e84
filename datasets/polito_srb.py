"""Spherical roller bearings of Politecnico di Torino: reader, and generated recordings in its layout.

The layout is assumed: the record is public in description only (folders undamaged, inner race, outer race;
.mat files with vibration and speed). A file is called ``<speed in rpm>_<radial kN>_<axial kN>.mat`` here and
holds ``vibration`` (length, sensors) and ``speed``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from faultboard.data import DataError, Recording
from faultboard.simulation.bearing import Geometry, Structure, coloured_noise, defect_signal, shaft_harmonics

_FOLDERS = {"undamaged": "normal", "inner race": "inner", "outer race": "outer"}
_SPEEDS = (127, 227, 353, 457, 523, 607, 727, 877, 937, 997)
_LOADS = ("0_0", "64_0", "124.8_0", "124.8_49")
_RATE = 20_480.0
_NAME = re.compile(r"(\d+)_([\d.]+)_([\d.]+)\.mat")
# Of an SKF 22240: bore and outside diameter are the catalogue's, the rest is approximate and unverified.
_BEARING = Geometry(elements=17, element_diameter=42.0, pitch_diameter=280.0, contact_angle=0.17)


def read(folder: Path) -> Iterator[Recording]:
    """First sensor of each recording, (length, 1) float32."""
    from scipy.io import loadmat

    for path in sorted(folder.rglob("*.mat"), key=lambda p: p.relative_to(folder).as_posix()):
        name = path.relative_to(folder).as_posix()
        match = _NAME.fullmatch(path.name)
        if path.parent.name not in _FOLDERS or not match:
            raise DataError(f"{name}: not <state>/<speed>_<radial>_<axial>.mat")
        try:
            content = loadmat(path, variable_names=["vibration"])
        except Exception as error:  # scipy raises whatever the damage makes it raise
            raise DataError(f"{name} is damaged: {type(error).__name__}: {error}") from None
        if "vibration" not in content or content["vibration"].ndim != 2:
            raise DataError(f"{name} ends early, or is another file: it holds no matrix 'vibration'")
        samples: Any = np.asarray(content["vibration"], dtype=np.float32)[:, :1]
        fault = _FOLDERS[path.parent.name]
        columns = {"fault": fault, "bearing": fault, "speed": match[1], "load": f"{match[2]}_{match[3]}"}
        yield Recording(name.removesuffix(".mat"), samples, _RATE, columns, name)


def simulate(folder: Path, seed: int, seconds: float | None, recordings: int | None) -> None:
    """Write recordings of three bearings at every speed and load.

    Each bearing has a structure of its own, since bearings were dismounted to be drilled; speed and load set
    how hard an element strikes the hole. Units are arbitrary.
    """
    from scipy.io import savemat

    length = seconds or 3.2
    for number, (state, fault) in enumerate(_FOLDERS.items()):
        own = np.random.default_rng([seed, number])
        structure = Structure.drawn(own, _RATE)
        unbalance, gain = own.uniform(0.2, 0.6, 4), own.uniform(0.8, 1.25)
        (folder / state).mkdir(parents=True)
        for i, speed in enumerate(_SPEEDS):
            for j, load in enumerate(_LOADS):
                rng = np.random.default_rng([seed, number, i, j])
                shaft = speed / 60 * (1 + 0.002 * rng.standard_normal())
                pace, force = speed / _SPEEDS[-1], 0.2 + float(load.split("_")[0]) / 124.8
                wave = shaft_harmonics(shaft, unbalance * pace**2, length, _RATE, rng)
                wave += 0.3 * (0.3 + pace) * coloured_noise(len(wave), 0.5, rng)
                if fault == "inner":
                    wave += 3 * pace * force * defect_signal(_BEARING, "inner", structure, shaft, length, _RATE, rng)
                elif fault == "outer":
                    wave += 3 * pace * force * defect_signal(_BEARING, "outer", structure, shaft, length, _RATE, rng)
                content = {"vibration": (gain * wave[:, None]).astype(np.float32), "speed": float(speed)}
                savemat(folder / state / f"{speed}_{load}.mat", content)
