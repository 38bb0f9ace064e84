"""Heads that are trained by gradient, and the pooling before them."""

from __future__ import annotations

import torch
from torch import nn

from faultboard.declare.model import Head


def new_head(head: Head | None, width: int, classes: int) -> nn.Module:
    """Build a head from features (n, width) to classes: linear, or with dropout and a hidden layer."""
    if head is None or (head.hidden is None and not head.dropout):
        return nn.Linear(width, classes)
    layers: list[nn.Module] = [nn.Dropout(head.dropout)] if head.dropout else []
    if head.hidden:
        layers += [nn.Linear(width, head.hidden), nn.ReLU()]
        layers += [nn.Dropout(head.dropout)] if head.dropout else []
    return nn.Sequential(*layers, nn.Linear(head.hidden or width, classes))


class AttentionPool(nn.Module):
    """Weighted mean over the places of a feature map, (n, channels, height, width) to (n, channels, 1, 1).

    Weights are a softmax over the places of what two 1x1 convolutions make of each.
    """

    def __init__(self, channels: int, inner: int) -> None:
        super().__init__()
        self.score = nn.Sequential(nn.Conv2d(channels, inner, 1), nn.ReLU(), nn.Conv2d(inner, 1, 1))

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Pool one batch."""
        weight = self.score(features).flatten(2).softmax(-1)
        pooled: torch.Tensor = (features.flatten(2) * weight).sum(-1)[..., None, None]
        return pooled
