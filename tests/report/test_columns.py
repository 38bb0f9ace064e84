"""docs/columns.md names every column of the tables in its order, and no other: a column without words is a riddle."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from faultboard.report.answer.lines import Line
from faultboard.report.claims import Verdict
from faultboard.report.rows import Row
from faultboard.report.writers.scores_csv import Score
from support.repository import REPOSITORY

PAGE = (REPOSITORY / "docs" / "columns.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "row"), [("leaderboard", Row), ("claims", Verdict), ("answer", Line), ("scores", Score)]
)
def test_every_column_is_explained(file: str, row: type) -> None:
    section = PAGE.split(f"## {file}.csv\n")[1].split("\n## ")[0]
    firsts = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
    named = [name for first in firsts for name in re.findall(r"`(\w+)`", first)]
    assert named == [{"cls": "class"}.get(field.name, field.name) for field in fields(row)]


def test_every_outcome_is_explained() -> None:
    from faultboard.run.record import OUTCOMES

    (status,) = [line for line in PAGE.splitlines() if line.startswith("| `status` |")]
    assert {*OUTCOMES, "reported"} == set(re.findall(r"`(\w+)`", status)) - {"status"}
