"""``compare``: two rows over all tasks of a suite, with what their difference rests on."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.markdown import Markdown

from faultboard.cli.options import Edition, Json, Root, catalogue, print_json


def compare(
    first: Annotated[str, typer.Argument(metavar="ROW_A", help="A row: backbone.pretraining.recipe.")],
    second: Annotated[str, typer.Argument(metavar="ROW_B", help="Another one.")],
    suite: Annotated[
        str | None,
        typer.Option(help="A suite that has run. Default: the one whose results hold both rows.", show_default=False),
    ] = None,
    metric: Annotated[str, typer.Option(help="What is compared: a metric that is one number.")] = "macro_f1",
    edition: Edition = None,
    root: Root = None,
    as_json: Json = False,
) -> None:
    """Compare two rows on every task that has both, and over tasks: difference, interval, p, units.

    Rows of your own cards are compared like any other, once a suite that names them has run. The honest protocol of a
    task holds units out; under the published one there is no interval, since windows of one unit stand on both sides.
    """
    from faultboard.report.answer.comparison import compared, suite_with
    from faultboard.report.markdown import markdown
    from faultboard.report.pages.comparison import comparison
    from faultboard.run.suite import Suite

    cards = catalogue(root)
    bound = Suite.of(cards, suite, edition) if suite else suite_with(cards, [first, second], edition)
    lines = compared(bound, (first, second), metric)
    if as_json:
        # a number that is not defined is no JSON
        plain = [{k: None if v != v else v for k, v in asdict(line).items()} for line in lines]
        print_json({"suite": bound.id, "lines": plain})
        return
    console = Console()
    # a file or a pipe has no width, and a number that is cut says nothing
    console = console if console.is_terminal else Console(width=240)
    console.print(Markdown(markdown(comparison(bound, (first, second), metric, lines))))


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(compare)
