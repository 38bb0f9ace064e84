"""What kind of row a model makes, and of what kind of data a task is: what contrasts and pools go by."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from faultboard.declare.catalogue import Catalogue, Model
from faultboard.declare.task import TaskCard
from faultboard.report.task_table import TaskTable
from faultboard.tasks.splits import split_of

Kind = Literal["network", "hand-made", "trivial"]
# what every table needs: a row that does not beat it has learnt nothing more than two numbers
TRIVIAL = "trivial.none.logreg"


def kind_of(model: Model) -> Kind:
    """What stands in its name."""
    if model.id == TRIVIAL:
        return "trivial"
    return "network" if model.card.is_network else "hand-made"


def material(catalogue: Catalogue, table: TaskTable) -> str:
    """``pictures`` or ``signals``: the two kinds of data over which tasks are pooled."""
    return "pictures" if catalogue.dataset(table.card.dataset).is_pictures else "signals"


def one_a_data_set(tables: Iterable[TaskTable]) -> list[TaskTable]:
    """Of several tasks of a data set the one that the suite names first: they are no independent trials."""
    first: dict[str, TaskTable] = {}
    for table in tables:
        first.setdefault(table.card.dataset, table)
    return list(first.values())


def sides(card: TaskCard) -> dict[str, str]:
    """Protocols of the two sides, ``published`` and ``honest``; a task without a gap has one of them.

    What holds nothing out is not honest, also where it is all that there is.
    """
    if card.gap:
        return dict(zip(("published", "honest"), card.gap, strict=True))
    return {"honest" if split_of(card.protocols[card.honest]).holds_out else "published": card.honest}
