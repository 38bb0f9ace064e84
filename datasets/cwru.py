"""Reader of the Case Western Reserve University bearing data.

What a file holds is looked up in ``cwru_files.csv``, since neither its name nor its variables tell: 174_0.mat
holds X173, 3001 to 3008 hold X048 and others, and 97 is a 48 kHz recording beside faults at 12 kHz.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faultboard.data import DataError, Recording, reading


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
    for name, path in reading.files(folder):
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
    found = np.asarray(reading.mat(path, name, variable))
    if found.dtype != np.float64 or found.ndim != 2 or found.shape[1] != 1:
        raise DataError(f"{name} has {found.dtype} of shape {found.shape} in {variable}, not one float64 channel")
    if len(found) != samples:
        raise DataError(f"{name} holds {len(found):,} of {samples:,} samples in {variable}")
    return found
