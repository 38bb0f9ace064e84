"""Grey thumbnail and local contrast: the plainest description of a picture."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter

_WIDTH, _HEIGHT = 32, 24
_NEAR = 5


def features(batch: list[NDArray[np.uint8]], rate: float | None) -> NDArray[Any]:
    """Grey values of a 32 by 24 thumbnail, and the contrast around each of them.

    Parameters
    ----------
    batch : list of (height, width, channels) uint8
        Pictures of any size; transparency is dropped.

    Returns
    -------
    (n, 1536) float
        Thumbnail of zero mean and unit deviation; standard deviation in 5 by 5 pixels of it.
    """
    return np.stack([_one(picture) for picture in batch])


def _one(picture: NDArray[np.uint8]) -> NDArray[Any]:
    from PIL import Image

    grey = picture[..., :3].mean(axis=2).astype(np.uint8)
    small = np.asarray(Image.fromarray(grey).resize((_WIDTH, _HEIGHT), Image.Resampling.BOX), dtype=np.float64)
    small = (small - small.mean()) / (small.std() + 1e-9)
    mean = uniform_filter(small, _NEAR)
    contrast = np.sqrt(np.maximum(uniform_filter(small**2, _NEAR) - mean**2, 0))
    return np.concatenate([small.ravel(), contrast.ravel()])
