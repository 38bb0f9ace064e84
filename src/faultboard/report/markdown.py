"""The leaderboard and a page a task in Markdown, for people who do not read the code."""

from __future__ import annotations

from tabulate import tabulate

from faultboard.declare.catalogue import Catalogue
from faultboard.declare.dataset import DatasetCard
from faultboard.report.rows import Row, TaskTable
from faultboard.report.timing import timing_note, training_times
from faultboard.report.words import (
    METRICS,
    class_words,
    level_words,
    plural,
    protocol_words,
    size_words,
)
from faultboard.run.suite import Suite

SIMULATED = (
    "> **Generated data.** These recordings come from a simulator. They show that the machinery runs; "
    "they say nothing about real machines, and no rank or claim rests on them."
)
SELECTION = (
    "Settings come from each model's recipe and were fixed before any score was seen. Nothing looks at the test side: "
    "no setting, no epoch and no threshold is chosen on it."
)
REPEATED = (
    " Rows marked `as published` or `chosen on test` repeat a mistake of their source, to show what it was worth: no "
    "gap, rank, difference or claim uses them."
)
LEAKS = "`*` the protocol leaks, as declared: what it shares between training and test is listed below."


def leaderboard(suite: Suite, tables: list[TaskTable]) -> str:
    """One overview of a suite: each task's headline under both sides of its gap."""
    parts = [
        f"# {suite.card.title}",
        "",
        f"Suite `{suite.card.id}` version {suite.card.version}, edition `{suite.edition}`.",
        "",
    ]
    if suite.edition == "sim":
        parts += [SIMULATED, ""]
    parts += [_selection(tables), ""]
    for table in tables:
        page = f"{table.card.id}.md"
        parts += [
            f"## [{table.card.title}]({page})",
            "",
            *_summary(suite.catalogue, table),
            "",
            result_table(table),
            "",
        ]
        parts += [*_notes(table), ""]
    return "\n".join(parts).rstrip() + "\n"


def task_page(catalogue: Catalogue, table: TaskTable, contrasts: list[str] | None = None) -> str:
    """Everything about one task: the data, how it splits, what leaks, who wins and on how many units.

    Parameters
    ----------
    contrasts : list of str, optional
        The section on the pairs of rows that the suite compares.
    """
    card, dataset = table.card, catalogue.dataset(table.card.dataset)
    parts = [f"# {card.title}", ""]
    if table.edition == "sim":
        parts += [SIMULATED, ""]
    parts += [*_summary(catalogue, table), ""]
    if card.shows:
        parts += [card.shows.strip(), ""]
    parts += ["## Scores", "", result_table(table), "", *_notes(table), "", *_winners(table), ""]
    for level in card.level[1:]:
        parts += [f"### {level_words(level)}", "", result_table(table, level), ""]
    parts += contrasts or []
    parts += ["## How it splits", "", _protocols(table), ""]
    parts += _groups(table)
    parts += _learning_curves(table)
    parts += ["## The data", "", *_data(dataset, table), ""]
    parts += _published(table)
    parts += ["## Selection", "", _selection([table]), ""]
    return "\n".join(parts).rstrip() + "\n"


def _selection(tables: list[TaskTable]) -> str:
    return SELECTION + (REPEATED if any(table.mistakes for table in tables) else "")


def result_table(table: TaskTable, level: str | None = None) -> str:
    """Models as rows, protocols as columns; the reason beside every blank."""
    card = table.card
    names = list(card.protocols)
    worst_of = card.gap[1] if card.gap else None
    header = ["model", "trained on", *(n.replace("_", " ") for n in names)]
    header += ["worst", "gap"] if worst_of else []
    header += ["training"]
    times = training_times(table)
    lines = []
    for model in table.models:
        rows = {name: table.row(name, model, level=level) for name in names}
        any_row = next(r for r in rows.values() if r)
        named = f"{model} ({any_row.mark})" if any_row.mark else model
        line = [named, any_row.trained_on or "-", *(_score(table, rows[n], n) for n in names)]
        honest = rows.get(worst_of) if worst_of else None
        if worst_of:
            line += [_worst(honest), f"{honest.gap:z.3f}" if honest and honest.gap is not None else ""]
        line += [times[model]]
        lines.append(line)
    return tabulate(lines, header, tablefmt="github", disable_numparse=True)


