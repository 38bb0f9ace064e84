"""Batch norms that take their statistics from data: all of them, nothing of before, and then they stand still."""

import torch
from torch import nn

from faultboard.models.networks.batch_norms import statistics_of
from support.repository import CARDS


def test_statistics_are_the_mean_over_batches_and_nothing_of_before() -> None:
    norm = nn.BatchNorm1d(3)
    norm(torch.full((4, 3), 100.0) + torch.randn(4, 3))  # what it followed in training
    net = nn.Sequential(norm).eval()
    batches = [torch.randn(16, 3) + shift for shift in (0.0, 2.0, 4.0)]
    with statistics_of(net, CARDS.model("mn04.scratch.data_norm")):
        for batch in batches:
            net(batch)
    assert not norm.training
    assert norm.momentum == 0.1
    assert norm.running_mean is not None
    torch.testing.assert_close(norm.running_mean, torch.stack([b.mean(0) for b in batches]).mean(0))
    # a window's output does not depend on what comes with it
    torch.testing.assert_close(net(batches[0])[:1], net(batches[0][:1]))
