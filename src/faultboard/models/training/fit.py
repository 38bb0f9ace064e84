"""Training a network, or a head on features: on the training side alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from faultboard.declare.catalogue import Model
from faultboard.errors import CardError
from faultboard.models.inputs import prepared
from faultboard.models.networks.build import network, parameter_counts, set_trainable
from faultboard.models.networks.trained_head import new_head
from faultboard.models.training.augment import Augmenter
from faultboard.models.training.halving import Ids
from faultboard.models.training.loop import Clock, Labels, Loop
from faultboard.models.training.memory import keep_freed_memory
from faultboard.models.windows import WindowsLike

# Inputs of a whole fold are kept in memory up to this size, so that each is made once.
_KEEP_BYTES = 2 << 30


@dataclass(frozen=True)
class TrainingResult:
    """What training one network gave.

    Attributes
    ----------
    probabilities : (n_test, classes) float64
    fit_seconds, predict_seconds : float
        Front end included.
    epochs : int
        Epochs that were trained.
    curve : list of dict
        Loss and accuracy on the training side, an epoch each; on the validation side, where there is one, too.
    """

    probabilities: NDArray[np.float64]
    fit_seconds: float
    predict_seconds: float
    epochs: int
    curve: list[dict[str, float]]
    parameters: int
    trained_parameters: int


@dataclass(frozen=True)
class Side:
    """Windows and their classes."""

    ids: Ids
    y: Labels


def train_predict(
    model: Model,
    windows: WindowsLike,
    train: Ids,
    y: Labels,
    test: Ids,
    classes: int,
    seed: int,
    device: str,
    limit: float | None = None,
    progress: Callable[[int], None] | None = None,
    watched: Side | None = None,
) -> TrainingResult:
    """Train on some windows and predict others.

    The last epoch is used, or under early stopping the one with the smallest loss on ``watched``: nothing is chosen
    on the test side.

    Parameters
    ----------
    y : (n_train,) int
        Classes of the training windows.
    limit : float, optional
        Seconds that training may take.
    progress : callable, optional
        Called with the epochs done.
    watched : Side, optional
        Validation windows, for early stopping and for schedules that wait for a plateau.

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
    _refuse_settings(model)
    begun = time.perf_counter()
    net = network(model, classes, seed).to(device)
    set_trainable(net, model)
    augmenter = Augmenter(model, np.random.default_rng([seed, 1]), windows.modality)
    source = _Inputs(model, windows, train, device, augmenter=augmenter)
    aside = (_Inputs(model, windows, watched.ids, device), watched.y) if watched else None
    loop = Loop(model, net, classes, seed, device, augmenter)
    curve = loop.fit(source, y, aside, Clock(limit, begun), progress)
    fitted = time.perf_counter()
    probabilities = loop.predict(_Inputs(model, windows, test, device, keep=False), len(test))
    done = time.perf_counter()
    every, trained = parameter_counts(net)
    return TrainingResult(probabilities, fitted - begun, done - fitted, len(curve), curve, every, trained)


def train_head(
    model: Model,
    X_train: NDArray[np.float32],
    y: Labels,
    X_test: NDArray[np.float32],
    classes: int,
    seed: int,
    device: str,
    watched: tuple[NDArray[np.float32], Labels] | None = None,
) -> TrainingResult:
    """Train a recipe's head by gradient on features of a frozen backbone.

    Parameters
    ----------
    X_train, X_test : (n, width) float32
    y : (n_train,) int
    watched : (features, classes), optional
        Validation side, as in `train_predict`.
    """
    _refuse_settings(model)
    begun = time.perf_counter()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = new_head(model.recipe.head, X_train.shape[1], classes).to(device)
    loop = Loop(model, net, classes, seed, device, None)
    aside = (_Features(watched[0], device), watched[1]) if watched else None
    curve = loop.fit(_Features(X_train, device), y, aside, Clock(None, begun), None)
    fitted = time.perf_counter()
    probabilities = loop.predict(_Features(X_test, device), len(X_test))
    done = time.perf_counter()
    every, _ = parameter_counts(net)
    return TrainingResult(probabilities, fitted - begun, done - fitted, len(curve), curve, every, every)


def _refuse_settings(model: Model) -> None:
    if model.recipe.settings:
        named = ", ".join(model.recipe.settings)
        raise CardError(f"{model.card.path}: recipes.{model.recipe_name}: no setting of training: {named}")


class _Features:
    """Features of a frozen backbone, by position."""

    def __init__(self, values: NDArray[np.float32], device: str) -> None:
        self._values = torch.from_numpy(np.ascontiguousarray(values)).to(device)

    def __call__(self, positions: Ids) -> torch.Tensor:
        return self._values[positions]


class _Inputs:
    """Network inputs of a fold's side, by position: made once and kept where they fit, else made anew."""

    def __init__(
        self,
        model: Model,
        windows: WindowsLike,
        ids: Ids,
        device: str,
        keep: bool = True,
        augmenter: Augmenter | None = None,
    ) -> None:
        self._model, self._windows, self._ids, self._device = model, windows, ids, device
        self._change = augmenter.signals if augmenter and augmenter.changes_signals else None
        self._kept: torch.Tensor | None = None
        if keep and not self._change:
            first = self._of(np.arange(1))
            if first.nbytes * len(ids) <= _KEEP_BYTES:
                # filled in place: joining parts would need the memory twice
                self._kept = torch.empty((len(ids), *first.shape[1:]), dtype=first.dtype)
                for i in range(0, len(ids), 64):
                    self._kept[i : i + 64] = self._of(np.arange(i, min(i + 64, len(ids))))

    def _of(self, positions: Ids) -> torch.Tensor:
        return prepared(self._model, self._windows, self._ids[positions], self._change)

    def __call__(self, positions: Ids) -> torch.Tensor:
        batch = self._of(positions) if self._kept is None else self._kept[positions]
        if batch.ndim == 4:
            batch = batch.contiguous(memory_format=torch.channels_last)
        return batch.to(self._device)
