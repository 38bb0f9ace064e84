"""What ``list`` says of the words that cards and commands use: metrics, splits, regimes, and the like."""

from __future__ import annotations

import ast
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

# where each vocabulary lies, and what of its entries is shown; without any, the first line of each one's file
VOCABULARIES = {
    "metrics": ("faultboard.tasks.metrics", "METRICS", ("words", "shape", "note")),
    "splits": ("faultboard.tasks.splits", "SPLITS", ()),
    "levels": ("faultboard.tasks.levels", "LEVELS", ()),
    "regimes": ("faultboard.models.regimes", "REGIMES", ("words",)),
    "executors": ("faultboard.run.executors", "EXECUTORS", ("words",)),
    "writers": ("faultboard.report.writers", "WRITERS", ("words",)),
}


def words(kind: str) -> list[dict[str, str]]:
    """A row a word: its name, and what is shown of it."""
    package, name, fields = VOCABULARIES[kind]
    vocabulary: Any = getattr(import_module(package), name)
    rows = []
    for word in vocabulary:
        shown = {field: str(getattr(vocabulary[word], field)) for field in fields}
        rows.append({vocabulary.what: word} | (shown or {"words": _first_line(f"{package}.{word}")}))
    return rows


def inputs() -> list[dict[str, str]]:
    """A row a front end: what it takes, its settings and its version."""
    from faultboard.models.inputs import front_end
    from faultboard.versions import INPUTS

    rows = []
    for name in INPUTS:
        front = front_end(name)
        row = {"input": name, "words": _first_line(f"faultboard.models.inputs.{name}")}
        row |= {"takes": ", ".join(front.modalities), "settings": ", ".join(front.settings) or "-"}
        rows.append(row | {"version": str(front.version)})
    return rows


def _first_line(module: str) -> str:
    """First line of a module's text, without importing it."""
    spec = find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    text = ast.get_docstring(ast.parse(Path(spec.origin).read_text(encoding="utf-8"))) or ""
    return text.partition("\n")[0].rstrip(".")
