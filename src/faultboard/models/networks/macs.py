"""What a window costs: multiply-accumulate operations of one forward pass."""

from __future__ import annotations

import copy

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode


def gmacs(net: nn.Module, input_shape: tuple[int, ...]) -> float:
    """Billions of multiply-accumulate operations of a network, a window.

    Parameters
    ----------
    input_shape : tuple of int
        Shape of one window's input, without the batch.

    Notes
    -----
    Half of torch's count of floating-point operations, on the meta device: there nothing is computed,
    and no fused kernel hides its operations, as those of the processor do (a ViT-B/16 would lose a third).
    Front ends are not counted: a Fourier transform is not what this counter knows.
    """
    shapes = copy.deepcopy(net).to("meta").eval()
    counter = FlopCounterMode(display=False)
    with torch.inference_mode(), counter:
        shapes(torch.empty((1, *input_shape), device="meta"))
    return counter.get_total_flops() / 2 / 1e9
