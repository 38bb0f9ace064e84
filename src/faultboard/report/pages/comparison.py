"""Two rows over all tasks, as a terminal shows them."""

from __future__ import annotations

from faultboard.report.answer.lines import Line
from faultboard.report.document import Document, Section
from faultboard.report.pages.answer import by_task, how, pools
from faultboard.report.pages.shared import notice
from faultboard.run.suite import Suite
from faultboard.tasks.metrics import METRICS


def comparison(suite: Suite, pair: tuple[str, str], metric: str, lines: list[Line]) -> Document:
    """What is printed of two rows."""
    about = f"{METRICS[metric].words}, suite `{suite.id}`, edition `{suite.edition}`."
    title = f"`{pair[0]}` - `{pair[1]}`"
    pooled = [line for line in lines if not line.task]
    parts = [*notice(suite.edition), about, *by_task(lines), *([pools(pooled)] if pooled else []), how(metric)]
    return [Section(title, 1, parts)]
