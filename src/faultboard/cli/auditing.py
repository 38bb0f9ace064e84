"""``audit``: says whether a split leaks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from faultboard.cli.options import Json, Root, catalogue, print_json
from faultboard.errors import FaultboardError

if TYPE_CHECKING:
    from faultboard.tasks.audit import Found
    from faultboard.tasks.starter.folder import Starter
    from faultboard.tasks.task import Task


def audit(
    task: Annotated[
        str, typer.Argument(help="A task, such as cwru or bearing_vibration/cwru.", show_default=False)
    ] = "",
    edition: Annotated[
        str | None, typer.Option(help="full, cut or sim. Default: what is prepared.", show_default=False)
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option(help="Your own recordings, DIR/CLASS/files, instead of a task; prints cards to start from."),
    ] = None,
    group: Annotated[
        str, typer.Option(help="Of --folder: regular expression whose (first) group names the unit in a file's path.")
    ] = "",
    rate: Annotated[
        float | None, typer.Option(min=0, help="Of --folder: sampling rate in Hz of csv and mat files.")
    ] = None,
    permuted: Annotated[
        bool, typer.Option("--permuted", help="Only score a quick classifier on labels that are dealt anew.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Also write a page, such as audit.html.")
    ] = None,
    root: Root = None,
    as_json: Json = False,
) -> None:
    """Look for leaks in the splits of a task: what stands on both sides of train and test.

    Exit 3 if anything is found that the task's card does not declare.
    """
    if bool(task) == bool(folder):
        raise typer.BadParameter("say either a task or --folder")
    if task and (group or rate):
        raise typer.BadParameter("--group and --rate are of --folder: a task has cards")
    if output and not output.parent.is_dir():
        raise FaultboardError(f"{output.parent} is no folder: make it first, or say another -o")
    if not folder:
        from faultboard.tasks.task import Task

        bound = Task.find(catalogue(root), task, edition)
        undeclared = _control(bound, as_json) if permuted else _look(bound, output, as_json)
    else:
        from faultboard.tasks.starter.folder import bound as bound_folder
        from faultboard.tasks.starter.folder import starter

        start = starter(folder, group, rate)
        with bound_folder(folder, start) as own:
            undeclared = _control(own, as_json) if permuted else _look(own, output, as_json, start)
    if undeclared:
        raise typer.Exit(3)


def _look(task: Task, output: Path | None, as_json: bool, start: Starter | None = None) -> int:
    """Audit, print, write the page; give the number of findings that the card does not declare."""
    from faultboard.tasks.audit import audit as look
    from faultboard.tasks.audit import notes
    from faultboard.tasks.audit.limits import CANNOT_SEE
    from faultboard.tasks.leak import leak_numbers

    findings = look(task)
    undeclared = sum(not f.declared for f in findings)
    if output:
        from faultboard.report.audit_page import audit_page

        output.write_text(audit_page(task, findings), encoding="utf-8")
    if as_json:
        content: dict[str, Any] = {
            "findings": [f.to_json() for f in findings],
            "leak_numbers": leak_numbers(task),
            "notes": notes(task),
            "cannot_see": CANNOT_SEE,
        }
        print_json(
            content | ({"cards": start.cards, "left_out": start.left_out, "files": start.notes} if start else {})
        )
        return undeclared
    console = Console(soft_wrap=True, highlight=False)
    _print_findings(console, task, findings)
    if undeclared:
        many = "finding is" if undeclared == 1 else "findings are"
        where = "the cards below" if start else task.card.path
        console.print(f"{undeclared} {many} not declared in {where}.", markup=False)
    numbers = ", ".join(f"{p} {n['share']:.2f} (chance {n['chance']:.2f})" for p, n in leak_numbers(task).items())
    if numbers:
        console.print(f"Test windows whose nearest training window is of the same unit: {numbers}.", markup=False)
    for note in notes(task):
        console.print(f"{note[0].upper()}{note[1:]}.", markup=False, style="dim")
    console.print(f"No audit sees: {', '.join(CANNOT_SEE)} (why: -o audit.html).", markup=False, style="dim")
    if start:
        _print_cards(console, start)
    return undeclared


def _print_findings(console: Console, task: Task, findings: list[Found]) -> None:
    from faultboard.errors import ProtocolError

    for f in findings:
        mark = "[dim]declared[/dim]" if f.declared else "[bold red]LEAK[/bold red]    "
        console.print(f"{f.protocol:<11} {mark}  {f.kind.replace('_', ' '):<17}", end="")
        console.print(f.what + ("" if f.declared else f". {f.remedy}."), markup=False)
    for name in task.card.protocols:
        if any(f.protocol == name for f in findings):
            continue
        try:
            task.folds(name)
            console.print(f"{name:<11} ok")
        except ProtocolError as error:
            console.print(f"{name:<11} cannot be carried: {error}", markup=False)


def _print_cards(console: Console, start: Starter) -> None:
    if start.left_out:
        many = f" and {len(start.left_out) - 1} more" if len(start.left_out) > 1 else ""
        console.print(f"Left out, no recordings of a class: {start.left_out[0]}{many}.", markup=False)
    for note in start.notes:
        console.print(f"Of the files: {note}.", markup=False)
    console.print(f"\nTo start from, in a folder of your own, with the files in data/raw/{start.name}@full:")
    for name, text in start.cards.items():
        typer.echo(f"\n==> {name} <==\n{text}", nl=False)


def _control(task: Task, as_json: bool) -> int:
    """Print what is reached on labels that mean nothing; nothing of it is a finding."""
    from faultboard.tasks.audit.permuted import permuted

    controls = permuted(task)
    if as_json:
        print_json([vars(c) for c in controls])
        return 0
    console = Console(soft_wrap=True, highlight=False)
    if not controls:
        console.print(
            "nothing to score: a class is one unit, so that dealing labels anew only renames the classes; ", end=""
        )
        console.print("or these recordings carry no protocol")
    for c in controls:
        why = f"{c.shared} on both sides: above chance, it is known again" if c.shared else "nothing to know again"
        console.print(
            f"{c.protocol:<11} {c.score:.2f} ({c.lowest:.2f} to {c.highest:.2f}), chance {c.chance:.2f}   {why}"
        )
    return 0


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(audit)
