"""``list`` and ``show``: what there is."""

from __future__ import annotations

from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from faultboard.cli.options import Json, Root, catalogue, print_json
from faultboard.cli.words import VOCABULARIES, inputs, words
from faultboard.declare.catalogue import Catalogue, Model
from faultboard.declare.model import ModelCard
from faultboard.declare.names import did_you_mean
from faultboard.declare.task import TaskCard
from faultboard.errors import CardError
from faultboard.models.card_words import check_words as check_model
from faultboard.models.regimes import REGIMES

_KINDS = {"tasks": "task", "datasets": "dataset", "models": "model", "suites": "suite"}


def list_(
    kind: Annotated[
        str,
        typer.Argument(
            help="Cards: tasks, datasets, models, suites. Words that they use: metrics, splits, levels, regimes, "
            "inputs, executors, writers."
        ),
    ] = "tasks",
    root: Root = None,
    as_json: Json = False,
) -> None:
    """List cards, or the words that they use."""
    every = [*_KINDS, "inputs", *VOCABULARIES]
    if kind not in every:
        raise CardError(f"nothing is called '{kind}' that could be listed.{did_you_mean(kind, every)}")
    cards = catalogue(root)
    rows = inputs() if kind == "inputs" else words(kind) if kind in VOCABULARIES else _ROWS[kind](cards)
    if as_json:
        print_json(rows)
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in rows[0] if rows else ():
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*row.values())
    Console().print(table)
    for name in cards.hidden(_KINDS[kind]) if kind in _KINDS else ():
        typer.echo(f"{name}: the card of {cards.root} hides the built-in one")


def _tasks(cards: Catalogue) -> list[dict[str, str]]:
    from faultboard.tasks.card_words import check_names

    out = []
    for name in cards.paths["task"]:
        card = check_names(cards.task(name))
        editions = ", ".join(cards.dataset(card.dataset).editions)
        out.append(
            {
                "task": name,
                "title": card.title,
                "dataset": card.dataset,
                "editions": editions,
                "protocols": ", ".join(card.protocols),
            }
        )
    return out


def _datasets(cards: Catalogue) -> list[dict[str, str]]:
    datasets = [cards.dataset(name) for name in cards.paths["dataset"]]
    return [
        {
            "dataset": c.id,
            "title": c.title,
            "modality": c.modality,
            "editions": ", ".join(f"{name} ({edition.how})" for name, edition in c.editions.items()),
            "unit": c.unit or "-",
            "licence": c.licence,
        }
        for c in datasets
    ]


def _models(cards: Catalogue) -> list[dict[str, str]]:
    from faultboard.models.networks.weights import find

    by_source: dict[str, list[Model]] = {}
    for model in cards.models():
        by_source.setdefault(f"{model.card.id}.{model.source}", []).append(model)
    rows = []
    for name, models in by_source.items():
        weights, card = models[0].pretraining, models[0].card
        check_model(card)
        size = f" ({weights.bytes / 1e6:,.0f} MB)" if weights.bytes else ""
        here = "-" if not models[0].has_weights else "yes" if find(models[0]) else f"no{size}"
        rows.append(
            {
                "model": name,
                "recipes": ", ".join(m.recipe_name for m in models),
                "weights here": here,
                "trained on": " > ".join(weights.trained_on) or "-",
                "inputs": ", ".join(card.input),
            }
        )
    for template in (cards.template(name) for name in cards.paths["template"]):
        check_model(template)
        rows.append(
            {
                "model": f"{template.id}.TAG",
                "recipes": ", ".join(template.recipes),
                "weights here": "by its tag",
                "trained on": "by its tag",
                "inputs": ", ".join(template.input),
            }
        )
    return rows


def _suites(cards: Catalogue) -> list[dict[str, str]]:
    suites = [cards.suite(name) for name in cards.paths["suite"]]
    return [
        {"suite": c.id, "title": c.title, "version": str(c.version), "edition": c.edition, "tasks": ", ".join(c.tasks)}
        for c in suites
    ]


_ROWS = {"tasks": _tasks, "datasets": _datasets, "models": _models, "suites": _suites}


def show(
    name: Annotated[str, typer.Argument(help="A card's id (cwru, resnet18), or a row: TASK PROTOCOL MODEL.")],
    protocol: Annotated[str | None, typer.Argument(help="With a model: the protocol of a row.")] = None,
    model: Annotated[str | None, typer.Argument(help="The model of a row.")] = None,
    suite: Annotated[str, typer.Option(help="Suite whose results hold the row.")] = "open",
    root: Root = None,
    as_json: Json = False,
) -> None:
    """Show a card, or a row of a table down to its cells, hashes and the command that makes it again."""
    cards = catalogue(root)
    if protocol and model:
        _show_row(cards, suite, name, protocol, model, as_json)
        return
    card = cards.card(name)
    if isinstance(card, ModelCard):
        check_model(card)
    if isinstance(card, TaskCard):
        from faultboard.tasks.card_words import check_words

        check_words(card)
    if as_json:
        print_json({"kind": card.kind, "id": card.id, **card.model_dump()})
        return
    typer.echo(f"# {card.kind} {card.id}: {card.path}")
    typer.echo(card.path.read_text(encoding="utf-8"), nl=False)
    if isinstance(card, TaskCard):
        _show_counts(cards, card.id)
    if isinstance(card, ModelCard):
        for recipe in card.recipes:
            typer.echo(f"# recipe {recipe}: {REGIMES[card.regime(recipe)].words}")


def _show_counts(cards: Catalogue, task: str) -> None:
    """Say what each suite's results counted, as comments below the card."""
    from faultboard.report.words import class_words, size_words
    from faultboard.run.suite import Suite

    unit = cards.dataset(cards.task(task).dataset).unit
    for suite in (Suite.of(cards, name) for name in cards.paths["suite"]):
        if facts := suite.read_facts().get(task):
            typer.echo(f"# results of {suite.card.id}, edition {suite.edition}: {size_words(facts, unit)}")
            typer.echo(f"# windows a class: {class_words(facts, unit)}")


def _show_row(cards: Catalogue, suite: str, task: str, protocol: str, model: str, as_json: bool) -> None:
    from faultboard.run.store import records_of
    from faultboard.run.suite import Suite

    bound, card = Suite.of(cards, suite), cards.task(task)
    records = records_of(bound, card.id, protocol, model)
    if as_json:
        print_json([record.to_plain() for record in records])
        return
    first = records[0]
    typer.echo(f"{card.id}@{bound.edition} {protocol} {model}: {bound.cells_file(card.id)}")
    typer.echo(f"again: faultboard run {suite} --task {card.id} --protocol {protocol} --model {model} --fresh")
    typer.echo(
        f"commit {first.commit or 'unknown'}, {first.host}, {first.threads} threads, {first.device}, {first.dtype}"
    )
    typer.echo("versions: " + ", ".join(f"{k} {v}" for k, v in first.versions.items()))
    for r in records:
        scores = ", ".join(f"{k} {v:.4f}" for k, v in r.scores.items()) or r.reason
        typer.echo(
            f"fold {r.cell.fold} seed {r.cell.seed}: {r.status}, {scores}; cell {r.cell.key}, fold {r.cell.fold_hash}"
        )


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("list")(list_)
    app.command()(show)
