"""The answer over all tasks as CSV: a row a contrast, task or pool, and side."""

from __future__ import annotations

from dataclasses import fields

from faultboard.declare.suite import SuiteCard
from faultboard.report.answer.lines import Line
from faultboard.report.csv_rows import csv_rows
from faultboard.report.writers import Report, Writer


def write(report: Report) -> dict[str, str]:
    """All lines."""
    return {"answer.csv": csv_rows([field.name for field in fields(Line)], report.answer)}


def is_of_machines(suite: SuiteCard) -> bool:
    """Whether its recordings are real ones."""
    return suite.edition != "sim"


ANSWER_CSV = Writer("a row a contrast, task or pool, and side", ("answer.csv",), write, is_of_machines)
