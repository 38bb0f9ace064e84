"""One overview of a suite: each task's headline under every protocol."""

from __future__ import annotations

from faultboard.report.document import Document, Lines, Section
from faultboard.report.pages.shared import notice, selection, summary
from faultboard.report.score_grid import notes, score_grid
from faultboard.report.task_table import TaskTable
from faultboard.run.suite import Suite


def leaderboard(suite: Suite, tables: list[TaskTable]) -> Document:
    """What the overview says."""
    card = suite.card
    about = f"Suite `{card.id}` version {card.version}, edition `{suite.edition}`."
    head = Section(card.title, 1, [about, *notice(suite.edition), selection(tables)])
    return [head, *(_task(suite, table) for table in tables)]


def _task(suite: Suite, table: TaskTable) -> Section:
    title = f"[{table.card.title}]({table.card.id}.md)"
    return Section(title, 2, [summary(suite.catalogue, table), score_grid(table), Lines(notes(table))])
