"""A small plain CNN on pictures, from scratch: the counterpart of networks that were trained on photographs."""

from __future__ import annotations

from itertools import pairwise
from typing import cast

from torch import Tensor, nn


def build(width: int = 16, classes: int = 10) -> nn.Module:
    """Build the network; ``width`` are the channels of the first of four stages, each has twice the one before."""
    return PictureCnn(width, classes)


class PictureCnn(nn.Module):
    """Four stages of convolution, batch norm and pooling, the mean over the map, a head. Pictures of any size."""

    def __init__(self, width: int, classes: int) -> None:
        super().__init__()
        widths = [3, *(width << i for i in range(4))]
        stages: list[nn.Module] = []
        for inside, outside in pairwise(widths):
            stages += [nn.Conv2d(inside, outside, 3, padding=1, bias=False), nn.BatchNorm2d(outside)]
            stages += [nn.ReLU(), nn.MaxPool2d(2, ceil_mode=True)]
        self.stages = nn.Sequential(*stages)
        self.head = nn.Linear(widths[-1], classes)

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, self.head(self.stages(x).mean((2, 3))))
