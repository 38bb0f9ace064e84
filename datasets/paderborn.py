"""Reader of the Paderborn bearing data: ``<bearing>/<setting>_<bearing>_<number>.mat``.

A file holds one struct of its own name, whose field ``Y`` is an array of channels with ``Name`` and ``Data``. A data
sheet ``<bearing>.pdf`` beside the recordings is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faultboard.data import DataError, Recording, reading

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
# as published, and not by a fault of the download: no reader that is known opens it
_UNREADABLE = "KA08/N15_M01_F10_KA08_2.mat"
_CHANNEL = "vibration_1"
_RATE = 64_000.0


def read(folder: Path) -> Iterator[Recording]:
    """Read the vibration of each recording.

    Yields
    ------
    Recording
        (length, 1) float64 at 64 kHz, about 4 s.

    Raises
    ------
    DataError
        A file is none of the set, is damaged, or lacks its vibration.
    """
    for name, path in reading.files(folder):
        if name == _UNREADABLE or _SHEET.fullmatch(name):
            continue
        found = _NAME.fullmatch(name)
        if not found:
            raise DataError(f"{name} is no file of this set: <bearing>/<setting>_<bearing>_<number>.mat")
        bearing, variable, setting = found.groups()
        columns = {
            "fault": _FAULTS[bearing[:2]],
            "bearing": bearing,
            "origin": _ORIGIN[bearing],
            "setting": setting,
        }
        samples = partial(_vibration, path, name, variable)
        yield Recording(name.removesuffix(".mat"), samples, _RATE, columns, name)


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
