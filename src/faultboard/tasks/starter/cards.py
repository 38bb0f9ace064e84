"""The dataset card, the reader and the task card that a user's own folder is audited with."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from faultboard.data.user.files import SUFFIXES, UserFile

EDITION = "full"
_TRAIN = ("train", "training")
_TEST = ("test", "testing", "val", "valid", "validation")
_FITS = 0.1  # share of the recordings of a class that may be shorter than a window
_SHOWN = 3


@dataclass(frozen=True)
class Layout:
    """How the folder is laid out, and what its reader must know.

    Attributes
    ----------
    has_sides : bool
        Whether the folders at the top are the sides of a split, with the classes in each.
    group : str
        Regular expression that finds the group in a file's path.
    rate : float or None
        Sampling rate in Hz of files that state none.
    """

    has_sides: bool
    group: str
    rate: float | None

    @classmethod
    def told_by(cls, names: list[str], group: str, rate: float | None) -> Layout:
        """Tell the layout by the files' paths."""
        tops = {name.partition("/")[0].casefold() for name in names if "/" in name}
        return cls(bool(tops) and tops <= {*_TRAIN, *_TEST}, group, rate)

    def takes(self, name: str, path: Path) -> bool:
        """Whether a file is a recording of a class."""
        parts = name.split("/")
        hidden = any(part.startswith(".") for part in parts)
        return len(parts) > 1 + self.has_sides and not hidden and path.suffix.lower() in SUFFIXES

    def side_and_class(self, name: str) -> tuple[str, str]:
        """Side, empty where there is none, and class of a file."""
        parts = name.split("/")
        return (parts[0], parts[1]) if self.has_sides else ("", parts[0])


@dataclass(frozen=True)
class Look:
    """What is known of one recording once it was opened."""

    name: str
    label: str
    groups: dict[str, str]
    rate: float | None
    file: UserFile


def cards(name: str, found: list[Look], layout: Layout) -> tuple[dict[str, str], list[str]]:
    """Write the three files, by their path in a root; and what is to be said of them."""
    notes = _notes(found, layout)
    window = ""
    if found[0].file.modality != "photo":
        window, said = _window(found)
        notes += said
    texts = {
        f"datasets/{name}.yaml": _dataset_card(name, found, notes),
        f"datasets/{name}.py": _reader(found, layout),
        f"tasks/own/{name}.yaml": _task_card(name, found, window or "{whole: yes}"),
    }
    return texts, notes


def _notes(found: list[Look], layout: Layout) -> list[str]:
    """What was noted on the files, each once, with the number of files."""
    counts = Counter(note for f in found for note in f.file.notes)
    notes = [f"{note} ({count:,} of {len(found):,} files)" for note, count in counts.items()]
    if layout.rate and any(f.file.rate for f in found):
        notes.append(f"--rate {layout.rate:g} is not used where a file states its own rate")
    return notes


def _window(found: list[Look]) -> tuple[str, list[str]]:
    """A second, or a thousand samples where that is longer, but no longer than nine recordings of ten in each class."""
    rates = sorted({f.rate for f in found if f.rate})
    rate = rates[0]
    lengths = {f.name: int(f.file.length * rate / (f.rate or rate)) for f in found}
    by_class: dict[str, list[int]] = defaultdict(list)
    for f in found:
        by_class[f.label].append(lengths[f.name])
    fits = min(int(np.quantile(of, _FITS, method="higher")) for of in by_class.values())
    length = max(1, min(fits, max(round(rate), 1024)))
    short = [name for name, samples in lengths.items() if samples < length]
    said = []
    if short:
        more = f" and {len(short) - _SHOWN} more" if len(short) > _SHOWN else ""
        said = [f"{', '.join(short[:_SHOWN])}{more}: shorter than a window of {length:,} samples, and give none"]
    return f"{{length: {length}" + (f", rate: {rate:g}}}" if len(rates) > 1 else "}"), said


def _said(value: object) -> str:
    """A value as YAML takes it, whatever the names hold: JSON strings are YAML's."""
    return json.dumps(value, ensure_ascii=False)


