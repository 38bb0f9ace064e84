"""Photographs and thermal pictures, prepared as the weights were trained."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from faultboard.declare.model import Preprocessing


def prepare(
    batch: list[NDArray[np.uint8]], rate: float | None, preprocessing: Preprocessing, size: int | None = None
) -> torch.Tensor:
    """Resize the shorter side, cut the centre, put the channels in the weights' order, normalise.

    Parameters
    ----------
    batch : list of (height, width, channels) uint8
        Pictures of any size; grey is repeated, transparency dropped.
    size : int, optional
        Side of the result; the resize keeps its ratio to the cut. Default: the weights' own.

    Returns
    -------
    (n, 3, size, size) float32
    """
    from PIL import Image

    crop = size or preprocessing.crop
    shorter = round(preprocessing.resize * crop / preprocessing.crop)
    how = Image.Resampling.BICUBIC if preprocessing.interpolation == "bicubic" else Image.Resampling.BILINEAR
    out = np.empty((len(batch), crop, crop, 3), dtype=np.float32)
    for i, picture in enumerate(batch):
        three = np.repeat(picture, 3, axis=2) if picture.shape[2] == 1 else picture[..., :3]
        height, width = three.shape[:2]
        # torchvision's own rounding, so that not a pixel is shifted
        longer = int(shorter * max(height, width) / min(height, width))
        target = (longer, shorter) if width >= height else (shorter, longer)
        small = np.asarray(Image.fromarray(np.ascontiguousarray(three)).resize(target, how))
        top, left = (round((side - crop) / 2) for side in small.shape[:2])
        out[i] = small[top : top + crop, left : left + crop]
    if preprocessing.order == "bgr":
        out = out[..., ::-1].copy()
    pictures = torch.from_numpy(out).permute(0, 3, 1, 2) / 255
    mean = torch.tensor(preprocessing.mean).view(1, 3, 1, 1)
    std = torch.tensor(preprocessing.std).view(1, 3, 1, 1)
    return (pictures - mean) / std
