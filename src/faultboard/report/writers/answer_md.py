"""The answer over all tasks for people, in Markdown."""

from __future__ import annotations

from faultboard.report.markdown import markdown
from faultboard.report.pages.answer import answer
from faultboard.report.writers import Report, Writer
from faultboard.report.writers.answer_csv import is_of_machines


def write(report: Report) -> dict[str, str]:
    """The page of the answer."""
    return {"answer.md": markdown(answer(report.suite, report.tables, report.answer))}


ANSWER_MD = Writer("what survives on an unmet machine, over all tasks", ("answer.md",), write, is_of_machines)