def _dataset_card(name: str, found: list[Look], notes: list[str]) -> str:
    labels = Counter(f.label for f in found)
    columns = list(found[0].groups)
    unit = next((c for c in columns if c != "side"), None)
    groups = [f"  {c}: {{meaning: from the path of the file{', unit: yes' if c == unit else ''}}}" for c in columns]
    lines = [
        f"title: {name}",
        "licence: unstated",
        f"modality: {found[0].file.modality}",
        f"classes: {{label: {_said(sorted(labels))}}}",
        *(["groups:", *groups] if groups else ["groups: {}"]),
        "editions:",
        f"  {EDITION}:",
        f"    ask: Your own files, CLASS/file, in data/raw/{name}@{EDITION}",
        f"    expect: {{recordings: {len(found)}, by: {{label: {_said(dict(sorted(labels.items())))}}}}}",
        *(["caveats:"] if notes else []),
        *(f"  - {{what: {_said(note)}, done: audited so}}" for note in notes),
    ]
    return "\n".join(lines) + "\n"


def _task_card(name: str, found: list[Look], window: str) -> str:
    labels = Counter(f.label for f in found)
    columns = list(found[0].groups)
    unit = next((c for c in columns if c != "side"), "")
    deal = max(2, min(5, *labels.values()))
    lines = [
        f"title: Which class of {name}",
        f"dataset: {name}",
        "label: label",
        f"classes: {_said(sorted(labels))}",
        f"window: {window}",
        "protocols:",
        *_as_given(sorted({f.groups["side"] for f in found if "side" in f.groups})),
        f"  random: {{split: random, of: recording, folds: {deal}, separates: [recording]{_leaks(columns)}}}",
    ]
    units = {f.groups[unit] for f in found} if unit else set()
    if len(units) > 1:
        of_class = Counter(label for label, _ in {(f.label, f.groups[unit]) for f in found})
        held = max(2, min(5, len(units), *of_class.values()))
        others = _leaks([c for c in columns if c != unit])
        lines += [
            f"  grouped: {{split: k_fold, by: {unit}, folds: {held}, separates: [{unit}, recording]{others}}}",
            "gap: [random, grouped]",
        ]
    return "\n".join(lines) + "\n"


def _leaks(columns: list[str]) -> str:
    return f", leaks: [{', '.join(columns)}]" if columns else ""


def _as_given(sides: list[str]) -> list[str]:
    """The user's own division, of which nothing is declared: what it leaks is what the audit is asked for."""
    train = [side for side in sides if side.casefold() in _TRAIN]
    test = [side for side in sides if side.casefold() in _TEST]
    # with a test side, another one was for choosing
    test = [side for side in test if side.casefold().startswith("test")] or test
    if not train or not test:
        return []
    said = f"by: side, train: {_said(train)}, test_on: {_said(test)}"
    return [f"  as_given: {{split: list, {said}, separates: [side, recording]}}"]


def _reader(found: list[Look], layout: Layout) -> str:
    search = f"\nGROUP = {layout.group!a}\n" if layout.group else ""
    columns = ', "side": parts[0]}' if layout.has_sides else "}"
    if layout.group:
        named = bool(re.compile(layout.group).groupindex)
        columns += " | " + ("re.search(GROUP, name).groupdict()" if named else '{"unit": re.search(GROUP, name)[1]}')
    lines = ["        samples = opened.samples"]
    if len({f.file.dtype for f in found}) > 1:
        lines += [
            '        if samples.dtype == "int16":  # other files hold floats, whose full scale is 1',
            '            samples = (samples / 32768).astype("float32")',
        ]
    photo = found[0].file.modality == "photo"
    hertz = "opened.rate" if layout.rate is None or photo else f"opened.rate or {layout.rate!r}"
    place = int(layout.has_sides)
    body = "\n".join(lines)
    return f'''"""Recordings in a folder for each class: {"SIDE/" * place}CLASS/file."""
{"import re" + chr(10) if layout.group else ""}from pathlib import Path

from faultboard.data import Recording
from faultboard.data.reading import files
from faultboard.data.user.files import SUFFIXES, open_file
{search}

def read(folder):
    for name, path in files(Path(folder)):
        parts = name.split("/")
        hidden = any(p.startswith(".") for p in parts)
        if len(parts) < {2 + place} or hidden or path.suffix.lower() not in SUFFIXES:
            continue
        opened = open_file(path, name)
{body}
        columns = {{"label": parts[{place}]{columns}
        yield Recording(name, samples, {hertz}, columns, name)
'''
