"""Stored cells computed again, to see whether the same numbers come out."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

import numpy as np

from faultboard.run.cell import Cell
from faultboard.run.compute import Settings, compute
from faultboard.run.host import host
from faultboard.run.suite_run import SuiteRun


@dataclass(frozen=True)
class Again:
    """What came out of a stored cell this time.

    Attributes
    ----------
    moved : float
        Largest difference of a probability; NaN where the cell did not end as ok.
    reason : str
        Why it did not.
    elsewhere : str
        The processor that the stored numbers come from, where it is not this one: floats differ between processors.
    """

    cell: Cell
    moved: float
    reason: str = ""
    elsewhere: str = ""


def recompute(run: SuiteRun, count: int, settings: Settings, seed: int | None = None) -> list[Again]:
    """Compute some stored cells again, with the threads that each was computed with."""
    stored = [c for c in run.plan.cells if run.results[c.task].has(c.key)]
    chosen = random.Random(seed).sample(stored, min(count, len(stored)))
    out = []
    for cell in chosen:
        results = run.results[cell.task]
        rows, then = results.rows(cell.key), results.records[cell.key]
        named = [c for c in rows.columns if c.startswith("p_")]
        as_then = replace(settings, threads=then.threads or settings.threads)
        record, probabilities = next(iter(compute(run.suite.catalogue, [cell], as_then)))
        if probabilities is None:
            out.append(Again(cell, float("nan"), record.reason))
            continue
        moved = np.abs(rows[named].to_numpy(dtype=np.float64) - probabilities.astype(np.float64))
        out.append(Again(cell, float(moved.max()), elsewhere="" if then.host == host() else then.host))
    return out
