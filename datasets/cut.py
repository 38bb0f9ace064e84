"""What a `cut` edition keeps of an original file: bytes in, bytes out, the same on every machine.

A card names one of these as its edition's `change`; its list of files holds the hash of what comes out.
"""

from __future__ import annotations

import re
import struct

import numpy as np

_LINES = 20_000
_LINES_OF_TWO_SECONDS = 128_000
_MAT_HEADER = 128
_KEPT = re.compile(rb"X\d+(_DE_time|RPM)")


def first_lines(content: bytes) -> bytes:
    """Keep the first 20,000 lines of a text file."""
    return b"".join(content.splitlines(keepends=True)[:_LINES])


def first_two_seconds(content: bytes) -> bytes:
    """Keep the first 128,000 lines of a text file: 2 s of one number a line at 64 kHz."""
    return b"".join(content.splitlines(keepends=True)[:_LINES_OF_TWO_SECONDS])


def first_channel(content: bytes) -> bytes:
    """Keep the first channel of a 16-bit WAV file, under the plain header of 44 bytes.

    Raises
    ------
    ValueError
        It is no WAV file of 16 bit.
    """
    if content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        raise ValueError("no WAV file")
    chunks, place = {}, 12
    while place + 8 <= len(content):
        name, size = struct.unpack_from("<4sI", content, place)
        chunks[name] = content[place + 8 : place + 8 + size]
        place += 8 + size + size % 2
    _, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", chunks.get(b"fmt ", b"").ljust(16, b"\0"))
    if bits != 16 or b"data" not in chunks:
        raise ValueError(f"a WAV file of {bits} bit, not 16")
    kept = np.frombuffer(chunks[b"data"], dtype="<i2").reshape(-1, channels)[:, 0].tobytes()
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate, 2 * rate, 2, 16)
    return (
        struct.pack("<4sI4s", b"RIFF", 36 + len(kept), b"WAVE") + form + struct.pack("<4sI", b"data", len(kept)) + kept
    )


def drive_end(content: bytes) -> bytes:
    """Keep the drive-end channel and the RPM of a MATLAB 5 file: its header and these variables, byte for byte.

    Raises
    ------
    ValueError
        It holds something else than whole, uncompressed matrices.
    """
    kept, place = [content[:_MAT_HEADER]], _MAT_HEADER
    while place < len(content):
        kind, size = struct.unpack_from("<II", content, place)
        variable = content[place : place + 8 + size]
        if kind != 14 or len(variable) != 8 + size:
            raise ValueError(f"no whole, uncompressed matrix at byte {place:,}")
        if _KEPT.fullmatch(_name(variable)):
            kept.append(variable)
        place += 8 + size
    return b"".join(kept)


def _name(variable: bytes) -> bytes:
    """Name of a matrix: it follows the tag, the flags (16 bytes) and the dimensions (a multiple of 8 bytes)."""
    (dimensions,) = struct.unpack_from("<I", variable, 28)
    at = 32 + -(-dimensions // 8) * 8
    (size,) = struct.unpack_from("<H", variable, at + 2)
    if size:  # a name of up to four characters stands in the tag itself
        return variable[at + 4 : at + 4 + size]
    (length,) = struct.unpack_from("<I", variable, at + 4)
    return variable[at + 8 : at + 8 + length]