def _score(table: TaskTable, row: Row | None, protocol: str) -> str:
    if row is None:
        return ""
    value = row.score(table.headline)
    if value is None:
        return row.status.replace("_", " ")
    std = getattr(row, f"{table.headline}_std")
    mark = "*" if table.card.protocols[protocol].leaks else ""
    return f"{value:.3f}{mark}" + (f" ± {std:.3f}" if std is not None else "")


def _worst(row: Row | None) -> str:
    return f"{row.worst_group} {row.worst_score:.3f}" if row and row.worst_score is not None else ""


def _summary(catalogue: Catalogue, table: TaskTable) -> list[str]:
    facts, dataset = table.facts, catalogue.dataset(table.card.dataset)
    said = [f"`{table.card.id}` on `{dataset.id}@{table.edition}`"]
    if facts:
        said.append(size_words(facts, dataset.unit))
    return [", ".join(said) + f". Scores are {METRICS[table.headline]}."]


def _notes(table: TaskTable) -> list[str]:
    lines = []
    if any(p.leaks for p in table.card.protocols.values()):
        lines.append(LEAKS)
    if timing := timing_note(table):
        lines.append(timing)
    reasons: dict[str, list[str]] = {}
    for row in table.rows:
        if row.status not in ("ok", "reported"):
            reasons.setdefault(f"{row.status.replace('_', ' ')}: {row.reason}", []).append(row.model)
    for reason, models in reasons.items():
        lines.append(f"{', '.join(dict.fromkeys(models))}: {reason}.")
    for model, text in table.mistakes.items():
        mark = next(row.mark for row in table.rows if row.model == model)
        lines.append(f"{model}: {mark}: {text}.")
    for of in dict.fromkeys(table.watched.values()):
        named = dict.fromkeys(model for (_, model), found in table.watched.items() if found == of)
        under = dict.fromkeys(protocol for (protocol, _), found in table.watched.items() if found == of)
        lines.append(
            f"{', '.join(named)}: early stopping watched a part of the training side, by {of.replace('_', ' ')} "
            f"({', '.join(under)})."
        )
    return ["  \n".join(lines)] if lines else []


def _winners(table: TaskTable) -> list[str]:
    """Say who is first under each protocol, and on how many independent units that rests; nothing of generated data."""
    out: list[str] = []
    if table.edition == "sim":
        return out
    for name in table.card.protocols:
        rows = [r for m in table.models if (r := table.row(name, m)) and r.status == "ok" and not r.mark]
        scored = [(r.score(table.headline), r.model) for r in rows]
        ranked = sorted(((s, m) for s, m in scored if s is not None), reverse=True)
        if ranked:
            best = [m for s, m in ranked if s > ranked[0][0] - 0.0005]
            others = f" (and {len(best) - 1} more within 0.0005)" if len(best) > 1 else ""
            row = table.row(name, best[0])
            kind = ", hand-made features without any pretraining," if row and row.pretraining == "none" else ""
            out.append(f"- `{name}`: `{best[0]}`{kind} is first with {ranked[0][0]:.3f}{others}.")
    groups = _independent(table)
    return [*out, "", groups] if out else []


def _independent(table: TaskTable) -> str:
    """Say how many groups an honest difference rests on."""
    if not (table.card.gap and table.facts):
        return ""
    name = table.card.gap[1]
    protocol, found = table.card.protocols[name], table.facts.protocols.get(name)
    if not found or not found.folds:
        return ""
    count = len(found.folds)
    by = (protocol.by or "group").replace("_", " ")
    if protocol.split == "leave_one_out" and count < 6:
        # a sign-flip over G groups cannot give less than 2 / 2^G
        return (
            f"Under `{name}` every score is a mean over {plural(count, by)} held out: "
            f"too few for an interval or a test of any difference, so none is given."
        )
    return f"Under `{name}` every score is a mean over {plural(count, 'fold')}."


