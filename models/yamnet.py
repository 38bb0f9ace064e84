"""YAMNet: MobileNetV1 over log-mel patches of 0.96 s.

Source: tensorflow/models, research/audioset/yamnet (Apache-2.0); Howard et al., arXiv 1704.04861.
"""

from __future__ import annotations

import re
from typing import cast

import torch
from timm.layers.conv2d_same import Conv2dSame
from torch import Tensor, nn

from faultboard.errors import DataError
from faultboard.models.patches import mean_over_patches

_EPSILON = 1e-4
_BLOCKS = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1)]
_LAYER = re.compile(r"(?:tower0/)?network/layer(\d+)/(?:(?:sep)?conv/BatchNorm/|fc/biases)")


def build(activation: str = "relu", classes: int = 521) -> nn.Module:
    """Build the network.

    Parameters
    ----------
    activation : {"relu", "relu6"}
        As in the Keras model, or as in the TFLite model, which was trained for 8 bits with activations cut at 6.
    """
    return YAMNet({"relu": nn.ReLU, "relu6": nn.ReLU6}[activation], classes)


class Norm(nn.BatchNorm2d):
    """Batch norm that shifts and does not scale."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels, eps=_EPSILON, momentum=0.01, affine=False)
        self.bias = nn.Parameter(torch.zeros(channels))


def _layer(inside: int, outside: int, kernel: int, stride: int, groups: int, act: nn.Module) -> nn.Sequential:
    """Convolution that pads as TensorFlow does: an odd pixel goes to the bottom and to the right."""
    return nn.Sequential(Conv2dSame(inside, outside, kernel, stride, groups=groups, bias=False), Norm(outside), act)


class YAMNet(nn.Module):
    """Embeddings of patches, their mean, and a classifier."""

    def __init__(self, act: type[nn.Module], classes: int) -> None:
        super().__init__()
        layers = [_layer(1, 32, 3, 2, 1, act())]
        inside = 32
        for outside, stride in _BLOCKS:
            layers += [_layer(inside, inside, 3, stride, inside, act()), _layer(inside, outside, 1, 1, 1, act())]
            inside = outside
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Linear(inside, classes)
        for module in self.modules():
            # torch's own start lets a signal die out in 27 layers
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight)

    def embed(self, patches: Tensor) -> Tensor:
        """Embeddings of patches, (m, 1, 96, 64) to (m, 1024)."""
        return cast(Tensor, self.features(patches).mean((2, 3)))

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, self.classifier(mean_over_patches(x, self.embed)))


def tflite(constants: dict[str, Tensor]) -> dict[str, Tensor]:
    """Put the constants of the TFLite model into the network's places.

    Batch norm is folded into its convolutions, so that the shift is all that is left of it. Each bias stands behind
    its weights in the file and is named for its layer; weights are named for several.

    Raises
    ------
    DataError
        The file does not hold the 27 convolutions and the last layer.
    """
    names = list(constants)
    found = {int(at[1]): i for i, name in enumerate(names) if (at := _LAYER.match(name))}
    if list(found) != [*range(1, 28), 29]:
        raise DataError(f"the TFLite file holds layers {list(found)}, not those of YAMNet")
    state: dict[str, Tensor] = {}
    for layer, place in found.items():
        weight, bias = constants[names[place - 1]], constants[names[place]]
        if layer == 29:
            state |= {"classifier.weight": weight, "classifier.bias": bias}
            continue
        block, channels = f"features.{layer - 1}", len(bias)
        depthwise = layer % 2 == 0
        state |= {
            f"{block}.0.weight": weight.permute(3, 0, 1, 2) if depthwise else weight.permute(0, 3, 1, 2),
            f"{block}.1.bias": bias,
            f"{block}.1.running_mean": torch.zeros(channels),
            f"{block}.1.running_var": torch.full((channels,), 1 - _EPSILON),
            f"{block}.1.num_batches_tracked": torch.tensor(0),
        }
    return state
