"""Options that several commands share."""

from __future__ import annotations

import json
from dataclasses import replace
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from faultboard.declare.catalogue import Catalogue, find_root
from faultboard.errors import FaultboardError

if TYPE_CHECKING:
    from faultboard.data.edition import Edition as BoundEdition

Root = Annotated[
    Path | None,
    typer.Option(
        help="Folder that holds tasks/, datasets/, models/ or benchmarks/. Default: the nearest parent that does.",
        show_default=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Threads = Annotated[
    int | None, typer.Option(min=1, help="Threads of one process. Default: all cores.", show_default=False)
]
Device = Annotated[str, typer.Option(help="cpu, or cuda where there is one.")]
Edition = Annotated[str | None, typer.Option(help="full, cut or sim. Default: the suite's.", show_default=False)]


def catalogue(root: Path | None) -> Catalogue:
    """Cards that a root sees."""
    return Catalogue(find_root(root))


def print_json(content: Any) -> None:
    """Print plain data as JSON."""
    typer.echo(json.dumps(content, indent=1))


def use_device(device: str) -> str:
    """Check that a device is here.

    Raises
    ------
    FaultboardError
        It is not.
    """
    if device == "cpu":
        return device
    import torch

    if device != "cuda":
        raise FaultboardError(f"--device {device}: say cpu or cuda")
    if not torch.cuda.is_available():
        raise FaultboardError("--device cuda: no CUDA device is here; leave the option out")
    return device


def edition_named(cards: Catalogue, name: str) -> BoundEdition:
    """Edition of a name such as ``cwru@cut``; without one, the only one or the first of cut, sim, full."""
    from faultboard.data.edition import Edition

    dataset, _, edition = name.partition("@")
    source = Edition.of(cards, dataset, edition)
    if edition:
        return source
    return replace(source, name=next(e for e in ("cut", "sim", "full") if e in source.card.editions))


def scores_line(scores: dict[str, float], names: list[str], digits: int) -> str:
    """Some scores on one line: ``macro_f1 0.573  accuracy 0.610``."""
    shown = {name: f"{scores[name]:.{digits}f}" if isfinite(scores[name]) else "not defined" for name in names}
    return "  ".join(f"{name} {number}" for name, number in shown.items())
