"""A root around arrays: one dataset and one task, for what a test plants in them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from faultboard.data.edition import Edition
from faultboard.data.prepare import prepare
from faultboard.declare.catalogue import Catalogue
from faultboard.tasks.task import Task

READER = """
import json
from pathlib import Path
import numpy as np
from faultboard.data import Recording


def read(folder):
    for row in json.loads((Path(folder) / "rows.json").read_text()):
        samples = np.load(Path(folder) / f"{row['id']}.npy")
        yield Recording(row["id"], samples, row["rate"], row["columns"], f"{row['id']}.npy")
"""
DATASET = """
title: Planted
licence: CC0-1.0
modality: {modality}
classes: {{state: [ok, bad]}}
groups: {{unit: {{meaning: one machine, unit: yes}}}}
editions:
  full: {{ask: It is generated, expect: {{recordings: {count}}}}}
"""
TASK = """
title: Planted
dataset: planted
label: state
classes: [ok, bad]
window: {window}
protocols:
  published: {{split: random, folds: 3, separates: [], leaks: [recording, unit]}}
  grouped: {{split: k_fold, by: unit, folds: 2, separates: [unit, recording]}}
gap: [published, grouped]
"""

Row = tuple[str, str, NDArray, float | None]  # unit, state, samples, rate


def planted(folder: Path, rows: list[Row], window: str = "{length: 1000}", modality: str = "sound") -> Task:
    """Task on recordings of (unit, state, samples, rate)."""
    root = folder / "root"
    raw = root / "data/raw/planted@full"
    raw.mkdir(parents=True)
    said = []
    for number, (unit, state, samples, rate) in enumerate(rows):
        np.save(raw / f"{number:03d}.npy", samples)
        said.append({"id": f"{number:03d}", "rate": rate, "columns": {"unit": unit, "state": state}})
    (raw / "rows.json").write_text(json.dumps(said))
    files = {
        "datasets/planted.py": READER,
        "datasets/planted.yaml": DATASET.format(modality=modality, count=len(rows)),
        "tasks/toys/planted.yaml": TASK.format(window=window),
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text.lstrip())
    (folder / "empty").mkdir()
    return bind(root, folder / "empty")


def bind(root: Path, empty: Path) -> Task:
    """The task of a root, prepared."""
    cards = Catalogue(root, empty)
    prepare(Edition(cards.root, cards.dataset("planted"), "full"))
    return Task.open(cards.task("planted"), Edition(cards.root, cards.dataset("planted"), "full"))


def sounds(
    seed: int, units: int, nested: bool, change: Callable[[np.ndarray, int, int], np.ndarray], each: int = 6
) -> list[Row]:
    """Machines with tones, offset, gain and noise of their own; a fault adds a weak tone and nothing else."""
    rng = np.random.default_rng(seed)
    rows: list[Row] = []
    time = np.arange(4000) / 8000
    for unit in range(units):
        tone, offset = rng.uniform(200, 900), 0.02 * rng.standard_normal()
        gain, hiss = 10 ** rng.normal(0, 0.1), 10 ** rng.normal(0, 0.1)
        for state in [unit % 2] if nested else [0, 1]:
            for _ in range(each):
                wave = np.sin(2 * np.pi * tone * time + rng.uniform(0, 6)) + 0.1 * hiss * rng.standard_normal(4000)
                wave += state * 0.05 * np.sin(2 * np.pi * 1700 * time)
                wave = gain * 10 ** rng.normal(0, 0.05) * wave + offset + 0.01 * rng.standard_normal()
                wave = change(wave, unit, state)
                rows.append((f"m{unit}", ("ok", "bad")[state], (2000 * wave).astype(np.int16)[:, None], 8000.0))
    return rows


def unchanged(wave: np.ndarray, unit: int, state: int) -> np.ndarray:
    return wave
