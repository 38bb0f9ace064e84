"""The store of cells, and the results that are committed.

A cell is two files, ``data/cells/<key>.npy`` (probabilities, float16) and ``.json`` (its record).
The record is renamed into place last: that is the commit point, and a killed run loses the cell it
was at, nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from faultboard.declare.names import did_you_mean
from faultboard.declare.task import TaskCard, level_parts
from faultboard.errors import CardError, DataError
from faultboard.files.whole import make_beside, write_beside
from faultboard.run.cell import Cell
from faultboard.run.record import Record
from faultboard.run.suite import Suite
from faultboard.tasks import scoring
from faultboard.tasks.metrics import METRICS, Predictions

Probabilities = NDArray[np.float16]
_METADATA = b"faultboard.records"


class Store:
    """Cells below ``data/cells`` of a root."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "data" / "cells"

    def save(self, record: Record, probabilities: Probabilities | None) -> None:
        """Store one outcome; a cell that is ok has its predictions."""
        key = record.cell.key
        if probabilities is not None:
            make_beside(self.folder / f"{key}.npy", lambda beside: np.save(beside, probabilities))
        write_beside(self.folder / f"{key}.json", record.to_json().encode())

    def load(self, cell: Cell) -> tuple[Record, Probabilities | None] | None:
        """Read the outcome of a cell, or None where there is none that can be read."""
        try:
            plain = json.loads((self.folder / f"{cell.key}.json").read_text(encoding="utf-8"))
            record = Record.from_plain(plain)
            if record.status != "ok":
                return record, None
            return record, np.load(self.folder / f"{cell.key}.npy", allow_pickle=False)
        except (OSError, ValueError, TypeError, KeyError):
            return None


@dataclass(frozen=True)
class StoredWindows:
    """Predictions of one cell.

    Attributes
    ----------
    truth : (n,) int
        True classes.
    probabilities : (n, classes) float64
        As they were stored.
    column : callable
        Values, (n,) str, of a column: ``recording``, ``fold``, a group.
    """

    truth: NDArray[np.int64]
    probabilities: NDArray[np.float64]
    column: Callable[[str], NDArray[np.str_]]

    def at(self, card: TaskCard, level: str) -> Predictions:
        """What the metrics see of them, at a level of their task."""
        return scoring.at(card, level, self.column, self.truth, self.probabilities)

    def column_at(self, name: str, level: str) -> NDArray[np.str_]:
        """Values of a column for what a level scores, in the order of `at`."""
        values, whole = self.column(name), level_parts(level)[0]
        return values if whole == "window" else values[np.unique(self.column(whole), return_index=True)[1]]


class Results:
    """Committed predictions of one task in one suite: ``results/<suite>/cells/<task>.parquet``.

    Parameters
    ----------
    path : Path
        The file; where it is not there, the results are empty.

    Attributes
    ----------
    records : dict of Record
        By cell key.
    predictions : DataFrame
        One row a window: key, recording, start, groups, truth, and ``p_<class>`` as float16.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.records: dict[str, Record] = {}
        self.predictions = pd.DataFrame({"key": pd.Series(dtype=str)})
        if path.is_file():
            self._read()
        self._places: dict[Any, Any] = dict(self.predictions.groupby("key", observed=True).indices)

    def _read(self) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            table = pq.read_table(self.path)
            plain = json.loads((table.schema.metadata or {})[_METADATA])
        except (pa.ArrowException, OSError, KeyError, ValueError) as error:
            raise DataError(f"{self.path}: not a results file ({error}). Check it out again, or delete it.") from None
        self.records = {p["cell"]["key"]: Record.from_plain(p) for p in plain}
        self.predictions = table.to_pandas()

    def rows(self, key: str) -> pd.DataFrame:
        """Predictions of one cell."""
        return self.predictions.iloc[self._places[key]] if key in self._places else self.predictions.iloc[:0]

    def windows(self, key: str) -> StoredWindows:
        """The same as arrays, which is what scores are computed from."""
        places = self._places[key]
        column = cache(lambda name: self.predictions[name].iloc[places].to_numpy(dtype=str))
        return StoredWindows(self._truth[places], self._probabilities[places].astype(np.float64), column)

    @cached_property
    def _truth(self) -> NDArray[np.int64]:
        return self.predictions["truth"].to_numpy(dtype=np.int64)

    @cached_property
    def _probabilities(self) -> Probabilities:
        named = [c for c in self.predictions.columns if c.startswith("p_")]
        return self.predictions[named].to_numpy(dtype=np.float16)

    def row(self, protocol: str, model: str) -> list[Record]:
        """Cells of a row on all of the data."""
        wanted = (protocol, model, "all")
        return [r for r in self.records.values() if (r.cell.protocol, r.cell.model, r.cell.budget) == wanted]

    def rescored(self, card: TaskCard, record: Record) -> Record:
        """Record of a stored cell with the scores that its predictions give now."""
        names = [name for name in METRICS if name in record.scores or name in card.metrics]
        scores = scoring.scores(self.windows(record.cell.key).at(card, card.level[0]), names)
        return replace(record, scores={name: value for name, value in scores.items() if np.isfinite(value)})

    def has(self, key: str) -> bool:
        """Whether the cell is stored with its predictions."""
        return key in self.records and self.records[key].status == "ok" and key in self._places


def records_of(suite: Suite, task: str, protocol: str, model: str) -> list[Record]:
    """Records of a row of a suite's results.

    Raises
    ------
    CardError
        There is no such row; the message names the nearest.
    """
    path = suite.cells_file(task)
    records = [r for r in Results(path).records.values() if r.cell.protocol == protocol]
    of_row = [r for r in records if r.cell.model == model]
    if not of_row:
        near = did_you_mean(model, [r.cell.model for r in records])
        raise CardError(f"no row {task} {protocol} {model} in {path}: faultboard tables {suite.card.id}.{near}")
    return of_row


def probabilities_of(rows: pd.DataFrame) -> NDArray[np.float64]:
    """Probabilities of some prediction rows, (n, classes), as they were stored."""
    named = [c for c in rows.columns if c.startswith("p_")]
    return rows[named].to_numpy(dtype=np.float64)


def write_results(path: Path, records: list[Record], predictions: Iterable[pd.DataFrame]) -> None:
    """Write the records and predictions of a task's planned cells, and nothing else."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    frames = [frame for frame in predictions if len(frame)]
    frame = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame({"key": pd.Series(dtype=str)})
    text = frame.select_dtypes(exclude="number").columns
    table = pa.Table.from_pandas(frame.astype(dict.fromkeys(text, "category")), preserve_index=False)
    plain = "[" + ",\n".join(r.to_json() for r in records) + "]"
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), _METADATA: plain.encode()})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", compression_level=9)
    write_beside(path, sink.getvalue().to_pybytes())


def prediction_rows(cell: Cell, index: pd.DataFrame, classes: list[str], probabilities: Probabilities) -> pd.DataFrame:
    """Join a cell's probabilities with what their windows are: one row a window."""
    named = pd.DataFrame(probabilities, columns=[f"p_{name}" for name in classes])
    told = pd.DataFrame(
        {"key": cell.key, "protocol": cell.protocol, "fold": cell.fold, "model": cell.model, "seed": cell.seed},
        index=range(len(index)),
    )
    return pd.concat([told, index.reset_index(drop=True), named], axis=1)
