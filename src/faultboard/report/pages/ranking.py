"""Who is first under each protocol, and on how many independent units that rests; nothing of generated data."""

from __future__ import annotations

from faultboard.report.document import Bullets, Part
from faultboard.report.task_table import TaskTable
from faultboard.report.words import plural
from faultboard.tasks.splits import column, split_of

# scores that print alike are one rank
_ALIKE = 0.0005


def ranking(table: TaskTable) -> list[Part]:
    """A line a protocol, and one on the honest protocol's groups."""
    if table.edition == "sim":
        return []
    lines = [line for name in table.card.protocols if (line := _first(table, name))]
    if not lines:
        return []
    groups = _independent(table)
    return [Bullets(lines), *([groups] if groups else [])]


def _first(table: TaskTable, protocol: str) -> str:
    rows = [r for m in table.models if (r := table.row(protocol, m)) and r.status == "ok" and not r.mark]
    scored = {r.model: table.headline.quality(r.headline_mean) for r in rows if r.headline_mean is not None}
    if not scored:
        return ""
    first = max(scored, key=lambda model: (scored[model], model))
    alike = sum(scored[first] - score < _ALIKE for score in scored.values()) - 1
    row = next(r for r in rows if r.model == first)
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
    if split_of(protocol).one_a_fold and count < 6:
        # a sign-flip over G groups cannot give less than 2 / 2^G
        by = column(protocol) or "group"
        return (
            f"Under `{name}` every score is a mean over {plural(count, by)} held out: "
            f"too few for an interval or a test of any difference, so none is given."
        )
    return f"Under `{name}` every score is a mean over {plural(count, 'fold')}."
