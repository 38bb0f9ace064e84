"""Toy cards: a dataset, a task, a model and a suite, in a folder of one's own."""

from __future__ import annotations

import textwrap
from pathlib import Path

from faultboard.data.edition import Edition
from faultboard.data.prepare import prepare
from faultboard.declare.catalogue import Catalogue
from faultboard.tasks.task import Task

DATASET = """
title: Toy shafts
licence: CC0-1.0
modality: vibration
rate: 1000
classes: {fault: [ok, bad]}
groups:
  shaft: {meaning: one shaft, unit: yes}
  load: {meaning: load in kN}
editions:
  sim: {simulate: {seed: 0}, expect: {recordings: 12, by: {fault: {ok: 6, bad: 6}}}}
"""

READER = '''
"""Toy shafts: a tone that names the shaft, and a second one where there is a fault."""
from pathlib import Path
import numpy as np
from faultboard.data import DataError, Recording


def simulate(folder, seed, seconds, recordings):
    for shaft in range(6):
        for load in range(2):
            rng = np.random.default_rng([seed, shaft, load])
            t = np.arange(2000) / 1000
            wave = np.sin(2 * np.pi * (100 + 10 * shaft) * t) + (shaft % 2) * np.sin(2 * np.pi * 300 * t)
            wave += 0.3 * rng.standard_normal(2000)
            np.save(Path(folder) / f"shaft{shaft}_load{load}.npy", wave)


def read(folder):
    for path in sorted(Path(folder).glob("*.npy")):
        try:
            wave = np.load(path, allow_pickle=False)
        except (ValueError, EOFError, OSError):
            raise DataError(f"{path.name} is not an array")
        shaft, load = path.stem.split("_")
        columns = {"fault": "bad" if int(shaft[5:]) % 2 else "ok", "shaft": shaft, "load": load[4:]}
        yield Recording(path.stem, wave[:, None].astype(np.float32), 1000.0, columns, path.name)
'''

TASK = """
title: Which shaft is bad
dataset: toy
label: fault
classes: [ok, bad]
window: {length: 200}
protocols:
  published: {split: random, folds: 3, separates: [], leaks: [recording, shaft]}
  by_load: {split: leave_one_out, by: load, separates: [load, recording], leaks: [shaft]}
  grouped: {split: k_fold, by: shaft, folds: 3, separates: [shaft, recording]}
gap: [published, grouped]
"""

MODEL = """
title: Tone heights
builder: tones.py:tones
input: {vibration: samples}
pretraining: {none: {}}
recipes: {logreg: {}, forest: {settings: {n_estimators: 20}}}
"""

TONES = '''
"""Log power in 20 bands."""
import numpy as np


def tones(batch, rate):
    power = np.abs(np.fft.rfft(batch[..., 0], axis=1))[:, 1:101] ** 2
    return np.log(power.reshape(len(batch), 20, 5).sum(2) + 1e-9)
'''

SUITE = """
title: Toy suite
version: 1
edition: sim
tasks: ["*/*"]
models: ["tones.*"]
seeds: [0, 1]
"""

FILES = {
    "datasets/toy.yaml": DATASET,
    "datasets/toy.py": READER,
    "tasks/shafts/toy.yaml": TASK,
    "models/tones.yaml": MODEL,
    "models/tones.py": TONES,
    "benchmarks/toy_suite.yaml": SUITE,
}


def write_root(folder: Path) -> Path:
    """Write the toy cards into a folder."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip(), encoding="utf-8")
    return folder


def bound(cards: Catalogue, task: str = "", reader: tuple[str, str] | None = None) -> Task:
    """The toy task with another card or reader."""
    if task:
        (cards.root / "tasks/shafts/toy.yaml").write_text(task.lstrip())
    if reader:
        code = FILES["datasets/toy.py"]
        assert reader[0] in code
        (cards.root / "datasets/toy.py").write_text(code.replace(*reader))
    cards = Catalogue(cards.root, cards.builtin)
    prepare(Edition(cards.root, cards.dataset("toy"), "sim"))
    return Task.open(cards.task("toy"), Edition(cards.root, cards.dataset("toy"), "sim"))
