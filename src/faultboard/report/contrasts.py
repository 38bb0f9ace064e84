"""The pairs of rows that a suite compares, on a task's page: their difference under each protocol, over its groups."""

from __future__ import annotations

import numpy as np
from tabulate import tabulate

from faultboard.declare.names import did_you_mean
from faultboard.errors import CardError
from faultboard.report.paired import MANY, Difference, compare
from faultboard.report.rows import TaskTable
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
            raise CardError(f"{at} no row '{row}' in this suite.{did_you_mean(row, models)}")
        if mark := models[row].recipe.mark:
            raise CardError(f"{at} '{row}' is marked '{mark}': nothing is compared with it")


def contrasts(suite: Suite, table: TaskTable) -> list[str]:
    """Section of a task's page; nothing where the suite compares no rows of it, or the data are generated."""
    if table.edition == "sim":
        return []
    for pair in suite.card.compare:
        check_rows(suite, pair, f"{suite.card.path}: compare:")
    stored = Results(suite.cells_file(table.card.id))
    unit = suite.catalogue.dataset(table.card.dataset).unit
    lines = []
    for pair in suite.card.compare:
        for name, protocol in table.card.protocols.items():
            rows = [table.row(name, model) for model in pair]
            if any(row is None or row.status != "ok" for row in rows):
                continue
            found = compare(stored, table.card, name, pair, table.headline, unit)
            scores = [float(np.mean(list(table.groups[name, model].values()))) for model in pair]
            mark = "*" if protocol.leaks else ""
            named = f"`{pair[0]}` - `{pair[1]}`"
            apart = f"{scores[0] - scores[1]:+.3f}{mark}"
            lines.append([named, name, apart, _each(found), _interval(found), _test(found)])
    if not lines:
        return []
    header = ["rows", "protocol", "difference", "each group", "interval", "test"]
    return ["## Differences", "", tabulate(lines, header, tablefmt="github", disable_numparse=True), "", RULE, ""]


def _each(found: Difference) -> str:
    """The groups' own differences; of many, their range."""
    by = found.by.replace("_", " ")
    if len(found.each) < MANY:
        return f"{by} " + ", ".join(f"{g} {d:+.3f}" for g, d in zip(found.groups, found.each, strict=True))
    return f"{plural(len(found.each), by)}, {found.each.min():+.3f} to {found.each.max():+.3f}"


def _interval(found: Difference) -> str:
    return f"{found.interval[0]:+.3f} to {found.interval[1]:+.3f}" if found.interval else "too few groups"


def _test(found: Difference) -> str:
    if found.p is None:
        return f"cannot be tested with {plural(len(found.each), 'group')}"
    return f"p = {found.p:.3f}" if found.p >= 0.001 else "p < 0.001"
