"""Reader of the Case Western Reserve University bearing data.

What a file holds is looked up in ``cwru_files.csv``, since neither its name nor its variables tell: 174_0.mat
holds X173, 3001 to 3008 hold X048 and others, and 97 is a 48 kHz recording beside faults at 12 kHz.
"""

from __future__ import annotations

import csv
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faultboard.data import DataError, Recording

_MAT_HEADER = 128


def read(folder: Path) -> Iterator[Recording]:
    """Read the drive-end channel of each .mat file, in the scaling of the source.

    Yields
    ------
    Recording
        (length, 1) float64 at 12 or 48 kHz.

    Raises
    ------
    DataError
        A file is none of the set, is cut short, or lacks its drive-end variable or some of its samples.
    """
    known = _files()
    files = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
    for name, path in sorted(files.items()):
        if name not in known:
            raise DataError(f"{name} is no file of this set")
        facts = known[name]
        samples = _drive_end(path, name, facts["variable"], int(facts["samples"]))
        columns = {column: facts[column] for column in ("fault", "size", "load", "end", "position")}
        columns["bearing"] = _bearing(facts)
        yield Recording(name.removesuffix(".mat"), samples, float(facts["rate"]), columns, name)


def _files() -> dict[str, dict[str, str]]:
    with Path(__file__).with_name("cwru_files.csv").open(encoding="utf-8", newline="") as stream:
        return {row["path"]: row for row in csv.DictReader(stream)}


def _bearing(facts: dict[str, str]) -> str:
    """Name the bearing: fault and size, with the end where it is the fan's.

    Whether the three positions of an outer-race defect are three bearings is not stated. They are joined: a unit
    that is too large cannot leak.
    """
    if facts["fault"] == "normal":
        return "normal"
    return f"{facts['fault']}_{facts['size']}{'_fan' if facts['end'] == 'fan' else ''}"


def _drive_end(path: Path, name: str, variable: str, samples: int) -> NDArray[Any]:
    from scipy.io import loadmat

    _refuse_cut(path, name)
    try:
        content = loadmat(path, variable_names=[variable])
    except Exception as error:  # scipy raises whatever the damage makes it raise
        raise DataError(f"{name} is damaged: {type(error).__name__}: {error}") from None
    if variable not in content:
        raise DataError(f"{name} ends early, or is another file: variable {variable} not found")
    found = np.asarray(content[variable])
    if found.dtype != np.float64 or found.ndim != 2 or found.shape[1] != 1:
        raise DataError(f"{name} has {found.dtype} of shape {found.shape} in {variable}, not one float64 channel")
    if len(found) != samples:
        raise DataError(f"{name} holds {len(found):,} of {samples:,} samples in {variable}")
    return found


def _refuse_cut(path: Path, name: str) -> None:
    """Walk the sizes that the file states: scipy takes a file cut between two variables for a whole one."""
    content = path.read_bytes()
    place = _MAT_HEADER
    if len(content) < _MAT_HEADER or content[:10] != b"MATLAB 5.0":
        raise DataError(f"{name} is no MATLAB 5 file ({len(content):,} bytes)")
    while place + 8 <= len(content):
        place += 8 + struct.unpack("<I", content[place + 4 : place + 8])[0]
    if place != len(content):
        raise DataError(f"{name} ends after {len(content):,} of at least {max(place, len(content) + 1):,} bytes")
