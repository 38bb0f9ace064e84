"""The leaderboard as CSV: one row a model, protocol and task."""

from __future__ import annotations

from faultboard.report.csv_rows import csv_rows
from faultboard.report.rows import HEADER
from faultboard.report.writers import Report, Writer


def write(report: Report) -> dict[str, str]:
    """All rows of all tasks."""
    return {"leaderboard.csv": csv_rows(HEADER, [row for table in report.tables for row in table.rows])}


leaderboard_csv = Writer("a row a model, protocol and task", ("leaderboard.csv",), write)
