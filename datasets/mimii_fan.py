"""Reader of MIMII's fans in the layout of its archives: ``fan/id_NN/{normal,abnormal}/NNNNNNNN.wav``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from faultboard.data import DataError, Recording

_NAME = re.compile(r"fan/(id_\d\d)/(normal|abnormal)/\d{8}\.wav")
_RATE = 16_000
_CHANNELS = (1, 8)  # one microphone where generated, eight as published


def read(folder: Path) -> Iterator[Recording]:
    """Read all microphones of each clip.

    Yields
    ------
    Recording
        (length, 8) int16 at 16 kHz; (length, 1) where clips are generated.

    Raises
    ------
    DataError
        A file is none of the set, is cut short, or no 16-bit WAV of this rate and number of channels.
    """
    files = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
    for name, path in sorted(files.items()):
        found = _NAME.fullmatch(name)
        if not found:
            raise DataError(f"{name} is no file of this set")
        columns = {"machine": found[1], "label": found[2]}
        yield Recording(name.removesuffix(".wav"), _clip(path, name), float(_RATE), columns, name)


def _clip(path: Path, name: str) -> NDArray[Any]:
    import soundfile

    _refuse_cut(path, name)
    try:
        with soundfile.SoundFile(path) as sound:
            # what was not 16 bit would be scaled in silence
            if sound.subtype != "PCM_16" or sound.samplerate != _RATE or sound.channels not in _CHANNELS:
                form = f"{sound.format} {sound.subtype}, {sound.samplerate} Hz, {sound.channels} channels"
                raise DataError(f"{name} is {form}, not 16-bit WAV, {_RATE} Hz, 8 channels (1 where generated)")
            samples: NDArray[Any] = sound.read(dtype="int16", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise DataError(f"{name} is no WAV file: {error.error_string}") from None
    return samples


def _refuse_cut(path: Path, name: str) -> None:
    """Hold the file against the size in its header: a cut file is read without complaint, and shorter."""
    with path.open("rb") as stream:
        head = stream.read(12)
    if len(head) < 12 or head[:4] != b"RIFF" or head[8:] != b"WAVE":
        raise DataError(f"{name} is no WAV file ({path.stat().st_size:,} bytes)")
    stated, found = int.from_bytes(head[4:8], "little") + 8, path.stat().st_size
    if found < stated:
        raise DataError(f"{name} ends after {found:,} of {stated:,} bytes")
