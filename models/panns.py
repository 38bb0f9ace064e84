"""PANNs: plain convolutional networks over a log-mel spectrogram of any length.

Names of parameters are those of the published checkpoints.
Source: Kong et al., IEEE/ACM TASLP 28 (2020), arXiv 1912.10211 (repository qiuqiangkong/audioset_tagging_cnn, MIT).
"""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from faultboard.errors import DataError
from faultboard.models.inputs.logmel_panns import POINTS, bank

_MELS = 64
_FRONT_END = ("spectrogram_extractor.", "logmel_extractor.")


def build(blocks: int, classes: int = 527) -> nn.Module:
    """Build Cnn10 (4 blocks, 64 to 512 channels) or Cnn14 (6 blocks, to 2,048)."""
    return PANN(blocks, classes)


class ConvBlock(nn.Module):
    """Two convolutions, then the mean of ``pool`` by ``pool`` places."""

    def __init__(self, inside: int, outside: int, pool: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inside, outside, 3, padding=1, bias=False)
        self.conv2 = nn.Conv2d(outside, outside, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(outside)
        self.bn2 = nn.BatchNorm2d(outside)
        self.pool = pool

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.bn1(self.conv1(x)))
        x = F.relu(self.bn2(self.conv2(x)))
        return F.avg_pool2d(x, self.pool)


class PANN(nn.Module):
    """Batch norm over bands, blocks, mean and maximum over time, a hidden layer and a classifier."""

    def __init__(self, blocks: int, classes: int) -> None:
        super().__init__()
        self.bn0 = nn.BatchNorm2d(_MELS)
        self.blocks = [f"conv_block{i}" for i in range(1, blocks + 1)]
        inside = 1
        for i, name in enumerate(self.blocks):
            # the sixth block of Cnn14 does not pool
            self.add_module(name, ConvBlock(inside, 64 * 2**i, 1 if i == 5 else 2))
            inside = 64 * 2**i
        self.fc1 = nn.Linear(inside, inside)
        self.fc_audioset = nn.Linear(inside, classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def forward(self, x: Tensor) -> Tensor:
        x = self.bn0(x.transpose(1, 2)).permute(0, 2, 3, 1)  # (n, 1, time, bands)
        for name in self.blocks:
            x = F.dropout(self.get_submodule(name)(x), 0.2, self.training)
        x = x.mean(3)
        x = F.dropout(x.amax(2) + x.mean(2), 0.5, self.training)
        x = F.dropout(F.relu(self.fc1(x)), 0.5, self.training)
        return cast(Tensor, self.fc_audioset(x))


def learned(checkpoint: dict[str, Any]) -> dict[str, Tensor]:
    """Take what was learned out of a checkpoint, and hold its front end against ours.

    A checkpoint carries its window and filters as matrices. Ours are the same numbers, computed by a Fourier
    transform, so they are compared and left out.

    Raises
    ------
    DataError
        The checkpoint was trained with another window or other filters.
    """
    state: dict[str, Tensor] = checkpoint["model"]
    window = state["spectrogram_extractor.stft.conv_real.weight"][0, 0]
    mels = state["logmel_extractor.melW"]
    for name, given, ours in (("window", window, torch.hann_window(POINTS)), ("mel filters", mels, bank().T)):
        if given.shape != ours.shape or not torch.allclose(given, ours, rtol=1e-4, atol=1e-6):
            raise DataError(f"the checkpoint's {name} are not those of the input logmel_panns")
    return {name: values for name, values in state.items() if not name.startswith(_FRONT_END)}