def _protocols(table: TaskTable) -> str:
    lines = []
    for name, protocol in table.card.protocols.items():
        found = table.facts.protocols.get(name) if table.facts else None
        leak = (
            "" if not found or found.leak is None or found.chance is None else f"{found.leak:.2f} ({found.chance:.2f})"
        )
        words = f"{protocol_words(protocol)} {protocol.note[:1].upper()}{protocol.note[1:]}".rstrip()
        if found and found.reason:
            words += f" Not possible here: {found.reason}."
        lines.append(
            [
                name,
                words,
                ", ".join(protocol.separates) or "nothing",
                ", ".join(protocol.leaks) or "nothing declared",
                leak,
            ]
        )
    header = ["protocol", "how", "separates", "leaks", "leak number (chance)"]
    text = tabulate(lines, header, tablefmt="github", disable_numparse=True)
    return (
        f"{text}\n\nThe leak number is the share of test windows whose nearest training window, by a fingerprint that "
        "no model has learnt, comes from the same unit. Near its chance value nothing of the unit is on both sides."
    )


def _groups(table: TaskTable) -> list[str]:
    """Every held-out group, for protocols that hold out one at a time."""
    out: list[str] = []
    for name, protocol in table.card.protocols.items():
        scored = {m: table.groups.get((name, m), {}) for m in table.models}
        scored = {m: folds for m, folds in scored.items() if folds}
        if protocol.split != "leave_one_out" or not scored:
            continue
        names = list(next(iter(scored.values())))
        lines = [[m, *(f"{folds[n]:.3f}" for n in names)] for m, folds in scored.items()]
        by = (protocol.by or "").replace("_", " ")
        header = ["model", *(f"{by} {n}" for n in names)]
        out += [
            f"### Each {by} held out (`{name}`)",
            "",
            tabulate(lines, header, tablefmt="github", disable_numparse=True),
            "",
        ]
    return out


def _learning_curves(table: TaskTable) -> list[str]:
    """Scores by how much there was to train on, where the suite has data budgets."""
    if table.budgets == ["all"]:
        return []
    out = ["## Learning curves", "", "Share of the training side, drawn by whole units or recordings.", ""]
    for name in table.card.protocols:
        rows = {m: [table.row(name, m, budget) for budget in table.budgets] for m in table.models}
        lines = [[m, *(_score(table, row, name) for row in found)] for m, found in rows.items()]
        text = tabulate(lines, ["model", *table.budgets], tablefmt="github", disable_numparse=True)
        out += [f"### `{name}`", "", text, ""]
    return out


def _data(dataset: DatasetCard, table: TaskTable) -> list[str]:
    source = f"[{dataset.title}]({dataset.homepage})" if dataset.homepage else dataset.title
    lines = [f"{source}. Licence: {dataset.licence}."]
    if table.facts:
        lines += ["", f"Windows a class: {class_words(table.facts, dataset.unit)}."]
    lines += [
        "",
        *(
            f"- `{name}`: {group.meaning}{' (the unit)' if group.unit else ''}"
            for name, group in dataset.groups.items()
        ),
    ]
    findings = [
        f"- {f['kind'].replace('_', ' ')}: {f['what']}{'' if f['declared'] else ' (**not declared**)'}"
        for name, p in (table.facts.protocols.items() if table.facts else ())
        for f in p.findings
    ]
    if findings:
        lines += ["", "What the audit found:", "", *dict.fromkeys(findings)]
    if dataset.caveats:
        lines += ["", "Known defects of these data:", ""]
        lines += [f"- {c.what}. Here: {c.done}." for c in dataset.caveats]
    return lines


def _published(table: TaskTable) -> list[str]:
    lines = []
    for said in table.card.reported:
        side = "" if said.side == "test" else f", {said.side} side"
        value = (
            ", ".join(f"{name} {value:.3f}" for name, value in said.value.items())
            if isinstance(said.value, dict)
            else f"{said.value:.3f}"
        )
        training = ", ".join(part for part in (said.training_time, said.hardware) if part)
        place = f"{said.place}{'. ' + said.note if said.note else ''}"
        lines.append([said.system, said.protocol, METRICS[said.metric] + side, value, training, place])
    if not lines:
        return []
    header = ["system", "protocol", "metric", "reported", "training", "source"]
    return ["## Published figures", "", tabulate(lines, header, tablefmt="github", disable_numparse=True), ""]
