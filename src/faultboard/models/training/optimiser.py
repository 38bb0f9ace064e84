"""What moves the weights: optimisers, rates by layer, schedules."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from faultboard.declare.model import Recipe


def optimiser(recipe: Recipe, net: nn.Module) -> torch.optim.Optimizer:
    """Build the optimiser of a recipe over the parameters that may move.

    With ``layer_decay`` each block, counted from the output, has the rate of the next one times the decay. A block
    is a module of depth two, such as ``layer1.0``, in the order of the network.
    """
    kinds: dict[str, Any] = {"adamw": torch.optim.AdamW, "adam": torch.optim.Adam, "sgd": torch.optim.SGD}
    more = {"momentum": 0.9} if recipe.optimiser == "sgd" else {}
    built: torch.optim.Optimizer = kinds[recipe.optimiser](
        _groups(recipe, net), lr=recipe.rate, weight_decay=recipe.weight_decay, **more
    )
    return built


def _groups(recipe: Recipe, net: nn.Module) -> list[Any]:
    moving = [(name, p) for name, p in net.named_parameters() if p.requires_grad]
    if recipe.layer_decay == 1:
        return [p for _, p in moving]
    blocks: dict[str, list[nn.Parameter]] = {}
    for name, parameter in moving:
        blocks.setdefault(".".join(name.split(".")[:-1][:2]), []).append(parameter)
    last = len(blocks) - 1
    return [
        {"params": parameters, "lr": recipe.rate * recipe.layer_decay ** (last - place)}
        for place, parameters in enumerate(blocks.values())
    ]


class Schedule:
    """Rate over time.

    Parameters
    ----------
    steps : int
        Batches an epoch.
    """

    def __init__(self, recipe: Recipe, moved: torch.optim.Optimizer, steps: int) -> None:
        self._plateau: torch.optim.lr_scheduler.ReduceLROnPlateau | None = None
        decay, warm = recipe.decay, recipe.warm_up * steps
        if recipe.schedule == "plateau":
            self._plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(
                moved, factor=decay.factor, patience=decay.patience, min_lr=decay.least
            )
        if recipe.schedule == "cosine":
            self._by_step: Any = torch.optim.lr_scheduler.CosineAnnealingLR(moved, steps * recipe.epochs - warm)
        elif recipe.schedule == "step":
            self._by_step = torch.optim.lr_scheduler.StepLR(moved, decay.every * steps, decay.factor)
        else:
            self._by_step = None
        if warm and self._by_step:
            rise = torch.optim.lr_scheduler.LinearLR(moved, 1 / (warm + 1), 1.0, warm)
            self._by_step = torch.optim.lr_scheduler.SequentialLR(moved, [rise, self._by_step], [warm])
        elif warm:
            self._by_step = torch.optim.lr_scheduler.LinearLR(moved, 1 / (warm + 1), 1.0, warm)

    def step(self) -> None:
        """Go on by one batch."""
        if self._by_step:
            self._by_step.step()

    def epoch(self, loss: float) -> None:
        """End an epoch with this loss, of validation where there is one."""
        if self._plateau:
            self._plateau.step(loss)
