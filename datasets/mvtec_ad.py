"""Reader of MVTec AD: ``<category>/{train,test}/{good,<defect>}/NNN.png``; masks (``ground_truth/``) are left alone."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from faultboard.data import DataError, Recording, reading

_NAME = re.compile(r"([a-z_]+)/(train(?=/good/)|test)/([a-z_]+)/\d{3}\.png")
_BESIDE = re.compile(r"(?:[a-z_]+/)?(?:license|readme)\.txt|[a-z_]+/ground_truth/[a-z_]+/\d{3}_mask\.png")
_MODES = {"RGB": "RGB", "L": "L"}  # three categories are grey


def read(folder: Path) -> Iterator[Recording]:
    """Read each picture.

    The column ``pooled`` is a division that one document describes by its counts alone: all of ``test/good`` and a
    tenth of the defective pictures to test on. Which tenth is not said; it is every tenth here, in the order of
    categories and then of the names' hashes.

    Yields
    ------
    Recording
        (height, width, 1 or 3) uint8.

    Raises
    ------
    DataError
        A file is none of the set, or no whole PNG of 8 bits.
    """
    walked = {name: path for name, path in reading.files(folder) if not _BESIDE.fullmatch(name)}
    tested = _tenth([name for name in walked if "/good/" not in name])
    for name, path in walked.items():
        found = _NAME.fullmatch(name)
        if not found:
            raise DataError(f"{name} is no file of this set: <category>/<train or test>/<good or defect>/<number>.png")
        category, side, kind = found.groups()
        good = kind == "good"
        columns = {
            "quality": "good" if good else "defective",
            "category": category,
            "folder": side,
            "pooled": "test" if name in tested or (good and side == "test") else "train",
        }
        pixels = partial(reading.picture, path, name, ["PNG"], _MODES)
        yield Recording(name.removesuffix(".png"), pixels, None, columns, name)


def _tenth(names: list[str]) -> set[str]:
    """Every tenth name in the order of categories, then of hashes: about a tenth of each category."""
    return set(sorted(names, key=lambda n: (n.partition("/")[0], hashlib.sha256(n.encode()).digest()))[::10])
