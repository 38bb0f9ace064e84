"""Batch norms that take their statistics from the data of a task instead of from where they began."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from faultboard.declare.catalogue import Model
from faultboard.errors import CardError


@contextmanager
def statistics_of(net: nn.Module, model: Model) -> Iterator[None]:
    """While it is open, every batch norm normalises by the batch; after it, by the mean over what it has seen.

    Raises
    ------
    CardError
        The network has no batch norm.
    """
    norms = [module for module in net.modules() if isinstance(module, _BatchNorm)]
    if not norms:
        raise CardError(f"{model.card.path}: recipes.{model.recipe_name}: batch_norm data: it has no batch norm")
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # torch's word for a plain mean over batches
        norm.train()
    yield
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
        norm.eval()
