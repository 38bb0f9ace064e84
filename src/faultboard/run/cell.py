"""The unit of work, of failure and of caching, and its key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from faultboard.declare.catalogue import Model
from faultboard.declare.keys import digest
from faultboard.declare.schema import computing
from faultboard.declare.task import TaskCard
from faultboard.models.identity import computing_key, parts


@dataclass(frozen=True)
class Cell:
    """Task x protocol x fold x model x seed x data budget.

    Attributes
    ----------
    alarm_rate : float or None
        Share of the healthy that may raise an alarm, where the cell sets a threshold for it on its training side.
    """

    key: str
    task: str
    edition: str
    protocol: str
    fold: str
    fold_hash: str
    model: str
    seed: int
    budget: str = "all"
    alarm_rate: float | None = None

    @property
    def row(self) -> tuple[str, str, str, str, str]:
        """What names the row of the table that the cell belongs to."""
        return (self.task, self.edition, self.protocol, self.budget, self.model)


# cells that share features, in the order in which they are computed
Job = list[Cell]


def cell_key(
    data: str,
    task: TaskCard,
    fold: str | list[str],
    model: Model,
    modality: str,
    seed: int,
    budget: str,
    alarm_rate: float | None = None,
) -> str:
    """Hash of everything that decides a cell's predictions, and its threshold; nothing else makes a key.

    Titles, published figures, limits, threads, device and library versions are no part of it.

    Parameters
    ----------
    data : str
        Identity of the recordings, as `data_key` gives it.
    fold : str or list of str
        Hash of what stands on its sides; task and protocol where it is not drawn.
    modality : str
        What the recordings are, which decides the model's front end.
    """
    meaning: dict[str, Any] = {
        "data": data,
        "window": computing(task.window),
        "label": task.label,
        "classes": task.class_values,
        "fold": fold,
        "model": computing_key(model, modality),
        "seed": seed,
        "budget": budget,
        "engine": parts(model),
    }
    return digest(meaning if alarm_rate is None else meaning | {"alarm_rate": alarm_rate})
