"""All rows of one task in one suite, with what the page says of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container
from dataclasses import dataclass, field, replace

from faultboard.declare.catalogue import Catalogue
from faultboard.declare.suite import faulty_units
from faultboard.declare.task import TaskCard
from faultboard.errors import CardError
from faultboard.report.jackknife import Printed, row_printed
from faultboard.report.row_scores import RowScores, row_scores
from faultboard.report.rows import Row, reported_rows, stored_row, with_gaps
from faultboard.run.record import Record
from faultboard.run.store import Results
from faultboard.run.suite import Suite
from faultboard.tasks.card_words import check_words
from faultboard.tasks.facts import TaskFacts
from faultboard.tasks.metrics import METRICS, Metric


@dataclass(frozen=True)
class TaskTable:
    """The rows of a task.

    Attributes
    ----------
    scores : dict
        By (protocol, budget, model, level): every metric of a row that is whole.
    watched : dict
        By (protocol, model): what the validation side of early stopping was drawn by.
    mistakes : dict
        By model: which mistake of its source a marked row repeats.
    chosen : dict
        By model: settings that its cells chose on their training sides, and how often.
    """

    card: TaskCard
    edition: str
    facts: TaskFacts | None
    rows: list[Row]
    results: Results
    scores: dict[tuple[str, str, str, str], RowScores] = field(default_factory=dict)
    watched: dict[tuple[str, str], str] = field(default_factory=dict)
    mistakes: dict[str, str] = field(default_factory=dict)
    chosen: dict[str, str] = field(default_factory=dict)
    _printed: dict[tuple[str, str, str], Printed] = field(default_factory=dict, repr=False)

    @property
    def headline(self) -> Metric:
        """The first metric of the task."""
        return METRICS[self.card.metrics[0]]

    @property
    def models(self) -> list[str]:
        """Models in the order of the suite."""
        return list(dict.fromkeys(r.model for r in self.rows if r.status != "reported"))

    def row(self, protocol: str, model: str, budget: str = "all", level: str | None = None) -> Row | None:
        """Row of a model under a protocol, at the first of the task's levels unless one is named."""
        wanted = (protocol, model, budget, level or self.card.level[0])
        return next((r for r in self.rows if (r.protocol, r.model, r.budget, r.level) == wanted), None)

    def by_fold(self, protocol: str, model: str) -> dict[str, float]:
        """Headline of each fold on all of the data, mean over seeds; empty where the row is not whole."""
        scores = self.scores.get((protocol, "all", model, self.card.level[0]))
        return scores.by_fold(self.card.metrics[0]) if scores else {}

    def counts(self, protocol: str, model: str) -> bool:
        """Whether a model has a score under a protocol that may be held against others: whole, and without a mark."""
        row = self.row(protocol, model)
        return bool(row and row.status == "ok" and row.headline_mean is not None and not row.mark)

    def printed(self, protocol: str, model: str, metric: str | None = None) -> Printed:
        """Score of a whole row on all of the data at the first level, by the headline unless a metric is named."""
        key = (protocol, model, metric or self.card.metrics[0])
        if key not in self._printed:
            self._printed[key] = row_printed(self.results, self.card, *key)
        return self._printed[key]

    @property
    def pooled(self) -> list[str]:
        """Protocols of which all folds are scored together."""
        found = {protocol for (protocol, *_), scores in self.scores.items() if scores.pooled}
        return [name for name in self.card.protocols if name in found]

    @property
    def budgets(self) -> list[str]:
        """Data budgets: faulty units, then shares, smallest first; all of the data last."""
        parts = {r.budget for r in self.rows} - {"all"}
        return [*sorted(parts, key=lambda part: (not faulty_units(part), float(part.split()[0]))), "all"]


def read_tables(suite: Suite, models: Container[str] | None = None) -> list[TaskTable]:
    """Compute every task's rows from a suite's results.

    Parameters
    ----------
    models : container of str, optional
        Of these models alone.

    Raises
    ------
    CardError
        There are no results, or they speak of a task whose card is gone.
    """
    tasks = suite.stored_tasks()
    if not tasks:
        raise CardError(f"no results in {suite.folder}: faultboard run {suite.said}")
    facts, cards = suite.read_facts(), suite.catalogue
    tables = []
    for name in tasks:
        card, results = check_words(cards.task(name)), Results(suite.cells_file(name))
        tables.append(task_table(cards, card, suite.edition, results, facts.get(name), models))
    return tables


def task_table(
    catalogue: Catalogue,
    card: TaskCard,
    edition: str,
    results: Results,
    facts: TaskFacts | None,
    only: Container[str] | None = None,
) -> TaskTable:
    """Rows of one task, in the order of its protocols and levels; of some models alone where they are named."""
    by_row: dict[tuple[str, str, str], list[Record]] = {}
    for record in results.records.values():
        if record.cell.protocol in card.protocols and (only is None or record.cell.model in only):
            by_row.setdefault((record.cell.protocol, record.cell.budget, record.cell.model), []).append(record)
    rows: list[Row] = []
    scores: dict[tuple[str, str, str, str], RowScores] = {}
    for key, records in by_row.items():
        for level in card.level:
            whole = all(r.status == "ok" for r in records)
            if whole:
                scores[*key, level] = row_scores(card, results, records, level)
            rows.append(stored_row(catalogue, card, edition, facts, level, records, scores.get((*key, level))))
    rows = [*with_gaps(card, rows), *reported_rows(card)]
    protocols = list(card.protocols)
    rows.sort(key=lambda r: (protocols.index(r.protocol), card.level.index(r.level)))
    models = dict.fromkeys(model for _, _, model in by_row)
    mistakes = {name: text for name in models if (text := catalogue.model(name).recipe.as_published)}
    table = TaskTable(card, edition, facts, rows, results, scores, _watched(by_row), mistakes, _chosen(by_row))
    unit = catalogue.dataset(card.dataset).unit
    return replace(table, rows=[_over_units(table, row, unit) for row in rows])


def _chosen(by_row: dict[tuple[str, str, str], list[Record]]) -> dict[str, str]:
    """What cells chose from their recipe's grid, the most frequent first."""
    counted: dict[str, dict[str, Counter[str]]] = {}
    for (_, _, model), records in by_row.items():
        for record in records:
            for name, value in record.chosen.items():
                counted.setdefault(model, {}).setdefault(name, Counter())[str(value)] += 1
    return {
        model: "; ".join(
            f"{name} " + ", ".join(f"{value} ({times})" for value, times in of_name.most_common())
            for name, of_name in settings.items()
        )
        for model, settings in counted.items()
    }


def _over_units(table: TaskTable, row: Row, unit: str | None) -> Row:
    """Row with what it rests on: its interval at the first level, and how many units its worst group holds."""
    if row.headline_mean is None or row.budget != "all" or row.level != table.card.level[0] or row.status != "ok":
        return row
    low, high = table.printed(row.protocol, row.model).interval or (None, None)
    row = replace(row, low=low, high=high)
    worst = [r for r in table.results.row(row.protocol, row.model) if r.cell.fold == row.worst_group]
    if not worst or not unit:
        return row
    return replace(row, worst_units=len(set(table.results.windows(worst[0].cell.key).column(unit))))


def _watched(by_row: dict[tuple[str, str, str], list[Record]]) -> dict[tuple[str, str], str]:
    """What early stopping watched in each row on all of the data."""
    watched = {}
    for (protocol, budget, model), records in by_row.items():
        kinds = sorted({r.validation for r in records} - {"", "test"})
        if budget == "all" and kinds:
            watched[protocol, model] = " or ".join(kinds)
    return watched
