"""Reader of the development set of DCASE 2020 task 2.

``TYPE/train/normal_id_NN_NNNNNNNN.wav`` and ``TYPE/test/{normal,anomaly}_id_NN_NNNNNNNN.wav``: the names count anew in
each folder, so that the folder is part of a recording's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from faultboard.data import DataError, Recording, reading

_TYPES = "fan|pump|slider|valve|ToyCar|ToyConveyor"
_NAME = re.compile(rf"({_TYPES})/(train(?=/normal)|test)/(normal|anomaly)_id_(\d\d)_\d{{8}}\.wav")
_RATE = 16_000
_SECONDS = {"ToyCar": 11}  # the others: 10


def read(folder: Path) -> Iterator[Recording]:
    """Read each clip.

    Yields
    ------
    Recording
        (length, 1) int16 at 16 kHz: 10 s, or 11 s of a ToyCar.

    Raises
    ------
    DataError
        A file is none of the set, or no mono 16-bit WAV of this rate and length.
    """
    for name, path in reading.files(folder):
        found = _NAME.fullmatch(name)
        if not found:
            raise DataError(f"{name} is no file of this set: <type>/<train or test>/<label>_id_<NN>_<number>.wav")
        kind, side, label, number = found.groups()
        columns = {"label": label, "machine": f"{kind}_{number}", "type": kind, "folder": side}
        samples = partial(reading.wav, path, name, _RATE, 1, _RATE * _SECONDS.get(kind, 10))
        yield Recording(name.removesuffix(".wav"), samples, float(_RATE), columns, name)
