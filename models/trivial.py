"""Level, offset and length of a signal, mean colours and size of a picture: what needs no model.

Every other input removes the level of a window, since gain names the recorder. Here it is all there is, so that a table
shows what it alone is worth. It is of the window: no file's name, number or date.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_TINY = 1e-20  # power of silence, whose logarithm stays finite
_BORDER = 50  # the outermost fiftieth of a picture


def features(batch: NDArray[np.float32] | list[NDArray[np.uint8]], rate: float | None) -> NDArray[Any]:
    """A few numbers a window.

    Parameters
    ----------
    batch : (n, length, channels) float32, or list of (height, width, channels) uint8
        Signals as recorded; pictures of any size, whose transparency is dropped and whose grey is repeated.
    rate : float or None
        Sampling rate of signals in Hz.

    Returns
    -------
    (n, 2 * channels + 1) float, or (n, 11) float
        Signals: logarithm of the RMS about the mean, the mean, a channel each, and the duration. Pictures: mean,
        standard deviation and mean of the border, a colour each, and the logarithms of height and width.
    """
    if isinstance(batch, list):
        return np.stack([_picture(picture) for picture in batch])
    assert rate is not None
    level = np.log(batch.var(axis=1, dtype=np.float64) + _TINY) / 2
    return np.concatenate([level, batch.mean(axis=1, dtype=np.float64), _duration(batch, rate)[:, None]], axis=1)


def _duration(batch: NDArray[np.float32], rate: float) -> NDArray[np.float64]:
    """Seconds until a window's last sample that is not 0, to a hundredth of the window.

    A task's windows are of one length, but one that reaches beyond its recording is filled up with zeros. Finer than a
    hundredth, a last sample that is 0 by chance would count.
    """
    length = batch.shape[1]
    last = ((batch != 0).any(axis=2) * np.arange(1, length + 1)).max(axis=1)
    return np.asarray(np.round(last / length, 2) * length / rate)


def _picture(picture: NDArray[np.uint8]) -> NDArray[Any]:
    three = np.repeat(picture, 3, axis=2) if picture.shape[2] == 1 else picture[..., :3]
    colours = three.astype(np.float64)
    height, width = colours.shape[:2]
    edge = max(1, min(height, width) // _BORDER)
    inside = colours[edge:-edge, edge:-edge]
    around = height * width - inside.shape[0] * inside.shape[1]
    border = (colours.sum(axis=(0, 1)) - inside.sum(axis=(0, 1))) / around
    return np.concatenate([colours.mean(axis=(0, 1)), colours.std(axis=(0, 1)), border, np.log([height, width])])
