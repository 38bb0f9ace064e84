"""``run`` and ``try``: computing cells."""

from __future__ import annotations

import time
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from faultboard.cli.options import Device, Edition, Json, Root, Threads, catalogue, print_json, use_device
from faultboard.declare.names import did_you_mean
from faultboard.errors import ProtocolError

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
    workers: Annotated[int, typer.Option(min=1, help="Processes side by side.")] = 1,
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
    from faultboard.report.words import duration
    from faultboard.run.compute import Settings
    from faultboard.run.host import cores
    from faultboard.run.outlook import outlook
    from faultboard.run.plan import Choice
    from faultboard.run.suite import Suite
    from faultboard.run.suite_run import SuiteRun

    choice = Choice(task or [], model or [], protocol or []) if task or model or protocol else None
    bound = Suite.of(catalogue(root), suite, edition)
    console = Console(soft_wrap=True, highlight=False)
    with Console(stderr=True).status("") as status:
        work = SuiteRun(bound, choice, fresh, retry, status.update)
    found = outlook(work)
    blocked = sum(found.blocked.values())
    total = found.done + found.todo + blocked
    if as_json and plan:
        print_json(found.__dict__)
        return
    about = f" (about {duration(found.seconds / workers)})" if found.seconds else ""
    new = f", {found.unknown} of them not timed before" if found.unknown and found.todo else ""
    console.print(f"{total:,} cells: {found.done:,} done, {found.todo:,} to run{about}{new}, {blocked:,} unavailable")
    for reason, count in found.blocked.items():
        console.print(f"  {count:,} unavailable: {reason}", markup=False)
    if work.plan.not_crossed:
        console.print(f"{work.plan.not_crossed} pairs of task and model not crossed: no input for that modality")
    if work.plan.other_tasks:
        console.print(f"no edition '{bound.edition}': {', '.join(work.plan.other_tasks)}")
    if plan:
        return
    settings = Settings(threads or max(1, cores() // workers), use_device(device))
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    )
    at = bar.add_task("", total=found.todo or None)
    said = time.monotonic()

    def watch(record: object, done: int, todo: int, what: str) -> None:
        nonlocal said
        bar.update(at, completed=done, total=todo)
        if record and not console.is_terminal and time.monotonic() - said > _SAY_EVERY:
            said = time.monotonic()
            console.print(f"{done:,} of {todo:,} cells")
        if what:
            bar.update(at, description=what)

    with bar:
        new_records = work.run(settings, workers, watch)
    counts = {
        status: sum(r.status == status for r in new_records) for status in ("ok", "failed", "over_limit", "unavailable")
    }
    console.print(", ".join(f"{n} {status.replace('_', ' ')}" for status, n in counts.items() if n) or "nothing to do")
    shown: set[str] = set()
    for record in new_records:
        if record.status != "ok" and record.reason not in shown:
            shown.add(record.reason)
            console.print(
                f"  {record.cell.model} on {record.cell.task} {record.cell.protocol}: "
                f"{record.status.replace('_', ' ')}: {record.reason}",
                markup=False,
            )
    console.print(f"results in {bound.folder}; tables: faultboard tables {bound.said}", markup=False)
    leaking = any(status == "failed" for status, _ in work.plan.blocked.values())
    if counts["failed"] or leaking:
        raise typer.Exit(3)


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
    from faultboard.report.words import duration
    from faultboard.run.compute import Settings, predict, use_threads
    from faultboard.run.host import cores
    from faultboard.tasks.metrics import score
    from faultboard.tasks.task import Task

    cards = catalogue(root)
    card = cards.task(task)
    wanted = protocol or card.honest
    bound = Task.find(cards, task, edition, wanted)
    folds = {f.name: f for f in bound.folds(wanted)}
    if fold is not None and fold not in folds:
        raise ProtocolError(f"{wanted} has no fold '{fold}'.{did_you_mean(fold, folds)}")
    chosen = folds[fold] if fold is not None else next(iter(folds.values()))
    settings = Settings(threads or cores(), use_device(device))
    wanted_model = cards.model(model)
    use_threads(settings.threads, wanted_model)
    found = predict(cards.root, bound, wanted, chosen, wanted_model, seed, settings)
    scores = score(bound.y[chosen.test], found.probabilities)
    sizes = f"{len(chosen.train):,} windows to train on, {len(chosen.test):,} tested"
    typer.echo(f"{bound.card.id}@{bound.edition} {wanted}, fold {chosen.name}: {sizes}")
    typer.echo(
        "  ".join(f"{name} {value:.3f}" for name, value in scores.items())
        + f"  training {duration(found.seconds['train'])}"
    )


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(run)
    app.command("try")(try_)
