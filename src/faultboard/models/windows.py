"""What this room sees of the data: samples, a rate, a modality."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class WindowsLike(Protocol):
    """Windows to compute on, wherever they come from: the prepared form, or arrays in memory.

    Attributes
    ----------
    rate : float or None
        Sampling rate in Hz; None for pictures.
    modality : str
        ``vibration``, ``acceleration``, ``sound``, ``thermal`` or ``photo``.
    """

    @property
    def rate(self) -> float | None: ...  # noqa: D102

    @property
    def modality(self) -> str: ...  # noqa: D102

    def __len__(self) -> int: ...

    def batch(self, ids: NDArray[np.int64]) -> NDArray[np.float32] | list[NDArray[np.uint8]]:
        """Samples of some windows, as recorded.

        Returns
        -------
        (n, length, channels) float32, or a list of (height, width, channels) uint8
            Signals in the units of the source; pictures of any size, with 1, 3 or 4 channels.
        """
        ...


class Identified(WindowsLike, Protocol):
    """Windows that are known again: those of one ``identity`` have the same features."""

    @property
    def identity(self) -> str:
        """Hash of which samples they are."""
        ...
