"""Everything about one task: the data, how it splits, what leaks, who wins and on how many units."""

from __future__ import annotations

from collections.abc import Iterator
from math import isnan

from faultboard.declare.dataset import DatasetCard
from faultboard.declare.task import Reported
from faultboard.report.contrasts import contrasts
from faultboard.report.document import Bullets, Document, Grid, Lines, Part, Section
from faultboard.report.operating import operating
from faultboard.report.pages.ranking import ranking
from faultboard.report.pages.shared import notice, selection, summary
from faultboard.report.score_grid import notes, score_grid, score_words
from faultboard.report.task_table import TaskTable
from faultboard.report.words import class_words, protocol_words
from faultboard.run.suite import Suite
from faultboard.tasks.levels import level_words
from faultboard.tasks.metrics import METRICS
from faultboard.tasks.splits import column, split_of

_LEAK_NUMBER = (
    "The leak number is the share of test windows whose nearest training window, by a fingerprint that no model has "
    "learnt, comes from the same unit. Near its chance value nothing of the unit is on both sides."
)
_BUDGETS = (
    "A share of the training side, drawn by whole units or recordings; or so many faulty units beside everything that "
    "is healthy, mean and spread (±) over draws, each of which a larger budget goes on from."
)
_CURVE = (
    "Share of the faulty that is found where at most so many of the healthy raise an alarm, mean over folds. The "
    "threshold is read off the curve of the test side itself: an evaluation figure, what could be reached and not what "
    "would be set beforehand. Blank at 1 % where a fold has fewer than 100 healthy to test."
)
_SET_BEFORE = (
    "The threshold was set before the unit was met: on healthy windows of the training units, each scored by a model "
    "that had not met its unit. Shares of windows on the units that were held out, mean over folds."
)


def task_page(suite: Suite, table: TaskTable) -> Document:
    """What the page of a task says."""
    card, dataset = table.card, suite.catalogue.dataset(table.card.dataset)
    shows = [card.shows.strip()] if card.shows else []
    return [
        Section(card.title, 1, [*notice(table.edition), summary(suite.catalogue, table), *shows]),
        Section("Scores", 2, [score_grid(table), Lines(notes(table)), *ranking(table)]),
        *(Section(level_words(level), 3, [score_grid(table, level)]) for level in card.level[1:]),
        *contrasts(suite, table),
        Section("How it splits", 2, [_protocols(table), _LEAK_NUMBER]),
        *_plant(table),
        *_groups(table),
        *_learning_curves(table),
        Section("The data", 2, _data(dataset, table)),
        *_published(table),
        Section("Selection", 2, [selection([table])]),
    ]


def _protocols(table: TaskTable) -> Grid:
    lines = []
    for name, protocol in table.card.protocols.items():
        known = table.facts.protocols.get(name) if table.facts else None
        leak = f"{known.leak:.2f} ({known.chance:.2f})" if known and known.leak is not None else ""
        words = f"{protocol_words(protocol)} {protocol.note[:1].upper()}{protocol.note[1:]}".rstrip()
        if known and known.reason:
            words += f" Not possible here: {known.reason}."
        separates = ", ".join(protocol.separates) or "nothing"
        leaks = ", ".join(protocol.leaks) or "nothing declared"
        lines.append([name, words, separates, leaks, leak])
    return Grid(["protocol", "how", "separates", "leaks", "leak number (chance)"], lines)


