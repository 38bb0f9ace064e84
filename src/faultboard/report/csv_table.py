"""The leaderboard as CSV: one row a model, protocol and task; the same input gives the same bytes."""

from __future__ import annotations

import csv
import io

from faultboard.report.rows import HEADER, TaskTable

_SECONDS = ("train_seconds", "train_seconds_cached", "predict_ms")


def csv_table(tables: list[TaskTable]) -> str:
    """Leaderboard of some tasks, header first."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    for table in tables:
        for row in table.rows:
            writer.writerow([_cell(name, getattr(row, name)) for name in HEADER])
    return out.getvalue()


def _cell(name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4f}" if name in _SECONDS else f"{value:.6f}"
    return str(value)
