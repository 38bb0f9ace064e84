"""Defects on printed boards, read and generated: ``group<B>/<B>/<N>_test.jpg`` beside ``group<B>/<B>_not/<N>.txt``.

A recording is one marked defect: 64 by 64 pixels about the middle of its box. A box as it was drawn would give the
class away by its size.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from faultboard.data import DataError, Recording, reading

_PICTURE = re.compile(r"group(\d{5})/\1/(\d{8})_test\.jpg")
_BOXES = re.compile(r"group(\d{5})/\1_not/(\d{8})\.txt")
# templates without a defect, and the source's own lists, which share every board
_BESIDE = re.compile(r"group(\d{5})/\1/\d{8}_temp\.jpg|(?:test|trainval)\.txt")
_BOX = re.compile(r"(\d{1,3}) (\d{1,3}) (\d{1,3}) (\d{1,3}) ([1-6])")
_DEFECTS = ("open", "short", "mousebite", "spur", "copper", "pin_hole")
_SIDE = 640
_CROP = 64
_PITCH = 42  # of generated tracks


def read(folder: Path) -> Iterator[Recording]:
    """Read each box of each picture; templates and the source's lists are left alone.

    Yields
    ------
    Recording
        (64, 64, 1) uint8; at the edge of a picture the crop is moved inside it.

    Raises
    ------
    DataError
        A file is none of the set, a picture has no boxes or boxes no picture, a line is no box, or a picture is no
        whole JPEG of 640 x 640.
    """
    files = {name: path for name, path in reading.files(folder) if not _BESIDE.fullmatch(name)}
    for name in files:
        found = _BOXES.fullmatch(name)
        if found and f"group{found[1]}/{found[1]}/{found[2]}_test.jpg" not in files:
            raise DataError(f"{name} has no picture {found[2]}_test.jpg")
        if not found and not _PICTURE.fullmatch(name):
            raise DataError(f"{name} is no file of this set")
    for name, path in files.items():
        if found := _PICTURE.fullmatch(name):
            board, number = found.groups()
            marked = f"group{board}/{board}_not/{number}.txt"
            if marked not in files:
                raise DataError(f"{name} has no boxes {marked}")
            pixels = _pixels(path, name)
            for place, (x, y, kind) in enumerate(_boxes(files[marked], marked), start=1):
                columns = {"defect": _DEFECTS[kind - 1], "board": board, "picture": number}
                yield Recording(f"{number}_{place:02d}", _crop(pixels, x, y), None, columns, name)


def _pixels(path: Path, name: str) -> NDArray[np.uint8]:
    # a few of these black and white pictures are stored as RGB
    pixels = reading.picture(path, name, ["JPEG"], {"L": "L", "RGB": "L"})
    if pixels.shape[:2] != (_SIDE, _SIDE):
        raise DataError(f"{name} is {pixels.shape[1]} x {pixels.shape[0]}, not {_SIDE} x {_SIDE}")
    return pixels


def _boxes(path: Path, name: str) -> list[tuple[int, int, int]]:
    """Middle (x, y) and class of each line ``x1 y1 x2 y2 class``; the last line may lack its end."""
    boxes = []
    lines = path.read_bytes().decode("ascii", "replace").removesuffix("\n").split("\n")
    for at, line in enumerate(lines, start=1):
        found = _BOX.fullmatch(line)
        left, top, right, bottom, kind = map(int, found.groups()) if found else (0,) * 5
        if not (left < right <= _SIDE and top < bottom <= _SIDE):
            raise DataError(f"{name}: line {at} is no box in the picture: x1 y1 x2 y2 class")
        boxes.append(((left + right) // 2, (top + bottom) // 2, kind))
    return boxes


def _crop(pixels: NDArray[np.uint8], x: int, y: int) -> NDArray[np.uint8]:
    left, top = (min(max(at - _CROP // 2, 0), _SIDE - _CROP) for at in (x, y))
    return np.ascontiguousarray(pixels[top : top + _CROP, left : left + _CROP])


def simulate(folder: Path, seed: int, seconds: float | None, recordings: int | None) -> None:
    """Write pictures of generated boards: tracks and pads, and one defect of each class a picture.

    Parameters
    ----------
    folder : Path
        Where to write.
    seed : int
        Same seed, same pictures.
    seconds : float, optional
        Means nothing to pictures.
    recordings : int, optional
        Defects in all, six a picture and four pictures a board; 144 without it.
    """
    from PIL import Image

    for number in range(max(2, (recordings or 144) // 24)):
        board = f"{10_000 + 100 * number}"
        pictures, boxes = folder / f"group{board}" / board, folder / f"group{board}" / f"{board}_not"
        pictures.mkdir(parents=True)
        boxes.mkdir()
        width = int(np.random.default_rng([seed, number]).integers(8, 15))
        for place in range(4):
            rng = np.random.default_rng([seed, number, place])
            tracks = [at * _PITCH + int(rng.integers(-4, 5)) for at in range(1, _SIDE // _PITCH)]
            copper, lines = _board(tracks, width, rng), []
            for kind, y in enumerate(rng.permutation(tracks[1:-1])[: len(_DEFECTS)].tolist()):
                x = int(rng.integers(_PITCH, _SIDE - _PITCH))
                _damage(copper, _DEFECTS[kind], x, y, width, rng)
                half = int(rng.integers(14, 22))
                lines.append(f"{x - half} {y - half} {x + half} {y + half} {kind + 1}")
            name = f"{board}{place:03d}"
            Image.fromarray(np.where(copper, 0, 255).astype(np.uint8)).save(pictures / f"{name}_test.jpg", quality=90)
            (boxes / f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="ascii")


def _board(tracks: list[int], width: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Tracks from side to side, with pads here and there, where True is copper."""
    copper = np.zeros((_SIDE, _SIDE), dtype=bool)
    for y in tracks:
        copper[y - width // 2 : y + width // 2] = True
        for x in rng.integers(_PITCH, _SIDE - _PITCH, 8).tolist():
            _disc(copper, x, y, width * rng.uniform(0.6, 1.2), True)
    return copper


def _damage(copper: NDArray[np.bool_], defect: str, x: int, y: int, width: int, rng: np.random.Generator) -> None:
    """Etch too much or too little at a place on a track."""
    side, size = int(rng.choice([-1, 1])), int(rng.integers(3, 6))
    edge = y + side * width // 2
    match defect:
        case "open":
            copper[y - width : y + width, x - size : x + size] = False
        case "short":
            copper[min(y, y + _PITCH * side) : max(y, y + _PITCH * side), x - size : x + size] = True
        case "mousebite":
            _disc(copper, x, edge, size, False)
        case "spur":
            _disc(copper, x, edge, size, True)
        case "copper":
            _disc(copper, x, y + 20 * side, size, True)
        case "pin_hole":
            _disc(copper, x, y, size / 2, False)


def _disc(copper: NDArray[np.bool_], x: int, y: int, radius: float, value: bool) -> None:
    row, column = np.indices((_CROP, _CROP)) - _CROP // 2
    about = copper[y - _CROP // 2 : y + _CROP // 2, x - _CROP // 2 : x + _CROP // 2]
    about[np.hypot(row, column) < radius] = value
