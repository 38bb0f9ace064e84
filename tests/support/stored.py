"""Predictions in a store that nobody computed: as many windows right on each shaft as a test says."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd

from faultboard.declare.catalogue import Catalogue
from faultboard.run.cell import Cell
from faultboard.run.record import Record
from faultboard.run.store import Results, prediction_rows, write_results

FOREST, LOGREG = "tones.none.forest", "tones.none.logreg"
TRUTH = np.array([0, 0, 1, 1])
# windows right, of four, on each shaft
GOOD, POOR = [4, 4, 4, 3, 4, 4], [1, 2, 1, 2, 1, 1]


def store(
    cards: Catalogue,
    rights: dict[tuple[str, str], list[int]],
    seconds: dict[str, float] | None = None,
    copies: int = 1,
    folds: int = 1,
) -> Results:
    """Predictions of some folds a protocol, with so many windows of each shaft right in each."""
    records, frames = [], []
    for ((model, protocol), right), fold in product(rights.items(), range(folds)):
        cell = Cell(f"{model}{protocol}{fold}", "shafts/toy", "sim", protocol, str(fold), "h", model, 0)
        shafts = [f"s{number}" for number in range(len(right))]
        truth = np.tile(TRUTH, copies * len(right))
        shaft = np.repeat(shafts, 4 * copies)
        said = [np.tile(np.where(np.arange(4) < r, TRUTH, 1 - TRUTH), copies) for r in right]
        index = pd.DataFrame({"recording": shaft, "start": 0, "shaft": shaft, "load": "0", "truth": truth})
        eye = np.eye(2, dtype=np.float16)
        frames.append(prediction_rows(cell, index, ["ok", "bad"], eye[np.concatenate(said)]))
        took = (seconds or {}).get(model, 1.0)
        times = {"train": took, "train_cached": took, "predict": 0.1}
        records.append(Record(cell, "ok", seconds=times, train_windows=4, test_windows=len(truth), host="here"))
    path = cards.root / "results/toy_suite/cells/shafts/toy.parquet"
    write_results(path, records, frames)
    return Results(path)
