"""Reader of the magnetic tile defects: ``MT_<class>/Imgs/expE_num_N.jpg``.

Which pictures show the same tile is looked up in ``magnetic_tile_groups.csv``: the file names give the exposure and
a running number, not the tile.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from faultboard.data import DataError, Recording, reading

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
    files = dict(reading.files(folder))
    for name, path in files.items():
        # groups that came with an archive are not those of this card
        if name == "tile_groups.csv" or (path.suffix == ".png" and name.removesuffix("png") + "jpg" in files):
            continue
        found = _NAME.fullmatch(name)
        if not found or name not in tiles:
            raise DataError(f"{name} is no file of this set")
        columns = {"defect": found[1].lower(), "exposure": found[2], "tile": tiles[name]}
        pixels = reading.picture(path, name, ["JPEG"], {"L": "L"})
        yield Recording(name.removesuffix(".jpg"), pixels, None, columns, name)


def _tiles() -> dict[str, str]:
    with Path(__file__).with_name("magnetic_tile_groups.csv").open(encoding="utf-8", newline="") as stream:
        return {row["file"]: row["tile"] for row in csv.DictReader(stream)}
