"""The contrasts of an answer: which rows are held against each other, over all tasks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from faultboard.declare.catalogue import Model
from faultboard.report.answer.choice import chosen
from faultboard.report.answer.kinds import TRIVIAL, Kind, kind_of, sides
from faultboard.report.contrasts import check_compared
from faultboard.report.task_table import TaskTable
from faultboard.run.suite import Suite

Pair = tuple[str, str]


@dataclass(frozen=True)
class Contrast:
    """A question that is asked of every task.

    Attributes
    ----------
    name : str
        Such as ``imagenet - scratch``.
    regime : str
        Of its rows; of the first where the second is hand-made.
    pairs : callable
        Of a task and all tasks of its kind of data, by a metric: pairs of rows. The difference is the mean of theirs.
    """

    name: str
    regime: str
    pairs: Callable[[TaskTable, list[TaskTable], str], list[Pair]]


def of_pairs(name: str, regime: str, named: list[Pair]) -> Contrast:
    """Contrast of rows that somebody named: of each task those of them that it has."""

    def pairs(table: TaskTable, _every: list[TaskTable], _metric: str) -> list[Pair]:
        under = sides(table.card).values()
        return [pair for pair in named if all(table.counts(name, model) for name in under for model in pair)]

    return Contrast(name, regime, pairs)


def contrasts_of(suite: Suite) -> list[Contrast]:
    """Contrasts of a suite: pairs that it names, by source and regime; then the best of a kind against another's.

    Raises
    ------
    CardError
        It names a row that it does not have, or one that repeats a source's mistake.
    """
    check_compared(suite)
    models = {model.id: model for model in suite.models()}
    named: dict[tuple[str, str], list[Pair]] = {}
    for first, second in suite.card.compare:
        named.setdefault(_title(models[first], models[second]), []).append((first, second))
    out = [of_pairs(*title, pairs) for title, pairs in named.items()]
    networks = [model for model in models.values() if kind_of(model) == "network"]
    hand_made = [model.id for model in models.values() if kind_of(model) == "hand-made"]
    for regime in dict.fromkeys(model.regime for model in networks):
        of_regime = [model.id for model in networks if model.regime == regime]
        out.append(of_best("network", regime, of_regime, "hand-made", hand_made))
    return [*out, of_best("hand-made", "classical", hand_made, "trivial", [TRIVIAL])]


def _title(first: Model, second: Model) -> tuple[str, str]:
    """Name and regime of the contrast that a pair belongs to."""
    name = f"{first.counts_as} - {second.counts_as}"
    if first.counts_as == second.counts_as:
        name = f"{first.counts_as}: {first.recipe_name} - {second.recipe_name}"
    if first.card.id != second.card.id:
        name += f", across networks ({first.card.id}, {second.card.id})"
    regimes = dict.fromkeys((first.regime, second.regime))
    return name, " - ".join(regimes)


def of_best(first: Kind, regime: str, firsts: list[str], second: Kind, seconds: list[str]) -> Contrast:
    """Contrast of the best row of a kind and the best of another, each chosen on the other tasks."""

    def pairs(table: TaskTable, every: list[TaskTable], metric: str) -> list[Pair]:
        under, best = sides(table.card).values(), []
        for models in (firsts, seconds):
            here = [model for model in models if all(table.counts(name, model) for name in under)]
            best.append(here[0] if here == models and len(models) == 1 else chosen(here, table, every, metric))
        return [(best[0], best[1])] if best[0] and best[1] else []

    return Contrast(f"{first} - {second}", regime, pairs)
