"""A user's own class folders, audited before any card exists, and the cards to start from.

The cards and the reader are written first, into a root of their own, and the audit runs on them: what is handed over is
what was audited.
"""

from __future__ import annotations

import math
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from faultboard.data.prepared import FIXED
from faultboard.data.reading import files
from faultboard.data.user.files import SUFFIXES, open_file
from faultboard.declare.catalogue import Catalogue
from faultboard.errors import DataError, FaultboardError
from faultboard.tasks.starter.cards import EDITION, cards
from faultboard.tasks.starter.layout import Layout, Opened
from faultboard.tasks.task import Task

_RESERVED = (*FIXED, "label", "side", "recording", "window", "start", "truth")


@dataclass(frozen=True)
class Starter:
    """Cards for a folder of recordings.

    Attributes
    ----------
    name : str
        Id of the dataset and of its task.
    cards : dict of str
        Text of each file by its path in a root.
    left_out : list of str
        Files that are no recordings of a class.
    notes : list of str
        What of the recordings was left out or taken for granted.
    """

    name: str
    cards: dict[str, str]
    left_out: list[str]
    notes: list[str]


def starter(folder: Path, group: str = "", rate: float | None = None) -> Starter:
    """Write cards for ``DIR/CLASS/files``, or ``DIR/SIDE/CLASS/files`` where the sides are train, test and the like.

    Parameters
    ----------
    group : str
        Regular expression that finds the group in a file's path below the folder: its named groups are columns, or
        its first group is; the first is the unit.
    rate : float, optional
        Sampling rate in Hz of files that state none.

    Raises
    ------
    DataError
        There is no recording, or one class only; a file cannot be read, is of another kind than those before it, or
        its name does not hold the group.
    FaultboardError
        The expression is none, or has no group; the rate is none.
    """
    pattern = _pattern(group)
    if rate is not None and not 0 < rate < math.inf:
        raise FaultboardError(f"--rate {rate:g}: no sampling rate; say how many samples there are a second")
    if not folder.is_dir():
        raise DataError(f"{folder} is no folder")
    walked = list(files(folder))
    layout = Layout.told_by([name for name, path in walked if path.suffix.lower() in SUFFIXES], group, rate)
    recordings: list[Opened] = []
    left_out: list[str] = []
    for name, path in walked:
        if not layout.takes(name, path):
            left_out.append(name)
            continue
        recordings.append(_opened(name, path, layout, pattern))
        _refuse_another_kind(recordings[0], recordings[-1])
    place = f"{folder.name}/{'SIDE/' if layout.has_sides else ''}CLASS/"
    if not recordings:
        why = " (train, test and the like are sides of a split, and no classes)" if layout.has_sides else ""
        raise DataError(f"{folder}: no recording. Put them into {place}{why} as {', '.join(SUFFIXES)}")
    labels = Counter(recording.label for recording in recordings)
    if len(labels) < 2:
        raise DataError(f"{folder}: one class only ({recordings[0].label}): a folder for each class, side by side")
    name = "my_" + (re.sub(r"[^a-z0-9]+", "_", folder.resolve().name.lower()).strip("_") or "recordings")
    texts, notes = cards(name, recordings, layout)
    return Starter(name, texts, left_out, notes)


@contextmanager
def bound(folder: Path, start: Starter) -> Iterator[Task]:
    """Task of the starter's cards on the folder, in a root that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="faultboard-") as place:
        root = Path(place).resolve()
        for name, text in start.cards.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
        raw = root / "data" / "raw" / f"{start.name}@{EDITION}"
        raw.parent.mkdir(parents=True)
        raw.symlink_to(folder.resolve(), target_is_directory=True)
        yield Task.find(Catalogue(root), f"own/{start.name}", EDITION)


def _pattern(group: str) -> re.Pattern[str] | None:
    if not group:
        return None
    try:
        pattern = re.compile(group)
    except re.error as error:
        raise FaultboardError(f"--group {group}: no regular expression: {error}") from None
    if not pattern.groups:
        raise FaultboardError(f"--group {group}: put what names the unit in brackets, such as '(m[0-9]+)_'")
    for name in pattern.groupindex:
        if name in _RESERVED:
            raise FaultboardError(f"--group {group}: '{name}' is a column already: choose another name")
    return pattern


def _opened(name: str, path: Path, layout: Layout, pattern: re.Pattern[str] | None) -> Opened:
    groups: dict[str, str] = {}
    if pattern:
        match = pattern.search(name)
        named = {"unit": match[1]} if match and not pattern.groupindex else (match.groupdict() if match else {})
        if not match or not all(named.values()):
            raise DataError(f"{name}: --group {pattern.pattern} does not find a group in its name")
        groups = {key: str(value) for key, value in named.items()}
    side, label = layout.side_and_class(name)
    if side:
        groups["side"] = side
    opened = open_file(path, name)
    hertz = opened.rate or layout.rate
    if opened.modality != "photo" and hertz is None:
        why = f" ({'; '.join(opened.notes)})" if opened.notes else ""
        raise DataError(f"{name} states no sampling rate{why}: say --rate")
    return Opened(name, label, groups, hertz, opened)


def _refuse_another_kind(first: Opened, other: Opened) -> None:
    for what, a, b in (
        ("is", first.file.modality, other.file.modality),
        ("channels:", first.file.channels, other.file.channels),
    ):
        if a != b:
            raise DataError(f"{other.name} {what} {b}, {first.name} {a}: keep files of one kind in the folder")
