"""Reader of clips in the layout of DCASE 2020 task 2: ``TYPE/{normal,anomaly}_id_NN_NNNNNNNN.wav``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from faultboard.data import DataError, Recording

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
    files = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
    for name, path in sorted(files.items()):
        found = _NAME.fullmatch(name)
        if not found:
            raise DataError(f"{name} is no file of this set")
        kind, label, number = found.groups()
        columns = {"label": label, "machine": f"{kind}_{number}", "type": kind}
        samples = _clip(path, name, _RATE * _SECONDS.get(kind, 10))
        yield Recording(name.removesuffix(".wav"), samples, float(_RATE), columns, name)


def _clip(path: Path, name: str, length: int) -> NDArray[Any]:
    import soundfile

    try:
        with soundfile.SoundFile(path) as sound:
            # what was not 16 bit would be scaled in silence
            if sound.subtype != "PCM_16" or sound.samplerate != _RATE or sound.channels != 1:
                form = f"{sound.format} {sound.subtype}, {sound.samplerate} Hz, {sound.channels} channels"
                raise DataError(f"{name} is {form}, not 16-bit WAV, {_RATE} Hz, mono")
            samples: NDArray[Any] = sound.read(dtype="int16", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise DataError(f"{name} is no WAV file ({path.stat().st_size:,} bytes): {error.error_string}") from None
    if len(samples) != length:
        raise DataError(f"{name} holds {len(samples):,} of {length:,} samples")
    return samples
