"""Reader of the thermal pictures of an induction motor: ``CLASS/NNN.bmp``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from faultboard.data import DataError, Recording, reading

_NAME = re.compile(r"(Noload|A(?:&C)?(?:&B)?[135]0|Fan|Rotor-0)/[fr]?\d{3}\.bmp")
_SIZE = (320, 240)


def read(folder: Path) -> Iterator[Recording]:
    """Read each picture in the false colours of the source.

    Yields
    ------
    Recording
        (240, 320, 3) uint8.

    Raises
    ------
    DataError
        A file is none of the set, or no whole BMP of this size.
    """
    for name, path in reading.files(folder):
        found = _NAME.fullmatch(name)
        if not found:
            raise DataError(f"{name} is no file of this set")
        # pictures of a class are numbered in the order in which the motor heated up: one sequence a class
        columns = {"fault": found[1], "sequence": found[1]}
        yield Recording(name.removesuffix(".bmp"), _picture(path, name), None, columns, name)


def _picture(path: Path, name: str) -> NDArray[np.uint8]:
    pixels = reading.picture(path, name, ["BMP"], {"RGB": "RGB"})
    if pixels.shape[:2] != _SIZE[::-1]:
        raise DataError(f"{name} is {pixels.shape[1]} x {pixels.shape[0]}, not {_SIZE[0]} x {_SIZE[1]}")
    return pixels
