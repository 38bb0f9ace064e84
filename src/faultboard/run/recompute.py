"""Stored cells computed again, to see whether the same numbers come out."""

from __future__ import annotations

import random

import numpy as np

from faultboard.run.cell import Settings, compute
from faultboard.run.record import Cell
from faultboard.run.suite import SuiteRun


def recompute(run: SuiteRun, count: int, settings: Settings, seed: int | None = None) -> list[tuple[Cell, float, str]]:
    """Compute some stored cells again and say how far their probabilities moved.

    Returns
    -------
    list of (cell, largest difference of a probability, reason)
        The difference is NaN, with the reason, where the cell did not end as ok.
    """
    stored = [c for c in run.plan.cells if run.results[c.task].has(c.key)]
    chosen = random.Random(seed).sample(stored, min(count, len(stored)))
    out = []
    for cell in chosen:
        rows = run.results[cell.task].rows(cell.key)
        named = [c for c in rows.columns if c.startswith("p_")]
        record, probabilities = next(iter(compute(run.catalogue, [cell], settings)))
        if probabilities is None:
            out.append((cell, float("nan"), record.reason))
            continue
        moved = np.abs(rows[named].to_numpy(dtype=np.float64) - probabilities.astype(np.float64))
        out.append((cell, float(moved.max()), ""))
    return out
