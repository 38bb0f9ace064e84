"""Rows of the leaderboard, computed from stored predictions."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from faultboard.declare.catalogue import Catalogue, Model
from faultboard.declare.task import Protocol, TaskCard
from faultboard.report.row_scores import RowScores
from faultboard.run.record import OUTCOMES, Record
from faultboard.tasks.facts import TaskFacts
from faultboard.tasks.metrics import METRICS
from faultboard.tasks.splits import split_of


@dataclass(frozen=True)
class Row:
    """One row: a model under a protocol of a task. The fields are the header of the CSV, in its order.

    Scores are means over folds, then over seeds; ``*_std`` is over seeds, None with one. ``headline_*`` are of the
    task's first metric, whatever it is. ``worst_group`` is the held-out group with the worst headline. ``gap`` stands
    on the second protocol of the task's ``gap``. Times are means a cell. ``mark`` says that the recipe repeats a
    mistake of its source, or that the weights were trained on these data: such a row has no gap, and no rank, contrast,
    claim or answer uses it. ``low`` and ``high`` are the interval of the headline.
    """

    task: str
    family: str
    dataset: str
    edition: str
    protocol: str
    separates: str
    leaks: str
    level: str
    budget: str
    model: str
    backbone: str = ""
    pretraining: str = ""
    trained_on: str = ""
    recipe: str = ""
    regime: str = ""
    input: str = ""
    status: str = ""
    cells: int | None = None
    cells_planned: int | None = None
    headline: str = ""
    accuracy_mean: float | None = None
    accuracy_std: float | None = None
    macro_f1_mean: float | None = None
    macro_f1_std: float | None = None
    worst_group: str = ""
    worst_score: float | None = None
    gap: float | None = None
    train_seconds: float | None = None
    train_seconds_cached: float | None = None
    predict_ms: float | None = None
    params: int | None = None
    trained_params: int | None = None
    threads: str = ""
    device: str = ""
    dtype: str = ""
    host: str = ""
    reason: str = ""
    units: int | None = None
    leak: float | None = None
    leak_chance: float | None = None
    mark: str = ""
    headline_mean: float | None = None
    headline_std: float | None = None
    low: float | None = None
    high: float | None = None
    worst_units: int | None = None


HEADER = [f.name for f in fields(Row)]
# metrics that have columns of their own, whatever the headline is
ALWAYS = ("accuracy", "macro_f1")


def stored_row(
    catalogue: Catalogue,
    card: TaskCard,
    edition: str,
    facts: TaskFacts | None,
    level: str,
    records: list[Record],
    scores: RowScores | None,
) -> Row:
    """Row of some cells.

    Parameters
    ----------
    records : list of Record
        Every planned cell of the row.
    scores : RowScores or None
        None where a cell is not there: a row that is not whole has no mean.
    """
    cell = records[0].cell
    protocol, model = card.protocols[cell.protocol], catalogue.model(cell.model)
    bad = max(records, key=lambda r: OUTCOMES.index(r.status))
    known = facts.protocols.get(cell.protocol) if facts else None
    return Row(
        **_named(card, edition, cell.protocol, level) | {"budget": cell.budget},
        model=cell.model,
        **_declared_of(model, catalogue, card),
        status=bad.status,
        reason=bad.reason,
        cells_planned=len(records),
        **(_scored(card, protocol, scores) if scores else {}),
        **_measured([r for r in records if r.status == "ok"], model),
        units=facts.units if facts else None,
        leak=known.leak if known else None,
        leak_chance=known.chance if known else None,
    )


def _named(card: TaskCard, edition: str, protocol: str, level: str) -> dict[str, Any]:
    return {
        "task": card.id,
        "family": card.family,
        "dataset": card.dataset,
        "edition": edition,
        "protocol": protocol,
        "separates": " ".join(card.protocols[protocol].separates),
        "leaks": " ".join(card.protocols[protocol].leaks),
        "level": level,
        "budget": "all",
        "headline": card.metrics[0],
    }


def _declared_of(model: Model, catalogue: Catalogue, card: TaskCard) -> dict[str, Any]:
    dataset = catalogue.dataset(card.dataset)
    return {
        "backbone": model.card.id,
        "pretraining": model.source,
        "trained_on": " > ".join(model.pretraining.trained_on),
        "recipe": model.recipe_name,
        "regime": model.regime,
        "input": model.input.get(dataset.modality, ""),
        "mark": "trained on these data" if model.has_seen(dataset) else model.recipe.mark,
    }


def _scored(card: TaskCard, protocol: Protocol, scores: RowScores) -> dict[str, Any]:
    """Columns of scores; blank where a metric is not defined."""
    columns: dict[str, Any] = {}
    for column, metric in [*((name, name) for name in ALWAYS), ("headline", card.metrics[0])]:
        mean, std = scores.mean_and_std(metric)
        columns |= {f"{column}_mean": _number(mean), f"{column}_std": _number(std)}
    if split_of(protocol).one_a_fold and columns["headline_mean"] is not None:
        by_fold, quality = scores.by_fold(card.metrics[0]), METRICS[card.metrics[0]].quality
        if not any(math.isnan(score) for score in by_fold.values()):
            worst = min(by_fold, key=lambda fold: quality(by_fold[fold]))
            columns |= {"worst_group": worst, "worst_score": by_fold[worst]}
    return columns


def _number(value: Any) -> float | None:
    return None if value is None or math.isnan(value) else float(value)


def _measured(done: list[Record], model: Model) -> dict[str, Any]:
    """Times, sizes and machines of the cells that are there."""
    return {
        "cells": len(done),
        "train_seconds": _mean(r.seconds["train"] for r in done),
        "train_seconds_cached": _mean(r.seconds["train_cached"] for r in done),
        "predict_ms": _mean(1000 * r.seconds["predict"] / r.test_windows for r in done),
        "params": done[0].params if done else model.card.parameters,
        "trained_params": done[0].trained_params if done else None,
        "threads": _all(str(r.threads) for r in done),
        "device": _all(r.device for r in done),
        "dtype": _all(r.dtype for r in done),
        "host": _all(r.host for r in done),
    }


def _mean(values: Iterable[float]) -> float | None:
    numbers = list(values)
    return float(np.mean(numbers)) if numbers else None


def _all(values: Iterable[str]) -> str:
    """The one value, or all of them: rows of different hosts do not share a column unmarked."""
    return " | ".join(sorted(set(values)))


def with_gaps(card: TaskCard, rows: list[Row]) -> list[Row]:
    """Rows with the gap on those of its second protocol: what the leak was worth."""
    if not card.gap:
        return rows
    first, second = card.gap
    leaking = {(r.model, r.budget, r.level): r.headline_mean for r in rows if r.protocol == first}
    out = []
    for row in rows:
        before, after = leaking.get((row.model, row.budget, row.level)), row.headline_mean
        if row.protocol == second and before is not None and after is not None and not row.mark:
            row = replace(row, gap=before - after)
        out.append(row)
    return out


def reported_rows(card: TaskCard) -> list[Row]:
    """Published figures that the table has a column for, each a row of its own; all stand on the task's page."""
    out = []
    for figure in card.reported:
        if figure.side != "test" or isinstance(figure.value, dict):
            continue
        if figure.metric not in (*ALWAYS, card.metrics[0]):
            continue
        # published figures come from the official files, whatever edition stands beside them
        named = _named(card, "full", figure.protocol, card.level[0]) | {"headline": figure.metric}
        scores = {f"{column}_mean": figure.value for column in ALWAYS if column == figure.metric}
        row = named | scores | {"model": figure.system, "status": "reported", "reason": figure.place}
        out.append(Row(**row, headline_mean=figure.value))
    return out