def _plant(table: TaskTable) -> Iterator[Section]:
    """How many faults are found at a rate of false alarms, where the task says which class is healthy."""
    card = table.card
    if not card.faulty:
        return
    place = card.class_names.index(card.faulty)
    names = ("recall_at_false_alarms", "recall_at_1_percent")
    curve, set_before = [], []
    for model in table.models:
        scores = table.scores.get((card.honest, "all", model, card.level[0]))
        if scores:
            found = [float(scores.mean_and_std(name)[0][place]) for name in names]
            curve.append([model, *("" if isnan(share) else f"{share:.3f}" for share in found)])
            if reached := operating(table, card.honest, model):
                shares = (reached.false_alarms, reached.worst, reached.missed)
                set_before.append([model, *(f"{share:.3f}" for share in shares)])
    rate = f"{100 * card.false_alarm_rate:g} %"
    if curve:
        grid = Grid(["model", f"at {rate}", "at 1 %"], curve)
        yield Section(f"Faults found at a rate of false alarms (`{card.honest}`)", 3, [grid, _CURVE])
    if set_before:
        grid = Grid(["model", "false alarms", "in the worst fold", "faults missed"], set_before)
        title = f"What a threshold set for {rate} false alarms comes to (`{card.honest}`)"
        yield Section(title, 3, [grid, _SET_BEFORE])


def _groups(table: TaskTable) -> Iterator[Section]:
    """Every held-out group, for protocols that hold out one at a time."""
    for name, protocol in table.card.protocols.items():
        scored = {model: scores for model in table.models if (scores := table.by_fold(name, model))}
        if not split_of(protocol).one_a_fold or not scored:
            continue
        folds, by = list(next(iter(scored.values()))), column(protocol)
        lines = [[model, *(_number(scores[fold]) for fold in folds)] for model, scores in scored.items()]
        grid = Grid(["model", *(f"{by} {fold}" for fold in folds)], lines)
        yield Section(f"Each {by} held out (`{name}`)", 3, [grid])


def _number(score: float) -> str:
    return "not defined" if isnan(score) else f"{score:.3f}"


def _learning_curves(table: TaskTable) -> Iterator[Section]:
    """Scores by how much there was to train on, where the suite has data budgets."""
    if table.budgets == ["all"]:
        return
    yield Section("Learning curves", 2, [_BUDGETS])
    for name in table.card.protocols:
        rows = {model: [table.row(name, model, budget) for budget in table.budgets] for model in table.models}
        lines = [[model, *(score_words(table, row, name) for row in of_model)] for model, of_model in rows.items()]
        yield Section(f"`{name}`", 3, [Grid(["model", *table.budgets], lines)])


def _data(dataset: DatasetCard, table: TaskTable) -> list[Part]:
    source = f"[{dataset.title}]({dataset.homepage})" if dataset.homepage else dataset.title
    parts: list[Part] = [f"{source}. Licence: {dataset.licence}."]
    if table.facts:
        parts.append(f"Windows a class: {class_words(table.facts, dataset.unit)}.")
    parts.append(Bullets([f"`{n}`: {g.meaning}{' (the unit)' if g.unit else ''}" for n, g in dataset.groups.items()]))
    findings = [
        f"{f['kind'].replace('_', ' ')}: {f['what']}{'' if f['declared'] else ' (**not declared**)'}"
        for protocol in (table.facts.protocols.values() if table.facts else ())
        for f in protocol.findings
    ]
    if findings:
        parts += ["What the audit found:", Bullets(list(dict.fromkeys(findings)))]
    if dataset.caveats:
        defects = [f"{caveat.what}. Here: {caveat.done}." for caveat in dataset.caveats]
        parts += ["Known defects of these data:", Bullets(defects)]
    return parts


def _published(table: TaskTable) -> Iterator[Section]:
    if table.card.reported:
        header = ["system", "protocol", "metric", "reported", "training", "source"]
        yield Section("Published figures", 2, [Grid(header, [_figure(figure) for figure in table.card.reported])])


def _figure(figure: Reported) -> list[str]:
    side = "" if figure.side == "test" else f", {figure.side} side"
    values = figure.value.items() if isinstance(figure.value, dict) else [("", figure.value)]
    value = ", ".join(f"{name} {number:.3f}".strip() for name, number in values)
    training = ", ".join(part for part in (figure.training_time, figure.hardware) if part)
    place = f"{figure.place}{'. ' + figure.note if figure.note else ''}"
    return [figure.system, figure.protocol, METRICS[figure.metric].words + side, value, training, place]
