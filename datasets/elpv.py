"""Electroluminescence pictures of solar cells: ``images/cellNNNN.png`` and ``labels.csv``, read and generated.

Labels are the source's; which module a cell was cut from is looked up in ``elpv_modules.csv``, since neither names nor
labels say it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from faultboard.data import DataError, Recording, reading

_NAME = re.compile(r"images/cell\d{4}\.png")
_LABELS = "labels.csv"
_PROBABILITY = {"0.0": "0", "0.3333333333333333": "1/3", "0.6666666666666666": "2/3", "1.0": "1"}
_TYPES = ("mono", "poly")
_SIDE = 300
_CELLS = 8  # of each generated module: two of each probability


def read(folder: Path) -> Iterator[Recording]:
    """Read each cell; a cell that ``labels.csv`` lists and that is not here belongs to another edition.

    Yields
    ------
    Recording
        (300, 300, 1) uint8.

    Raises
    ------
    DataError
        A file is none of the set, has no label or module, or is no whole grey PNG of this size.
    """
    files = dict(reading.files(folder))
    labels = _labels(files[_LABELS]) if _LABELS in files else {}
    modules = _modules()
    for name, path in files.items():
        # groups that came with an archive are not those of this card
        if name in (_LABELS, "modules.csv"):
            continue
        if not _NAME.fullmatch(name) or name not in modules:
            raise DataError(f"{name} is no file of this set")
        if name not in labels:
            raise DataError(f"{name} has no line in {_LABELS}" + ("" if labels else ", which is not here"))
        probability, kind = labels[name]
        row = modules[name]
        columns = {
            "probability": probability,
            "physical_module": row["physical_module"],
            "module": row["module"],
            "type": kind,
        }
        pixels = reading.picture(path, name, ["PNG"], {"L": "L"})
        if pixels.shape[:2] != (_SIDE, _SIDE):
            raise DataError(f"{name} is {pixels.shape[1]} x {pixels.shape[0]}, not {_SIDE} x {_SIDE}")
        yield Recording(name.removesuffix(".png"), pixels, None, columns, name)


def _labels(path: Path) -> dict[str, tuple[str, str]]:
    """Probability of a defect and type of each cell: three fields a line with blanks between, no header."""
    labels: dict[str, tuple[str, str]] = {}
    for number, line in enumerate(path.read_bytes().decode("ascii", "replace").splitlines(), 1):
        fields = line.split()
        if len(fields) != 3 or fields[1] not in _PROBABILITY or fields[2] not in _TYPES:
            raise DataError(f"{_LABELS}, line {number}: {line[:60]!a} is no file, probability and type")
        if fields[0] in labels:
            raise DataError(f"{_LABELS}, line {number}: {fields[0]!a} is listed twice")
        labels[fields[0]] = (_PROBABILITY[fields[1]], fields[2])
    return labels


def _modules() -> dict[str, dict[str, str]]:
    with Path(__file__).with_name("elpv_modules.csv").open(encoding="utf-8", newline="") as stream:
        return {row["file"]: row for row in csv.DictReader(stream)}


def simulate(folder: Path, seed: int, seconds: float | None, recordings: int | None) -> None:
    """Write cells of generated modules: the first of each module, with its number.

    Parameters
    ----------
    folder : Path
        Where to write.
    seed : int
        Same seed, same pictures.
    seconds : float, optional
        Means nothing to pictures.
    recordings : int, optional
        Cells in all, eight a module; 96 without it. A quarter has each probability.
    """
    from PIL import Image

    files: dict[str, list[str]] = {}
    for name, row in _modules().items():
        files.setdefault(row["module"], []).append(name)
    (folder / "images").mkdir()
    said, lines = list(_PROBABILITY), []
    for number, module in enumerate(list(files)[: max(1, (recordings or 96) // _CELLS)]):
        rng = np.random.default_rng([seed, number])
        kind, level, fall = _TYPES[number % 2], rng.uniform(110, 190), rng.uniform(0.2, 0.6)
        severities = rng.permutation(np.repeat(np.arange(len(said)), _CELLS // len(said)))
        for name, severity in zip(files[module], severities, strict=False):
            pixels = _cell(kind, level, fall, severity / (len(said) - 1), rng)
            Image.fromarray(pixels).save(folder / name, compress_level=1)
            lines.append(f"{name}  {said[severity]:<20}{kind}\n")
    (folder / _LABELS).write_text("".join(lines), encoding="ascii", newline="\n")


def _cell(kind: str, level: float, fall: float, severity: float, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Draw a cell: bright where current recombines, dark at busbars, along a crack and where a crack cuts off.

    Parameters
    ----------
    level, fall : float
        Brightness of the module's middle in steps of 256, and the share of it that is lost at its corners.
    severity : float
        0 for none; above 0 a crack, the darker the higher; at 1 what lies behind it is dark as well.
    """
    from scipy import ndimage

    row, column = np.indices((_SIDE, _SIDE)) / _SIDE - 0.5
    # cells of one module are not of one brightness either
    light = rng.uniform(0.7, 1.3) * (1 - fall * (row**2 + column**2))
    # a cell of many crystals is mottled, one of a single crystal has round corners
    for width in (2, 6, 20):
        grain = ndimage.gaussian_filter(rng.standard_normal(row.shape), width)
        light *= 1 + (0.06 if kind == "poly" else 0.03) * grain / grain.std()
    if kind == "mono":
        light[np.hypot(row, column) > 0.66] *= 0.1
    for busbar in (-0.25, 0.25):
        light[abs(column - busbar) < 0.012] *= 0.3
    if severity:
        slope, bend = rng.uniform(-1, 1), ndimage.gaussian_filter1d(rng.standard_normal(_SIDE), 8)
        behind = row - rng.uniform(-0.1, 0.1) - slope * column - 0.02 * bend / bend.std()
        crack = np.exp(-((behind * _SIDE / 2) ** 2)) * (abs(column) < 0.4)
        light *= 1 - 0.8 * severity * crack
        if severity == 1:
            light[(behind > 0) & (behind < 0.25) & (abs(column) < 0.25)] *= 0.6
    grey = level * ndimage.gaussian_filter(light, 1) + rng.normal(0, 3, row.shape)
    pixels: NDArray[np.uint8] = np.clip(np.rint(grey), 0, 255).astype(np.uint8)
    return pixels
