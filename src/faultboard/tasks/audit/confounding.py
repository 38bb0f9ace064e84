"""Class and group that cannot be told apart, whatever the split: seen in the table of recordings alone."""

from __future__ import annotations

from itertools import combinations

import pandas as pd

from faultboard.tasks.audit.found import Found, declared
from faultboard.tasks.task import Task

# With so many groups a class, a nested design can be tested at all: with two and two, no p is below 0.33.
_ENOUGH = 3


def confounded(task: Task, name: str) -> list[Found]:
    """Find columns of which no value holds two classes, and whose classes stand in too few values.

    A unit that holds one class is the usual case where a class has several units. With one or two a class, what a
    model learns may be the day, the mounting or the sequence, and no split of these recordings can show it.
    """
    classes = task.recordings[task.card.label].map(_class_of(task))
    if classes.nunique() < 2:
        return []
    findings = []
    for column in task.dataset.groups:
        table = pd.crosstab(task.recordings[column], classes) > 0
        pairs = list(combinations(table.columns, 2))
        meeting = sum(bool((table[a] & table[b]).any()) for a, b in pairs)
        fewest = int(table.sum(axis=0).min())
        if len(table) < 2 or meeting or fewest >= _ENOUGH:
            continue
        what = f"0 of {len(pairs)} pairs of classes meet in a {column}; a class has as few as {fewest} of them"
        remedy = f"declare it: class and {column} cannot be told apart by any split of these recordings"
        findings.append(Found("confounded", name, what, declared(task, "confounded", name, [column]), remedy))
    return findings


def _class_of(task: Task) -> dict[str, str]:
    return {value: name for name, values in task.card.class_values.items() for value in values}
