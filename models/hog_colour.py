"""Histograms of oriented gradients and of colour.

Source: Dalal and Triggs, CVPR 2005, doi 10.1109/CVPR.2005.177: 9 unsigned orientations in cells of 8 by 8
pixels, normalised in overlapping blocks of 2 by 2 cells (L2, clipped at 0.2, L2 again).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_SIDE, _CELL, _ORIENTATIONS, _COLOURS = 64, 8, 9, 8


def features(batch: list[NDArray[np.uint8]], rate: float | None) -> NDArray[Any]:
    """Gradient and colour histograms of a 64 by 64 picture.

    Parameters
    ----------
    batch : list of (height, width, channels) uint8
        Pictures of any size; transparency is dropped, grey is repeated.

    Returns
    -------
    (n, 1788) float
        7 x 7 blocks x 4 cells x 9 orientations, then 8 bins a colour.
    """
    return np.stack([_one(picture) for picture in batch])


def _one(picture: NDArray[np.uint8]) -> NDArray[Any]:
    from PIL import Image

    three = np.repeat(picture, 3, axis=2) if picture.shape[2] == 1 else picture[..., :3]
    resized = Image.fromarray(np.ascontiguousarray(three)).resize((_SIDE, _SIDE), Image.Resampling.BOX)
    small = np.asarray(resized, dtype=np.float64)
    colours = [np.histogram(small[..., c], _COLOURS, (0, 256))[0] / small[..., c].size for c in range(3)]
    return np.concatenate([_gradients(small.mean(axis=2)), *colours])


def _gradients(grey: NDArray[Any]) -> NDArray[Any]:
    down, right = np.gradient(grey)
    strength = np.hypot(down, right)
    # unsigned orientation, shared between the two nearest bins
    place = (np.arctan2(down, right) % np.pi) / np.pi * _ORIENTATIONS
    low = np.floor(place).astype(int) % _ORIENTATIONS
    share = place - np.floor(place)
    votes = np.zeros((*grey.shape, _ORIENTATIONS))
    rows, columns = np.indices(grey.shape)
    np.add.at(votes, (rows, columns, low), strength * (1 - share))
    np.add.at(votes, (rows, columns, (low + 1) % _ORIENTATIONS), strength * share)
    count = _SIDE // _CELL
    cells = votes.reshape(count, _CELL, count, _CELL, _ORIENTATIONS).sum(axis=(1, 3))
    blocks = np.concatenate([cells[:-1, :-1], cells[:-1, 1:], cells[1:, :-1], cells[1:, 1:]], axis=2)
    for _ in range(2):
        blocks = np.minimum(blocks / (np.linalg.norm(blocks, axis=2, keepdims=True) + 1e-9), 0.2)
    return np.asarray(blocks / (np.linalg.norm(blocks, axis=2, keepdims=True) + 1e-9)).ravel()
