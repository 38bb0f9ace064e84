"""Reader of clips in the layout of DCASE 2020 task 2: ``TYPE/{normal,anomaly}_id_NN_NNNNNNNN.wav``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from faultboard.data import DataError, Recording, reading

_NAME = re.compile(r"(fan|pump|slider|valve|ToyCar|ToyConveyor)/(normal|anomaly)_id_(\d\d)_\d{8}\.wav")
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
            raise DataError(f"{name} is no file of this set")
        kind, label, number = found.groups()
        columns = {"label": label, "machine": f"{kind}_{number}", "type": kind}
        samples = reading.wav(path, name, _RATE, 1, _RATE * _SECONDS.get(kind, 10))
        yield Recording(name.removesuffix(".wav"), samples, float(_RATE), columns, name)
