"""``embed``: a backbone's embeddings of a user's own files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from faultboard.cli.options import Device, Root, catalogue, use_device
from faultboard.errors import FaultboardError


def embed(
    model: Annotated[str, typer.Argument(help="backbone.pretraining, such as mn04.audioset.")],
    files: Annotated[list[Path], typer.Argument(help="wav, flac, ogg, csv, mat, png, jpg or bmp files.", exists=True)],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="New file: .npy (rows alone) or .parquet (with file, start).")
    ],
    window: Annotated[
        float | None, typer.Option(min=0, help="Seconds of a window. Default: the whole file.", show_default=False)
    ] = None,
    rate: Annotated[
        float | None, typer.Option(min=0, help="Sampling rate in Hz of csv and mat files.", show_default=False)
    ] = None,
    seed: Annotated[int, typer.Option(help="Of random weights.")] = 0,
    device: Device = "cpu",
    root: Root = None,
) -> None:
    """Write a frozen backbone's embeddings of sound, vibration or picture files, one row a window.

    The front end is the weights' own: any sampling rate, any picture size.
    """
    if out.suffix not in (".npy", ".parquet"):
        raise FaultboardError(f"--out {out}: say a name that ends in .npy or .parquet")
    if not out.parent.is_dir():
        raise FaultboardError(f"--out {out}: there is no folder {out.parent}")
    from rich.progress import Progress

    from faultboard.models.card_words import check_words
    from faultboard.run.embedding import embed as compute

    cards = catalogue(root)
    backbone = cards.backbone(model.partition(".")[0])
    check_words(backbone)
    chosen = cards.model(model if model.count(".") > 1 else f"{model}.{next(iter(backbone.recipes))}")
    with Progress(transient=True) as bar:
        task = bar.add_task("windows", total=None)
        table = compute(chosen, files, window, rate, seed, use_device(device), lambda n: bar.update(task, completed=n))
    # the suffix must stay the last one: numpy adds its own otherwise
    beside = out.with_name(f".{os.getpid()}.{out.name}")
    if out.suffix == ".npy":
        import numpy as np

        np.save(beside, table.drop(columns=["file", "start"]).to_numpy(dtype="float32"))
    else:
        table.to_parquet(beside)
    beside.replace(out)
    typer.echo(f"{len(table)} rows of {table.shape[1] - 2} in {out}")


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(embed)
