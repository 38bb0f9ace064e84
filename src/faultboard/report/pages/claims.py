"""What the sources claim: one line a claim, both protocols beside each other."""

from __future__ import annotations

from collections.abc import Callable

from faultboard.report.claims import RULE, TIME, Verdict
from faultboard.report.document import Document, Grid, Section
from faultboard.report.pages.shared import notice
from faultboard.report.words import duration
from faultboard.run.suite import Suite
from faultboard.tasks.metrics import METRICS


def claims(suite: Suite, verdicts: list[Verdict]) -> Document:
    """What the page of claims says."""
    card = suite.card
    about = f"Suite `{card.id}` version {card.version}, edition `{suite.edition}`."
    header = ["claim", "as rows", "published protocol", "honest protocol", "source"]
    pairs = zip(verdicts[::2], verdicts[1::2], strict=True)
    grid = Grid(header, [_line(published, honest) for published, honest in pairs])
    marks = "`*` the protocol leaks, as declared on the task's page."
    return [Section(f"What the sources claim: {card.title}", 1, [about, *notice(suite.edition), grid, marks, RULE])]


def _line(published: Verdict, honest: Verdict) -> list[str]:
    compared = f"`{published.first}` {published.direction} `{published.second}`"
    metric = "training time" if published.metric == TIME else METRICS[published.metric].words
    rows = f"`{published.task}`: {compared}, {metric}"
    return [published.text, rows, _words(published), _words(honest), published.source]


def _words(verdict: Verdict) -> str:
    """One cell of the page: the verdict, the two scores, and what they rest on."""
    if verdict.first_score is None or verdict.second_score is None:
        return f"**{verdict.verdict}**: {verdict.reason}"
    shown: Callable[[float], str] = duration if verdict.metric == TIME else lambda value: f"{value:.3f}"
    mark = "*" if verdict.leaks and verdict.metric != TIME else ""
    scores = f"{shown(verdict.first_score)}{mark} against {shown(verdict.second_score)}{mark}"
    if verdict.low is not None and verdict.high is not None:
        scores += f", difference {verdict.low:+.3f} to {verdict.high:+.3f}"
    return f"**{verdict.verdict}** under `{verdict.protocol}`: {scores} ({verdict.reason})"
