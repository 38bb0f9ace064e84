"""A user's own class folders, audited before any card exists, and the cards to start from.

The cards and the reader are written first, into a root of their own, and the audit runs on them: what is handed over is
what was audited.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from faultboard.data.prepared import FIXED
from faultboard.data.reading import files
from faultboard.data.user_files import SUFFIXES, open_file
from faultboard.declare.catalogue import Catalogue
from faultboard.errors import DataError, FaultboardError
from faultboard.tasks.task import Task

_EDITION = "full"
_RESERVED = (*FIXED, "label", "recording", "window", "start", "truth")


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
    """

    name: str
    cards: dict[str, str]
    left_out: list[str]


@dataclass(frozen=True)
class _File:
    """What is known of one recording once it was opened."""

    name: str
    label: str
    groups: dict[str, str]
    modality: str
    rate: float | None
    length: int
    channels: int
    kind: str


def starter(folder: Path, group: str = "", rate: float | None = None) -> Starter:
    """Write cards for ``DIR/CLASS/files``.

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
        The expression is none, or has no group.
    """
    pattern = _pattern(group)
    found: list[_File] = []
    left_out: list[str] = []
    if not folder.is_dir():
        raise DataError(f"{folder} is no folder")
    for name, path in files(folder):
        parts = name.split("/")
        if len(parts) < 2 or any(p.startswith(".") for p in parts) or path.suffix.lower() not in SUFFIXES:
            left_out.append(name)
            continue
        found.append(_opened(name, path, pattern, rate))
        _refuse_another_kind(found[0], found[-1])
    if not found:
        raise DataError(f"{folder}: no recording. Put them into {folder.name}/CLASS/ as {', '.join(SUFFIXES)}")
    labels = Counter(f.label for f in found)
    if len(labels) < 2:
        raise DataError(f"{folder}: one class only ({found[0].label}): a folder for each class, side by side")
    name = "my_" + (re.sub(r"[^a-z0-9]+", "_", folder.resolve().name.lower()).strip("_") or "recordings")
    cards = {
        f"datasets/{name}.yaml": _dataset_card(name, found, labels),
        f"datasets/{name}.py": _reader(found, group, rate),
        f"tasks/own/{name}.yaml": _task_card(name, found, labels),
    }
    return Starter(name, cards, left_out)


@contextmanager
def bound(folder: Path, start: Starter) -> Iterator[Task]:
    """Task of the starter's cards on the folder, in a root that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="faultboard-") as place:
        root = Path(place).resolve()
        for name, text in start.cards.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
        raw = root / "data" / "raw" / f"{start.name}@{_EDITION}"
        raw.parent.mkdir(parents=True)
        raw.symlink_to(folder.resolve(), target_is_directory=True)
        yield Task.find(Catalogue(root), f"own/{start.name}", _EDITION)


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


def _opened(name: str, path: Path, pattern: re.Pattern[str] | None, rate: float | None) -> _File:
    groups: dict[str, str] = {}
    if pattern:
        match = pattern.search(name)
        named = {"unit": match[1]} if match and not pattern.groupindex else (match.groupdict() if match else {})
        if not match or not all(named.values()):
            raise DataError(f"{name}: --group {pattern.pattern} does not find a group in its name")
        groups = {key: str(value) for key, value in named.items()}
    opened = open_file(path, name)
    picture = opened.modality == "photo"
    hertz = None if picture else opened.rate or rate
    if not picture and hertz is None:
        raise DataError(f"{name} states no sampling rate: say --rate")
    length = 1 if picture else len(opened.samples)
    kind = str(opened.samples.dtype)
    label = name.split("/")[0]
    return _File(name, label, groups, opened.modality, hertz, length, opened.samples.shape[-1], kind)


def _refuse_another_kind(first: _File, other: _File) -> None:
    for what, a, b in (("is", first.modality, other.modality), ("channels:", first.channels, other.channels)):
        if a != b:
            raise DataError(f"{other.name} {what} {b}, {first.name} {a}: keep files of one kind in the folder")


def _said(value: object) -> str:
    """A value as YAML takes it, whatever the names hold: JSON strings are YAML's."""
    return json.dumps(value, ensure_ascii=False)


