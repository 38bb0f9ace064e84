"""The overview for people, in Markdown."""

from __future__ import annotations

from faultboard.report.markdown import markdown
from faultboard.report.pages.leaderboard import leaderboard
from faultboard.report.writers import Report, Writer


def write(report: Report) -> dict[str, str]:
    """The overview."""
    return {"leaderboard.md": markdown(leaderboard(report.suite, report.tables))}


leaderboard_md = Writer("an overview for people", ("leaderboard.md",), write)
