"""From a suite to its cells, with what is known of each before anything is computed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import product

from faultboard.data.edition import Edition
from faultboard.data.prepare import data_key
from faultboard.declare.catalogue import Model
from faultboard.declare.names import matching
from faultboard.declare.suite import SuiteCard, faulty_units
from faultboard.declare.task import TaskCard
from faultboard.errors import DataError, Unavailable
from faultboard.models.identity import seeded
from faultboard.models.regimes import by_gradient
from faultboard.run.cell import Cell, cell_key
from faultboard.run.suite import Suite
from faultboard.tasks.audit import declarations
from faultboard.tasks.card_words import check_words
from faultboard.tasks.description import describe
from faultboard.tasks.facts import ProtocolFacts, TaskFacts
from faultboard.tasks.splits import split_of
from faultboard.tasks.task import Task, definition


@dataclass(frozen=True)
class Choice:
    """Part of a suite: globs of tasks, models and protocols; empty means all."""

    tasks: list[str] = field(default_factory=list)
    models: list[str] = field(default_factory=list)
    protocols: list[str] = field(default_factory=list)


@dataclass
class Plan:
    """The cells of a suite.

    Attributes
    ----------
    cells : list of Cell
        In the order of the tables: task, protocol, model, fold, seed, data budget.
    blocked : dict
        Cells that cannot be computed, with status and reason.
    facts : dict
        What is known of each task; absent where neither data nor earlier results tell.
    not_crossed : int
        Pairs of task and model left out because the model has no input for the task's modality.
    other_tasks : list of str
        Tasks that the suite's globs mean and whose dataset lacks the edition.
    """

    suite: Suite
    cells: list[Cell] = field(default_factory=list)
    blocked: dict[str, tuple[str, str]] = field(default_factory=dict)
    facts: dict[str, TaskFacts] = field(default_factory=dict)
    not_crossed: int = 0
    other_tasks: list[str] = field(default_factory=list)

    @property
    def tasks(self) -> list[str]:
        """Tasks in the order of the plan."""
        return list(dict.fromkeys(cell.task for cell in self.cells))

    def of_task(self, task: str) -> list[Cell]:
        """Cells of one task."""
        return [cell for cell in self.cells if cell.task == task]


def make_plan(
    suite: Suite,
    choice: Choice | None = None,
    describe_new: bool = True,
    known: dict[str, TaskFacts] | None = None,
    say: Callable[[str], None] | None = None,
) -> Plan:
    """Cross the tasks of a suite with its models, protocols, folds and seeds.

    Parameters
    ----------
    choice : Choice, optional
        Only this part.
    describe_new : bool
        Draw and audit the folds of tasks whose data are here and whose stored facts are stale.
    known : dict, optional
        Facts that were found since the stored ones were written.
    say : callable, optional
        Told what takes a while.

    Raises
    ------
    CardError
        A glob means nothing.
    """
    choice = choice or Choice()
    plan = Plan(suite)
    models = suite.models(choice.models)
    stored = suite.read_facts() | (known or {})
    for name in _tasks(suite, choice):
        card = check_words(suite.catalogue.task(name))
        source = Edition.of(suite.catalogue, card.dataset, suite.edition)
        if suite.edition not in source.card.editions:
            plan.other_tasks.append(name)
            continue
        facts, reason = _facts(card, source, stored, describe_new, say)
        if facts:
            plan.facts[name] = facts
        _plan_task(plan, card, source, [m for m in models if _meant(suite.card, m, card)], choice, reason)
    return plan


def _tasks(suite: Suite, choice: Choice) -> list[str]:
    """Tasks of a suite; of them those that are chosen."""
    catalogue, wanted = suite.catalogue, suite.tasks
    for tasks in suite.card.only.values():
        catalogue.expand(tasks, wanted, "task of the suite", f"{suite.card.path}: only")
    if not choice.tasks:
        return wanted
    chosen = catalogue.expand(choice.tasks, list(catalogue.paths["task"]), "task", "")
    return [t for t in chosen if t in wanted] or catalogue.expand(choice.tasks, wanted, "task of the suite", "")


def _plan_task(plan: Plan, card: TaskCard, source: Edition, models: list[Model], choice: Choice, reason: str) -> None:
    """Add the cells of one task; ``reason`` says why nothing is known of its folds."""
    suite, facts, modality = plan.suite, plan.facts.get(card.id), source.card.modality
    crossed = [m for m in models if modality in m.input]
    plan.not_crossed += len(models) - len(crossed)
    data = data_key(source)
    for protocol in _protocols(suite, card, choice):
        known = facts.protocols.get(protocol) if facts else None
        blocked = _blocked(known, reason)
        for model in crossed:
            rate = card.false_alarm_rate if suite.card.thresholds and _is_of_plant(card, protocol, model) else None
            for fold, fold_hash, seed, budget in _repeats(suite.card, card, protocol, known, model):
                key = cell_key(data, card, fold_hash or [card.id, protocol], model, modality, seed, budget, rate)
                of = (key, card.id, suite.edition, protocol, fold, fold_hash, model.id, seed, budget, rate)
                plan.cells.append(Cell(*of))
                if blocked:
                    plan.blocked[key] = blocked


def _protocols(suite: Suite, card: TaskCard, choice: Choice) -> list[str]:
    asked = choice.protocols or suite.card.protocols
    names = [p for p in card.protocols if any(matching(glob, [p]) for glob in asked)]
    if choice.protocols and not names:
        suite.catalogue.expand(choice.protocols, list(card.protocols), f"protocol of {card.id}", "")
    return names


def _repeats(
    suite: SuiteCard, card: TaskCard, protocol: str, known: ProtocolFacts | None, model: Model
) -> Iterator[tuple[str, str, int, str]]:
    """Name and hash of each fold, seed and data budget; one nameless fold where none is drawn."""
    folds = [(f.name, f.hash) for f in known.folds] if known else []
    seeds, few = _seeds(suite, model), _is_of_plant(card, protocol, model)
    for (fold, fold_hash), seed in product(folds or [("", "")], dict.fromkeys([*seeds, *suite.seeds])):
        for budget in suite.budgets:
            # of few faulty units each seed is another draw, also for what no seed changes
            if few if faulty_units(budget) else seed in seeds:
                yield fold, fold_hash, seed, budget


def _is_of_plant(card: TaskCard, protocol: str, model: Model) -> bool:
    """Whether faulty units and thresholds mean anything: where units are held out, for what is fitted on features."""
    by_units = protocol == card.honest and split_of(card.protocols[protocol]).holds_out
    return card.healthy is not None and by_units and not by_gradient(model)


def _meant(suite: SuiteCard, model: Model, card: TaskCard) -> bool:
    """Whether a suite means a model for a task: where it names tasks for it, one of them."""
    named = [tasks for glob, tasks in suite.only.items() if matching(glob, [model.id])]
    return not named or any(matching(task, [card.id]) for tasks in named for task in tasks)


def _seeds(suite: SuiteCard, model: Model) -> list[int]:
    if not seeded(model):
        return [0]
    costly = any(matching(glob, [model.id]) for glob in suite.one_seed)
    return suite.seeds[:1] if costly else suite.seeds


def _blocked(known: ProtocolFacts | None, reason: str) -> tuple[str, str] | None:
    """Status and reason of cells that cannot be computed: nothing is known, it cannot be carried, or it leaks."""
    if known is None or known.reason:
        return "unavailable", known.reason if known else reason
    return ("failed", known.stops) if known.stops else None


def _facts(
    card: TaskCard,
    source: Edition,
    known: dict[str, TaskFacts],
    describe_new: bool,
    say: Callable[[str], None] | None,
) -> tuple[TaskFacts | None, str]:
    """Facts of a task from earlier results or from its data; else why there are none."""
    now = definition(card, source)
    if card.id in known and (known[card.id].definition, known[card.id].declared) == (now, declarations(card)):
        return known[card.id], ""
    if not describe_new:
        return None, "its folds are not drawn yet: faultboard run"
    try:
        task = Task.open(card, source)
    except (Unavailable, DataError) as error:
        return None, str(error)
    if say:
        say(f"audit of {card.id}")
    return describe(task, now), ""
