"""Files whose form nobody has stated: a user's own recordings, opened by what they say of themselves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faultboard.data.reading import COLOURS, picture
from faultboard.errors import DataError

SOUNDS = (".wav", ".flac", ".ogg")
PICTURES = (".png", ".jpg", ".jpeg", ".bmp")
SUFFIXES = (*SOUNDS, ".csv", ".mat", *PICTURES)
_TIME = ("t", "time", "timestamp")


@dataclass(frozen=True)
class UserFile:
    """Samples of one file.

    Attributes
    ----------
    samples : (length, channels) or (height, width, channels) ndarray
        Integers of 16 bits where the file holds such; pictures uint8.
    rate : float or None
        Sampling rate in Hz as the file states it; None where it does not, and for pictures.
    modality : {"sound", "vibration", "photo"}
        ``vibration`` stands for every signal that is no sound file.
    """

    samples: NDArray[Any]
    rate: float | None
    modality: str


def open_file(path: Path, name: str) -> UserFile:
    """Decode a file by its suffix: wav, flac, ogg, csv, mat, png, jpg, bmp.

    Of a CSV file, numeric columns are channels; a column ``t``, ``time`` or ``timestamp`` in seconds states the rate.
    Of a MATLAB file, the variables of the greatest length are, one vector a channel.

    Raises
    ------
    DataError
        The suffix is another one, or the file is damaged, empty or not finite.
    """
    suffix = path.suffix.lower()
    if suffix in PICTURES:
        return UserFile(picture(path, name, ["PNG", "JPEG", "BMP"], COLOURS), None, "photo")
    opener = {".csv": _csv, ".mat": _mat} | dict.fromkeys(SOUNDS, _sound)
    if suffix not in opener:
        raise DataError(f"{name}: no reader for '{suffix}' files: {', '.join(SUFFIXES)} can be read")
    try:
        found = opener[suffix](path)
    except Exception as error:
        # decoders raise whatever the damage makes them raise
        said = " ".join(ascii(str(error))[1:-1].split())
        raise DataError(f"{name} cannot be read: {type(error).__name__}: {said[:200]}") from None
    if not found.samples.size:
        raise DataError(f"{name} holds no samples")
    if not np.isfinite(found.samples).all():
        raise DataError(f"{name} holds samples that are not finite")
    return found


def _sound(path: Path) -> UserFile:
    import soundfile

    with soundfile.SoundFile(path) as sound:
        kind = "int16" if sound.subtype in ("PCM_16", "PCM_U8", "PCM_S8") else "float32"
        return UserFile(sound.read(dtype=kind, always_2d=True), float(sound.samplerate), "sound")


def _csv(path: Path) -> UserFile:
    import pandas as pd

    table = pd.read_csv(path)
    if all(_is_number(column) for column in table.columns):
        table = pd.read_csv(path, header=None)
    numbers = table.select_dtypes("number")
    if numbers.empty:
        raise ValueError("no numeric column")
    clock = next((c for c in numbers.columns if str(c).strip().lower() in _TIME), None)
    if clock is None:
        return UserFile(numbers.to_numpy(dtype=np.float32), None, "vibration")
    step = float(np.median(np.diff(numbers[clock].to_numpy(dtype=np.float64))))
    if not step > 0:
        raise ValueError(f"column '{clock}' does not grow")
    return UserFile(numbers.drop(columns=clock).to_numpy(dtype=np.float32), round(1 / step, 3), "vibration")


def _is_number(text: object) -> bool:
    try:
        float(str(text))
    except ValueError:
        return False
    return True


def _mat(path: Path) -> UserFile:
    from scipy.io import loadmat

    vectors = [
        values.reshape(max(values.shape), -1) if values.shape[0] >= values.shape[-1] else values.T
        for name, values in loadmat(path).items()
        if not name.startswith("__")
        and isinstance(values, np.ndarray)
        and values.ndim == 2
        and values.dtype.kind in "fiu"
    ]
    length = max((len(v) for v in vectors), default=0)
    channels = [v for v in vectors if len(v) == length]
    if length < 2:
        raise ValueError("no variable is a signal")
    return UserFile(np.concatenate(channels, axis=1).astype(np.float32), None, "vibration")
