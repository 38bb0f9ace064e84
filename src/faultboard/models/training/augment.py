"""Changes to training windows, drawn anew each epoch from the seed of the cell."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from faultboard.declare.catalogue import Model
from faultboard.declare.dataset import PICTURES
from faultboard.declare.model import Augmentation
from faultboard.errors import CardError
from faultboard.models.inputs import black

_SIGNAL_CHANGES = ("noise", "time_shift")
_PICTURE_CHANGES = ("rotation", "flip", "shift", "zoom", "crop", "colour", "time_mask", "frequency_mask")


class Augmenter:
    """Draws one change a window.

    Parameters
    ----------
    model : Model
        Its recipe says what is drawn.
    draw : numpy Generator
        Where from.
    modality : str
        Of the windows.

    Raises
    ------
    CardError
        The recipe asks for changes that the windows of this kind do not know.
    """

    def __init__(self, model: Model, draw: np.random.Generator, modality: str) -> None:
        self.what, self._draw = model.recipe.augmentation, draw
        default = Augmentation()
        asked = [
            name for name in (*_SIGNAL_CHANGES, *_PICTURE_CHANGES) if getattr(self.what, name) != getattr(default, name)
        ]
        self.changes_signals = any(name in _SIGNAL_CHANGES for name in asked)
        self.changes_inputs = any(name in _PICTURE_CHANGES for name in asked)
        if modality in PICTURES and self.changes_signals:
            named = ", ".join(name for name in asked if name in _SIGNAL_CHANGES)
            raise CardError(f"{model.card.path}: recipes.{model.recipe_name}: {named} is for signals, not for pictures")
        self._at = f"{model.card.path}: recipes.{model.recipe_name}"
        self._black = black(model, modality)

    def signals(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Shift windows round in time and add white noise, (n, length, channels)."""
        out = batch.copy()
        for window in out:
            if self.what.time_shift:
                reach = round(self.what.time_shift * len(window))
                window[:] = np.roll(window, int(self._draw.integers(-reach, reach + 1)), axis=0)
            if self.what.noise is not None:
                power = np.var(window, axis=0) / 10 ** (self.what.noise / 10)
                window += (np.sqrt(power) * self._draw.standard_normal(window.shape)).astype(np.float32)
        return out

    def inputs(self, batch: torch.Tensor) -> torch.Tensor:
        """Change network inputs, (n, channels, height, width); what is moved in from outside is black.

        Raises
        ------
        CardError
            The inputs are no pictures.
        """
        if batch.ndim != 4:
            raise CardError(f"{self._at}: augmentation of pictures, but the input is {batch.ndim - 1}-dimensional")
        return torch.stack([self._one(picture) for picture in batch])

    def _one(self, picture: torch.Tensor) -> torch.Tensor:
        from torchvision.transforms.v2 import functional as F

        what, draw = self.what, self._draw
        height, width = picture.shape[-2:]
        if what.crop:
            side = float(np.sqrt(draw.uniform(what.crop, 1)))
            h, w = max(1, round(side * height)), max(1, round(side * width))
            top, left = int(draw.integers(0, height - h + 1)), int(draw.integers(0, width - w + 1))
            picture = F.resized_crop(picture, top, left, h, w, [height, width], antialias=True)
        if what.rotation or what.shift or what.zoom:
            moved: Any = [float(draw.uniform(-what.shift, what.shift)) * size for size in (width, height)]
            angle = float(draw.uniform(-what.rotation, what.rotation))
            scale = float(draw.uniform(1 - what.zoom, 1 + what.zoom))
            picture = F.affine(picture, angle, moved, scale, [0.0, 0.0], F.InterpolationMode.BILINEAR, fill=self._black)
        if what.flip and draw.random() < 0.5:
            picture = picture.flip(-1)
        if what.colour:
            gain, offset = draw.uniform(1 - what.colour, 1 + what.colour), draw.uniform(-what.colour, what.colour)
            mean = picture.mean()
            picture = (picture - mean) * float(gain) + mean + float(offset) * picture.std()
        for widest, axis in ((what.time_mask, -1), (what.frequency_mask, -2)):
            if widest:
                picture = self._masked(picture, widest, axis)
        return picture

    def _masked(self, picture: torch.Tensor, widest: int, axis: int) -> torch.Tensor:
        """Blank one stripe (SpecAugment: Park et al., Interspeech 2019, arXiv 1904.08779)."""
        size = picture.shape[axis]
        width = int(self._draw.integers(0, min(widest, size) + 1))
        first = int(self._draw.integers(0, size - width + 1))
        out = picture.clone()
        out.narrow(axis, first, width).copy_(torch.tensor(self._black).view(-1, 1, 1))
        return out

    def mixing(self) -> float:
        """Share of the first window in a mixture, from mixup's beta distribution (Zhang et al., arXiv 1710.09412)."""
        return float(self._draw.beta(self.what.mixup, self.what.mixup))
