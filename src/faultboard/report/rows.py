"""Rows of the leaderboard, computed from stored predictions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

from faultboard.declare.catalogue import Catalogue, Model
from faultboard.declare.task import Protocol, TaskCard
from faultboard.errors import CardError
from faultboard.report.scores import cell_scores, mean_and_std
from faultboard.run.record import OUTCOMES, Record
from faultboard.run.store import Results
from faultboard.run.suite import Suite
from faultboard.tasks.facts import TaskFacts


@dataclass(frozen=True)
class Row:
    """One row: a model under a protocol of a task. The fields are the header of the CSV, in its order.

    Scores are means over folds, then over seeds; ``*_std`` is over seeds, None with one.
    ``worst_group`` is the held-out group with the lowest headline. ``gap`` stands on the second
    protocol of the task's ``gap``. Times are means a cell. ``mark`` says that the recipe repeats a mistake of its
    source: such a row has no gap, and no rank, contrast or claim uses it.
    """

    task: str
    family: str
    dataset: str
    edition: str
    protocol: str
    separates: str
    leaks: str
    level: str
    budget: str
    model: str
    backbone: str = ""
    pretraining: str = ""
    trained_on: str = ""
    recipe: str = ""
    regime: str = ""
    input: str = ""
    status: str = ""
    cells: int | None = None
    cells_planned: int | None = None
    headline: str = ""
    accuracy_mean: float | None = None
    accuracy_std: float | None = None
    macro_f1_mean: float | None = None
    macro_f1_std: float | None = None
    worst_group: str = ""
    worst_score: float | None = None
    gap: float | None = None
    train_seconds: float | None = None
    train_seconds_cached: float | None = None
    predict_ms: float | None = None
    params: int | None = None
    trained_params: int | None = None
    threads: str = ""
    device: str = ""
    dtype: str = ""
    host: str = ""
    reason: str = ""
    units: int | None = None
    leak: float | None = None
    leak_chance: float | None = None
    mark: str = ""

    def score(self, metric: str) -> float | None:
        """Mean of a metric over folds and seeds; None where the table has no column for it."""
        value: float | None = getattr(self, f"{metric}_mean", None)
        return value


HEADER = [f.name for f in fields(Row)]


@dataclass(frozen=True)
class TaskTable:
    """All rows of one task in one suite.

    Attributes
    ----------
    groups : dict
        By (protocol, model): headline of each fold on all of the data, mean over seeds, in the order of the folds.
    watched : dict
        By (protocol, model): what the validation side of early stopping was drawn by.
    mistakes : dict
        By model: which mistake of its source a marked row repeats.
    """

    card: TaskCard
    edition: str
    facts: TaskFacts | None
    rows: list[Row]
    groups: dict[tuple[str, str], dict[str, float]] = field(default_factory=dict)
    watched: dict[tuple[str, str], str] = field(default_factory=dict)
    mistakes: dict[str, str] = field(default_factory=dict)

    @property
    def headline(self) -> str:
        """The first metric of the task."""
        return self.card.metrics[0]

    @property
    def models(self) -> list[str]:
        """Models in the order of the suite."""
        return list(dict.fromkeys(r.model for r in self.rows if r.status != "reported"))

    def row(self, protocol: str, model: str, budget: str = "all", level: str | None = None) -> Row | None:
        """Row of a model under a protocol, at the first of the task's levels unless one is named."""
        wanted = (protocol, model, budget, level or self.card.level[0])
        return next((r for r in self.rows if (r.protocol, r.model, r.budget, r.level) == wanted), None)

    @property
    def budgets(self) -> list[str]:
        """Data budgets, smallest first, all of the data last."""
        shares = {r.budget for r in self.rows} - {"all"}
        return [*sorted(shares, key=lambda share: float(share.removesuffix("%"))), "all"]


def read_tables(suite: Suite) -> list[TaskTable]:
    """Compute every task's rows from a suite's results.

    Raises
    ------
    CardError
        There are no results, or they speak of a task whose card is gone.
    """
    tasks = suite.stored_tasks()
    if not tasks:
        raise CardError(f"no results in {suite.folder}: faultboard run {suite.said}")
    facts = suite.read_facts()
    return [
        task_table(
            suite.catalogue, suite.catalogue.task(name), suite.edition, Results(suite.cells_file(name)), facts.get(name)
        )
        for name in tasks
    ]


def task_table(
    catalogue: Catalogue, card: TaskCard, edition: str, results: Results, facts: TaskFacts | None
) -> TaskTable:
    """Rows of one task."""
    by_row: dict[tuple[str, str, str], list[Record]] = {}
    for record in results.records.values():
        by_row.setdefault((record.cell.protocol, record.cell.budget, record.cell.model), []).append(record)
    groups: dict[tuple[str, str], dict[str, float]] = {}
    watched: dict[tuple[str, str], str] = {}
    rows = []
    for (protocol, budget, model), records in by_row.items():
        if protocol not in card.protocols:
            continue
        for level in card.level:
            row, folds = _row(catalogue, card, edition, protocol, level, model, records, results, facts)
            rows.append(replace(row, budget=budget))
            if budget == "all" and level == card.level[0]:
                groups[protocol, model] = folds
        if budget == "all" and (kinds := sorted({r.validation for r in records} - {"", "test"})):
            watched[protocol, model] = " or ".join(kinds)
    rows = [*_with_gaps(card, rows), *_reported(card)]
    order = list(card.protocols)
    rows.sort(key=lambda r: (order.index(r.protocol), card.level.index(r.level)))
    said = {name: catalogue.model(name).recipe.as_published for _, _, name in by_row}
    mistakes = {name: text for name, text in said.items() if text}
    return TaskTable(card, edition, facts, rows, groups, watched, mistakes)


