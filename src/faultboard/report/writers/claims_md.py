"""The verdicts on the suite's claims for people, in Markdown."""

from __future__ import annotations

from faultboard.report.markdown import markdown
from faultboard.report.pages.claims import claims
from faultboard.report.writers import Report, Writer
from faultboard.report.writers.claims_csv import has_claims


def write(report: Report) -> dict[str, str]:
    """The page of claims."""
    return {"claims.md": markdown(claims(report.suite, report.verdicts))}


claims_md = Writer("what the sources claim, and whether it holds", ("claims.md",), write, has_claims)
