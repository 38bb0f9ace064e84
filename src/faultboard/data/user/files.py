"""Files whose form nobody has stated: a user's own recordings, opened by what they say of themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faultboard.data.reading import COLOURS, picture, refuse_cut_mat, refuse_cut_wav
from faultboard.data.user.signal import Signal, signal
from faultboard.data.user.text_table import Column, read_table
from faultboard.errors import DataError

SOUND_SUFFIXES = (".wav", ".flac", ".ogg")
PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp")
SUFFIXES = (*SOUND_SUFFIXES, ".csv", ".mat", *PICTURE_SUFFIXES)
_UNSTATED = (0, 0xFFFFFFFF)  # size in the header of a wav that was written to a pipe
_LAST_PAGE = 4  # flag of an Ogg page
_PAGE_HEAD = 23  # bytes of its header behind the name; the last counts the segments, whose sizes follow


@dataclass(frozen=True)
class UserFile:
    """One file; sounds and pictures are decoded when their samples are asked for.

    Attributes
    ----------
    rate : float or None
        Sampling rate in Hz as the file states it; None where it does not, and for pictures.
    modality : {"sound", "vibration", "photo"}
        ``vibration`` stands for every signal that is no sound file.
    length, channels : int
        Samples and channels; a picture is 1 long.
    dtype : str
        Integers of 16 bits where the file holds such, else float32; pictures uint8.
    notes : tuple of str
        What was left out or taken for granted.
    """

    rate: float | None
    modality: str
    length: int
    channels: int
    dtype: str
    decode: Callable[[], NDArray[Any]]
    notes: tuple[str, ...] = ()

    @cached_property
    def samples(self) -> NDArray[Any]:
        """Samples, (length, channels) or (height, width, channels).

        Raises
        ------
        DataError
            The file is cut short or damaged, or holds what is not finite.
        """
        return self.decode()


def open_file(path: Path, name: str) -> UserFile:
    """Open a file by its suffix: wav, flac, ogg, csv, mat, png, jpg, bmp.

    Of a CSV file, numeric columns are channels; separator, decimal mark and header are told by the text. Of a MATLAB
    file, the variables of the greatest length are, one vector a channel. Of both, what counts, labels or tells the time
    is left out, and noted; a clock (``t``, ``time``, ``timestamp``, ``time_us``) states the rate.

    Raises
    ------
    DataError
        The suffix is another one, or the file is damaged, empty, not finite, or can be read in two ways.
    """
    suffix = path.suffix.lower()
    opener = (
        {".csv": _csv, ".mat": _mat} | dict.fromkeys(SOUND_SUFFIXES, _sound) | dict.fromkeys(PICTURE_SUFFIXES, _picture)
    )
    if suffix not in opener:
        raise DataError(f"{name}: no reader for '{suffix}' files: {', '.join(SUFFIXES)} can be read")
    with _naming(name):
        opened = opener[suffix](path, name)
        if not opened.length:
            raise DataError("holds no samples")
    return opened


@contextmanager
def _naming(name: str) -> Iterator[None]:
    """Say in one line that begins with the file what is wrong with it."""
    try:
        yield
    except DataError as error:
        raise (error if str(error).startswith(name) else DataError(f"{name}: {_said(error)}")) from None
    except Exception as error:
        # decoders raise whatever the damage makes them raise
        raise DataError(f"{name} cannot be read: {type(error).__name__}: {_said(error)}") from None


def _said(error: Exception) -> str:
    return " ".join(str(error).encode("ascii", "backslashreplace").decode().split())[:300]


def _picture(path: Path, name: str) -> UserFile:
    from PIL import Image

    forms = ["PNG", "JPEG", "BMP"]
    with Image.open(path, formats=forms):
        return UserFile(None, "photo", 1, 3, "uint8", partial(picture, path, name, forms, COLOURS))


def _sound(path: Path, name: str) -> UserFile:
    import soundfile

    _refuse_cut_sound(path, name)
    with soundfile.SoundFile(path) as sound:
        kind = "int16" if sound.subtype in ("PCM_16", "PCM_U8", "PCM_S8") else "float32"
        decode = partial(_heard, path, name, kind)
        return UserFile(float(sound.samplerate), "sound", sound.frames, sound.channels, kind, decode)


def _heard(path: Path, name: str, kind: str) -> NDArray[Any]:
    import soundfile

    with _naming(name), soundfile.SoundFile(path) as sound:
        samples: NDArray[Any] = sound.read(dtype=kind, always_2d=True)
        if len(samples) < sound.frames:
            raise DataError(f"ends after {len(samples):,} of {sound.frames:,} samples")
        if not np.isfinite(samples).all():
            raise DataError("holds samples that are not finite")
    return samples


def _refuse_cut_sound(path: Path, name: str) -> None:
    """Refuse what decoders take for a shorter file."""
    with path.open("rb") as stream:
        head = stream.read(12)
        if head[:4] == b"RIFF" and int.from_bytes(head[4:8], "little") not in _UNSTATED:
            refuse_cut_wav(path, name)
        if head[:4] == b"OggS":
            stream.seek(max(0, path.stat().st_size - (1 << 16)))
            _, _, page = stream.read().rpartition(b"OggS")
            segments = page[_PAGE_HEAD : _PAGE_HEAD + page[_PAGE_HEAD - 1]] if len(page) >= _PAGE_HEAD else b""
            whole = _PAGE_HEAD + len(segments) + sum(segments)
            if not segments or len(page) < whole or not page[1] & _LAST_PAGE:
                raise DataError(f"ends early, after {path.stat().st_size:,} bytes: its last page is not whole")


def _csv(path: Path, _: str) -> UserFile:
    return _of(signal(*read_table(path.read_bytes())))


def _mat(path: Path, name: str) -> UserFile:
    from scipy.io import loadmat

    refuse_cut_mat(path, name)
    columns: list[Column] = []
    variables = {
        variable: values.reshape(max(values.shape), -1) if values.shape[0] >= values.shape[-1] else values.T
        for variable, values in loadmat(path).items()
        if not variable.startswith("__")
        and isinstance(values, np.ndarray)
        and values.ndim == 2
        and values.dtype.kind in "fiu"
    }
    length = max((len(values) for values in variables.values()), default=0)
    if length < 2:
        raise DataError("no variable is a signal")
    for variable, values in variables.items():
        if len(values) == length:
            columns += [(variable, channel) for channel in values.T.astype(np.float64)]
    others = [v for v, values in variables.items() if len(values) != length]
    short = (f"variables {', '.join(others)} are shorter: left out",) if others else ()
    return _of(signal(columns), short)


def _of(table: Signal, notes: tuple[str, ...] = ()) -> UserFile:
    samples = table.samples
    if not np.isfinite(samples).all():
        raise DataError("holds samples that are not finite")
    length, channels = samples.shape
    return UserFile(table.rate, "vibration", length, channels, "float32", lambda: samples, (*table.notes, *notes))
