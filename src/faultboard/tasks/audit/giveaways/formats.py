"""The form of files: rate, channels, length, type, date, size. Never a symptom, so no statistics are needed."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

import pandas as pd

from faultboard.tasks.task import Task

_DATE = re.compile(r"(?<!\d)(?:19|20)\d\d([-_.]?)(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])(?!\d)")


def formats(task: Task) -> pd.DataFrame:
    """What is known of the form of each recording's file, as text: one row a recording, one column a format."""
    table = task.recordings
    dates = [_DATE.search(source) for source in table["source"]]
    out = {
        "rate": [f"{rate:g} Hz" for rate in table["rate"]],
        "channels": table["channels"].astype(str),
        "length": [f"{n} samples" for n in table["length"]],
        "file type": [PurePosixPath(source).suffix.lower() for source in table["source"]],
        "date in the name": [date[0] if date else "no date" for date in dates],
    }
    if task.dataset.is_pictures:
        sizes = zip(table["height"], table["width"], strict=True)
        kept = {name: out[name] for name in ("channels", "file type", "date in the name")}
        out = {"picture size": [f"{h} x {w}" for h, w in sizes], **kept}
    return pd.DataFrame(out)


def pure_formats(task: Task) -> dict[str, str]:
    """Find formats of few values by which one class is told from all others.

    A format is a finding where every value that recordings of the class have is one that no other class has: normal
    at 48 kHz where all faults are at 12 kHz.

    Returns
    -------
    dict of str
        The evidence, by the name of the format.
    """
    labels = {value: name for name, values in task.card.class_values.items() for value in values}
    classes = task.recordings[task.card.label].map(labels)
    unit = task.dataset.unit
    units = task.recordings[unit].nunique() if unit else len(classes)
    evidence: dict[str, str] = {}
    for name, values in formats(task).items():
        # a value of its own for each unit marks the unit, and says nothing of the class
        if not 1 < values.nunique() <= min(10, max(classes.nunique(), units // 2)):
            continue
        if own := _values_of_its_own(values, classes):
            cls, mine = next(iter(own.items()))
            others = sorted(set(values[classes != cls]))
            evidence[str(name)] = (
                f"{name} alone tells {cls}: {', '.join(mine)}, the other classes have {', '.join(others)}"
            )
    return evidence


def _values_of_its_own(values: pd.Series[str], classes: pd.Series[str]) -> dict[str, list[str]]:
    """Values of each class that shares none with another class."""
    own = {}
    for cls in sorted(set(classes)):
        mine = set(values[classes == cls])
        if mine.isdisjoint(values[classes != cls]):
            own[cls] = sorted(mine)
    return own
