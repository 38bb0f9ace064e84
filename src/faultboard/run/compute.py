"""Computing cells: features or training, predictions, scores, times."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from faultboard.data.edition import Edition
from faultboard.declare.catalogue import Catalogue, Model
from faultboard.declare.keys import digest
from faultboard.errors import FaultboardError, OverLimit, ProtocolError, Unavailable, broken_library
from faultboard.models.identity import features_key, shares_features
from faultboard.models.regimes import by_gradient, regime_of
from faultboard.run.cell import Cell
from faultboard.run.host import commit, device_name, host, versions
from faultboard.run.record import Record
from faultboard.tasks.budget import within
from faultboard.tasks.folds import Fold
from faultboard.tasks.metrics import METRICS, Predictions
from faultboard.tasks.task import Task
from faultboard.tasks.validation import inner_folds, watched

if TYPE_CHECKING:
    from faultboard.models.frozen.estimator import Inner

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Settings:
    """How a run computes; nothing here changes a number.

    Attributes
    ----------
    limit : float or None
        Seconds a cell may take.
    fresh : bool
        Do not use cached features.
    """

    threads: int
    device: str
    limit: float | None = None
    fresh: bool = False


@dataclass(frozen=True)
class Prediction:
    """What computing one cell gave, before it is stored."""

    probabilities: NDArray[np.float64]
    seconds: dict[str, float]
    facts: dict[str, Any]


def compute(
    catalogue: Catalogue, cells: list[Cell], settings: Settings, say: Progress | None = None
) -> Iterator[tuple[Record, NDArray[np.float16] | None]]:
    """Compute cells of one task, in the given order, and give each outcome as it is there.

    An exception ends its cell and not the others. Once a cell is over its limit, so is the rest of
    its row: the same model on folds of about the same size.
    """
    task: Task | None = None
    over: dict[tuple[str, ...], str] = {}
    for cell in cells:
        blank = _blank(catalogue.root, cell, settings)
        if cell.row in over:
            yield replace(blank, status="over_limit", reason=over[cell.row], limit=settings.limit), None
            continue
        try:
            if task is None:
                card = catalogue.task(cell.task)
                task = Task.open(card, Edition.of(catalogue, card.dataset, cell.edition))
            whole = next(f for f in task.folds(cell.protocol) if f.name == cell.fold)
            fold = within(task, cell.protocol, whole, cell.budget, cell.seed)
            model = catalogue.model(cell.model)
            if say:
                part = "" if cell.budget == "all" else f", {cell.budget}"
                say(f"{cell.model} on {cell.task} {cell.protocol}/{cell.fold} seed {cell.seed}{part}")
            use_threads(settings.threads, model)
            rate = cell.alarm_rate
            predicted = predict(catalogue.root, task, cell.protocol, fold, model, cell.seed, settings, rate)
            stored = predicted.probabilities.astype(np.float16)
            if not np.isfinite(stored).all():
                raise FaultboardError("predictions are not finite")
            scores = _declared(task, fold, stored)
        except OverLimit as error:
            over[cell.row] = str(error)
            yield replace(blank, status="over_limit", reason=str(error), limit=settings.limit), None
        except Unavailable as error:
            yield replace(blank, status="unavailable", reason=_line(error)), None
        except Exception as error:
            kind = "" if isinstance(error, FaultboardError) else f"{type(error).__name__}: "
            yield replace(blank, status="failed", reason=broken_library(error) or kind + _line(error)), None
        else:
            record = replace(
                blank,
                status="ok",
                scores=scores,
                seconds=predicted.seconds,
                test_windows=len(fold.test),
                dtype=model.recipe.dtype if model.card.is_network else "float64",
                **({"train_windows": len(fold.train)} | predicted.facts),
            )
            yield record, stored


def _declared(task: Task, fold: Fold, stored: NDArray[np.float16]) -> dict[str, float]:
    """Metrics that the task declares, where they are defined."""
    scores = task.scores(fold.test, stored)
    return {name: scores[name] for name in task.card.metrics if np.isfinite(scores[name])}


def predict(
    root: Path,
    task: Task,
    protocol: str,
    fold: Fold,
    model: Model,
    seed: int,
    settings: Settings,
    alarm_rate: float | None = None,
) -> Prediction:
    """Train one model on a fold's training side and predict its test side.

    Parameters
    ----------
    alarm_rate : float, optional
        Set a threshold on the training side, too, that such a share of the healthy passes.

    Raises
    ------
    ProtocolError
        The training side holds one class: there is nothing to tell apart.
    """
    known = np.unique(task.y[fold.train])
    if len(known) < 2:
        alone = task.card.class_names[int(known[0])]
        raise ProtocolError(f"{task.id} {protocol}, fold {fold.name}: the training side holds '{alone}' alone")
    compute_one = partial(_frozen, protocol, alarm_rate) if shares_features(model) else _trained
    if model.recipe.early_stopping is None:
        return compute_one(root, task, fold, model, seed, settings)
    fold, of = watched(task, protocol, fold, model.recipe.validation)
    prediction = compute_one(root, task, fold, model, seed, settings)
    return replace(prediction, facts=prediction.facts | {"validation": of, "train_windows": len(fold.train)})


def _frozen(
    protocol: str,
    alarm_rate: float | None,
    root: Path,
    task: Task,
    fold: Fold,
    model: Model,
    seed: int,
    settings: Settings,
) -> Prediction:
    """Features once a window, then a head on the training side."""
    from faultboard.models.frozen.cache import Cache, features
    from faultboard.models.frozen.estimator import fit_predict

    where = f"{host()}, {settings.threads} threads, {device_name(settings.device)}"
    cache = Cache(root / "data" / "features", where, settings.fresh)
    kept = features(cache, model, task.windows, seed, settings.device)
    values, waited, each = kept.values, kept.waited, kept.seconds / len(kept.values)
    classes = len(task.card.class_names)
    X_train, X_test = np.asarray(values[fold.train]), np.asarray(values[fold.test])
    if by_gradient(model):
        return _head_by_gradient(task, fold, model, values, seed, settings, each, waited)
    inner = _inner(task, protocol, fold) if model.recipe.grid else None
    fitted = fit_predict(model, X_train, task.y[fold.train], X_test, classes, seed, inner)
    threshold = _threshold(task, protocol, fold, model, X_train, seed, alarm_rate) if alarm_rate else None
    head = (values.shape[1] + 1) * classes if regime_of(model).linear else None
    body, gmacs = _cost(model, task) if model.card.is_network else (0, None)
    return Prediction(
        fitted.probabilities,
        {
            "train": each * len(fold.train) + fitted.fit_seconds,
            "train_cached": waited + fitted.fit_seconds,
            "predict": each * len(fold.test) + fitted.predict_seconds,
        },
        {
            "params": body + (head or 0) or None,
            "trained_params": head,
            "gmacs": gmacs,
            "chosen": fitted.chosen,
            "threshold": threshold,
        },
    )


def _threshold(
    task: Task, protocol: str, fold: Fold, model: Model, X: NDArray[np.float32], seed: int, rate: float
) -> float | None:
    """Threshold that such a share of the healthy passes, on units that a model of the training side has not met.

    None of a recipe with a grid: its settings were chosen on these very folds.
    """
    from faultboard.models.frozen.estimator import fit_predict

    if model.recipe.grid:
        return None
    names, y = task.card.class_names, task.y[fold.train]
    healthy, faulty = names.index(task.card.healthy or ""), names.index(task.card.faulty or "")
    scores = []
    for train, test in inner_folds(task, protocol, fold):
        sound = test[y[test] == healthy]
        if len(sound):
            scores.append(fit_predict(model, X[train], y[train], X[sound], len(names), seed).probabilities[:, faulty])
    return float(np.quantile(np.concatenate(scores).astype(np.float16), 1 - rate, method="higher"))


def _inner(task: Task, protocol: str, fold: Fold) -> Inner:
    """By what settings are chosen: the task's headline of windows, on folds of the training side."""
    from faultboard.models.frozen.estimator import Inner

    headline = METRICS[task.card.metrics[0]]

    def score(truth: NDArray[np.int64], probabilities: NDArray[np.float64]) -> float:
        return headline.quality(float(headline(Predictions(truth, probabilities, task.card.false_alarm_rate))))

    return Inner(inner_folds(task, protocol, fold), score)


