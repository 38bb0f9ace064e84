"""Files of common formats, as readers take them: what is damaged or not as stated is refused in one line.

The decoders raise whatever the damage makes them raise, so that each of them is met with ``except Exception``.
Files of which nothing is stated are opened by `user.files`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faultboard.errors import DataError

# of every picture with 8 bits a colour, what becomes RGB
COLOURS = dict.fromkeys(("RGB", "RGBA", "L", "LA", "P", "1"), "RGB")
# what file managers leave behind, and no set holds
_CLUTTER = (".ds_store", "thumbs.db", "desktop.ini")
_MAT_HEADER = 128


def files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Walk the files below a folder, but for what file managers left there.

    Yields
    ------
    (str, Path)
        Name relative to the folder, with forward slashes, and path; sorted by name.

    Raises
    ------
    DataError
        A name cannot be printed: it is not UTF-8, or holds a line end.
    """
    paths = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file() and not is_clutter(p)}
    for name, path in sorted(paths.items()):
        if not name.isprintable():
            raise DataError(f"{name!a} is no name in UTF-8 that can be printed: rename the file")
        yield name, path


def is_clutter(path: Path) -> bool:
    """Whether a file manager left this file: ``.DS_Store``, ``._name``, ``Thumbs.db``, ``desktop.ini``."""
    return path.name.lower() in _CLUTTER or path.name.startswith("._")


def picture(path: Path, name: str, forms: list[str], modes: Mapping[str, str]) -> NDArray[np.uint8]:
    """Decode a picture.

    Parameters
    ----------
    forms : list of str
        Formats in Pillow's words that it may have: ``PNG``, ``JPEG``, ``BMP``.
    modes : mapping
        Pillow's mode of the file to the one it is brought to; a mode that is not named is refused, since converting
        what has more than 8 bits would clip it in silence.

    Returns
    -------
    (height, width, channels) uint8
        One channel for mode ``L``, three for ``RGB``.

    Raises
    ------
    DataError
        The file is none of these formats, is cut short or damaged, or has another mode.
    """
    from PIL import Image

    try:
        with Image.open(path, formats=forms) as opened:
            mode = opened.mode
            pixels = np.asarray(opened.convert(modes[mode])) if mode in modes else None
    except Exception as error:
        kind = f"{forms[0]} " if len(forms) == 1 else ""
        raise DataError(f"{name} is no whole {kind}picture ({path.stat().st_size:,} bytes): {_said(error)}") from None
    if pixels is None:
        raise DataError(f"{name} is a picture of mode {mode}, not {', '.join(modes)}")
    return pixels[..., None] if pixels.ndim == 2 else pixels


def text(path: Path, name: str) -> str:
    """Decode a file of plain text.

    Raises
    ------
    DataError
        It is none.
    """
    try:
        return path.read_bytes().decode("ascii")
    except UnicodeDecodeError as error:
        raise DataError(f"{name} is no text: byte {error.start:,}") from None


def numbers(lines: list[str], name: str, between: str = ",") -> NDArray[np.float64]:
    """Parse rows of numbers, (rows, columns); empty rows are passed over.

    Raises
    ------
    DataError
        A field is no number, or rows differ in length.
    """
    try:
        return np.loadtxt(lines, delimiter=between, comments=None, ndmin=2)
    except ValueError as error:
        raise DataError(f"{name} holds what is no number: {str(error).splitlines()[0]}") from None


def whole_lines(path: Path, name: str, rows: int) -> list[str]:
    """Read a text file of so many rows, each with its line end.

    Raises
    ------
    DataError
        It is no text, ends in the middle of a row, or has another number of rows.
    """
    lines = text(path, name).split("\n")
    if lines.pop():
        raise DataError(f"{name} ends in the middle of a row (row {len(lines) + 1:,})")
    if len(lines) != rows:
        raise DataError(f"{name} holds {len(lines):,} of {rows:,} rows")
    return lines


def wav(path: Path, name: str, rate: int, channels: int, length: int | None = None) -> NDArray[np.int16]:
    """Decode a WAV file of 16 bits.

    Parameters
    ----------
    rate, channels, length : int
        Sampling rate in Hz, channels and samples that it must have; any length but 0 without one.

    Returns
    -------
    (length, channels) int16

    Raises
    ------
    DataError
        The file is no WAV, is cut short or damaged, or has another form.
    """
    import soundfile

    refuse_cut_wav(path, name)
    try:
        with soundfile.SoundFile(path) as sound:
            form = f"{sound.format} {sound.subtype}, {sound.samplerate} Hz, {sound.channels} channels"
            # what was not 16 bit would be scaled in silence
            as_stated = (sound.subtype, sound.samplerate, sound.channels) == ("PCM_16", rate, channels)
            samples = sound.read(dtype="int16", always_2d=True) if as_stated else None
    except Exception as error:
        raise DataError(f"{name} is no WAV file that can be read: {_said(error)}") from None
    if samples is None:
        raise DataError(f"{name} is {form}, not 16-bit WAV, {rate} Hz, {channels} channels")
    if len(samples) != length if length else not len(samples):
        raise DataError(f"{name} holds {len(samples):,} of {length or 'any':,} samples")
    return np.asarray(samples, dtype=np.int16)


def refuse_cut_wav(path: Path, name: str) -> None:
    """Hold the file against the size in its header: a cut file is read without complaint, and shorter."""
    with path.open("rb") as stream:
        head = stream.read(12)
    size = path.stat().st_size
    if len(head) < 12 or head[:4] != b"RIFF" or head[8:] != b"WAVE":
        raise DataError(f"{name} is no WAV file ({size:,} bytes)")
    stated = int.from_bytes(head[4:8], "little") + 8
    if size < stated:
        raise DataError(f"{name} ends after {size:,} of {stated:,} bytes")


def mat(path: Path, name: str, variable: str, structs: bool = False) -> Any:
    """Read one variable of a MATLAB 5 file.

    Parameters
    ----------
    structs : bool
        Give structs as dictionaries, arrays of structs as lists of them, and arrays without empty axes.

    Raises
    ------
    DataError
        The file is no MATLAB 5 file, is cut short or damaged, or lacks the variable.
    """
    from scipy.io import loadmat

    refuse_cut_mat(path, name)
    try:
        content = loadmat(path, variable_names=[variable], simplify_cells=structs)
    except Exception as error:
        raise DataError(f"{name} is damaged: {_said(error)}") from None
    if variable not in content:
        raise DataError(f"{name} ends early, or is another file: variable {variable} not found")
    return content[variable]


def refuse_cut_mat(path: Path, name: str) -> None:
    """Walk the sizes that the file states: scipy takes a file cut between two variables for a whole one."""
    content = path.read_bytes()
    place = _MAT_HEADER
    if len(content) < _MAT_HEADER or content[:10] != b"MATLAB 5.0":
        raise DataError(f"{name} is no MATLAB 5 file ({len(content):,} bytes)")
    size = ">I" if content[126:128] == b"MI" else "<I"
    while place + 8 <= len(content):
        place += 8 + struct.unpack(size, content[place + 4 : place + 8])[0]
    if place != len(content):
        raise DataError(f"{name} ends after {len(content):,} of at least {max(place, len(content) + 1):,} bytes")


def _said(error: Exception) -> str:
    """What an exception of a decoder says, in one line."""
    return f"{type(error).__name__}: {' '.join(ascii(str(error))[1:-1].split())}"[:200]
