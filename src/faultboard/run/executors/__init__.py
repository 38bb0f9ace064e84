"""Executors: where cells are computed, one file each.

Whatever computes them, a cell is stored once it is there, and its record is given back; only ids, paths and plain
records cross a process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from faultboard.declare.vocabulary import Vocabulary

if TYPE_CHECKING:
    from faultboard.declare.catalogue import Catalogue
    from faultboard.run.cell import Job
    from faultboard.run.compute import Progress, Settings
    from faultboard.run.record import Record


@dataclass(frozen=True)
class Executor:
    """A way of computing jobs.

    Attributes
    ----------
    words : str
        Where it computes, in a few words.
    run : callable
        Of a catalogue, jobs, settings, a number of workers and a listener: each record once it is stored.
    most_workers : int or None
        Workers that it can use; None for any number.
    """

    words: str
    run: Callable[[Catalogue, list[Job], Settings, int, Progress], Iterator[Record]]
    most_workers: int | None = None


EXECUTORS: Vocabulary[Executor] = Vocabulary(__name__, Executor, "executor")


def executor_for(workers: int, name: str | None = None) -> Executor:
    """Executor of a name; without one, this process for one worker and processes for several.

    Raises
    ------
    CardError
        There is none of that name, or it has no use for so many workers.
    """
    from faultboard.errors import CardError

    chosen = name if name is not None else ("here" if workers == 1 else "processes")
    executor = EXECUTORS[chosen]
    if executor.most_workers is not None and workers > executor.most_workers:
        raise CardError(f"executor '{chosen}' computes with {executor.most_workers} worker, not {workers}")
    return executor