def _head_by_gradient(
    task: Task,
    fold: Fold,
    model: Model,
    values: NDArray[np.float32],
    seed: int,
    settings: Settings,
    each: float,
    waited: float,
) -> Prediction:
    from faultboard.models.training.fit import train_head

    aside = None
    if model.recipe.early_stopping is not None:
        aside = np.asarray(values[fold.validation]), task.y[fold.validation]
    result = train_head(
        model,
        np.asarray(values[fold.train]),
        task.y[fold.train],
        np.asarray(values[fold.test]),
        len(task.card.class_names),
        seed,
        settings.device,
        aside,
    )
    body, gmacs = _cost(model, task)
    seen = len(fold.train) + (len(fold.validation) if aside else 0)
    return Prediction(
        result.probabilities,
        {
            "train": each * seen + result.fit_seconds,
            "train_cached": waited + result.fit_seconds,
            "predict": each * len(fold.test) + result.predict_seconds,
        },
        {
            "params": body + result.parameters,
            "trained_params": result.trained_parameters,
            "gmacs": gmacs,
            "epochs": result.epochs,
            "curve": result.curve,
        },
    )


_COSTS: dict[tuple[str, str], tuple[int, float]] = {}


def _cost(model: Model, task: Task) -> tuple[int, float]:
    """Parameters and GMACs a window of a network without its head, counted once a task, backbone and input."""
    key = (digest(features_key(model, task.windows.modality, 0)), f"{task.card.id}@{task.edition}")
    if key not in _COSTS:
        from faultboard.models.inputs import prepared
        from faultboard.models.networks.build import network, parameter_counts
        from faultboard.models.networks.macs import gmacs

        net = network(model, None, 0)
        shape = tuple(prepared(model, task.windows, np.zeros(1, dtype=np.int64)).shape[1:])
        _COSTS[key] = (parameter_counts(net)[0], gmacs(net, shape))
    return _COSTS[key]