def _row(
    catalogue: Catalogue,
    card: TaskCard,
    edition: str,
    protocol: str,
    level: str,
    model_name: str,
    records: list[Record],
    results: Results,
    facts: TaskFacts | None,
) -> tuple[Row, dict[str, float]]:
    declared = card.protocols[protocol]
    model = catalogue.model(model_name)
    done = [r for r in records if r.status == "ok"]
    bad = max(records, key=lambda r: OUTCOMES.index(r.status))
    scored = {r.cell.key: cell_scores(results, r, level) for r in done}
    folds = list(dict.fromkeys(r.cell.fold for r in records))
    complete = len(done) == len(records)
    means = {m: mean_and_std([(r.cell.seed, scored[r.cell.key][m]) for r in done]) for m in ("accuracy", "macro_f1")}
    headline = card.metrics[0]
    by_fold = (
        {f: float(np.mean([scored[r.cell.key][headline] for r in done if r.cell.fold == f])) for f in folds}
        if complete
        else {}
    )
    worst = min(by_fold, key=lambda f: by_fold[f]) if by_fold and declared.split == "leave_one_out" else ""
    found = facts.protocols.get(protocol) if facts else None
    row = Row(
        **_named(card, edition, protocol, declared, level),
        model=model_name,
        **_said_of(model, catalogue, card),
        status=bad.status,
        reason=bad.reason,
        cells=len(done),
        cells_planned=len(records),
        accuracy_mean=means["accuracy"][0] if complete else None,
        accuracy_std=means["accuracy"][1] if complete else None,
        macro_f1_mean=means["macro_f1"][0] if complete else None,
        macro_f1_std=means["macro_f1"][1] if complete else None,
        worst_group=worst,
        worst_score=by_fold[worst] if worst else None,
        train_seconds=_mean(r.seconds["train"] for r in done),
        train_seconds_cached=_mean(r.seconds["train_cached"] for r in done),
        predict_ms=_mean(1000 * r.seconds["predict"] / r.test_windows for r in done),
        params=done[0].params if done else model.card.parameters,
        trained_params=done[0].trained_params if done else None,
        threads=_all(str(r.threads) for r in done),
        device=_all(r.device for r in done),
        dtype=_all(r.dtype for r in done),
        host=_all(r.host for r in done),
        units=facts.units if facts else None,
        leak=found.leak if found else None,
        leak_chance=found.chance if found else None,
    )
    return row, by_fold


def _named(card: TaskCard, edition: str, name: str, protocol: Protocol, level: str) -> dict[str, Any]:
    return {
        "task": card.id,
        "family": card.family,
        "dataset": card.dataset,
        "edition": edition,
        "protocol": name,
        "separates": " ".join(protocol.separates),
        "leaks": " ".join(protocol.leaks),
        "level": level,
        "budget": "all",
        "headline": card.metrics[0],
    }


def _said_of(model: Model, catalogue: Catalogue, card: TaskCard) -> dict[str, Any]:
    return {
        "backbone": model.card.id,
        "pretraining": model.source,
        "trained_on": " > ".join(model.pretraining.trained_on),
        "recipe": model.recipe_name,
        "regime": model.regime,
        "input": model.input.get(catalogue.dataset(card.dataset).modality, ""),
        "mark": model.recipe.mark,
    }


def _mean(values: Iterable[float]) -> float | None:
    found = list(values)
    return float(np.mean(found)) if found else None


def _all(values: Iterable[str]) -> str:
    """The one value, or all of them: rows of different hosts do not share a column unmarked."""
    return " | ".join(sorted(set(values)))


def _with_gaps(card: TaskCard, rows: list[Row]) -> list[Row]:
    if not card.gap:
        return rows
    first, second = card.gap
    metric = card.metrics[0]
    leaking = {(r.model, r.budget, r.level): r.score(metric) for r in rows if r.protocol == first}
    out = []
    for row in rows:
        before, after = leaking.get((row.model, row.budget, row.level)), row.score(metric)
        if row.protocol == second and before is not None and after is not None and not row.mark:
            row = replace(row, gap=before - after)
        out.append(row)
    return out


def _reported(card: TaskCard) -> list[Row]:
    """Published figures that the table has a column for, each a row of its own; all stand on the task's page."""
    out = []
    for said in card.reported:
        if said.side != "test" or said.metric not in ("accuracy", "macro_f1"):
            continue
        protocol = card.protocols[said.protocol]
        # published figures come from the official files, whatever edition stands beside them
        named = _named(card, "full", said.protocol, protocol, card.level[0]) | {"headline": said.metric}
        row = Row(**named, model=said.system, status="reported", reason=said.place)
        out.append(replace(row, **{f"{said.metric}_mean": said.value}))  # type: ignore[arg-type]
    return out
