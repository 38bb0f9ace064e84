"""Training a network: one plain loop, on the training side alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from faultboard.declare.catalogue import Model
from faultboard.errors import CardError, FaultboardError, OverLimit
from faultboard.models.build import network, parameter_counts, set_trainable, training_mode
from faultboard.models.inputs import input_of
from faultboard.models.memory import keep_freed_memory
from faultboard.models.windows import Windows

Ids = NDArray[np.int64]
# Inputs of a whole fold are kept in memory up to this size, so that each is made once.
_KEEP_BYTES = 2 << 30
# Steps that tell how long a cell will take: the first ones warm up.
_WARM, _MEASURED = 2, 10


@dataclass(frozen=True)
class TrainingResult:
    """What training one network gave.

    Attributes
    ----------
    probabilities : (n_test, classes) float64
    fit_seconds, predict_seconds : float
        Front end included.
    curve : list of dict
        Loss and accuracy on the training side, an epoch each.
    """

    probabilities: NDArray[np.float64]
    fit_seconds: float
    predict_seconds: float
    epochs: int
    curve: list[dict[str, float]]
    parameters: int
    trained_parameters: int


def inputs(model: Model, windows: Windows, ids: Ids) -> torch.Tensor:
    """Network input of some windows."""
    prepare, settings = input_of(model.card, windows.modality)
    return prepare(windows.batch(ids), windows.rate, model.pretraining.preprocessing, **settings)


def train_predict(
    model: Model,
    windows: Windows,
    train: Ids,
    y: NDArray[np.int64],
    test: Ids,
    classes: int,
    seed: int,
    device: str,
    limit: float | None = None,
    progress: Callable[[int], None] | None = None,
) -> TrainingResult:
    """Train on some windows and predict others. The last epoch is used: nothing is chosen.

    Parameters
    ----------
    y : (n_train,) int
        Classes of the training windows.
    limit : float, optional
        Seconds that training may take.
    progress : callable, optional
        Called with the epochs done.

    Raises
    ------
    OverLimit
        About ten measured steps say that it would take longer.
    CardError
        The recipe has settings; only scikit-learn's estimators take them.
    FaultboardError
        The loss is not finite.
    """
    keep_freed_memory()
    recipe = model.recipe
    if recipe.settings:
        named = ", ".join(recipe.settings)
        raise CardError(f"{model.card.path}: recipes.{model.recipe_name}: no setting of training: {named}")
    net = network(model, classes, seed).to(device)
    moving = set_trainable(net, model)
    begun = time.perf_counter()
    source = _Inputs(model, windows, train, device)
    steps = max(1, -(-len(train) // recipe.batch))
    optimiser = _optimiser(model, moving)
    schedule = _schedule(model, optimiser, steps * recipe.epochs)
    criterion = nn.CrossEntropyLoss(weight=_class_weight(model, y, classes, device))
    target = torch.from_numpy(y).to(device)
    draw = np.random.default_rng(seed)
    lower = recipe.dtype == "bfloat16"
    curve: list[dict[str, float]] = []
    clock = _Clock(limit, begun, steps * recipe.epochs)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        training_mode(net, model)
        for epoch in range(recipe.epochs):
            total, right = 0.0, 0
            for batch in _batches(draw.permutation(len(train)), recipe.batch):
                with torch.autocast(device, torch.bfloat16, enabled=lower):
                    out = net(source(batch))
                loss: torch.Tensor = criterion(out.float(), target[batch])
                if not torch.isfinite(loss):
                    raise FaultboardError(f"the loss is not finite in epoch {epoch + 1}")
                optimiser.zero_grad(set_to_none=True)
                loss.backward()  # type: ignore[no-untyped-call]
                optimiser.step()
                schedule.step()
                total += loss.item() * len(batch)
                right += int((out.argmax(1) == target[batch]).sum())
                clock.step()
            curve.append({"loss": total / len(train), "accuracy": right / len(train)})
            if progress:
                progress(epoch + 1)
    fitted = time.perf_counter()
    net.eval()
    parts = []
    held_out = _Inputs(model, windows, test, device, keep=False)
    with torch.inference_mode(), torch.autocast(device, torch.bfloat16, enabled=lower):
        for first in range(0, len(test), recipe.batch):
            out = net(held_out(np.arange(first, min(first + recipe.batch, len(test)))))
            parts.append(out.double().softmax(1).cpu().numpy())
    done = time.perf_counter()
    every, trained = parameter_counts(net)
    return TrainingResult(np.concatenate(parts), fitted - begun, done - fitted, recipe.epochs, curve, every, trained)


class _Inputs:
    """Network inputs of a fold's side, by position: made once and kept where they fit, else made anew."""

    def __init__(self, model: Model, windows: Windows, ids: Ids, device: str, keep: bool = True) -> None:
        self._model, self._windows, self._ids, self._device = model, windows, ids, device
        self._kept: torch.Tensor | None = None
        if keep:
            first = self._of(np.arange(1))
            if first.nbytes * len(ids) <= _KEEP_BYTES:
                # filled in place: joining parts would need the memory twice
                self._kept = torch.empty((len(ids), *first.shape[1:]), dtype=first.dtype)
                for i in range(0, len(ids), 64):
                    self._kept[i : i + 64] = self._of(np.arange(i, min(i + 64, len(ids))))

    def _of(self, positions: Ids) -> torch.Tensor:
        return inputs(self._model, self._windows, self._ids[positions])

    def __call__(self, positions: Ids) -> torch.Tensor:
        batch = self._of(positions) if self._kept is None else self._kept[positions]
        if batch.ndim == 4:
            batch = batch.contiguous(memory_format=torch.channels_last)
        return batch.to(self._device)


