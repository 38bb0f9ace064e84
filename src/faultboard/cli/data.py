"""``fetch``, ``verify``, ``prepare`` and ``inventory``: raw files and weights."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from faultboard.cli.options import Json, Root, catalogue, dataset_and_edition, print_json
from faultboard.declare.catalogue import Catalogue, Model
from faultboard.declare.names import did_you_mean
from faultboard.errors import CardError, DataError, Unavailable


def fetch(
    name: Annotated[str, typer.Argument(help="A dataset (cwru, cwru@cut) or a backbone (resnet50).")],
    again: Annotated[bool, typer.Option("--again", help="Replace what is here.")] = False,
    root: Root = None,
) -> None:
    """Bring the raw files of a dataset, or the weights of a backbone, to this machine."""
    cards = catalogue(root)
    if name in cards.paths["model"]:
        _fetch_weights(cards, name)
        return
    from faultboard.data.raw import provide

    if name.partition("@")[0] not in cards.paths["dataset"]:
        every = [*cards.paths["dataset"], *cards.paths["model"]]
        raise CardError(f"no dataset or backbone '{name}'.{did_you_mean(name, every)}")
    dataset, edition = dataset_and_edition(cards, name)
    card = cards.dataset(dataset)
    typer.echo(f"{dataset}@{edition}: licence {card.licence}{'' if card.redistribute else ', not to be redistributed'}")
    typer.echo(provide(cards.root, card, edition, again=again))


def _fetch_weights(cards: Catalogue, name: str) -> None:
    from faultboard.models.weights import download, locate

    card = cards.backbone(name)
    for source, weights in card.pretraining.items():
        model = Model(card, source, next(iter(card.recipes)))
        if not model.has_weights:
            continue
        try:
            path = locate(model)
        except Unavailable:
            size = f"{weights.bytes:,} bytes" if weights.bytes else "size unknown"
            typer.echo(f"{name}.{source}: {size}, licence {weights.licence or 'unstated'}")
            path = download(model, progress=True)
        typer.echo(path)


def verify(
    name: Annotated[str, typer.Argument(help="A dataset, such as cwru or cwru@cut.")],
    root: Root = None,
    as_json: Json = False,
) -> None:
    """Check the raw files of a dataset: every missing, extra or altered one is named (exit 3)."""
    from faultboard.data.raw import compare

    cards = catalogue(root)
    dataset, edition = dataset_and_edition(cards, name)
    faults = compare(cards.root, cards.dataset(dataset), edition)
    if as_json:
        print_json(faults)
    for fault in [] if as_json else faults:
        typer.echo(f"{fault['file']}: {fault['fault']}")
    if faults:
        raise typer.Exit(3)
    if not as_json:
        typer.echo(f"{dataset}@{edition}: every file is as the card pins it")


def prepare(
    names: Annotated[list[str], typer.Argument(help="Datasets, such as cwru or mimii_fan@sim.")],
    again: Annotated[bool, typer.Option("--again", help="Prepare even where nothing has changed.")] = False,
    allow_missing: Annotated[
        bool, typer.Option("--allow-missing", help="Where raw files are not here, note it and exit 0 (for pipelines).")
    ] = False,
    root: Root = None,
) -> None:
    """Turn raw files into the prepared form: read, checked against the card, memory-mapped."""
    from faultboard.data.prepare import note_unavailable
    from faultboard.data.prepare import prepare as make

    cards = catalogue(root)
    for name in names:
        dataset, edition = dataset_and_edition(cards, name)
        card = cards.dataset(dataset)
        with Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), transient=True) as bar:
            at = bar.add_task(f"{dataset}@{edition}", total=None)
            try:
                step = partial(_step, bar, at)
                folder = make(cards.root, card, edition, again, step)
            except Unavailable as error:
                if not allow_missing:
                    raise
                folder = note_unavailable(cards.root, card, edition, error)
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        said = meta.get("unavailable") or f"{meta['recordings']} recordings, hash {meta['hash'][:12]}"
        typer.echo(f"{dataset}@{edition}: {said}")


def _step(bar: Progress, at: TaskID, done: int, expected: int) -> None:
    bar.update(at, completed=done, total=expected)


def inventory(
    suite: Annotated[str, typer.Argument(help="A suite.")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write JSON here.")] = None,
    root: Root = None,
) -> None:
    """Say which raw sets and weights of a suite are on this machine."""
    from faultboard.data.raw import is_here
    from faultboard.models.weights import locate
    from faultboard.run.plan import suite_models

    cards = catalogue(root)
    card = cards.suite(suite)
    tasks = [cards.task(t) for t in cards.expand(card.tasks, list(cards.paths["task"]), "task", card.path)]
    datasets = sorted({t.dataset for t in tasks if card.edition in cards.dataset(t.dataset).editions})
    found: dict[str, dict[str, str]] = {"datasets": {}, "weights": {}}
    for name in datasets:
        found["datasets"][name] = "here" if is_here(cards.root, cards.dataset(name), card.edition) else "not here"
    for model in suite_models(cards, card, []):
        if model.has_weights:
            try:
                locate(model)
                said = "here"
            except Unavailable:
                said = "not here"
            except DataError as error:
                said = str(error)
            found["weights"][f"{model.card.id}.{model.source}"] = said
    if output:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    else:
        print_json(found)


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    for command in (fetch, verify, prepare, inventory):
        app.command()(command)
