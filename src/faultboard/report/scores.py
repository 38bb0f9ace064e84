"""Scores of stored predictions: of a cell, and of the cells of a row."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from faultboard.run.record import Record
from faultboard.run.store import Results, probabilities_of
from faultboard.tasks.metrics import Labels, at_level, score


def cell_scores(results: Results, record: Record, level: str) -> dict[str, float]:
    """Every metric of a cell's stored predictions at a level."""
    return score(*stored_at(level, results.rows(record.cell.key)))


def stored_at(level: str, rows: pd.DataFrame) -> tuple[Labels, NDArray[np.floating]]:
    """Truth and probabilities, at a level, of some stored prediction rows."""
    truth = rows["truth"].to_numpy(dtype=np.int64)
    return at_level(level, lambda name: rows[name].to_numpy(dtype=str), truth, probabilities_of(rows))


def mean_and_std(scores: list[tuple[int, float]]) -> tuple[float | None, float | None]:
    """Mean over folds, then mean and spread over seeds."""
    seeds = sorted({seed for seed, _ in scores})
    means = [float(np.mean([s for seed, s in scores if seed == wanted])) for wanted in seeds]
    return (float(np.mean(means)) if means else None, float(np.std(means, ddof=1)) if len(means) > 1 else None)
