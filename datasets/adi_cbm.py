"""Reader of Analog Devices' condition-monitoring recordings on a machinery fault simulator.

A file is ``RPM_bearing_shaft_balance_alignment_load.Wfm.csv``, without a header: time; x; y; z, a blank after each
value, CRLF. Its first row alone has three fields more. They are the same at all speeds of one state and load, so
that they would name the installation; they are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faultboard.data import DataError, Recording, reading

_STATES = {
    "GoB_GS_BaLo_WA": "healthy",
    "GoB_BS_BaLo_WA": "bent_shaft",
    "GoB_GS_BaLo_MA": "misaligned",
    "GoB_GS_VHIL_WA": "imbalance",
    "HBF_GS_BaLo_WA": "ball",
    "HIR_GS_BaLo_WA": "inner",
    "HOR_GS_BaLo_WA": "outer",
    # lighter faults, as published only
    "GoB_GS_VLIL_WA": "very_light_imbalance",
    "GoB_GS_LImL_WA": "light_imbalance",
    "GoB_GS_HImL_WA": "heavy_imbalance",
    "LBF_GS_BaLo_WA": "light_ball",
    "LIR_GS_BaLo_WA": "light_inner",
    "LOR_GS_BaLo_WA": "light_outer",
}
_NAME = re.compile(r"(\d{4})_(\w+)_(\d\d)lb\.Wfm\.csv")
_RATE = 20_000.0
_ROWS = (20_000, 40_000)  # cut, and as published


def read(folder: Path) -> Iterator[Recording]:
    """Read the three axes of each recording, in V with the offset of the sensor.

    Yields
    ------
    Recording
        (20000 or 40000, 3) float64 at 20 kHz.

    Raises
    ------
    DataError
        A file is none of the set, or has other rows, fields or times than its kind.
    """
    for name, path in reading.files(folder):
        found = _NAME.fullmatch(name)
        if not found or found[2] not in _STATES:
            raise DataError(f"{name} is no file of this set")
        speed, mounting, load = found.groups()
        columns = {
            "state": _STATES[mounting],
            "mounting": mounting,
            "speed": str(int(speed)),
            "load": str(int(load)),
        }
        yield Recording(name.removesuffix(".Wfm.csv"), _axes(path, name), _RATE, columns, name)


def _axes(path: Path, name: str) -> NDArray[Any]:
    lines = path.read_bytes().split(b"\n")
    if lines.pop():
        raise DataError(f"{name} ends in the middle of a row (row {len(lines) + 1:,})")
    if len(lines) not in _ROWS:
        raise DataError(f"{name} holds {len(lines):,} rows, not {' or '.join(f'{n:,}' for n in _ROWS)}")
    for number, line in enumerate(lines):
        if line.count(b";") != (3 if number else 6):
            raise DataError(f"{name} has {line.count(b';') + 1} fields in row {number + 1:,}, not {4 if number else 7}")
    try:
        values = np.loadtxt(lines, delimiter=";", usecols=(0, 1, 2, 3), encoding="ascii")
    except (ValueError, UnicodeDecodeError) as error:
        raise DataError(f"{name} holds what is no number: {error}") from None
    if not np.allclose(values[:, 0], np.arange(len(values)) / _RATE, rtol=0, atol=0.01 / _RATE):
        raise DataError(f"{name} was not recorded at {_RATE:,.0f} Hz without a break: its time column says so")
    return np.ascontiguousarray(values[:, 1:])
