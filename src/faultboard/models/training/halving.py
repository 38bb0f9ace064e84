"""Batches that are cut into halves, and these again, where memory runs out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

Ids = NDArray[np.int64]
_Found = TypeVar("_Found")


class Halving:
    """Computes on a batch, in as many parts as memory has been found to need; the next batch begins with so many.

    Parameters
    ----------
    least : int
        Windows of the smallest part: a batch norm that moves has no variance over one.
    """

    def __init__(self, least: int = 1) -> None:
        self._least, self._parts = least, 1

    def __call__(
        self, batch: Ids, compute: Callable[[Ids], _Found], begin: Callable[[], None] | None = None
    ) -> list[_Found]:
        """Give what each part of a batch gives.

        Parameters
        ----------
        batch : (n,) int
        compute : callable
            Called with a part of the batch.
        begin : callable, optional
            Called before the first part, and before each new try.

        Raises
        ------
        torch.cuda.OutOfMemoryError
            The smallest part is too large.
        """
        most = max(1, len(batch) // self._least)
        while True:
            if begin:
                begin()
            parts = min(self._parts, most)
            try:
                return [compute(part) for part in np.array_split(batch, parts)]
            except torch.cuda.OutOfMemoryError:
                if parts == most:
                    raise
                self._parts = 2 * parts
            # outside of `except`, where the failed pass is still held
            torch.cuda.empty_cache()
