"""Scores of a row: every metric of its cells, means over folds and then over seeds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faultboard.declare.task import TaskCard
from faultboard.run.record import Record
from faultboard.run.store import Results
from faultboard.tasks import scoring
from faultboard.tasks.metrics import METRICS


@dataclass(frozen=True)
class RowScores:
    """What came out of the cells of a row, at one level.

    Attributes
    ----------
    cells : list of (seed, fold)
        In the order of the values.
    values : dict
        By metric: a number a cell, or of a class or pair of classes (cells, classes, ...).
    of_seeds : dict
        By scalar metric: a number a seed, as its folds are scored together.
    pooled : bool
        Whether that is of all folds' predictions at once, since a fold's truth holds one class.
    """

    cells: list[tuple[int, str]]
    values: dict[str, NDArray[np.float64]]
    of_seeds: dict[str, NDArray[np.float64]]
    pooled: bool = False

    @cached_property
    def _seeds(self) -> list[NDArray[np.int64]]:
        seeds = np.array([seed for seed, _ in self.cells])
        return [np.flatnonzero(seeds == seed) for seed in np.unique(seeds)]

    def mean_and_std(self, metric: str) -> tuple[Any, Any]:
        """Score over folds, then mean and spread over seeds; None as the spread of one seed.

        A scalar that is not defined in one fold is not defined at all; of a class, folds that lack it do not count.
        """
        values, entry = self.values[metric], METRICS[metric]
        if entry.counts:
            of_seeds = [values[own].sum(0) for own in self._seeds]
        elif entry.shape == "scalar":
            of_seeds = list(self.of_seeds[metric])
        else:
            of_seeds = [_mean_where_defined(values[own]) for own in self._seeds]
        spread = np.std(of_seeds, axis=0, ddof=1) if len(of_seeds) > 1 else None
        return np.mean(of_seeds, axis=0), spread

    def by_fold(self, metric: str) -> dict[str, float]:
        """A scalar metric of each fold, mean over seeds."""
        folds = np.array([fold for _, fold in self.cells])
        return {fold: float(np.mean(self.values[metric][folds == fold])) for fold in dict.fromkeys(folds.tolist())}


def row_scores(card: TaskCard, results: Results, records: list[Record], level: str) -> RowScores:
    """Compute every metric of some cells from their stored predictions."""
    seen = [results.windows(r.cell.key).at(card, level) for r in records]
    by_cell = [scoring.scores(predictions, METRICS) for predictions in seen]
    values = {name: np.array([scores[name] for scores in by_cell], dtype=np.float64) for name in METRICS}
    cells = [(r.cell.seed, r.cell.fold) for r in records]
    of_seeds = []
    for seed in sorted({seed for seed, _ in cells}):
        own = [i for i, (of, _) in enumerate(cells) if of == seed]
        of_seeds.append(scoring.over_folds([seen[i] for i in own], [by_cell[i] for i in own]))
    over = {name: np.array([scores[name] for scores in of_seeds]) for name in scoring.scalars()}
    return RowScores(cells, values, over, scoring.is_pooled(seen))


def _mean_where_defined(values: NDArray[np.float64]) -> NDArray[np.float64]:
    count = np.isfinite(values).sum(0)
    total = np.where(count > 0, np.nansum(values, axis=0), np.nan)
    means: NDArray[np.float64] = total / np.maximum(count, 1)
    return means
