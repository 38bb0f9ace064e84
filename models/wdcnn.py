"""WDCNN: a one-dimensional network on raw vibration, with a wide first kernel against noise.

Source: Zhang, Peng, Li, Chen, Zhang, Sensors 17 (2017) 425, doi 10.3390/s17020425: five stages of
convolution, batch norm and pooling, 64 samples wide and 16 apart in the first, 3 wide after. Here the
last pooling is a mean over time, so that a window may have any length.
"""

from __future__ import annotations

from typing import cast

from torch import Tensor, nn


def build(channels: int = 1, classes: int = 10) -> nn.Module:
    """Build the network; ``channels`` of the input are averaged where there are more than it takes."""
    return Wdcnn(channels, classes)


class Wdcnn(nn.Module):
    """Five convolutional stages, a hidden layer of 100, a head."""

    def __init__(self, channels: int, classes: int) -> None:
        super().__init__()
        widths = [channels, 16, 32, 64, 64, 64]
        stages: list[nn.Module] = []
        for i in range(5):
            kernel, stride, pad = (64, 16, 24) if i == 0 else (3, 1, 1)
            stages += [nn.Conv1d(widths[i], widths[i + 1], kernel, stride, pad), nn.BatchNorm1d(widths[i + 1])]
            stages += [nn.ReLU(), nn.MaxPool1d(2, ceil_mode=True)]
        self.stages = nn.Sequential(*stages)
        self.hidden = nn.Sequential(nn.Linear(64, 100), nn.ReLU())
        self.head = nn.Linear(100, classes)

    def forward(self, x: Tensor) -> Tensor:
        if x.shape[1] != self.stages[0].in_channels:
            x = x.mean(1, keepdim=True)
        return cast(Tensor, self.head(self.hidden(self.stages(x).mean(2))))
