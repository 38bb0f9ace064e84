"""Multiply-accumulates are those that papers print."""

import copy

import pytest
import torch

from faultboard.models.networks.build import network
from faultboard.models.networks.macs import gmacs
from support.repository import CARDS


@pytest.mark.parametrize(
    ("model", "shape", "published"),
    [("resnet18.scratch.full", (3, 224, 224), 1.814), ("mn04.scratch.full", (1, 128, 1000), 0.11)],
)
def test_published_counts(model: str, shape: tuple[int, ...], published: float) -> None:
    net = network(CARDS.model(model), 1000, 0)
    before = copy.deepcopy(net.state_dict())
    assert gmacs(net, shape) == pytest.approx(published, rel=0.03 if published > 1 else 0.1)
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
