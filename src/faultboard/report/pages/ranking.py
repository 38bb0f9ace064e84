"""Who is first under each protocol, and on how many independent units that rests; nothing of generated data."""

from __future__ import annotations

from faultboard.report.answer.kinds import TRIVIAL
from faultboard.report.document import Bullets, Part
from faultboard.report.jackknife import FEW
from faultboard.report.rows import Row
from faultboard.report.task_table import TaskTable
from faultboard.report.words import plural
from faultboard.tasks.splits import column, split_of

# scores that print alike are one rank
_ALIKE = 0.0005


def ranking(table: TaskTable) -> list[Part]:
    """A line a protocol; of the honest one, which networks the trivial row is not behind, and on how many groups."""
    if table.edition == "sim":
        return []
    lines = [line for name in table.card.protocols if (line := _first(table, name))]
    if not lines:
        return []
    if bar := _trivial(table):
        lines.append(bar)
    groups = _independent(table)
    return [Bullets(lines), *([groups] if groups else [])]


def _scored(table: TaskTable, protocol: str) -> dict[str, tuple[Row, float]]:
    """Rows that have a headline and repeat no mistake, by model, and how good they are: the larger the better."""
    rows = [r for m in table.models if table.counts(protocol, m) and (r := table.row(protocol, m))]
    return {r.model: (r, table.headline.quality(r.headline_mean)) for r in rows if r.headline_mean is not None}


def _trivial(table: TaskTable) -> str:
    protocol = table.card.honest
    scored = _scored(table, protocol)
    networks = [model for model, (row, _) in scored.items() if row.pretraining != "none"]
    if TRIVIAL not in scored or not networks:
        return ""
    row, bar = scored[TRIVIAL]
    behind = [f"`{model}`" for model in networks if scored[model][1] <= bar]
    said = f"{len(behind)} of {plural(len(networks), 'network')} do not beat it: {', '.join(behind)}"
    every = f"each of {plural(len(networks), 'network')} beats it"
    return f"`{protocol}`: `{TRIVIAL}` has {row.headline_mean:.3f}; {said if behind else every}."


def _first(table: TaskTable, protocol: str) -> str:
    rows = _scored(table, protocol)
    if not rows:
        return ""
    scored = {model: quality for model, (_, quality) in rows.items()}
    first = max(scored, key=lambda model: (scored[model], model))
    alike = sum(scored[first] - score < _ALIKE for score in scored.values()) - 1
    row = rows[first][0]
    others = f" (and {alike} more within {_ALIKE})" if alike else ""
    kind = ", hand-made features without any pretraining," if row.pretraining == "none" else ""
    return f"`{protocol}`: `{first}`{kind} is first with {row.headline_mean:.3f}{others}."


def _independent(table: TaskTable) -> str:
    """Say how many groups an honest difference rests on."""
    if not (table.card.gap and table.facts):
        return ""
    name = table.card.gap[1]
    protocol, known = table.card.protocols[name], table.facts.protocols.get(name)
    if not known or not known.folds:
        return ""
    count = len(known.folds)
    if split_of(protocol).one_a_fold and count < FEW:
        by = column(protocol) or "group"
        return (
            f"Under `{name}` every score is a mean over {plural(count, by)} held out: "
            f"too few for an interval or a test of any difference, so none is given."
        )
    return f"Under `{name}` every score is a mean over {plural(count, 'fold')}."
