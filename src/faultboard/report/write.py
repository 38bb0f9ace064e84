"""Writing the tables of a suite, and checking that the committed ones are what the predictions give."""

from __future__ import annotations

from pathlib import Path

from faultboard.declare.catalogue import Catalogue
from faultboard.declare.suite import SuiteCard
from faultboard.report.claims import claims_csv, claims_page, judge
from faultboard.report.contrasts import contrasts
from faultboard.report.csv_table import csv_table
from faultboard.report.markdown import leaderboard, task_page
from faultboard.report.rows import read_tables
from faultboard.run.plan import named_suite
from faultboard.run.store import write_beside


def render(catalogue: Catalogue, suite: SuiteCard, edition: str, results: Path) -> dict[str, str]:
    """Text of every table of a suite, by its path below the results folder."""
    tables = read_tables(catalogue, results, edition)
    files = {
        "leaderboard.csv": csv_table(tables),
        "leaderboard.md": leaderboard(catalogue, suite, edition, tables),
    }
    if suite.claims:
        judged = judge(catalogue, suite, edition, results, tables)
        files |= {"claims.csv": claims_csv(judged), "claims.md": claims_page(suite, edition, judged)}
    pages = {f"{t.card.id}.md": task_page(catalogue, t, contrasts(catalogue, suite, t, results)) for t in tables}
    return files | pages


def write_tables(catalogue: Catalogue, suite: SuiteCard, edition: str, results: Path) -> list[Path]:
    """Write every table of a suite.

    Returns
    -------
    list of Path
        What was written.
    """
    files = render(catalogue, suite, edition, results)
    for name, text in files.items():
        write_beside(results / name, text.encode())
    return [results / name for name in files]


def differing(catalogue: Catalogue, suite: SuiteCard, edition: str, results: Path) -> list[str]:
    """Tables whose bytes are not what the stored predictions give, each with what to do."""
    out, again = [], f"faultboard tables {named_suite(suite, edition)}"
    for name, text in render(catalogue, suite, edition, results).items():
        path = results / name
        if not path.is_file():
            out.append(f"{path}: missing: {again}")
        elif path.read_bytes() != text.encode():
            out.append(f"{path}: not what the stored predictions give: {again}")
    return out
