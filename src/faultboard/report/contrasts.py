"""The pairs of rows that a suite compares, on a task's page: their difference under each protocol, over its groups."""

from __future__ import annotations

import numpy as np

from faultboard.declare.names import did_you_mean
from faultboard.errors import CardError
from faultboard.report.document import Grid, Section
from faultboard.report.paired import MANY, Difference, compare
from faultboard.report.task_table import TaskTable
from faultboard.report.words import plural
from faultboard.run.store import Results
from faultboard.run.suite import Suite

RULE = (
    "Score of the first row less that of the second. Groups are the trials, not windows: the interval is of nominal "
    f"95 %, by t over groups below {MANY} and by bootstrap over groups from there on; p is of a sign-flip over groups, "
    "which needs six of them to fall below 0.05. `*` the protocol leaks."
)


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


def contrasts(suite: Suite, table: TaskTable) -> list[Section]:
    """Section of a task's page; none where the suite compares no rows of it, or the data are generated."""
    if table.edition == "sim":
        return []
    check_compared(suite)
    stored = Results(suite.cells_file(table.card.id))
    unit = suite.catalogue.dataset(table.card.dataset).unit
    lines = [
        _line(table, name, pair, compare(stored, table.card, name, pair, table.card.metrics[0], unit))
        for pair in suite.card.compare
        for name in table.card.protocols
        if all((row := table.row(name, model)) and row.headline_mean is not None for model in pair)
    ]
    header = ["rows", "protocol", "difference", "each group", "interval", "test"]
    return [Section("Differences", 2, [Grid(header, lines), RULE])] if lines else []


def _line(table: TaskTable, protocol: str, pair: list[str], difference: Difference) -> list[str]:
    scores = [float(np.mean(list(table.by_fold(protocol, model).values()))) for model in pair]
    mark = "*" if table.card.protocols[protocol].leaks else ""
    apart = f"{scores[0] - scores[1]:+.3f}{mark}"
    rows = f"`{pair[0]}` - `{pair[1]}`"
    return [rows, protocol, apart, _each(difference), _interval(difference), _test(difference)]


def _each(difference: Difference) -> str:
    """The groups' own differences; of many, their range."""
    by = difference.by.replace("_", " ")
    if not difference.is_defined:
        return f"not defined in each {by}"
    if len(difference.each) < MANY:
        return f"{by} " + ", ".join(f"{g} {d:+.3f}" for g, d in zip(difference.groups, difference.each, strict=True))
    return f"{plural(len(difference.each), by)}, {difference.each.min():+.3f} to {difference.each.max():+.3f}"


def _interval(difference: Difference) -> str:
    return (
        f"{difference.interval[0]:+.3f} to {difference.interval[1]:+.3f}" if difference.interval else "too few groups"
    )


def _test(difference: Difference) -> str:
    if difference.p is None:
        why = f"with {plural(len(difference.each), 'group')}" if difference.is_defined else "where it is not defined"
        return f"cannot be tested {why}"
    return f"p = {difference.p:.3f}" if difference.p >= 0.001 else "p < 0.001"
