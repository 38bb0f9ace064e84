"""Surfaces of electrical commutators: ``images/<train|val>/NNN.jpg``, ``labels/<train|val>/NNN.txt``, read, generated.

A label file holds outlines of defects; an empty one says that there are none. Which item a picture shows is looked up
in ``kolektor_items.csv``, since this copy counts pictures through.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from faultboard.data import DataError, Recording, reading

_NAME = re.compile(r"(images/(?:train|val)/\d{3})\.jpg")
_LABEL = re.compile(r"labels/(train|val)/(\d{3})\.txt")
# class 0, then x and y of three corners or more, as shares of width and height
_NUMBER = r"(?:0(?:\.\d+)?|1(?:\.0+)?|\d(?:\.\d+)?e-\d+)"
_OUTLINE = re.compile(rf"0(?: {_NUMBER} {_NUMBER}){{3,}}")
_WIDTH = 500


def read(folder: Path) -> Iterator[Recording]:
    """Read each surface.

    Yields
    ------
    Recording
        (height, 500, 1) uint8, heights of 1,235 to 1,285.

    Raises
    ------
    DataError
        A file is none of the set, lacks its other half, is no whole grey JPEG or no whole label, or the label is not
        the one that the table of items has of it: a label file that lost its content would say that all is well.
    """
    files = dict(reading.files(folder))
    items = _items()
    for name, path in files.items():
        # groups that came with an archive are not those of this card
        if name == "items.csv":
            continue
        if label := _LABEL.fullmatch(name):
            if f"images/{label[1]}/{label[2]}.jpg" not in files:
                raise DataError(f"{name} has no picture beside it: images/{label[1]}/{label[2]}.jpg")
            continue
        if not _NAME.fullmatch(name) or name not in items:
            raise DataError(f"{name} is no file of this set")
        beside = _label_of(name)
        if beside not in files:
            raise DataError(f"{name} has no label: {beside} is not here")
        row = items[name]
        label_read = _surface(files[beside], beside)
        if label_read != row["label"]:
            raise DataError(f"{beside} says {label_read}, kolektor_items.csv {row['label']}: it is another file")
        columns = {
            "surface": label_read,
            "item": row["item"],
            "item_as_published": row["item_as_published"],
            "repeats": "copy" if row["byte_copy_of"] else "reshot" if row["reshot_of"] else "none",
        }
        pixels = reading.picture(path, name, ["JPEG"], {"L": "L"})
        if pixels.shape[1] != _WIDTH:
            raise DataError(f"{name} is {pixels.shape[1]} pixels wide, not {_WIDTH}")
        yield Recording(name.removesuffix(".jpg"), pixels, None, columns, name)


def _label_of(picture: str) -> str:
    return "labels/" + picture.removeprefix("images/").removesuffix("jpg") + "txt"


def _surface(path: Path, name: str) -> str:
    """Class that a label file says: outlines, one a line, or nothing."""
    lines = path.read_bytes().decode("ascii", "replace").splitlines()
    for number, line in enumerate(lines, 1):
        if not _OUTLINE.fullmatch(line):
            raise DataError(f"{name}, line {number}, is no outline of a defect: 0, then pairs of numbers from 0 to 1")
    return "defective" if lines else "normal"


def _items() -> dict[str, dict[str, str]]:
    with Path(__file__).with_name("kolektor_items.csv").open(encoding="utf-8", newline="") as stream:
        return {row["file"]: row for row in csv.DictReader(stream)}


def simulate(folder: Path, seed: int, seconds: float | None, recordings: int | None) -> None:
    """Write surfaces of generated commutators, of each item its first normal and its first defective picture.

    Parameters
    ----------
    folder : Path
        Where to write.
    seed : int
        Same seed, same pictures.
    seconds : float, optional
        Means nothing to pictures.
    recordings : int, optional
        Pictures in all, two an item; 40 without it.
    """
    from PIL import Image

    first: dict[str, dict[str, str]] = {}
    for name, row in _items().items():
        if not (row["byte_copy_of"] or row["reshot_of"]):
            first.setdefault(row["item"], {}).setdefault(row["label"], name)
    for number, names in enumerate(list(first.values())[: max(1, (recordings or 40) // 2)]):
        rng = np.random.default_rng([seed, number])
        level, height = rng.uniform(120, 170), int(rng.integers(1235, 1286))
        for label, name in names.items():
            path, beside = folder / name, folder / _label_of(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            beside.parent.mkdir(parents=True, exist_ok=True)
            pixels, outline = _strip(level, height, label == "defective", rng)
            Image.fromarray(pixels).save(path, quality=90)
            beside.write_text(outline, encoding="ascii")


def _strip(level: float, height: int, cracked: bool, rng: np.random.Generator) -> tuple[NDArray[np.uint8], str]:
    """Draw a surface, ground along its length, and the outline of its crack."""
    from scipy import ndimage

    row, column = np.indices((height, _WIDTH), dtype=np.float64)
    ground = ndimage.gaussian_filter(rng.standard_normal(row.shape), (30, 0.8))
    grey = level + 8 * ground / ground.std() + 20 * np.cos((column / _WIDTH - 0.5) * rng.uniform(1, 3))
    outline = ""
    if cracked:
        x, y, length = rng.uniform(80, _WIDTH - 360), rng.uniform(200, height - 200), rng.uniform(150, 280)
        bend = ndimage.gaussian_filter1d(rng.standard_normal(_WIDTH), 12)
        away = row - y - 12 * bend / bend.std()
        along = (column > x) & (column < x + length)
        grey -= 60 * along * np.exp(-((away / rng.uniform(2, 5)) ** 2))
        corners = [(x, y - 40), (x + length, y - 40), (x + length, y + 40), (x, y + 40)]
        outline = "0 " + " ".join(f"{a / _WIDTH:.4f} {b / height:.4f}" for a, b in corners)
    grey += rng.normal(0, 2, row.shape)
    return np.clip(np.rint(grey), 0, 255).astype(np.uint8), outline
