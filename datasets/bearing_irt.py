"""Reader of the infrared pictures of a rolling bearing: ``STATE/60Hz/images/VIEW/IRyyyymmdd_NNNN.png``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from faultboard.data import DataError, Recording, reading

# the lateral pictures of state 1 are called IR000010.png and so on: they have no date
_NAME = re.compile(r"([013])/60Hz/images/(diagonal|lateral)/IR(?:(\d{4})(\d\d)(\d\d)_\d{4}|\d{6})\.png")
_SIZE = (640, 480)


def read(folder: Path) -> Iterator[Recording]:
    """Read the colours of each picture; its transparency is the frame of the camera's display.

    Yields
    ------
    Recording
        (480, 640, 3) uint8.

    Raises
    ------
    DataError
        A file is none of the set, or no whole PNG of this size.
    """
    for name, path in reading.files(folder):
        found = _NAME.fullmatch(name)
        if not found:
            raise DataError(f"{name} is no file of this set")
        state, view, *date = found.groups()
        columns = {
            "state": state,
            "view": view,
            "day": "-".join(date) if date[0] else "unknown",
            "sequence": f"{state}_{view}",
        }
        yield Recording(name.removesuffix(".png"), _colours(path, name), None, columns, name)


def _colours(path: Path, name: str) -> NDArray[np.uint8]:
    pixels = reading.picture(path, name, ["PNG"], {"RGBA": "RGB"})
    if pixels.shape[:2] != _SIZE[::-1]:
        raise DataError(f"{name} is {pixels.shape[1]} x {pixels.shape[0]}, not {_SIZE[0]} x {_SIZE[1]}")
    return pixels
