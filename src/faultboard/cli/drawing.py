"""``draw``: a recording as a video with its predictions on it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from faultboard.cli.options import Edition, Root, catalogue


def draw(
    suite: Annotated[str, typer.Argument(help="A suite that has run, such as sample.")],
    task: Annotated[str, typer.Argument(help="A task of pictures or videos.")],
    model: Annotated[str, typer.Argument(help="A row of it: backbone.pretraining.recipe.")],
    recording: Annotated[str, typer.Argument(help="A recording, or a sequence of pictures, such as m1_s03.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="New file: .mp4, or .avi (lossless).")],
    protocol: Annotated[
        str | None, typer.Option(help="Default: the second of the task's gap.", show_default=False)
    ] = None,
    rate: Annotated[int, typer.Option(min=1, help="Frames a second.")] = 5,
    edition: Edition = None,
    root: Root = None,
) -> None:
    """Draw stored predictions, class and probability, on each frame of a recording, and write a video.

    Only frames that the row was tested on are drawn; red ones are wrong.
    """
    from faultboard.data.video import write_video
    from faultboard.report.film import frames, stored_predictions
    from faultboard.run.store import probabilities_of
    from faultboard.run.suite import Suite
    from faultboard.tasks.task import Task

    ran = Suite.of(catalogue(root), suite, edition)
    card = ran.catalogue.task(task)
    chosen = protocol or card.honest
    rows = stored_predictions(ran, card, chosen, model, recording)
    bound = Task.find(ran.catalogue, card.id, ran.edition)
    write_video(out, frames(bound, rows), rate)
    right = int((probabilities_of(rows).argmax(1) == rows["truth"]).sum())
    typer.echo(f"{out}: {len(rows)} frames under {chosen}, {right} right")


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(draw)
