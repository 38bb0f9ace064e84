"""Writing the tables of a suite, and checking that the committed ones are what the predictions give."""

from __future__ import annotations

from pathlib import Path

from faultboard.files.whole import write_beside
from faultboard.report.answer.contrasts import contrasts_of
from faultboard.report.answer.lines import answer_lines
from faultboard.report.claims import judge
from faultboard.report.task_table import read_tables
from faultboard.report.writers import WRITERS, Report
from faultboard.run.suite import Suite


def render(suite: Suite) -> dict[str, str]:
    """Text of every table of a suite, by its path below the results folder."""
    tables = read_tables(suite)
    answer = [] if suite.edition == "sim" else answer_lines(suite, tables, contrasts_of(suite))
    report = Report(suite, tables, judge(suite, tables), answer)
    files: dict[str, str] = {}
    for writer in (WRITERS[name] for name in WRITERS):
        if writer.when(suite.card):
            files |= writer.write(report)
    return files


def write_tables(suite: Suite) -> list[Path]:
    """Write every table of a suite.

    Returns
    -------
    list of Path
        What was written.
    """
    files = render(suite)
    for name, text in files.items():
        write_beside(suite.folder / name, text.encode())
    return [suite.folder / name for name in files]


def differing(suite: Suite) -> list[str]:
    """Tables whose bytes are not what the stored predictions give, each with what to do."""
    out, again = [], f"faultboard tables {suite.said}"
    for name, text in render(suite).items():
        path = suite.folder / name
        if not path.is_file():
            out.append(f"{path}: missing: {again}")
        elif path.read_bytes() != text.encode():
            out.append(f"{path}: not what the stored predictions give: {again}")
    return out
