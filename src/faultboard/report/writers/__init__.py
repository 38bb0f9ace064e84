"""Writers: the files of a suite's results, one file a writer.

A writer renders what was computed before it; which cells, marks and notes there are is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from faultboard.declare.suite import SuiteCard
from faultboard.declare.vocabulary import Vocabulary

if TYPE_CHECKING:
    from faultboard.report.answer.lines import Line
    from faultboard.report.claims import Verdict
    from faultboard.report.task_table import TaskTable
    from faultboard.run.suite import Suite


@dataclass(frozen=True)
class Report:
    """What the predictions of a suite came to: everything that a writer may render.

    Attributes
    ----------
    tables : list of TaskTable
        One a task that has results.
    verdicts : list of Verdict
        On the suite's claims, two of each: as published, and honestly split.
    answer : list of Line
        What each contrast of the suite comes to, on each task and pooled; empty of generated data.
    """

    suite: Suite
    tables: list[TaskTable]
    verdicts: list[Verdict]
    answer: list[Line]


@dataclass(frozen=True)
class Writer:
    """A writer of files.

    Attributes
    ----------
    words : str
        What it writes, in a few words.
    outputs : tuple of str
        What a pipeline must name: files below the results folder; ``{family}`` stands for a folder a family.
    write : callable
        Of a report: text of each file, by its path below the results folder.
    when : callable
        Whether a suite has such files.
    """

    words: str
    outputs: tuple[str, ...]
    write: Callable[[Report], dict[str, str]]
    when: Callable[[SuiteCard], bool] = lambda _: True


WRITERS: Vocabulary[Writer] = Vocabulary(__name__, Writer, "writer")


def outputs(suite: SuiteCard, families: list[str]) -> list[str]:
    """Every file and folder that the writers make of a suite, sorted."""
    names = {name for writer in map(WRITERS.__getitem__, WRITERS) if writer.when(suite) for name in writer.outputs}
    return sorted({name.format(family=family) for name in names for family in families})