def _dataset_card(name: str, found: list[_File], labels: Counter[str]) -> str:
    columns = list(found[0].groups)
    groups = [
        f"  {c}: {{meaning: from the name of the file{', unit: yes' if c == columns[0] else ''}}}" for c in columns
    ]
    counts = _said(dict(sorted(labels.items())))
    ask = f"Your own files, CLASS/file, in data/raw/{name}@{_EDITION}"
    lines = [
        f"title: {name}",
        "licence: unstated",
        f"modality: {found[0].modality}",
        f"classes: {{label: {_said(sorted(labels))}}}",
        *(["groups:", *groups] if groups else ["groups: {}"]),
        "editions:",
        f"  {_EDITION}:",
        f"    ask: {ask}",
        f"    expect: {{recordings: {len(found)}, by: {{label: {counts}}}}}",
    ]
    return "\n".join(lines) + "\n"


def _task_card(name: str, found: list[_File], labels: Counter[str]) -> str:
    columns = list(found[0].groups)
    unit = columns[0] if columns else ""
    deal = max(2, min(5, *labels.values()))
    leaks = f", leaks: [{', '.join(columns)}]" if columns else ""
    lines = [
        f"title: Which class of {name}",
        f"dataset: {name}",
        "label: label",
        f"classes: {_said(sorted(labels))}",
        f"window: {_window(found)}",
        "protocols:",
        f"  random: {{split: random, of: recording, folds: {deal}, separates: [recording]{leaks}}}",
    ]
    units = {f.groups[unit] for f in found} if unit else set()
    if len(units) > 1:
        of_class = Counter(label for label, _ in {(f.label, f.groups[unit]) for f in found})
        held = max(2, min(5, len(units), *of_class.values()))
        others = f", leaks: [{', '.join(columns[1:])}]" if columns[1:] else ""
        lines += [
            f"  grouped: {{split: k_fold, by: {unit}, folds: {held}, separates: [{unit}, recording]{others}}}",
            "gap: [random, grouped]",
        ]
    return "\n".join(lines) + "\n"


def _window(found: list[_File]) -> str:
    """A second, or a thousand samples where that is longer; never more than the shortest recording."""
    if found[0].modality == "photo":
        return "{whole: yes}"
    rates = sorted({f.rate for f in found if f.rate})
    rate = rates[0]
    shortest = min(int(f.length * rate / (f.rate or rate)) for f in found)
    length = max(1, min(shortest, max(round(rate), 1024)))
    return f"{{length: {length}" + (f", rate: {rate:g}}}" if len(rates) > 1 else "}")


def _reader(found: list[_File], group: str, rate: float | None) -> str:
    columns = ""
    search = ""
    if group:
        columns = (
            " | re.search(GROUP, name).groupdict()" if _is_named(group) else ' | {"unit": re.search(GROUP, name)[1]}'
        )
        search = f"\nGROUP = {group!a}\n"
    mixed = len({f.kind for f in found}) > 1
    lines = ["        samples = opened.samples"]
    if mixed:
        lines += [
            '        if samples.dtype == "int16":  # other files hold floats, whose full scale is 1',
            '            samples = (samples / 32768).astype("float32")',
        ]
    hertz = "opened.rate" if rate is None or found[0].modality == "photo" else f"opened.rate or {rate!r}"
    body = "\n".join(lines)
    return f'''"""Recordings in a folder for each class: CLASS/file."""
{"import re" + chr(10) if group else ""}from pathlib import Path

from faultboard.data import Recording
from faultboard.data.reading import files
from faultboard.data.user_files import SUFFIXES, open_file
{search}

def read(folder):
    for name, path in files(Path(folder)):
        parts = name.split("/")
        if len(parts) < 2 or any(p.startswith(".") for p in parts) or path.suffix.lower() not in SUFFIXES:
            continue
        opened = open_file(path, name)
{body}
        columns = {{"label": parts[0]}}{columns}
        yield Recording(name, samples, {hertz}, columns, name)
'''


def _is_named(group: str) -> bool:
    return bool(re.compile(group).groupindex)
