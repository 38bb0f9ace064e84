"""The pairs of rows that a suite compares, on a task's page: their difference under each protocol, over its units."""

from __future__ import annotations

from dataclasses import dataclass

from faultboard.declare.names import did_you_mean
from faultboard.errors import CardError
from faultboard.report.document import Grid, Section
from faultboard.report.jackknife import FEW, Printed, holm
from faultboard.report.task_table import TaskTable
from faultboard.report.words import plural
from faultboard.run.suite import Suite

RULE = (
    "Printed score of the first row less that of the second. Units are what the folds hold out, not windows. The "
    "interval is of nominal 95 %: t over the jackknife, each unit left out once, its standard error taken "
    "sqrt(1 + k / (k - 1)) times as large since the k folds train on overlapping sides; p comes from the same t, and "
    "p (Holm) is corrected for every test of this table: a verdict is read off it. 'Could show' is the smallest "
    f"difference that these units would have shown, at 5 % and with a power of 80 %. Nothing is tested on fewer than "
    f"{FEW} units. `*` the protocol leaks."
)


@dataclass(frozen=True)
class _Contrast:
    """A pair under a protocol."""

    rows: list[str]
    protocol: str
    difference: Printed
    by_fold: list[float]


def check_rows(suite: Suite, rows: list[str], at: str) -> None:
    """Look whether rows that a suite compares are its rows, and may be compared.

    Raises
    ------
    CardError
        The suite does not have a row, or the row repeats a source's mistake.
    """
    models = {model.id: model for model in suite.models()}
    for row in rows:
        if row not in models:
            raise CardError(f"{at}: no row '{row}' in this suite.{did_you_mean(row, models)}")
        if mark := models[row].recipe.mark:
            raise CardError(f"{at}: '{row}' is marked '{mark}': nothing is compared with it")


def check_compared(suite: Suite) -> None:
    """Look whether a suite has the rows that it compares.

    Raises
    ------
    CardError
        As `check_rows`.
    """
    for number, pair in enumerate(suite.card.compare):
        check_rows(suite, pair, suite.card.at("compare", number))
        if pair[0] == pair[1]:
            raise CardError(f"{suite.card.at('compare', number)}: '{pair[0]}' twice: a row does not differ from itself")


def contrasts(suite: Suite, table: TaskTable) -> list[Section]:
    """Section of a task's page; none where the suite compares no rows of it, or the data are generated."""
    if table.edition == "sim":
        return []
    check_compared(suite)
    compared = [
        _contrast(table, name, pair)
        for pair in suite.card.compare
        for name in table.card.protocols
        if all(table.counts(name, model) for model in pair)
    ]
    if not compared:
        return []
    corrected = holm([contrast.difference.p for contrast in compared])
    lines = [_line(table, contrast, p) for contrast, p in zip(compared, corrected, strict=True)]
    header = ["rows", "protocol", "difference", "interval", "p", "p (Holm)", "could show", "rests on"]
    return [Section("Differences", 2, [Grid(header, lines), RULE])]


def _contrast(table: TaskTable, protocol: str, pair: list[str]) -> _Contrast:
    first, second = (table.printed(protocol, model) for model in pair)
    ours, theirs = (table.by_fold(protocol, model) for model in pair)
    return _Contrast(pair, protocol, first - second, [ours[fold] - theirs[fold] for fold in ours])


def _line(table: TaskTable, contrast: _Contrast, corrected: float | None) -> list[str]:
    found = contrast.difference
    mark = "*" if table.card.protocols[contrast.protocol].leaks else ""
    rows = f"`{contrast.rows[0]}` - `{contrast.rows[1]}`"
    known = [rows, contrast.protocol, f"{found.value:+.3f}{mark}"]
    if found.interval is None or found.smallest is None:
        spread = f"folds {min(contrast.by_fold):+.3f} to {max(contrast.by_fold):+.3f}"
        return [*known, spread, "", "", "", found.why_not]
    interval = f"{found.interval[0]:+.3f} to {found.interval[1]:+.3f}"
    units = plural(len(found.units), found.by.replace("_", " "))
    return [*known, interval, p_words(found.p), p_words(corrected), f"{found.smallest:.3f}", units]


def p_words(p: float | None) -> str:
    """A p as pages print it."""
    return "" if p is None else f"{p:.3f}" if p >= 0.001 else "< 0.001"
