"""Photovoltaic modules from the air, read and generated: ``images/<number>.jpg`` and ``module_metadata.json``.

The numbers of the files are sorted by class. So a recording is called by a hash of its file's name, recordings come in
the order of these names, and a block of neighbouring numbers is called by a hash too.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from faultboard.data import DataError, Recording, reading

_NAME = re.compile(r"images/(0|[1-9]\d{0,4})\.jpg")
_LABELS = "module_metadata.json"
_SOUND = "No-Anomaly"
_SIZE = (24, 40)
_BLOCK = 25  # neighbouring numbers
# what the draws take: blocks with and without an anomaly, and blocks of each class
_OF_EITHER, _OF_CLASS = 60, 8
# of generated anomalies: how many places, cells down and across of each (none: less than a cell), grey levels
_HEAT = {
    "Offline-Module": (1, 10, 6, 45),
    "Diode-Multi": (1, 10, 4, 45),
    "Diode": (1, 10, 2, 45),
    "Shadowing": (1, 3, 6, -40),
    "Cell-Multi": (4, 1, 1, 55),
    "Cell": (1, 1, 1, 55),
    "Hot-Spot": (1, 0, 0, 90),
    "Cracking": (8, 0, 0, 35),
    "Hot-Spot-Multi": (4, 0, 0, 90),
    "Soiling": (2, 2, 2, 20),
    "Vegetation": (3, 2, 1, -40),
}


def read(folder: Path) -> Iterator[Recording]:
    """Read each picture; entries of the metadata whose picture is not there are left alone.

    Yields
    ------
    Recording
        (40, 24, 1) uint8.

    Raises
    ------
    DataError
        A file is none of the set or has no entry, the metadata cannot be read, or a picture is no whole grey JPEG of
        this size.
    """
    files = {name: path for name, path in reading.files(folder) if name != _LABELS}
    numbers = {name: int(found[1]) for name in files if (found := _NAME.fullmatch(name))}
    if strange := sorted(files.keys() - numbers.keys()):
        raise DataError(f"{strange[0]} is no file of this set")
    labels = _labels(folder / _LABELS)
    pictures, classes = {}, {}
    for name, number in numbers.items():
        if name not in labels:
            raise DataError(f"{name} has no entry in {_LABELS}")
        pictures[number], classes[number] = _picture(files[name], name), labels[name]
    blocks, draws = _joined(pictures), _drawn(classes)
    for number in sorted(pictures, key=_called):
        columns = {
            "anomaly": classes[number],
            "block": _hash(f"block {blocks[number]}")[:8],
            "draw": draws[number // _BLOCK],
        }
        yield Recording(_called(number), pictures[number], None, columns, f"images/{number}.jpg")


def _labels(path: Path) -> dict[str, str]:
    """Class of each picture, by the name of its file."""
    try:
        entries = json.loads(path.read_bytes())
        return {str(entry["image_filepath"]): str(entry["anomaly_class"]) for entry in entries.values()}
    except Exception as error:
        raise DataError(f"{_LABELS} cannot be read: {type(error).__name__}") from None


def _picture(path: Path, name: str) -> NDArray[np.uint8]:
    pixels = reading.picture(path, name, ["JPEG"], {"L": "L"})
    if pixels.shape[:2] != _SIZE[::-1]:
        raise DataError(f"{name} is {pixels.shape[1]} x {pixels.shape[0]}, not {_SIZE[0]} x {_SIZE[1]}")
    return pixels


def _called(number: int) -> str:
    return _hash(f"picture {number}")[:12]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _joined(pictures: Mapping[int, NDArray[np.uint8]]) -> dict[int, int]:
    """First block of those that share equal pictures, directly or by others, for each picture."""
    first: dict[bytes, int] = {}
    of = {number // _BLOCK: number // _BLOCK for number in pictures}
    for number in sorted(pictures):
        same = first.setdefault(pictures[number].tobytes(), number)
        one, other = sorted((of[same // _BLOCK], of[number // _BLOCK]))
        if one != other:
            of = {block: one if root == other else root for block, root in of.items()}
    return {number: of[number // _BLOCK] for number in pictures}


def _drawn(classes: Mapping[int, str]) -> dict[int, str]:
    """Draws that take each block: the first by their hashes, of either side and of each class."""
    held: dict[int, Counter[str]] = defaultdict(Counter)
    for number in sorted(classes):
        held[number // _BLOCK][classes[number]] += 1
    draws: dict[int, str] = {}
    taken = Counter[str]()
    # a hash of its own: names of drawn blocks would stand together else
    for block in sorted(held, key=lambda number: _hash(f"draw {number}")):
        # where two classes meet, the one of most pictures counts
        kind = held[block].most_common(1)[0][0]
        side = "without" if kind == _SOUND else "with"
        in_sides, in_classes = taken[side] < _OF_EITHER, taken[kind] < _OF_CLASS
        draws[block] = ("both" if in_sides else "classes") if in_classes else ("sides" if in_sides else "neither")
        taken.update((side, kind))
    return draws


def simulate(folder: Path, seed: int, seconds: float | None, recordings: int | None) -> None:
    """Write pictures of generated modules, numbered by class as the source's are: five blocks an anomaly.

    Parameters
    ----------
    folder : Path
        Where to write.
    seed : int
        Same seed, same pictures.
    seconds : float, optional
        Means nothing to pictures.
    recordings : int, optional
        Pictures in all, half of them without an anomaly, evenly by block; 440 without it.
    """
    from PIL import Image

    of_blocks = [kind for kind in _HEAT for _ in range(5)] + [_SOUND] * 5 * len(_HEAT)
    each = min(max(1, (recordings or 440) // len(of_blocks)), _BLOCK)
    (folder / "images").mkdir()
    labels = {}
    for block, kind in enumerate(of_blocks):
        for place in range(each):
            number = _BLOCK * block + place
            pixels = _module(kind, np.random.default_rng([seed, number]))
            Image.fromarray(pixels).save(folder / "images" / f"{number}.jpg", quality=90)
            labels[str(number)] = {"image_filepath": f"images/{number}.jpg", "anomaly_class": kind}
    (folder / _LABELS).write_text(json.dumps(labels), encoding="utf-8")


def _module(kind: str, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Picture of a module: cells of four pixels under a slope of temperature, warmer or colder in places."""
    row, column = np.indices(_SIZE[::-1])
    heat = rng.uniform(90, 150) + rng.normal(0, 0.4) * row + rng.normal(0, 0.4) * column
    # a module is not framed to the pixel
    down, right = rng.integers(0, 4, 2)
    heat -= 6 * (((row + down) % 4 == 0) | ((column + right) % 4 == 0))
    places, high, wide, change = _HEAT.get(kind, (0, 0, 0, 0))
    for _ in range(places):
        # what is smaller than a cell is two pixels wide
        height, width = 4 * high or 2, 4 * wide or 2
        top, left = (int(rng.integers(0, size - of + 1)) for size, of in ((40, height), (24, width)))
        heat[top : top + height, left : left + width] += change * rng.uniform(0.6, 1.2)
    pixels: NDArray[np.uint8] = np.clip(np.rint(heat + rng.normal(0, 3, heat.shape)), 0, 255).astype(np.uint8)
    return pixels
