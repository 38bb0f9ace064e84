"""Every metric of every row, in long form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from faultboard.report.csv_rows import csv_rows
from faultboard.report.row_scores import RowScores
from faultboard.report.task_table import TaskTable
from faultboard.report.writers import Report, Writer
from faultboard.tasks.metrics import METRICS


@dataclass(frozen=True)
class Score:
    """One number. The fields are the header of the CSV, in its order.

    ``cls`` stands under ``class``: the class that the number is of, or ``true>taken`` for counts of a pair; empty for a
    metric that is one number. ``std`` is over seeds, blank with one.
    """

    task: str
    edition: str
    protocol: str
    level: str
    budget: str
    model: str
    metric: str
    cls: str
    mean: float
    std: float | None
    units: int | None


def write(report: Report) -> dict[str, str]:
    """Scores of every row that is whole; what is not defined, and a count of nothing, has no line."""
    header = [field.name for field in fields(Score)]
    scores = [score for table in report.tables for score in _scores(table)]
    return {"scores.csv": csv_rows(header, scores, titles={"cls": "class"})}


def _scores(table: TaskTable) -> Iterator[Score]:
    units = table.facts.units if table.facts else None
    for (protocol, budget, model, level), scores in table.scores.items():
        for metric, cls, mean, std in _numbers(scores, table.card.class_names):
            yield Score(table.card.id, table.edition, protocol, level, budget, model, metric, cls, mean, std, units)


def _numbers(scores: RowScores, classes: list[str]) -> Iterator[tuple[str, str, float, float | None]]:
    names = {"scalar": [""], "class": classes, "pair": [f"{true}>{taken}" for true in classes for taken in classes]}
    for metric in METRICS:
        means, spreads = map(_flat, scores.mean_and_std(metric))
        for place, name in enumerate(names[METRICS[metric].shape]):
            if np.isfinite(means[place]) and not (METRICS[metric].counts and means[place] == 0):
                yield metric, name, float(means[place]), float(spreads[place]) if len(spreads) else None


def _flat(values: Any) -> np.ndarray[Any, Any]:
    return np.array([]) if values is None else np.atleast_1d(values).ravel()


SCORES_CSV = Writer("every metric of every row, a line each", ("scores.csv",), write)
