"""The best row of a kind for a task, chosen on the other tasks: the task at hand only judges it."""

from __future__ import annotations

import numpy as np

from faultboard.report.answer.kinds import one_a_data_set, sides
from faultboard.report.task_table import TaskTable


def chosen(candidates: list[str], table: TaskTable, every: list[TaskTable], metric: str) -> str | None:
    """Candidate with the highest mean under the honest protocols of the other data sets; of equal ones the first.

    Means over different tasks do not compare: only candidates that have a score on every other task count, on which
    any of them has one.

    Parameters
    ----------
    candidates : list of str
        Models that have a score on the task.
    every : list of TaskTable
        Tasks of the same kind of data; those of the task's own data set are no other tasks.
    """
    others = one_a_data_set(other for other in every if other.card.dataset != table.card.dataset)
    scores = np.array([[_honest(other, model, metric) for other in others] for model in candidates])
    if not scores.size:
        return None
    scores = scores[:, np.isfinite(scores).any(0)]
    means = scores.mean(1) if scores.size else np.full(len(candidates), np.nan)
    return None if np.isnan(means).all() else candidates[int(np.nanargmax(means))]


def _honest(table: TaskTable, model: str, metric: str) -> float:
    protocol = sides(table.card).get("honest")
    return table.printed(protocol, model, metric).value if protocol and table.counts(protocol, model) else float("nan")
