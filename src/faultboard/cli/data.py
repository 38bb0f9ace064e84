"""``fetch``, ``verify``, ``prepare`` and ``inventory``: raw files and weights."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.filesize import decimal
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from faultboard.cli.options import Json, Root, catalogue, edition_named, print_json
from faultboard.declare.catalogue import Catalogue, Model
from faultboard.declare.names import did_you_mean
from faultboard.errors import CardError, FaultboardError, Unavailable

_UNASKED = 100_000_000  # bytes that are fetched where nobody can be asked


def fetch(
    name: Annotated[
        str,
        typer.Argument(
            help="A dataset (cwru, cwru@full), a backbone (resnet50) or one of its sources (resnet50.imagenet_v2)."
        ),
    ],
    again: Annotated[bool, typer.Option("--again", help="Replace what is not as it should be.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before anything is downloaded.")] = False,
    root: Root = None,
) -> None:
    """Bring the raw files of a dataset, or the weights of a backbone, to this machine.

    Size and licence are shown first, and a question is asked; where nobody can answer, more than 100 MB need --yes.
    A download that was broken off goes on where it ended. FAULTBOARD_MIRROR, an address, is asked in place of
    https://raw.githubusercontent.com.
    """
    cards = catalogue(root)
    backbone, _, source = name.partition(".")
    if cards.has_backbone(backbone):
        _fetch_weights(cards, backbone, source, yes)
        return
    from faultboard.data.raw.fetch import fetch as bring
    from faultboard.data.raw.fetch import order
    from faultboard.data.raw.folder import provide
    from faultboard.data.raw.unpacked import unverified

    if name.partition("@")[0] not in cards.paths["dataset"]:
        every = [*cards.paths["dataset"], *cards.paths["model"]]
        raise CardError(f"no dataset or backbone '{name}'.{did_you_mean(name, every)}")
    edition = edition_named(cards, name)
    card = edition.card
    licence = f"licence {card.licence}{'' if card.redistribute else ', not to be redistributed'}"
    wanted = order(edition, again)
    if wanted is None:
        typer.echo(f"{edition.id}: {licence}")
        typer.echo(provide(edition, again=again))
        return
    size = wanted.bytes if wanted.is_of_known_size else None
    amount = f"{len(wanted.missing):,} of {len(wanted.files):,} files, {_said(size)}"
    disk = f" (at most {decimal(wanted.unpacked)} unpacked)" if wanted.unpacked else ""
    hosts = f" from {', '.join(wanted.hosts)}" if wanted.hosts else ""
    typer.echo(f"{wanted.name}: {amount}{disk}{hosts}, {licence}")
    _ask(wanted.name, size, yes)
    with _bytes_bar(wanted.name, wanted.bytes) as step:
        folder = bring(wanted, step)
    typer.echo(folder)
    for archive, sha256 in unverified(folder).items():
        typer.echo(
            f"{archive}: unverified, since nobody has published its hash. Where a second copy agrees, write into"
        )
        typer.echo(f"{card.path}: sha256: {sha256}")


def _fetch_weights(cards: Catalogue, name: str, only: str, yes: bool) -> None:
    from faultboard.models.networks.weights import download, find, locate, to_pin

    card = cards.backbone(name)
    if only and only not in card.pretraining:
        raise CardError(f"{card.path}: no weights '{only}'.{did_you_mean(only, card.pretraining)}")
    for source, weights in card.pretraining.items():
        if only not in ("", source):
            continue
        model = Model(card, source, next(iter(card.recipes)))
        if not model.has_weights:
            continue
        path = find(model)
        if not path:
            typer.echo(f"{name}.{source}: {_said(weights.bytes)}, licence {weights.licence or 'unstated'}")
            _ask(f"{name}.{source}", weights.bytes, yes)
            with _bytes_bar(f"{name}.{source}", weights.bytes) as step:
                path = download(model, step)
        if weights.sha256:
            typer.echo(locate(model))
        else:
            typer.echo(path)
            typer.echo(f"nobody has published its hash: {to_pin(model, path)}")


def _said(size: int | None) -> str:
    return "of a size that nobody states" if size is None else decimal(size)


def _ask(name: str, size: int | None, yes: bool) -> None:
    """Ask whether to download; where nobody can answer, a small one goes on."""
    if yes or size == 0:
        return
    if sys.stdin.isatty():
        typer.confirm("Go on?", abort=True)
    elif size is None or size > _UNASKED:
        raise FaultboardError(f"{name}: {_said(size)}, not fetched unasked: say --yes")


@contextmanager
def _bytes_bar(name: str, size: int | None) -> Iterator[Callable[[int], None]]:
    """Show bytes as they come; yields what counts them."""
    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(TextColumn("{task.description}"), *columns, transient=True, disable=not sys.stdout.isatty()) as bar:
        at = bar.add_task(name, total=size)
        yield partial(bar.advance, at)


def verify(
    name: Annotated[str, typer.Argument(help="A dataset, such as cwru or cwru@cut.")],
    root: Root = None,
    as_json: Json = False,
) -> None:
    """Check the raw files of a dataset: every missing, extra, altered or truncated one is named (exit 3).

    They are held against the list of files that the card names, else its archive; what was generated, or unpacked from
    several archives, against what came here.
    """
    from faultboard.data.raw.verify import compare

    edition = edition_named(catalogue(root), name)
    faults = compare(edition)
    if as_json:
        print_json(faults)
    for fault in [] if as_json else faults:
        typer.echo(f"{fault['file']}: {fault['fault']}")
    if faults:
        raise typer.Exit(3)
    if not as_json:
        if edition.declared.simulate:
            state = "as it was drawn here (generated data have no other original)"
        else:
            pinned = edition.declared.files or not edition.declared.archives
            state = "as the card pins it" if pinned else "as it was unpacked here"
        typer.echo(f"{edition.id}: every file is {state}")


def prepare(
    names: Annotated[
        list[str] | None, typer.Argument(help="Datasets, such as cwru or mimii_fan@sim.", show_default=False)
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Prepare even where nothing has changed.")] = False,
    allow_missing: Annotated[
        bool, typer.Option("--allow-missing", help="Where raw files are not here, note it and exit 0 (for pipelines).")
    ] = False,
    prune: Annotated[
        bool, typer.Option("--prune", help="Delete features that were not used for longest, beyond --limit.")
    ] = False,
    limit: Annotated[float, typer.Option(min=0, help="GB of features that --prune leaves.")] = 20.0,
    root: Root = None,
) -> None:
    """Turn raw files into the prepared form: read, checked against the card, memory-mapped."""
    from faultboard.data.prepare import note_unavailable
    from faultboard.data.prepare import prepare as make

    if not names and not prune:
        raise typer.BadParameter("say which datasets, or --prune", param_hint="names")
    cards = catalogue(root)
    for name in names or []:
        edition = edition_named(cards, name)
        with Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), transient=True) as bar:
            at = bar.add_task(edition.id, total=None)
            try:
                folder = make(edition, again, partial(_step, bar, at))
            except Unavailable as error:
                if not allow_missing:
                    raise
                folder = note_unavailable(edition, error)
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        state = meta.get("unavailable") or f"{meta['recordings']} recordings, hash {meta['hash'][:12]}"
        typer.echo(f"{edition.id}: {state}")
    if prune:
        _prune(cards.root, limit)


def _prune(root: Path, limit: float) -> None:
    from faultboard.models.frozen.cache import prune

    deleted, freed, left = prune(root / "data" / "features", round(limit * 1e9))
    typer.echo(f"features: {deleted} arrays deleted, {decimal(freed)} freed, {decimal(left)} left")


def _step(bar: Progress, at: TaskID, done: int, expected: int | None) -> None:
    bar.update(at, completed=done, total=expected)


def inventory(
    suite: Annotated[str, typer.Argument(help="A suite.")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write JSON here.")] = None,
    root: Root = None,
) -> None:
    """Say which raw sets and weights of a suite are on this machine."""
    from faultboard.files.whole import write_beside
    from faultboard.run.inventory import inventory as look
    from faultboard.run.suite import Suite

    state = look(Suite.of(catalogue(root), suite))
    if output:
        write_beside(output, (json.dumps(state, indent=1, sort_keys=True) + "\n").encode())
    else:
        print_json(state)


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    for command in (fetch, verify, prepare, inventory):
        app.command()(command)
