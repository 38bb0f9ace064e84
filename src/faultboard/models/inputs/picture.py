"""Photographs and thermal pictures, prepared as the weights were trained."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from faultboard.declare.model import Preprocessing
from faultboard.errors import CardError
from faultboard.models.inputs.pixels import normalised


def prepare(
    batch: list[NDArray[np.uint8]],
    rate: float | None,
    preprocessing: Preprocessing,
    size: int | None = None,
    fit: str = "whole",
) -> torch.Tensor:
    """Resize, put the channels in the weights' order, normalise.

    Parameters
    ----------
    batch : list of (height, width, channels) uint8
        Pictures of any size; grey is repeated, transparency dropped.
    size : int, optional
        Side of the result. Default: the weights' own.
    fit : {"whole", "centre"}
        ``whole`` squeezes the picture into the square: a defect at the end of a long part stays in sight.
        ``centre`` resizes the shorter side and cuts the centre, as the weights were evaluated; on tiles of
        magnetic_tile it cuts defects away (grouped accuracy of a probe 0.34 against 0.55).

    Returns
    -------
    (n, 3, size, size) float32

    Raises
    ------
    CardError
        No such fit.
    """
    from PIL import Image

    if fit not in ("whole", "centre"):
        raise CardError(f"input_settings: fit: '{fit}': say whole or centre")
    side = size or preprocessing.crop
    how = Image.Resampling.BICUBIC if preprocessing.interpolation == "bicubic" else Image.Resampling.BILINEAR
    out = np.empty((len(batch), side, side, 3), dtype=np.float32)
    for i, picture in enumerate(batch):
        three = np.repeat(picture, 3, axis=2) if picture.shape[2] == 1 else picture[..., :3]
        height, width = three.shape[:2]
        target = (side, side)
        if fit == "centre":
            shorter = round(preprocessing.resize * side / preprocessing.crop)
            # torchvision's own rounding, so that not a pixel is shifted
            longer = int(shorter * max(height, width) / min(height, width))
            target = (longer, shorter) if width >= height else (shorter, longer)
        small = np.asarray(Image.fromarray(np.ascontiguousarray(three)).resize(target, how))
        top, left = (round((have - side) / 2) for have in small.shape[:2])
        out[i] = small[top : top + side, left : left + side]
    if preprocessing.order == "bgr":
        out = out[..., ::-1].copy()
    pictures = torch.from_numpy(out).permute(0, 3, 1, 2) / 255
    return normalised(pictures, preprocessing)
