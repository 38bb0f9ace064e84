"""Reader of the magnetic tile defects: ``MT_<class>/Imgs/expE_num_N.jpg``.

Which pictures show the same tile is looked up in ``magnetic_tile_groups.csv``: the file names give the exposure and
a running number, not the tile.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faultboard.data import DataError, Recording

_NAME = re.compile(r"MT_(Free|Blowhole|Break|Crack|Fray|Uneven)/Imgs/exp([0-6])_num_\d+\.jpg")


def read(folder: Path) -> Iterator[Recording]:
    """Read each photograph; masks of the defects (a .png beside a .jpg) are left alone.

    Yields
    ------
    Recording
        (height, width, 1) uint8, nearly every tile of a size of its own.

    Raises
    ------
    DataError
        A file is none of the set, has no tile, or is no whole grey JPEG.
    """
    tiles = _tiles()
    files = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
    for name, path in sorted(files.items()):
        # groups that came with an archive are not those of this card
        if name == "tile_groups.csv" or (path.suffix == ".png" and name.removesuffix("png") + "jpg" in files):
            continue
        found = _NAME.fullmatch(name)
        if not found or name not in tiles:
            raise DataError(f"{name} is no file of this set")
        columns = {"defect": found[1].lower(), "exposure": found[2], "tile": tiles[name]}
        yield Recording(name.removesuffix(".jpg"), _grey(path, name), None, columns, name)


def _tiles() -> dict[str, str]:
    with Path(__file__).with_name("magnetic_tile_groups.csv").open(encoding="utf-8", newline="") as stream:
        return {row["file"]: row["tile"] for row in csv.DictReader(stream)}


def _grey(path: Path, name: str) -> NDArray[Any]:
    from PIL import Image

    try:
        with Image.open(path, formats=["JPEG"]) as picture:
            pixels = np.asarray(picture)
    except (OSError, ValueError, SyntaxError) as error:
        raise DataError(f"{name} is no whole JPEG picture ({path.stat().st_size:,} bytes): {error}") from None
    if pixels.dtype != np.uint8 or pixels.ndim != 2:
        raise DataError(f"{name} is {pixels.dtype} of shape {pixels.shape}, not 8-bit grey")
    return pixels[..., None]
