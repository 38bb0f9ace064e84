"""The verdicts on the suite's claims as CSV: one row a claim and protocol."""

from __future__ import annotations

from dataclasses import fields

from faultboard.declare.suite import SuiteCard
from faultboard.report.claims import Verdict
from faultboard.report.csv_rows import csv_rows
from faultboard.report.writers import Report, Writer


def write(report: Report) -> dict[str, str]:
    """All verdicts."""
    return {"claims.csv": csv_rows([field.name for field in fields(Verdict)], report.verdicts)}


def has_claims(suite: SuiteCard) -> bool:
    """Whether there is anything to judge."""
    return bool(suite.claims)


claims_csv = Writer("a row a claim and protocol", ("claims.csv",), write, has_claims)
