"""Where training times were measured: times of different machines or threads never share a column unmarked."""

from __future__ import annotations

from collections import Counter
from string import ascii_lowercase

from faultboard.report.rows import Row, TaskTable
from faultboard.report.words import duration


def timed_row(table: TaskTable, model: str, level: str | None = None) -> Row | None:
    """Row whose training time stands for a model: the honest protocol's, else the first there is."""
    honest = table.row(table.card.gap[1], model, level=level) if table.card.gap else None
    rows = (table.row(name, model, level=level) for name in table.card.protocols)
    return honest or next((row for row in rows if row), None)


def training_time(row: Row | None, letters: dict[str, str]) -> str:
    """Time in words, with the letter of where it was measured."""
    if row is None or row.train_seconds is None:
        return ""
    return f"{duration(row.train_seconds)} {letters[_measured(row)]}".rstrip()


def timing_letters(table: TaskTable) -> dict[str, str]:
    """Machine, threads and device of a table's times, most frequent first, each with a letter; one alone needs none."""
    rows = (timed_row(table, model) for model in table.models)
    places = Counter(_measured(row) for row in rows if row and row.train_seconds is not None)
    names = [place for place, _ in places.most_common()]
    return {p: f"({a})" if names[1:] else "" for p, a in zip(names, ascii_lowercase, strict=False)}


def timing_note(table: TaskTable) -> str:
    """One line for below a table; empty where nothing was timed."""
    letters = timing_letters(table)
    if not letters:
        return ""
    places = "; ".join(f"{letter} {place}".strip() for place, letter in letters.items())
    return f"Training times: {places}." + (" Compare those of one letter." if len(letters) > 1 else "")


def _measured(row: Row) -> str:
    threads = row.threads.replace(" | ", " or ")
    parts = [row.host.replace(" | ", " or "), "1 thread" if threads == "1" else f"{threads} threads"]
    return ", ".join(parts if row.device == "cpu" else [*parts, row.device])
