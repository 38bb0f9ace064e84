"""The dataset card, the reader and the task card that a user's own folder is audited with."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict

import numpy as np

from faultboard.tasks.starter.layout import TEST, TRAIN, Layout, Opened

EDITION = "full"
_FITS = 0.1  # share of the recordings of a class that may be shorter than a window
_SHOWN = 3


def cards(name: str, recordings: list[Opened], layout: Layout) -> tuple[dict[str, str], list[str]]:
    """Write the cards of a folder.

    Returns
    -------
    texts : dict of str
        Dataset card, reader and task card, each by its path in a root.
    notes : list of str
        What was left out or taken for granted.
    """
    notes = _notes(recordings, layout)
    window = ""
    if recordings[0].file.modality != "photo":
        window, shorter = _window(recordings)
        notes += shorter
    texts = {
        f"datasets/{name}.yaml": _dataset_card(name, recordings, notes),
        f"datasets/{name}.py": _reader(recordings, layout),
        f"tasks/own/{name}.yaml": _task_card(name, recordings, window or "{whole: yes}"),
    }
    return texts, notes


def _notes(recordings: list[Opened], layout: Layout) -> list[str]:
    """What was noted on the files, each once, with the number of files."""
    counts = Counter(note for r in recordings for note in r.file.notes)
    notes = [f"{note} ({count:,} of {len(recordings):,} files)" for note, count in counts.items()]
    if layout.rate and any(r.file.rate for r in recordings):
        notes.append(f"--rate {layout.rate:g} is not used where a file states its own rate")
    return notes


def _window(recordings: list[Opened]) -> tuple[str, list[str]]:
    """A second, or a thousand samples where that is longer, but no longer than nine recordings of ten in each class."""
    rates = sorted({r.rate for r in recordings if r.rate})
    rate = rates[0]
    lengths = {r.name: int(r.file.length * rate / (r.rate or rate)) for r in recordings}
    by_class: dict[str, list[int]] = defaultdict(list)
    for r in recordings:
        by_class[r.label].append(lengths[r.name])
    fits = min(int(np.quantile(of, _FITS, method="higher")) for of in by_class.values())
    length = max(1, min(fits, max(round(rate), 1024)))
    short = [name for name, samples in lengths.items() if samples < length]
    notes = []
    if short:
        more = f" and {len(short) - _SHOWN} more" if len(short) > _SHOWN else ""
        notes = [f"{', '.join(short[:_SHOWN])}{more}: shorter than a window of {length:,} samples, and give none"]
    return f"{{length: {length}" + (f", rate: {rate:g}}}" if len(rates) > 1 else "}"), notes


def _yaml(value: object) -> str:
    """A value as YAML takes it, whatever the names hold: JSON strings are YAML's."""
    return json.dumps(value, ensure_ascii=False)


def _dataset_card(name: str, recordings: list[Opened], notes: list[str]) -> str:
    labels = Counter(r.label for r in recordings)
    columns = list(recordings[0].groups)
    unit = next((c for c in columns if c != "side"), None)
    groups = [f"  {c}: {{meaning: from the path of the file{', unit: yes' if c == unit else ''}}}" for c in columns]
    lines = [
        f"title: {name}",
        "licence: unstated",
        f"modality: {recordings[0].file.modality}",
        f"classes: {{label: {_yaml(sorted(labels))}}}",
        *(["groups:", *groups] if groups else ["groups: {}"]),
        "editions:",
        f"  {EDITION}:",
        f"    ask: Your own files, CLASS/file, in data/raw/{name}@{EDITION}",
        f"    expect: {{recordings: {len(recordings)}, by: {{label: {_yaml(dict(sorted(labels.items())))}}}}}",
        *(["caveats:"] if notes else []),
        *(f"  - {{what: {_yaml(note)}, done: audited so}}" for note in notes),
    ]
    return "\n".join(lines) + "\n"


def _task_card(name: str, recordings: list[Opened], window: str) -> str:
    labels = Counter(r.label for r in recordings)
    columns = list(recordings[0].groups)
    unit = next((c for c in columns if c != "side"), "")
    deal = max(2, min(5, *labels.values()))
    lines = [
        f"title: Which class of {name}",
        f"dataset: {name}",
        "label: label",
        f"classes: {_yaml(sorted(labels))}",
        f"window: {window}",
        "protocols:",
        *_as_given(sorted({r.groups["side"] for r in recordings if "side" in r.groups})),
        f"  random: {{split: random, of: recording, folds: {deal}, separates: [recording]{_leaks(columns)}}}",
    ]
    units = {r.groups[unit] for r in recordings} if unit else set()
    if len(units) > 1:
        of_class = Counter(label for label, _ in {(r.label, r.groups[unit]) for r in recordings})
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
    train = [side for side in sides if side.casefold() in TRAIN]
    test = [side for side in sides if side.casefold() in TEST]
    # with a test side, another one was for choosing
    test = [side for side in test if side.casefold().startswith("test")] or test
    if not train or not test:
        return []
    division = f"by: side, train: {_yaml(train)}, test_on: {_yaml(test)}"
    return [f"  as_given: {{split: list, {division}, separates: [side, recording]}}"]


def _reader(recordings: list[Opened], layout: Layout) -> str:
    search = f"\nGROUP = {layout.group!a}\n" if layout.group else ""
    columns = ', "side": parts[0]}' if layout.has_sides else "}"
    if layout.group:
        named = bool(re.compile(layout.group).groupindex)
        columns += " | " + ("re.search(GROUP, name).groupdict()" if named else '{"unit": re.search(GROUP, name)[1]}')
    lines = ["        samples = opened.samples"]
    if len({r.file.dtype for r in recordings}) > 1:
        lines += [
            '        if samples.dtype == "int16":  # other files hold floats, whose full scale is 1',
            '            samples = (samples / 32768).astype("float32")',
        ]
    photo = recordings[0].file.modality == "photo"
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
