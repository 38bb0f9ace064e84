"""What a run would do, said before it does it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from faultboard.declare.catalogue import Model
from faultboard.errors import Unavailable
from faultboard.models.networks.weights import locate
from faultboard.run.suite_run import SuiteRun


@dataclass(frozen=True)
class Outlook:
    """What a run would do.

    Attributes
    ----------
    done, todo : int
        Cells that are stored, and cells to compute.
    blocked : dict
        Cells that cannot be computed, by the reason that the table will show.
    seconds : float
        Rough time for ``todo`` on one worker, from cells of the same model that are stored.
    unknown : int
        Cells of ``todo`` of which no stored cell tells.
    """

    done: int
    todo: int
    blocked: dict[str, int]
    seconds: float
    unknown: int


def outlook(run: SuiteRun) -> Outlook:
    """Count, and estimate time from stored cells of the same models."""
    absent = {name: _absent(run.suite.catalogue.model(name)) for name in {cell.model for cell in run.plan.cells}}
    blocked = Counter(
        run.plan.blocked[c.key][1]
        for c in run.plan.cells
        if c.key in run.plan.blocked and not ((known := run.known(c)) and known.status == "ok")
    )
    todo = run.todo()
    blocked.update(reason for cell in todo if (reason := absent[cell.model]))
    todo = [cell for cell in todo if not absent[cell.model]]
    rates: dict[str, list[float]] = {}
    for task in run.plan.tasks:
        for record in run.results[task].records.values():
            if record.status == "ok":
                each = record.seconds["train_cached"] / max(record.train_windows, 1)
                rates.setdefault(record.cell.model, []).append(each)
    total, unknown = 0.0, 0
    for cell in todo:
        fold = next(f for f in run.plan.facts[cell.task].protocols[cell.protocol].folds if f.name == cell.fold)
        if cell.model in rates:
            total += float(np.mean(rates[cell.model])) * fold.train
        else:
            unknown += 1
    done = len(run.plan.cells) - len(todo) - blocked.total()
    return Outlook(done, len(todo), dict(blocked), total, unknown)


def _absent(model: Model) -> str:
    """Why the weights of a model are not here; nothing where they are, or none are needed."""
    try:
        if model.has_weights:
            locate(model)
    except Unavailable as error:
        return str(error)
    return ""
