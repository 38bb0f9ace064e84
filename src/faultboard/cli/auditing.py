"""``audit``: says whether a split leaks."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from faultboard.cli.options import Json, Root, catalogue, print_json


def audit(
    task: Annotated[str, typer.Argument(help="A task, such as cwru or bearing_vibration/cwru.")],
    edition: Annotated[
        str | None, typer.Option(help="full, cut or sim. Default: what is prepared.", show_default=False)
    ] = None,
    root: Root = None,
    as_json: Json = False,
) -> None:
    """Look for leaks in the splits of a task: what stands on both sides of train and test.

    Exit 3 if anything is found that the task's card does not declare.
    """
    from faultboard.tasks.audit import audit as look
    from faultboard.tasks.task import Task

    bound = Task.find(catalogue(root), task, edition)
    found = look(bound)
    undeclared = sum(not f.declared for f in found)
    if as_json:
        print_json([f.to_json() for f in found])
    else:
        console = Console(soft_wrap=True, highlight=False)
        for f in found:
            mark = "[dim]declared[/dim]" if f.declared else "[bold red]LEAK[/bold red]    "
            console.print(f"{f.protocol:<11} {mark}  {f.kind.replace('_', ' '):<17}", end="")
            console.print(f.what + ("" if f.declared else f". {f.remedy}."), markup=False)
        clean = [p for p in bound.card.protocols if not any(f.protocol == p for f in found)]
        for name in clean:
            console.print(f"{name:<11} ok")
        if undeclared:
            many = "finding is" if undeclared == 1 else "findings are"
            console.print(f"{undeclared} {many} not declared in {bound.card.path}.", markup=False)
    if undeclared:
        raise typer.Exit(3)


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(audit)
