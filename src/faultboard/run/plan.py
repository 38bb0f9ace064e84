"""From a suite to its cells, with what is known of each before anything is computed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from faultboard.data.prepare import data_key
from faultboard.declare.catalogue import Catalogue, Model
from faultboard.declare.keys import digest
from faultboard.declare.names import matching
from faultboard.declare.schema import computing
from faultboard.declare.suite import SuiteCard
from faultboard.declare.task import TaskCard
from faultboard.errors import DataError, Unavailable
from faultboard.models.identity import computing_key
from faultboard.models.version import ENGINE_VERSION
from faultboard.run.record import Cell
from faultboard.run.store import write_beside
from faultboard.tasks.audit import declarations
from faultboard.tasks.facts import TaskFacts, describe
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

    suite: SuiteCard
    edition: str
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


def results_folder(root: Path, suite: SuiteCard, edition: str) -> Path:
    """Folder of a suite's results; of another edition than its own, one beside it."""
    return root / "results" / (suite.id if edition == suite.edition else f"{suite.id}@{edition}")


def named_suite(suite: SuiteCard, edition: str) -> str:
    """A suite as commands take it: ``papers --edition sim`` where the edition is not its own."""
    return suite.id if edition == suite.edition else f"{suite.id} --edition {edition}"


def cells_file(results: Path, task: str) -> Path:
    """File of a task's records and predictions."""
    return results / "cells" / f"{task}.parquet"


def make_plan(
    catalogue: Catalogue,
    suite: SuiteCard,
    edition: str,
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
    plan = Plan(suite, edition)
    every = list(catalogue.paths["task"])
    wanted = catalogue.expand(suite.tasks, every, "task", suite.path)
    for tasks in suite.only.values():
        catalogue.expand(tasks, wanted, "task of the suite", f"{suite.path}: only")
    if choice.tasks:
        chosen = catalogue.expand(choice.tasks, every, "task", "")
        wanted = [t for t in chosen if t in wanted] or catalogue.expand(choice.tasks, wanted, "task of the suite", "")
    models = suite_models(catalogue, suite, choice.models)
    facts_at = results_folder(catalogue.root, suite, edition) / "tasks.json"
    facts = read_facts(facts_at) | (known or {})
    for name in wanted:
        card = catalogue.task(name)
        if edition not in catalogue.dataset(card.dataset).editions:
            plan.other_tasks.append(name)
            continue
        _plan_task(plan, catalogue, card, models, choice, *_facts(plan, catalogue, card, facts, describe_new, say))
    return plan


def suite_models(catalogue: Catalogue, suite: SuiteCard, chosen: list[str]) -> list[Model]:
    """Models of a suite, in the order of its card."""
    every = {m.id: m for m in catalogue.models(suite.models)}
    names = catalogue.expand(suite.models, list(every), "model", suite.path)
    catalogue.expand(list(suite.only), names, "model of the suite", f"{suite.path}: only")
    if chosen:
        inside = catalogue.expand(chosen, names, "model of the suite", "")
        names = [n for n in names if n in inside]
    return [every[n] for n in names]


def _plan_task(
    plan: Plan,
    catalogue: Catalogue,
    card: TaskCard,
    models: list[Model],
    choice: Choice,
    facts: TaskFacts | None,
    reason: str,
) -> None:
    dataset = catalogue.dataset(card.dataset)
    data = data_key(catalogue.root, dataset, plan.edition)
    if facts:
        plan.facts[card.id] = facts
    asked = choice.protocols or plan.suite.protocols
    names = [p for p in card.protocols if any(matching(glob, [p]) for glob in asked)]
    if choice.protocols and not names:
        catalogue.expand(choice.protocols, list(card.protocols), f"protocol of {card.id}", "")
    models = [m for m in models if _meant(plan.suite, m, card)]
    crossed = [m for m in models if dataset.modality in m.input]
    plan.not_crossed += len(models) - len(crossed)
    identities = {m.id: computing_key(m, dataset.modality) for m in crossed}
    for protocol in names:
        found = facts.protocols.get(protocol) if facts else None
        folds = [(f.name, f.hash) for f in found.folds] if found else []
        blocked = ("unavailable", reason) if not found else _blocked(found.reason, found.stops)
        for model in crossed:
            for fold, fold_hash in folds or [("", "")]:
                for seed, budget in product(_seeds(plan.suite, model), plan.suite.budgets):
                    meaning: dict[str, Any] = {
                        "data": data,
                        "window": computing(card.window),
                        "label": card.label,
                        "classes": card.class_values,
                        "fold": fold_hash or [card.id, protocol],
                        "model": identities[model.id],
                        "seed": seed,
                        "budget": budget,
                        "engine": ENGINE_VERSION,
                    }
                    named = (card.id, plan.edition, protocol, fold, fold_hash, model.id, seed, budget)
                    cell = Cell(digest(meaning), *named)
                    plan.cells.append(cell)
                    if blocked:
                        plan.blocked[cell.key] = blocked


def _meant(suite: SuiteCard, model: Model, card: TaskCard) -> bool:
    """Whether a suite means a model for a task: where it names tasks for it, one of them."""
    named = [tasks for glob, tasks in suite.only.items() if matching(glob, [model.id])]
    return not named or any(matching(task, [card.id]) for tasks in named for task in tasks)


def _seeds(suite: SuiteCard, model: Model) -> list[int]:
    if not model.seeded:
        return [0]
    costly = any(matching(glob, [model.id]) for glob in suite.one_seed)
    return suite.seeds[:1] if costly else suite.seeds


def _blocked(reason: str, stops: str) -> tuple[str, str] | None:
    if reason:
        return "unavailable", reason
    return ("failed", stops) if stops else None


def _facts(
    plan: Plan,
    catalogue: Catalogue,
    card: TaskCard,
    known: dict[str, TaskFacts],
    describe_new: bool,
    say: Callable[[str], None] | None,
) -> tuple[TaskFacts | None, str]:
    """Facts of a task from earlier results or from its data; else why there are none."""
    dataset = catalogue.dataset(card.dataset)
    now = definition(catalogue.root, card, dataset, plan.edition)
    if card.id in known and (known[card.id].definition, known[card.id].declared) == (now, declarations(card)):
        return known[card.id], ""
    if not describe_new:
        return None, "its folds are not drawn yet: faultboard run"
    try:
        task = Task.open(catalogue.root, card, dataset, plan.edition)
    except (Unavailable, DataError) as error:
        return None, str(error)
    if say:
        say(f"audit of {card.id}")
    return describe(task, now), ""


def read_facts(path: Path) -> dict[str, TaskFacts]:
    """Facts of tasks that a run has written."""
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
        return {name: TaskFacts.from_json(facts) for name, facts in plain.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DataError(f"{path}: cannot be read ({error}). Check it out again, or delete it.") from None


def write_facts(path: Path, facts: dict[str, TaskFacts]) -> None:
    """Write facts of tasks, sorted, so that two runs give one file."""
    plain = {name: facts[name].to_json() for name in sorted(facts)}
    write_beside(path, (json.dumps(plain, indent=1, sort_keys=True) + "\n").encode())
