"""Hashes of files."""

from __future__ import annotations

import hashlib
from pathlib import Path


def file_hash(path: Path, kind: str = "sha256") -> str:
    """SHA-256 of a file, or another hash, as hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, kind).hexdigest()


def agrees(path: Path, pin: str) -> bool:
    """Whether a file has a hash: a SHA-256 or its first digits, ``md5:`` and an MD5, or none, which any file has."""
    kind, _, digits = pin.rpartition(":")
    return not digits or file_hash(path, kind or "sha256").startswith(digits)
