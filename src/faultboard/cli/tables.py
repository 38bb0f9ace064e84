"""``tables`` and ``check``: what the stored predictions say, and whether what is committed says the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from faultboard.cli.options import Device, Edition, Json, Root, catalogue, print_json, use_device
from faultboard.declare.catalogue import Catalogue
from faultboard.errors import CardError, FaultboardError

if TYPE_CHECKING:
    from faultboard.run.cell import Settings


def tables(
    suite: Annotated[str, typer.Argument(help="A suite.")],
    edition: Edition = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Write the files, print nothing.")] = False,
    root: Root = None,
) -> None:
    """Write a suite's tables from its stored predictions, and print the leaderboard."""
    from faultboard.report.write import write_tables
    from faultboard.run.plan import results_folder

    cards = catalogue(root)
    card = cards.suite(suite)
    folder = results_folder(cards.root, card, edition or card.edition)
    written = write_tables(cards, card, edition or card.edition, folder)
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
    from faultboard.run.cell import Settings
    from faultboard.run.host import cores

    cards = catalogue(root)
    faults = _cards(cards)
    settings = Settings(cores(), use_device(device), fresh=True)
    for name in suites or []:
        faults += _suite(cards, name, edition, sample, settings)
    if as_json:
        print_json(faults)
    for fault in [] if as_json else faults:
        typer.echo(fault)
    if faults:
        raise typer.Exit(3)
    if not as_json:
        typer.echo("nothing to mend")


def _cards(cards: Catalogue) -> list[str]:
    """Load every card there is."""
    faults = []
    loaders = {"dataset": cards.dataset, "model": cards.backbone, "suite": cards.suite, "task": cards.task}
    for kind, load in loaders.items():
        for name in cards.paths[kind]:
            try:
                load(name)
            except CardError as error:
                faults.append(str(error))
                continue
            if kind == "suite":
                faults += _compared(cards, name)
    return faults


def _compared(cards: Catalogue, name: str) -> list[str]:
    """Look whether the rows that a suite's claims and comparisons name are there."""
    from faultboard.report.claims import named
    from faultboard.report.contrasts import check_rows

    suite = cards.suite(name)
    try:
        named(cards, suite)
        for pair in suite.compare:
            check_rows(cards, suite, pair, f"{suite.path}: compare:")
    except CardError as error:
        return [str(error)]
    return []


def _suite(cards: Catalogue, name: str, edition: str | None, sample: int, settings: Settings) -> list[str]:
    from faultboard.report.write import differing
    from faultboard.run.recompute import recompute
    from faultboard.run.suite import SuiteRun

    run = SuiteRun(cards, name, edition)
    faults = run.stale()
    try:
        faults += differing(cards, run.suite, run.edition, run.folder)
    except FaultboardError as error:
        return [*faults, str(error)]
    for again in recompute(run, sample, settings) if sample else []:
        cell = again.cell
        what = f"{cell.model} on {cell.task} {cell.protocol}/{cell.fold} seed {cell.seed}"
        if again.reason:
            faults.append(f"{what}: {again.reason}")
        elif again.moved > 0:
            why = f" (stored by another processor, {again.elsewhere}: floats differ)" if again.elsewhere else ""
            faults.append(f"{what}: computed again, a probability moved by {again.moved:.2g}{why}")
        else:
            typer.echo(f"{what}: the same to the last digit", err=True)
    return faults


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(tables)
    app.command()(check)
