"""Keeping freed memory: a third of a forward pass is otherwise spent on getting it back."""

from __future__ import annotations

import ctypes
import ctypes.util
from functools import cache

_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_THRESHOLD = -1, -2, -3
_LARGE = 1 << 30


@cache
def keep_freed_memory() -> None:
    """Tell glibc not to give large freed blocks back to the system; nothing happens without glibc.

    Measured on two cores, batches of 32: resnet18 46 to 58 pictures/s in float32.
    """
    name = ctypes.util.find_library("c")
    try:
        libc = ctypes.CDLL(name)
        for option, value in ((_M_MMAP_THRESHOLD, _LARGE), (_M_TRIM_THRESHOLD, _LARGE), (_M_TOP_PAD, 1 << 28)):
            libc.mallopt(option, value)
    except (OSError, AttributeError, TypeError):
        return
