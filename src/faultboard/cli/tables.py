"""``tables`` and ``check``: what the stored predictions say, and whether what is committed says the same."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer
from rich.console import Console

from faultboard.cli.options import Device, Edition, Json, Root, catalogue, print_json, use_device


def tables(
    suite: Annotated[str, typer.Argument(help="A suite.")],
    edition: Edition = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Write the files, print nothing.")] = False,
    root: Root = None,
) -> None:
    """Write a suite's tables from its stored predictions, and print the leaderboard."""
    from faultboard.report.write import write_tables
    from faultboard.run.suite import Suite

    bound = Suite.of(catalogue(root), suite, edition)
    written, folder = write_tables(bound), bound.folder
    if not quiet:
        from rich.markdown import Markdown

        Console().print(Markdown((folder / "leaderboard.md").read_text(encoding="utf-8")))
        typer.echo(f"{len(written)} files in {folder}")


def check(
    suites: Annotated[list[str] | None, typer.Argument(help="Suites; without one, only the cards are checked.")] = None,
    sample: Annotated[int, typer.Option(min=0, help="Compute this many stored cells again and compare.")] = 0,
    edition: Edition = None,
    device: Device = "cpu",
    root: Root = None,
    as_json: Json = False,
) -> None:
    """Check that cards are valid and that results are what they claim to be (exit 3 where they are not).

    Tables must come out of the stored predictions byte for byte, nothing may be stale, and no table
    may mix library versions. Cells of the sample are computed with the threads that they were stored with: on
    the same processor they must be the same to the last digit.
    """
    from faultboard.report.check import card_faults, suite_faults
    from faultboard.run.compute import Settings
    from faultboard.run.host import cores
    from faultboard.run.suite import Suite

    cards = catalogue(root)
    faults = card_faults(cards)
    settings = Settings(cores(), use_device(device), fresh=True)
    # results are of the cards: where these do not read, nothing can be held against them
    for name in [] if faults else suites or []:
        faults += suite_faults(Suite.of(cards, name, edition), sample, settings, partial(typer.echo, err=True))
    if as_json:
        print_json(faults)
    for fault in [] if as_json else faults:
        typer.echo(fault)
    if faults:
        raise typer.Exit(3)
    if not as_json:
        typer.echo("nothing to mend")


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(tables)
    app.command()(check)
