"""Pictures of equipment with and without defects: ``defective/`` and ``non-defective/``, read and generated.

Any such folder is read, whatever its files are called. Names such as ``ground_017_v2.png`` say category, part and view;
where a name does not, all three are `unknown`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from faultboard.data import DataError, Recording, reading
from faultboard.simulation.surface import DEFECTS, FINISHES, damage, draw_part, picture

_NAME = re.compile(r"(defective|non-defective)/([^/]+)\.(?:png|jpe?g|bmp)", re.IGNORECASE)
_STEM = re.compile(r"([a-z]+)_(\d+)_(v\d+)")
_FORMS = ["PNG", "JPEG", "BMP"]
_MODES = {**reading.COLOURS, "L": "L"}
_VIEWS = 3
_DEFECTIVE = 126 / 593  # of the source's test pictures


def read(folder: Path) -> Iterator[Recording]:
    """Read each picture: grey ones as one channel, all others as RGB, transparency dropped.

    Yields
    ------
    Recording
        (height, width, 1 or 3) uint8.

    Raises
    ------
    DataError
        A file is no picture of a class, or no whole picture of 8 bits.
    """
    for name, path in reading.files(folder):
        found = _NAME.fullmatch(name)
        if not found:
            raise DataError(f"{name} is no file of this set: defective or non-defective, a .png, .jpg or .bmp")
        said = _STEM.fullmatch(found[2])
        columns = {
            "quality": found[1].lower(),
            # a number may serve in each category
            "part": f"{said[1]}_{said[2]}" if said else "unknown",
            "category": said[1] if said else "unknown",
            "view": said[3] if said else "unknown",
        }
        # the suffix stays: a folder may hold one name as .png and as .jpg
        yield Recording(name, reading.picture(path, name, _FORMS, _MODES), None, columns, name)


def simulate(folder: Path, seed: int, seconds: float | None, recordings: int | None) -> None:
    """Write pictures of generated parts, three views each, ``<category>_<part>_<view>.png``.

    Parameters
    ----------
    folder : Path
        Where to write.
    seed : int
        Same seed, same pictures.
    seconds : float, optional
        Means nothing to pictures.
    recordings : int, optional
        Pictures in all, evenly by category; 480 without it. About 21 % show a defect.
    """
    from PIL import Image

    each = max(2, (recordings or 480) // (_VIEWS * len(FINISHES)))
    for number, (category, finish) in enumerate(FINISHES.items()):
        # rounded over the categories together, so that the share holds for all of them
        bad = round((number + 1) * each * _DEFECTIVE) - round(number * each * _DEFECTIVE)
        order = np.random.default_rng([seed, 0, number]).permutation(each)
        for place, which in enumerate(order):
            rng = np.random.default_rng([seed, 1, number, place])
            part = draw_part(finish, rng)
            if which < bad:
                part = damage(part, DEFECTS[(which + number) % len(DEFECTS)], rng)
            quality = "defective" if which < bad else "non-defective"
            (folder / quality).mkdir(exist_ok=True)
            for view in range(_VIEWS):
                # lamps a third of a turn apart
                shot = picture(part, 2 * np.pi * view / _VIEWS, rng)
                path = folder / quality / f"{category}_{place + 1:03d}_v{view + 1}.png"
                Image.fromarray(shot).save(path, compress_level=6)
