"""``run`` and ``try``: computing cells."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from faultboard.cli.options import Device, Edition, Json, Root, Threads, catalogue, print_json, scores_line, use_device
from faultboard.declare.names import did_you_mean
from faultboard.errors import ProtocolError

if TYPE_CHECKING:
    from faultboard.run.outlook import Outlook
    from faultboard.run.record import Record
    from faultboard.run.suite_run import SuiteRun

# Where no bar can be drawn (a log, a pipe), seconds between two lines that say how far the run is.
_SAY_EVERY = 60.0

Some = Annotated[list[str] | None, typer.Option(help="Only these (names or globs); may be given several times.")]


def run(
    suite: Annotated[str, typer.Argument(help="A suite, such as sample or open.")],
    task: Some = None,
    model: Some = None,
    protocol: Some = None,
    edition: Edition = None,
    plan: Annotated[bool, typer.Option("--plan", help="Count cells and estimate the time; compute nothing.")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Ignore what is stored and cached.")] = False,
    retry: Annotated[bool, typer.Option("--retry", help="Try again what was over its limit.")] = False,
    workers: Annotated[int, typer.Option(min=1, help="Jobs side by side.")] = 1,
    executor: Annotated[
        str | None,
        typer.Option(
            help="Where cells are computed ('faultboard list executors'). Default: here, or processes for several "
            "workers.",
            show_default=False,
        ),
    ] = None,
    threads: Threads = None,
    device: Device = "cpu",
    root: Root = None,
    as_json: Json = False,
) -> None:
    """Compute the cells of a suite that are not stored yet, and write its results.

    A run that is stopped, even killed, loses the cell it was at and nothing else.

    Exit 3 if a cell failed, an undeclared leak included: the others are computed and all results are written. What is
    unavailable or over its limit is no failure.
    """
    from faultboard.run.compute import Settings
    from faultboard.run.executors import executor_for
    from faultboard.run.host import cores
    from faultboard.run.outlook import outlook
    from faultboard.run.plan import Choice
    from faultboard.run.suite import Suite
    from faultboard.run.suite_run import SuiteRun

    choice = Choice(task or [], model or [], protocol or []) if task or model or protocol else None
    place = executor_for(workers, executor)
    bound = Suite.of(catalogue(root), suite, edition)
    console = Console(stderr=as_json, soft_wrap=True, highlight=False)
    with Console(stderr=True).status("") as status:
        work = SuiteRun(bound, choice, fresh, retry, status.update)
    before = outlook(work)
    if as_json and plan:
        print_json(before.__dict__)
        return
    _say_outlook(console, work, before, workers)
    if plan:
        return
    settings = Settings(threads or max(1, cores() // workers), use_device(device))
    with _Bar(console, before.todo) as bar:
        records = work.run(settings, workers, bar.watch, place)
    _say_outcomes(console, records)
    if as_json:
        print_json([record.to_plain() for record in records])
    console.print(f"results in {bound.folder}; tables: faultboard tables {bound.said}", markup=False)
    leaking = any(status == "failed" for status, _ in work.plan.blocked.values())
    if leaking or any(record.status == "failed" for record in records):
        raise typer.Exit(3)


def _say_outlook(console: Console, work: SuiteRun, before: Outlook, workers: int) -> None:
    """Say what a run will do: cells, time, and what cannot be computed here."""
    from faultboard.report.words import duration

    blocked = sum(before.blocked.values())
    total = before.done + before.todo + blocked
    about = f" (about {duration(before.seconds / workers)})" if before.seconds else ""
    new = f", {before.unknown} of them not timed before" if before.unknown and before.todo else ""
    console.print(f"{total:,} cells: {before.done:,} done, {before.todo:,} to run{about}{new}, {blocked:,} unavailable")
    for reason, count in before.blocked.items():
        console.print(f"  {count:,} unavailable: {reason}", markup=False)
    if work.plan.not_crossed:
        console.print(f"{work.plan.not_crossed} pairs of task and model not crossed: no input for that modality")
    if work.plan.other_tasks:
        console.print(f"no edition '{work.suite.edition}': {', '.join(work.plan.other_tasks)}")


class _Bar(Progress):
    """How far a run is: a bar where one can be drawn, else a line now and then."""

    def __init__(self, console: Console, todo: int) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        super().__init__(*columns, console=console, transient=True)
        self._at = self.add_task("", total=todo or None)
        self._said = time.monotonic()

    def watch(self, record: Record | None, done: int, todo: int, what: str) -> None:
        """Be told of a finished cell, or of what is being done."""
        self.update(self._at, completed=done, total=todo)
        if what:
            self.update(self._at, description=what)
        if record and not self.console.is_terminal and time.monotonic() - self._said > _SAY_EVERY:
            self._said = time.monotonic()
            self.console.print(f"{done:,} of {todo:,} cells")


def _say_outcomes(console: Console, records: list[Record]) -> None:
    """Say how the cells ended, and each reason once."""
    from faultboard.run.record import OUTCOMES

    counts = {status: sum(r.status == status for r in records) for status in OUTCOMES}
    ended = [f"{count} {status.replace('_', ' ')}" for status, count in counts.items() if count]
    console.print(", ".join(ended) or "nothing to do")
    by_reason = {record.reason: record for record in reversed(records) if record.status != "ok"}
    for reason, record in reversed(by_reason.items()):
        row = f"{record.cell.model} on {record.cell.task} {record.cell.protocol}"
        console.print(f"  {row}: {record.status.replace('_', ' ')}: {reason}", markup=False)


def try_(
    task: Annotated[str, typer.Argument(help="A task.")],
    model: Annotated[str, typer.Argument(help="A model: backbone.pretraining.recipe.")],
    protocol: Annotated[
        str | None, typer.Option(help="Default: the second of the task's gap.", show_default=False)
    ] = None,
    fold: Annotated[str | None, typer.Option(help="Default: the first.", show_default=False)] = None,
    seed: Annotated[int, typer.Option(help="Seed of the model.")] = 0,
    edition: Annotated[
        str | None,
        typer.Option(help="Default: the first that can be had and carries the protocol.", show_default=False),
    ] = None,
    threads: Threads = None,
    device: Device = "cpu",
    root: Root = None,
) -> None:
    """Try one model on one fold of a task: printed, nothing stored in any result."""
    from faultboard.models.card_words import check_words
    from faultboard.report.words import duration
    from faultboard.run.compute import Settings, predict, use_threads
    from faultboard.run.host import cores
    from faultboard.tasks.task import Task

    cards = catalogue(root)
    card, wanted_model = cards.task(task), cards.model(model)
    check_words(wanted_model.card)
    wanted = protocol or card.honest
    bound = Task.find(cards, task, edition, wanted)
    folds = {f.name: f for f in bound.folds(wanted)}
    if fold is not None and fold not in folds:
        raise ProtocolError(f"{wanted} has no fold '{fold}'.{did_you_mean(fold, folds)}")
    chosen = folds[fold] if fold is not None else next(iter(folds.values()))
    settings = Settings(threads or cores(), use_device(device))
    use_threads(settings.threads, wanted_model)
    prediction = predict(cards.root, bound, wanted, chosen, wanted_model, seed, settings)
    scores = bound.scores(chosen.test, prediction.probabilities)
    sizes = f"{len(chosen.train):,} windows to train on, {len(chosen.test):,} tested"
    typer.echo(f"{bound.card.id}@{bound.edition} {wanted}, fold {chosen.name}: {sizes}")
    typer.echo(f"{scores_line(scores, card.metrics, 3)}  training {duration(prediction.seconds['train'])}")


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(run)
    app.command("try")(try_)
