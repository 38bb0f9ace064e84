"""A page a task, in Markdown."""

from __future__ import annotations

from faultboard.report.markdown import markdown
from faultboard.report.pages.task_page import task_page
from faultboard.report.writers import Report, Writer


def write(report: Report) -> dict[str, str]:
    """The pages, in a folder a family."""
    return {f"{table.card.id}.md": markdown(task_page(report.suite, table)) for table in report.tables}


task_pages_md = Writer("a page a task", ("{family}",), write)