def _trained(root: Path, task: Task, fold: Fold, model: Model, seed: int, settings: Settings) -> Prediction:
    from faultboard.models.training.fit import Side, train_predict

    stops = model.recipe.early_stopping is not None
    aside = Side(fold.validation, task.y[fold.validation]) if stops else None
    classes = len(task.card.class_names)
    result = train_predict(
        model,
        task.windows,
        fold.train,
        task.y[fold.train],
        fold.test,
        classes,
        seed,
        settings.device,
        settings.limit,
        None,
        aside,
    )
    return Prediction(
        result.probabilities,
        {"train": result.fit_seconds, "train_cached": result.fit_seconds, "predict": result.predict_seconds},
        {
            "params": result.parameters,
            "trained_params": result.trained_parameters,
            "gmacs": _cost(model, task)[1],
            "epochs": result.epochs,
            "curve": result.curve,
        },
    )


def _blank(root: Path, cell: Cell, settings: Settings) -> Record:
    return Record(
        cell,
        "planned",
        threads=settings.threads,
        device=device_name(settings.device),
        host=host(),
        versions=versions(),
        commit=commit(root),
        started=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def use_threads(threads: int, model: Model) -> None:
    """Give the libraries that a model computes with so many threads; torch is loaded for networks alone."""
    from threadpoolctl import threadpool_limits

    if model.card.is_network:
        import torch

        torch.set_num_threads(threads)
    threadpool_limits(threads)
