"""A task for other frameworks: its windows and folds as plain files, and predictions that come back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from faultboard.errors import DataError, ProtocolError
from faultboard.tasks.folds import Fold
from faultboard.tasks.task import Task

# What names a test window in a file of predictions.
_KEYS = ["protocol", "fold", "recording", "start"]


def export(task: Task, folder: Path, samples: bool = True) -> list[Path]:
    """Write windows, folds and (unless told otherwise) samples of a task.

    ``task.json`` says what it is; ``windows.csv`` has one row a window (number, recording, start, groups,
    label); ``folds.csv`` one row a window of each side of each fold; ``samples.npy`` the windows as recorded,
    (n_windows, length, channels) float32 in the order of ``windows.csv``, or ``pictures/<number>.png``.

    Returns
    -------
    list of Path
        The files, or the folder of the pictures.

    Raises
    ------
    DataError
        The folder holds files already.
    """
    if folder.exists() and any(folder.iterdir()):
        raise DataError(f"{folder} is not empty: name a new folder")
    folder.mkdir(parents=True, exist_ok=True)
    every = np.arange(len(task))
    names = np.array(task.card.class_names)
    windows = task.index(every).drop(columns="truth").assign(label=names[task.y])
    windows.insert(0, "window", every)
    windows.to_csv(folder / "windows.csv", index=False, lineterminator="\n")
    folds, left_out = _folds(task)
    folds.to_csv(folder / "folds.csv", index=False, lineterminator="\n")
    about = {
        "task": task.card.id,
        "title": task.card.title,
        "dataset": f"{task.dataset.id}@{task.edition}",
        "prepared": task.prepared.hash,
        "licence": task.dataset.licence,
        "label": task.card.label,
        "classes": task.card.class_names,
        "metrics": task.card.metrics,
        "level": task.card.level[0],
        "rate": task.windows.rate,
        "window_length": task.windows.length or None,
        "protocols": {
            name: {"separates": p.separates, "leaks": p.leaks}
            for name, p in task.card.protocols.items()
            if name not in left_out
        },
        "unavailable": left_out,
    }
    (folder / "task.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    written = [folder / name for name in ("task.json", "windows.csv", "folds.csv")]
    return [*written, _samples(task, folder)] if samples else written


def _folds(task: Task) -> tuple[pd.DataFrame, dict[str, str]]:
    """Both sides of every fold, and the protocols that these recordings cannot carry, with the reason."""
    tables, left_out = [], {}
    recording = task.column("recording")
    for name in task.card.protocols:
        try:
            folds = task.folds(name)
        except ProtocolError as error:
            left_out[name] = str(error)
            continue
        for fold in folds:
            for side, ids in (("train", fold.train), ("test", fold.test)):
                side_of: dict[str, Any] = {"protocol": name, "fold": fold.name, "side": side, "window": ids}
                tables.append(pd.DataFrame(side_of | {"recording": recording[ids], "start": task.windows.start[ids]}))
    return pd.concat(tables, ignore_index=True), left_out


def _samples(task: Task, folder: Path) -> Path:
    if task.dataset.is_pictures:
        from PIL import Image

        place = folder / "pictures"
        place.mkdir()
        for number, picture in enumerate(task.windows.batch(np.arange(len(task)))):
            Image.fromarray(picture[..., 0] if picture.shape[-1] == 1 else picture).save(place / f"{number}.png")
        return place
    place = folder / "samples.npy"
    first = task.windows.batch(np.zeros(1, dtype=np.int64))
    assert isinstance(first, np.ndarray)
    mapped = np.lib.format.open_memmap(place, mode="w+", dtype=np.float32, shape=(len(task), *first.shape[1:]))
    for begin in range(0, len(task), 64):
        mapped[begin : begin + 64] = task.windows.batch(np.arange(begin, min(begin + 64, len(task))))
    mapped.flush()
    return place


def read_predictions(task: Task, path: Path) -> dict[str, dict[str, NDArray[np.float64]]]:
    """Read predictions of whole protocols from a CSV.

    Its rows are the test rows of ``folds.csv`` (``protocol, fold, recording, start``, in any order), with
    ``predicted`` (a class) or ``p_<class>`` for each class.

    Returns
    -------
    dict of dict of (n_test, classes) float
        By protocol and fold, in the order of ``fold.test``: what `Task.score` takes.

    Raises
    ------
    DataError
        A column, a class, a window or a number is missing, unknown or there twice.
    ProtocolError
        The recordings cannot carry a protocol of the file.
    """
    try:
        table = pd.read_csv(path, dtype=dict.fromkeys([*_KEYS[:3], "predicted"], str), keep_default_na=False)
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: cannot be read as a CSV: {' '.join(str(error).split())}") from None
    absent = [name for name in _KEYS if name not in table]
    if absent:
        raise DataError(f"{path}: no column {', '.join(absent)}: start from the test rows of folds.csv")
    if table.empty:
        raise DataError(f"{path}: no prediction in it")
    chances = _chances(task, path, table)
    out: dict[str, dict[str, NDArray[np.float64]]] = {}
    for protocol in table["protocol"].unique():
        own = table[table["protocol"] == protocol]
        folds = task.folds(protocol)
        unknown = sorted(set(own["fold"]) - {f.name for f in folds})
        if unknown:
            raise DataError(f"{path}: {protocol} has no fold '{unknown[0]}'")
        out[protocol] = {fold.name: chances[_rows(task, path, protocol, fold, own)] for fold in folds}
    return out


def _chances(task: Task, path: Path, table: pd.DataFrame) -> NDArray[np.float64]:
    """Probabilities (rows, classes), whichever way the file says them."""
    names = task.card.class_names
    columns = [f"p_{name}" for name in names]
    if all(column in table for column in columns):
        given = table[columns].apply(pd.to_numeric, errors="coerce")
        numbers: NDArray[np.float64] = given.to_numpy(dtype=np.float64)
        bad = np.flatnonzero(~((numbers >= 0) & (numbers <= 1)).all(1))
        if len(bad):
            raise DataError(f"{path}: line {bad[0] + 2} has a probability that is no number from 0 to 1")
        return numbers
    if "predicted" not in table:
        raise DataError(f"{path}: say 'predicted' (a class), or a probability for each class: {', '.join(columns)}")
    unknown = table.loc[~table["predicted"].isin(names), "predicted"]
    if len(unknown):
        raise DataError(
            f"{path}: line {unknown.index[0] + 2}: no class '{unknown.iloc[0]}'; the task has {', '.join(names)}"
        )
    chances: NDArray[np.float64] = np.eye(len(names))[[names.index(name) for name in table["predicted"]]]
    return chances


def _rows(task: Task, path: Path, protocol: str, fold: Fold, table: pd.DataFrame) -> NDArray[np.int64]:
    """Lines of the file that predict a fold's test windows, in their order."""
    own = table[table["fold"] == fold.name]
    given = pd.MultiIndex.from_arrays([own["recording"], pd.to_numeric(own["start"], errors="coerce")])
    at = f"{path}: {protocol}, fold {fold.name}"
    twice = given[given.duplicated()]
    if len(twice):
        raise DataError(f"{at}: window {twice[0][0]} at {twice[0][1]:g} is there twice")
    wanted = pd.MultiIndex.from_arrays([task.column("recording")[fold.test], task.windows.start[fold.test]])
    place = given.get_indexer(wanted)
    if (place < 0).any():
        first = wanted[int(np.argmax(place < 0))]
        lost = int((place < 0).sum())
        raise DataError(f"{at}: {lost} of {len(wanted)} test windows are missing, first {first[0]} at {first[1]}")
    if len(given) > len(wanted):
        other = given.difference(wanted, sort=False)[0]
        raise DataError(f"{at}: {other[0]} at {other[1]:g} is no test window of it")
    return own.index.to_numpy()[place]
