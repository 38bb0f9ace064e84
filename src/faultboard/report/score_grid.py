"""The table of a task's scores, and the notes that belong below it."""

from __future__ import annotations

from faultboard.report.document import Grid
from faultboard.report.rows import Row
from faultboard.report.task_table import TaskTable
from faultboard.report.timing import timing_note, training_times

_INTERVAL = (
    "[low, high]: interval of nominal 95 % over the units that are held out, t over the jackknife, wider by "
    "sqrt(1 + k / (k - 1)) where k folds train on overlapping sides; on the safe side."
)
LEAKS = "`*` the protocol leaks, as declared: what it shares between training and test is listed below."


def score_grid(table: TaskTable, level: str | None = None) -> Grid:
    """Models as rows, protocols as columns; the reason beside every blank."""
    card = table.card
    names = list(card.protocols)
    header = ["model", "trained on", *(n.replace("_", " ") for n in names)]
    header += ["worst", "gap"] if card.gap else []
    times = training_times(table)
    lines = []
    for model in table.models:
        rows = {name: table.row(name, model, level=level) for name in names}
        any_row = next(r for r in rows.values() if r)
        line = [_named(any_row), any_row.trained_on or "-", *(score_words(table, rows[n], n) for n in names)]
        if card.gap:
            honest = rows.get(card.gap[1])
            line += [_worst(honest), f"{honest.gap:z.3f}" if honest and honest.gap is not None else ""]
        lines.append([*line, times[model]])
    return Grid([*header, "training"], lines)


def score_words(table: TaskTable, row: Row | None, protocol: str) -> str:
    """Headline of a row with its spread over seeds, marked where the protocol leaks; else why there is none."""
    if row is None:
        return ""
    if row.headline_mean is None:
        return "not defined" if row.status == "ok" else row.status.replace("_", " ")
    mark = "*" if table.card.protocols[protocol].leaks else ""
    spread = f" ± {row.headline_std:.3f}" if row.headline_std is not None else ""
    interval = f" [{row.low:.2f}, {row.high:.2f}]" if row.low is not None and row.high is not None else ""
    return f"{row.headline_mean:.3f}{mark}{spread}{interval}"


def _named(row: Row) -> str:
    return f"{row.model} ({row.mark})" if row.mark else row.model


def _worst(row: Row | None) -> str:
    if row is None or row.worst_score is None:
        return ""
    rests = f" (units: {row.worst_units})" if row.worst_units is not None else ""
    return f"{row.worst_group} {row.worst_score:.3f}{rests}"


def notes(table: TaskTable) -> list[str]:
    """What a reader of the table must know: leaks, machines, why rows are blank, mistakes, early stopping."""
    lines = [LEAKS] if any(p.leaks for p in table.card.protocols.values()) else []
    if table.pooled:
        under = ", ".join(f"`{name}`" for name in table.pooled)
        lines.append(
            f"{under}: the truth of a fold holds one class, so the predictions of all folds are scored at once."
        )
    if timing := timing_note(table):
        lines.append(timing)
    lines += [f"{', '.join(models)}: {reason}." for reason, models in _reasons(table).items()]
    for model, mistake in table.mistakes.items():
        mark = next(row.mark for row in table.rows if row.model == model)
        lines.append(f"{model}: {mark}: {mistake}.")
    lines += [f"{model}: chosen on the training side (cells): {what}." for model, what in table.chosen.items()]
    if any(row.low is not None for row in table.rows):
        lines.append(_INTERVAL)
    return [*lines, *_stopped_early(table)]


def _reasons(table: TaskTable) -> dict[str, list[str]]:
    """Models of the rows without a score, by the reason."""
    reasons: dict[str, dict[str, None]] = {}
    for row in table.rows:
        if row.status not in ("ok", "reported"):
            reasons.setdefault(f"{row.status.replace('_', ' ')}: {row.reason}", {})[row.model] = None
        elif row.status == "ok" and row.headline_mean is None:
            why = f"{table.headline.words} is not defined where the truth holds one class"
            reasons.setdefault(f"{why} (`{row.protocol}`)", {})[row.model] = None
    return {reason: list(models) for reason, models in reasons.items()}


def _stopped_early(table: TaskTable) -> list[str]:
    lines = []
    for of in dict.fromkeys(table.watched.values()):
        named = dict.fromkeys(model for (_, model), column in table.watched.items() if column == of)
        under = dict.fromkeys(protocol for (protocol, _), column in table.watched.items() if column == of)
        lines.append(
            f"{', '.join(named)}: early stopping watched a part of the training side, by {of.replace('_', ' ')} "
            f"({', '.join(under)})."
        )
    return lines
