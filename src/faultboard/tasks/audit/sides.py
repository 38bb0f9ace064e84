"""What the index alone shows: columns, overlapping time and classes on the two sides of a fold."""

from __future__ import annotations

import numpy as np

from faultboard.tasks.audit.found import Found, declared, some
from faultboard.tasks.folds import Fold
from faultboard.tasks.task import Task


def sides(task: Task, name: str, folds: list[Fold]) -> list[Found]:
    """Hold the folds of a protocol against what it claims to separate."""
    return [*_shared(task, name, folds), *_overlapping(task, name, folds), *_classes_missing(task, name, folds)]


def _shared(task: Task, name: str, folds: list[Fold]) -> list[Found]:
    """Find values of a column that stand on both sides of a fold although they should not."""
    protocol, findings = task.protocol(name), []
    unit = [task.dataset.unit] if task.dataset.unit else []
    guarded = dict.fromkeys([*protocol.separates, *unit, "recording", *protocol.leaks])
    for column in guarded:
        values = task.column(column)
        for fold in folds:
            both = np.intersect1d(values[fold.train], values[fold.test])
            if not len(both):
                continue
            kind = "shared_recording" if column == "recording" else "shared_unit"
            broken = column in protocol.separates
            findings.append(
                Found(
                    kind,
                    name,
                    f"{column} {some(both)} in train and test of fold {fold.name}",
                    declared=not broken and column in protocol.leaks,
                    remedy=f"protocols.{name} says it separates {column}: it does not. Mend the split"
                    if broken
                    else f"declare it (leaks: [{column}]) or separate it",
                )
            )
            break
    return findings


def _overlapping(task: Task, name: str, folds: list[Fold]) -> list[Found]:
    """Find test windows that share samples with a training window of the same recording."""
    length = task.windows.length
    if length == 0 or "recording" in task.protocol(name).separates:
        return []
    recording, start = task.windows.recording, task.windows.start
    # one long axis on which windows of different recordings can never touch
    span = int(start.max()) + 2 * length
    place = recording * span + start
    for fold in folds:
        train = np.sort(place[fold.train])
        left = np.searchsorted(train, place[fold.test] - length, side="right")
        right = np.searchsorted(train, place[fold.test] + length, side="left")
        hit = fold.test[right > left]
        if len(hit):
            first = int(hit[0])
            what = (
                f"{len(hit)} of {len(fold.test)} test windows of fold {fold.name} share samples with a training "
                f"window, such as {task.column('recording')[first]} at {start[first]}"
            )
            return [Found("overlap", name, what, declared(task, "overlap", name), "use a hop of at least the window")]
    return []


def _classes_missing(task: Task, name: str, folds: list[Fold]) -> list[Found]:
    """Find folds in which a class is absent from a side."""
    for fold in folds:
        for side, ids in (("training", fold.train), ("test", fold.test)):
            absent = sorted(set(range(len(task.card.class_names))) - set(task.y[ids].tolist()))
            if absent:
                names = [task.card.class_names[i] for i in absent]
                what = f"no {some(names)} in {side} of fold {fold.name}"
                remedy = "its score speaks of fewer classes: declare it, or split by another column"
                return [Found("missing_class", name, what, declared(task, "missing_class", name, names), remedy)]
    return []
