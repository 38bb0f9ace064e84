"""Files that are whole or absent: written beside their place and renamed into it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any


def write_beside(path: Path, content: bytes) -> None:
    """Write a file so that readers see the old one or the new one, whole; its folder is made."""
    make_beside(path, lambda beside: beside.write_bytes(content))


def make_beside(path: Path, make: Callable[[Path], Any]) -> None:
    """The same with what a library writes.

    Parameters
    ----------
    make : callable
        Writes the file that it is given; its suffix is that of ``path``.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        make(beside)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
