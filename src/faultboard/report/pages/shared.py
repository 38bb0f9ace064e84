"""What every page says: whether the data are generated, how settings were chosen, what a task rests on."""

from __future__ import annotations

from faultboard.declare.catalogue import Catalogue
from faultboard.report.document import Notice, Part
from faultboard.report.task_table import TaskTable
from faultboard.report.words import size_words

_SIMULATED = Notice(
    "**Generated data.** These recordings come from a simulator. They show that the machinery runs; "
    "they say nothing about real machines, and no rank or claim rests on them."
)
_SELECTION = (
    "Settings come from each model's recipe and were fixed before any score was seen; those of rows `tuned_*` are "
    "chosen on the training side. Nothing looks at the test side: no setting, no epoch and no threshold is chosen on "
    "it."
)
_REPEATED = (
    " Rows marked `as published` or `chosen on test` repeat a mistake of their source, to show what it was worth: no "
    "gap, rank, difference or claim uses them."
)


def notice(edition: str) -> list[Part]:
    """The warning that opens a page on generated data."""
    return [_SIMULATED] if edition == "sim" else []


def selection(tables: list[TaskTable]) -> str:
    """How settings were chosen."""
    return _SELECTION + (_REPEATED if any(table.mistakes for table in tables) else "")


def summary(catalogue: Catalogue, table: TaskTable) -> str:
    """One line: the task, how much of it there is, and what its scores are."""
    facts, dataset = table.facts, catalogue.dataset(table.card.dataset)
    parts = [f"`{table.card.id}` on `{dataset.id}@{table.edition}`"]
    if facts:
        parts.append(size_words(facts, dataset.unit))
    note = f" ({table.headline.note})" if table.headline.note else ""
    return ", ".join(parts) + f". Scores are {table.headline.words}{note}."
