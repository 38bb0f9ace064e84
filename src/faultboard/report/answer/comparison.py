"""Two rows that somebody names, over all tasks that a suite has results of."""

from __future__ import annotations

from faultboard.declare.catalogue import Catalogue
from faultboard.declare.names import did_you_mean
from faultboard.errors import CardError
from faultboard.report.answer.contrasts import of_pairs
from faultboard.report.answer.lines import Line, answer_lines
from faultboard.report.task_table import read_tables
from faultboard.run.store import Results
from faultboard.run.suite import Suite
from faultboard.tasks.metrics import METRICS


def suite_with(catalogue: Catalogue, rows: list[str], edition: str | None) -> Suite:
    """The one suite whose results hold some rows.

    Raises
    ------
    CardError
        None does, or several do.
    """
    suites = [Suite.of(catalogue, name, edition) for name in catalogue.paths["suite"]]
    known = {suite.card.id: _rows(suite) for suite in suites if suite.stored_tasks()}
    found = [suite for suite in suites if set(rows) <= known.get(suite.card.id, set())]
    if len(found) == 1:
        return found[0]
    if found:
        names = " or ".join(suite.card.id for suite in found)
        raise CardError(f"--suite: {names} have results of both rows: say which")
    every = sorted({row for of_suite in known.values() for row in of_suite})
    unknown = [row for row in rows if row not in every]
    if unknown:
        raise CardError(f"no suite has results of '{unknown[0]}'.{did_you_mean(unknown[0], every)}")
    raise CardError("no suite has results of both rows")


def compared(suite: Suite, pair: tuple[str, str], metric: str) -> list[Line]:
    """Lines of the difference of two rows: tasks, then pools.

    Raises
    ------
    CardError
        A row has no results here, both are one, or the metric is none or no single number.
    """
    METRICS.check(metric, "--metric")
    if METRICS[metric].shape != "scalar":
        raise CardError(f"--metric: '{metric}' is no single number: two rows cannot be compared by it")
    if pair[0] == pair[1]:
        raise CardError(f"'{pair[0]}' twice: a row does not differ from itself")
    known = _rows(suite)
    for row in pair:
        if row not in known:
            raise CardError(f"{suite.said} has no results of '{row}'.{did_you_mean(row, known)}")
    lines = answer_lines(suite, read_tables(suite, pair), [of_pairs(f"{pair[0]} - {pair[1]}", "", [pair])], metric)
    if not lines:
        raise CardError(f"{suite.said} has no task on which both rows are whole and may be compared")
    return lines


def _rows(suite: Suite) -> set[str]:
    """Models of which a suite has any result."""
    stored = (Results(suite.cells_file(task)) for task in suite.stored_tasks())
    return {record.cell.model for results in stored for record in results.records.values()}
