"""EfficientAT's mobile networks for sound: MobileNetV3-Large of any width over a log-mel spectrogram.

Names of parameters are those of the published checkpoints, so that they load as they are.
Source: Schmid, Koutini, Widmer, ICASSP 2023, arXiv 2211.04772 (repository fschmid56/EfficientAT, MIT).
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

# kernel, expanded, out, squeeze-excitation, hard swish, stride: at width 1
_BLOCKS = [
    (3, 16, 16, False, False, 1),
    (3, 64, 24, False, False, 2),
    (3, 72, 24, False, False, 1),
    (5, 72, 40, True, False, 2),
    (5, 120, 40, True, False, 1),
    (5, 120, 40, True, False, 1),
    (3, 240, 80, False, True, 2),
    (3, 200, 80, False, True, 1),
    (3, 184, 80, False, True, 1),
    (3, 184, 80, False, True, 1),
    (3, 480, 112, True, True, 1),
    (3, 672, 112, True, True, 1),
    (5, 672, 160, True, True, 2),
    (5, 960, 160, True, True, 1),
    (5, 960, 160, True, True, 1),
]


def build(width: float, classes: int = 527) -> nn.Module:
    """Build a network of a width, as a share of MobileNetV3-Large's channels."""
    return MobileNet(width, classes)


def _round(channels: float) -> int:
    """Nearest multiple of eight that loses no more than a tenth."""
    rounded = max(8, int(channels + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * channels else rounded


def _norm(channels: int) -> nn.BatchNorm2d:
    # the checkpoints' own epsilon and momentum, not torch's defaults
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)


def _conv(inside: int, outside: int, kernel: int, stride: int, groups: int, act: nn.Module | None) -> nn.Sequential:
    layers = [nn.Conv2d(inside, outside, kernel, stride, (kernel - 1) // 2, groups=groups, bias=False), _norm(outside)]
    return nn.Sequential(*layers, *([act] if act else []))


class SqueezeExcitation(nn.Module):
    """Weighs channels by their means, through two linear layers and a sigmoid."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        inner = _round(channels / 4)
        self.fc1 = nn.Linear(channels, inner)
        self.fc2 = nn.Linear(inner, channels)

    def forward(self, x: Tensor) -> Tensor:
        scale = torch.sigmoid(self.fc2(torch.relu(self.fc1(x.mean((2, 3))))))
        return x * scale[:, :, None, None]


class Concurrent(nn.Module):
    """Holds the squeeze-excitation under the name that the checkpoints give it."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conc_se_layers = nn.ModuleList([SqueezeExcitation(channels)])

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, self.conc_se_layers[0](x))


class Block(nn.Module):
    """Inverted residual: expand, depthwise convolution, squeeze-excitation, project."""

    def __init__(self, inside: int, kernel: int, wide: int, outside: int, se: bool, swish: bool, stride: int) -> None:
        super().__init__()
        act = nn.Hardswish if swish else nn.ReLU
        layers: list[nn.Module] = [_conv(inside, wide, 1, 1, 1, act())] if wide != inside else []
        layers.append(_conv(wide, wide, kernel, stride, wide, act()))
        if se:
            layers.append(Concurrent(wide))
        layers.append(_conv(wide, outside, 1, 1, 1, None))
        self.block = nn.Sequential(*layers)
        self.residual = stride == 1 and inside == outside

    def forward(self, x: Tensor) -> Tensor:
        out = cast(Tensor, self.block(x))
        return x + out if self.residual else out


class MobileNet(nn.Module):
    """Features, their mean over time and frequency, and a classifier."""

    def __init__(self, width: float, classes: int) -> None:
        super().__init__()
        inside = _round(16 * width)
        layers: list[nn.Module] = [_conv(1, inside, 3, 2, 1, nn.Hardswish())]
        for kernel, wide, outside, se, swish, stride in _BLOCKS:
            after = _round(outside * width)
            layers.append(Block(inside, kernel, _round(wide * width), after, se, swish, stride))
            inside = after
        last = 6 * inside
        layers.append(_conv(inside, last, 1, 1, 1, nn.Hardswish()))
        self.features = nn.Sequential(*layers)
        hidden = _round(1280 * width)
        self.classifier = nn.Sequential(
            nn.Identity(), nn.Identity(), nn.Linear(last, hidden), nn.Hardswish(), nn.Dropout(0.2),
            nn.Linear(hidden, classes),
        )  # fmt: skip
        for module in self.modules():
            # torch's own start lets a signal die out in fifteen blocks
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")
            elif isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, 0, 0.01)
                nn.init.zeros_(module.bias)

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, self.classifier(self.features(x).mean((2, 3))))
