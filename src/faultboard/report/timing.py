"""Where training times were measured: times of different machines or threads never share a column unmarked."""

from __future__ import annotations

from collections import Counter
from string import ascii_lowercase

from faultboard.report.rows import Row
from faultboard.report.task_table import TaskTable
from faultboard.report.words import duration


def training_times(table: TaskTable) -> dict[str, str]:
    """Training time of each model in words, with the letter of where it was measured; empty where it was not timed."""
    letters = _letters(table)
    words = {m: f"{duration(seconds)} {letters[place]}".rstrip() for m, (seconds, place) in _timed(table).items()}
    return {model: words.get(model, "") for model in table.models}


def timing_note(table: TaskTable) -> str:
    """One line for below a table; empty where nothing was timed."""
    letters = _letters(table)
    if not letters:
        return ""
    places = "; ".join(f"{letter} {place}".strip() for place, letter in letters.items())
    return f"Training times: {places}." + (" Compare those of one letter." if len(letters) > 1 else "")


def _timed(table: TaskTable) -> dict[str, tuple[float, str]]:
    """Seconds of each timed model and where they were measured: the honest protocol's row, else the first there is."""
    names = [*(table.card.gap[1:] if table.card.gap else []), *table.card.protocols]
    rows = {model: next((r for name in names if (r := table.row(name, model))), None) for model in table.models}
    return {m: (r.train_seconds, _measured(r)) for m, r in rows.items() if r and r.train_seconds is not None}


def _letters(table: TaskTable) -> dict[str, str]:
    """Machine, threads and device of a table's times, most frequent first, each with a letter; one alone needs none."""
    names = [place for place, _ in Counter(place for _, place in _timed(table).values()).most_common()]
    return {p: f"({a})" if names[1:] else "" for p, a in zip(names, ascii_lowercase, strict=False)}


def _measured(row: Row) -> str:
    threads = row.threads.replace(" | ", " or ")
    parts = [row.host.replace(" | ", " or "), "1 thread" if threads == "1" else f"{threads} threads"]
    return ", ".join(parts if row.device == "cpu" else [*parts, row.device])
