"""Features: one pass of a frozen backbone, or hand-made ones."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faultboard.declare.catalogue import Model
from faultboard.declare.code import code_of, load_function
from faultboard.errors import CardError, FaultboardError
from faultboard.models.inputs import prepared
from faultboard.models.windows import WindowsLike

_BATCH = 32


def extract(
    model: Model,
    windows: WindowsLike,
    ids: NDArray[np.int64],
    seed: int,
    device: str,
    progress: Callable[[int], None] | None = None,
    given: NDArray[np.float32] | None = None,
) -> tuple[NDArray[np.float32], float]:
    """Features of some windows.

    Parameters
    ----------
    seed : int
        Of the random weights, where there are no others.
    progress : callable, optional
        Called with the windows done.
    given : (n_windows, ...) float32, optional
        Inputs of all windows, as `front_end_pass` makes them. Default: they are made here.

    Returns
    -------
    values : (n, width) float32
        With ``batch_norm: data``, of a network that knows the statistics of these very windows.
    seconds : float
        Reading, front end unless its work is given, and forward pass; one batch before it to warm up is not counted.

    Raises
    ------
    CardError
        Features that are not (n, width), or a recipe that asks a frozen backbone to move.
    FaultboardError
        Features that are not finite.
    """
    if model.recipe.batch_norm == "moving":
        # features are computed once for every fold: there is no training side whose statistics to follow
        raise CardError(f"{model.card.path}: recipes.{model.recipe_name}: 'batch_norm: moving' needs training")
    if model.card.is_network:
        compute, before = _network(model, windows, ids, seed, device, given)
    else:
        compute, before = _hand_made(model, windows), 0.0
    values, seconds = _batch_by_batch(compute, ids, progress)
    width = model.card.layers.width if model.card.layers else values.shape[-1]
    if values.shape != (len(ids), width):
        wanted = width if model.card.is_network else "width"
        raise CardError(f"{model.card.path}: {model.card.builder} gives {values.shape} for ({len(ids)}, {wanted})")
    if not np.isfinite(values).all():
        raise FaultboardError(f"{model.card.id}: features are not finite")
    return values, before + seconds


def front_end_pass(model: Model, windows: WindowsLike, ids: NDArray[np.int64]) -> tuple[NDArray[np.float32], float]:
    """Inputs of some windows, and the seconds of reading and front end."""
    return _batch_by_batch(lambda part: prepared(model, windows, part).numpy(), ids, None)


def _batch_by_batch(
    compute: Callable[[NDArray[np.int64]], NDArray[Any]], ids: NDArray[np.int64], progress: Callable[[int], None] | None
) -> tuple[NDArray[np.float32], float]:
    compute(ids[:_BATCH])
    begun = time.perf_counter()
    parts = []
    for first in range(0, len(ids), _BATCH):
        parts.append(compute(ids[first : first + _BATCH]))
        if progress:
            progress(min(first + _BATCH, len(ids)))
    seconds = time.perf_counter() - begun
    return np.concatenate(parts).astype(np.float32, copy=False), seconds


def _hand_made(model: Model, windows: WindowsLike) -> Callable[[NDArray[np.int64]], NDArray[Any]]:
    path, name = code_of(model.card.path, model.card.builder, "features")
    function = load_function(path, name)

    def compute(ids: NDArray[np.int64]) -> NDArray[Any]:
        return np.asarray(function(windows.batch(ids), windows.rate, **model.arguments))

    return compute


def _network(
    model: Model,
    windows: WindowsLike,
    every: NDArray[np.int64],
    seed: int,
    device: str,
    given: NDArray[np.float32] | None,
) -> tuple[Callable[[NDArray[np.int64]], NDArray[np.float32]], float]:
    """Forward pass, and the seconds of what had to pass before it."""
    import torch

    from faultboard.models.networks.batch_norms import statistics_of
    from faultboard.models.networks.build import network
    from faultboard.models.training.halving import Halving
    from faultboard.models.training.memory import keep_freed_memory

    keep_freed_memory()
    net = network(model, None, seed).to(device).eval()
    lower, halving = model.recipe.dtype == "bfloat16", Halving()

    def part(ids: NDArray[np.int64]) -> NDArray[np.float32]:
        x = prepared(model, windows, ids) if given is None else torch.from_numpy(given[ids])
        with torch.inference_mode(), torch.autocast(device, torch.bfloat16, enabled=lower):
            out = net(x.to(device))
        values: NDArray[np.float32] = out.float().cpu().numpy()
        return values

    def compute(ids: NDArray[np.int64]) -> NDArray[np.float32]:
        return np.concatenate(halving(ids, part))

    if model.recipe.batch_norm != "data":
        return compute, 0.0
    begun = time.perf_counter()
    with statistics_of(net, model):
        for batch in np.array_split(every, -(-len(every) // _BATCH)):
            compute(batch)
    return compute, time.perf_counter() - begun
