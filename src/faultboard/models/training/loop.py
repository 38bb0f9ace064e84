"""The training loop: epochs over batches, for a network and for a head alone."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from faultboard.declare.catalogue import Model
from faultboard.errors import FaultboardError, OverLimit
from faultboard.models.networks.build import statistics_move, training_mode
from faultboard.models.training.augment import Augmenter
from faultboard.models.training.halving import Halving, Ids
from faultboard.models.training.optimiser import Schedule, optimiser

Labels = NDArray[np.int64]
# Gives the inputs at some positions of a side.
Source = Callable[[Ids], torch.Tensor]


# Steps that tell how long a cell will take: the first ones warm up.
_WARM, _MEASURED = 2, 10


class Loop:
    """Trains a network by its recipe and predicts with it."""

    def __init__(
        self, model: Model, net: nn.Module, classes: int, seed: int, device: str, augmenter: Augmenter | None
    ) -> None:
        self.model, self.net, self.classes, self.seed, self.device = model, net, classes, seed, device
        self.recipe = model.recipe
        self.augmenter = augmenter
        self._lower = self.recipe.dtype == "bfloat16"
        self._seeing = Halving()

    def fit(
        self,
        source: Source,
        y: Labels,
        aside: tuple[Source, Labels] | None,
        clock: Clock,
        progress: Callable[[int], None] | None,
    ) -> list[dict[str, float]]:
        """Train, and give the curve; under early stopping, leave the best epoch's weights in the network."""
        recipe, draw = self.recipe, np.random.default_rng(self.seed)
        steps = max(1, -(-len(y) // recipe.batch))
        clock.steps = steps * recipe.epochs
        moved = optimiser(recipe, self.net)
        schedule = Schedule(recipe, moved, steps)
        criterion = nn.CrossEntropyLoss(weight=_class_weight(self.model, y, self.classes, self.device))
        target = torch.from_numpy(y).to(self.device)
        curve: list[dict[str, float]] = []
        best, best_state, waited = float("inf"), None, 0
        training_mode(self.net, self.model)
        halving = Halving(2 if statistics_move(self.net) else 1)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            for epoch in range(recipe.epochs):
                training_mode(self.net, self.model)
                total, right = 0.0, 0
                for batch in _batches(draw.permutation(len(y)), recipe.batch):
                    loss, correct = self._step(source, batch, target[batch], criterion, moved, halving)
                    if not np.isfinite(loss):
                        raise FaultboardError(f"the loss is not finite in epoch {epoch + 1}")
                    schedule.step()
                    total += loss * len(batch)
                    right += correct
                    clock.step()
                point = {"loss": total / len(y), "accuracy": right / len(y)}
                if aside:
                    point |= self._watch(*aside, criterion)
                    if not np.isfinite(point["validation_loss"]):
                        raise FaultboardError(f"the validation loss is not finite in epoch {epoch + 1}")
                curve.append(point)
                schedule.epoch(point.get("validation_loss", point["loss"]))
                if progress:
                    progress(epoch + 1)
                if recipe.early_stopping is None or not aside:
                    continue
                if point["validation_loss"] < best:
                    best, best_state, waited = point["validation_loss"], copy.deepcopy(self.net.state_dict()), 0
                    continue
                waited += 1
                if waited >= recipe.early_stopping:
                    break
        if best_state is not None:
            self.net.load_state_dict(best_state)
        return curve

    def _step(
        self,
        source: Source,
        batch: Ids,
        target: torch.Tensor,
        criterion: nn.CrossEntropyLoss,
        moved: torch.optim.Optimizer,
        halving: Halving,
    ) -> tuple[float, int]:
        """Learn from one batch; where memory runs out, from halves of it that are added up."""
        # a weighted loss is a mean over weights, so that a part counts by those of its windows
        weight = torch.ones_like(target) if criterion.weight is None else criterion.weight[target]

        def learn(places: Ids) -> tuple[float, int]:
            loss, correct = self._loss(source(batch[places]), target[places], criterion)
            share = float(weight[places].sum() / weight.sum())
            (loss * share).backward()  # type: ignore[no-untyped-call]
            return loss.item() * share, correct

        parts = halving(np.arange(len(batch)), learn, begin=moved.zero_grad)
        moved.step()
        return sum(loss for loss, _ in parts), sum(correct for _, correct in parts)

    def _loss(self, x: torch.Tensor, target: torch.Tensor, criterion: nn.CrossEntropyLoss) -> tuple[torch.Tensor, int]:
        if self.augmenter and self.augmenter.changes_inputs:
            x = self.augmenter.inputs(x)
        if not self.recipe.augmentation.mixup:
            out = self._forward(x)
            loss: torch.Tensor = criterion(out, target)
        else:
            assert self.augmenter is not None
            share = self.augmenter.mixing()
            other = torch.randperm(len(x))
            out = self._forward(share * x + (1 - share) * x[other])
            loss = share * criterion(out, target) + (1 - share) * criterion(out, target[other])
        return loss, int((out.argmax(1) == target).sum())

    def _forward(self, x: torch.Tensor) -> torch.Tensor:
        with torch.autocast(self.device, torch.bfloat16, enabled=self._lower):
            out: torch.Tensor = self.net(x)
        return out.float()

    def _outputs(self, source: Source, count: int) -> Iterator[torch.Tensor]:
        """What the network gives for windows in their order, in parts."""

        def see(ids: Ids) -> torch.Tensor:
            with torch.inference_mode():
                return self._forward(source(ids))

        self.net.eval()
        for ids in _in_order(count, self.recipe.batch):
            yield from self._seeing(ids, see)

    def _watch(self, source: Source, y: Labels, criterion: nn.CrossEntropyLoss) -> dict[str, float]:
        """Loss and accuracy on the validation side."""
        target = torch.from_numpy(y).to(self.device)
        out = torch.cat(list(self._outputs(source, len(y))))
        loss = float(criterion(out, target))
        return {"validation_loss": loss, "validation_accuracy": float((out.argmax(1) == target).float().mean())}

    def predict(self, source: Source, count: int) -> NDArray[np.float64]:
        """Probabilities of ``count`` windows, (n, classes)."""
        return np.concatenate([out.double().softmax(1).cpu().numpy() for out in self._outputs(source, count)])


class Clock:
    """Says after some measured steps whether training would be over its limit."""

    def __init__(self, limit: float | None, begun: float) -> None:
        self._limit, self._begun, self._done = limit, begun, 0
        self._warm = 0.0
        self.steps = 0

    def step(self) -> None:
        """Count one batch.

        Raises
        ------
        OverLimit
            The first steps say that training would take longer.
        """
        self._done += 1
        if self._done == _WARM:
            self._warm = time.perf_counter()
        if self._limit is None or self._done != _WARM + _MEASURED:
            return
        now = time.perf_counter()
        projected = (self._warm - self._begun) + (now - self._warm) / _MEASURED * (self.steps - _WARM)
        if projected > self._limit:
            raise OverLimit(f"about {projected / 60:.0f} min a cell, the limit is {self._limit / 60:.0f} min")


def _in_order(count: int, size: int) -> list[Ids]:
    return [np.arange(first, min(first + size, count)) for first in range(0, count, size)]


def _batches(order: Ids, size: int) -> list[Ids]:
    """Cut an order into batches; a last one of a single window joins the one before, since batch norm needs two."""
    parts = [order[i : i + size] for i in range(0, len(order), size)]
    if len(parts) > 1 and len(parts[-1]) == 1:
        parts[-2:] = [np.concatenate(parts[-2:])]
    return parts


def _class_weight(model: Model, y: NDArray[np.int64], classes: int, device: str) -> torch.Tensor | None:
    """Inverse frequency on the training side, or frequency; a class that is absent weighs nothing."""
    if model.recipe.class_weight == "none":
        return None
    counts = np.bincount(y, minlength=classes)
    weight = np.where(counts > 0, len(y) / (np.maximum(counts, 1) * (counts > 0).sum()), 0.0)
    if model.recipe.class_weight == "proportional":
        weight = counts * (counts > 0).sum() / len(y)
    return torch.from_numpy(weight.astype(np.float32)).to(device)
