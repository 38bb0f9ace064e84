"""Reader of the Case Western Reserve University bearing data.

What a file is comes from ``cwru_files.csv`` (number, rate, fault, size, load, variable, samples), since
names and variables in the files are not to be trusted: 174_0.mat holds X173_*, 3001 to 3008 hold X048
and others, and 97 is a 48 kHz recording beside 12 kHz faults.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from faultboard.data import DataError, Recording

_FAULTS = {"IR": "inner", "B": "ball", "OR": "outer", "normal": "normal"}


def read(folder: Path) -> Iterator[Recording]:
    """Drive-end vibration of each .mat file, in V of the source's scaling, float64."""
    known = _files()
    for path in sorted(folder.rglob("*.mat"), key=lambda p: p.relative_to(folder).as_posix()):
        name = path.relative_to(folder).as_posix()
        number = path.stem.split("_")[0].split("@")[0]
        if number not in known:
            raise DataError(f"{name} is no file of this set: no number {number}")
        facts = known[number]
        samples = _variable(path, name, facts["variable"], int(facts["samples"]))
        fault, size = _FAULTS[facts["fault"]], facts["size"]
        columns = {
            "fault": fault,
            "size": size or "none",
            "load": facts["load"],
            "end": facts["end"],
            "position": facts["position"].strip("@") or "none",
            # whether the positions of an outer-race defect are bearings of their own is not stated: joined,
            # since a unit too large cannot leak. A second rate is the same bearing.
            "bearing": "_".join(part for part in (fault, size, facts["end"]) if part and part != "none"),
        }
        yield Recording(name.removesuffix(".mat"), samples, float(facts["rate"]), columns, name)


def _files() -> dict[str, dict[str, str]]:
    with (Path(__file__).parent / "cwru_files.csv").open(encoding="utf-8", newline="") as stream:
        return {row["number"]: row for row in csv.DictReader(stream)}


def _variable(path: Path, name: str, variable: str, samples: int) -> Any:
    from scipy.io import loadmat

    try:
        content = loadmat(path, variable_names=[variable])
    except Exception as error:
        raise DataError(f"{name} is damaged ({path.stat().st_size:,} bytes): {error}") from None
    if variable not in content:
        raise DataError(f"{name} ends early, or is another file: it holds no {variable}")
    found = np.asarray(content[variable])
    if found.shape != (samples, 1) or found.dtype != np.float64:
        raise DataError(f"{name}: {variable} holds {found.size:,} of {samples:,} samples")
    return found
