"""``export`` and ``score``: a task for other frameworks, and their predictions by the tables' own code."""

from __future__ import annotations

from math import isfinite
from pathlib import Path
from typing import Annotated

import typer

from faultboard.cli.options import Json, Root, catalogue, print_json, scores_line

TaskName = Annotated[str, typer.Argument(help="A task, such as cwru or bearing_vibration/cwru.")]
TaskEdition = Annotated[
    str | None, typer.Option(help="full, cut or sim. Default: the first that can be had.", show_default=False)
]


def export(
    task: TaskName,
    folder: Annotated[Path, typer.Argument(help="A new folder.")],
    samples: Annotated[bool, typer.Option(help="Write the windows' samples too, not their places alone.")] = True,
    edition: TaskEdition = None,
    root: Root = None,
) -> None:
    """Write the windows and folds of a task as CSV, for any other framework.

    Train on the `train` rows of folds.csv, predict the `test` rows, and hand them to `faultboard score`.
    """
    from faultboard.tasks.exchange import export as write
    from faultboard.tasks.task import Task

    for path in write(Task.find(catalogue(root), task, edition), folder, samples):
        typer.echo(path)


def score(
    task: TaskName,
    predictions: Annotated[
        Path,
        typer.Argument(
            help="CSV: protocol, fold, recording, start, and 'predicted' (a class) or 'p_<class>' for each class."
        ),
    ],
    edition: TaskEdition = None,
    root: Root = None,
    as_json: Json = False,
) -> None:
    """Score predictions that were made elsewhere, by the code of the tables."""
    from faultboard.tasks.exchange import read_predictions
    from faultboard.tasks.task import Task

    bound = Task.find(catalogue(root), task, edition)
    given = read_predictions(bound, predictions)
    scores = {protocol: bound.score(protocol, by_fold) for protocol, by_fold in given.items()}
    if as_json:
        plain = {p: {m: v if isfinite(v) else None for m, v in of.items()} for p, of in scores.items()}
        print_json({"task": bound.card.id, "edition": bound.edition, "scores": plain})
        return
    typer.echo(f"{bound.card.id}@{bound.edition}, means over folds")
    for protocol, of_protocol in scores.items():
        leaks = bound.protocol(protocol).leaks
        mark = f"  leaks {', '.join(leaks)}" if leaks else ""
        typer.echo(f"{protocol:<11} " + scores_line(of_protocol, bound.card.metrics, 4) + mark)


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(export)
    app.command()(score)