class _Clock:
    """Says after some measured steps whether training would be over its limit."""

    def __init__(self, limit: float | None, begun: float, steps: int) -> None:
        self._limit, self._begun, self._steps, self._done = limit, begun, steps, 0
        self._warm = 0.0

    def step(self) -> None:
        self._done += 1
        if self._done == _WARM:
            self._warm = time.perf_counter()
        if self._limit is None or self._done != _WARM + _MEASURED:
            return
        now = time.perf_counter()
        projected = (self._warm - self._begun) + (now - self._warm) / _MEASURED * (self._steps - _WARM)
        if projected > self._limit:
            raise OverLimit(f"about {projected / 60:.0f} min a cell, the limit is {self._limit / 60:.0f} min")


def _batches(order: Ids, size: int) -> list[Ids]:
    """Cut an order into batches; a last one of a single window joins the one before, since batch norm needs two."""
    parts = [order[i : i + size] for i in range(0, len(order), size)]
    if len(parts) > 1 and len(parts[-1]) == 1:
        parts[-2:] = [np.concatenate(parts[-2:])]
    return parts


def _optimiser(model: Model, moving: list[nn.Parameter]) -> torch.optim.Optimizer:
    recipe = model.recipe
    kinds: dict[str, Any] = {"adamw": torch.optim.AdamW, "adam": torch.optim.Adam, "sgd": torch.optim.SGD}
    more = {"momentum": 0.9} if recipe.optimiser == "sgd" else {}
    found: torch.optim.Optimizer = kinds[recipe.optimiser](
        moving, lr=recipe.rate, weight_decay=recipe.weight_decay, **more
    )
    return found


def _schedule(model: Model, optimiser: torch.optim.Optimizer, steps: int) -> torch.optim.lr_scheduler.LRScheduler:
    if model.recipe.schedule == "cosine":
        return torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    return torch.optim.lr_scheduler.LambdaLR(optimiser, lambda _: 1.0)


def _class_weight(model: Model, y: NDArray[np.int64], classes: int, device: str) -> torch.Tensor | None:
    """Inverse frequency on the training side; a class that is absent weighs nothing."""
    if model.recipe.class_weight == "none":
        return None
    counts = np.bincount(y, minlength=classes)
    weight = np.where(counts > 0, len(y) / (np.maximum(counts, 1) * (counts > 0).sum()), 0.0)
    return torch.from_numpy(weight.astype(np.float32)).to(device)
