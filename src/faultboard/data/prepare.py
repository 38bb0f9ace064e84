"""Raw files in, prepared form out: whole or absent, and skipped when nothing has changed."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from filelock import FileLock

from faultboard.data.edition import Edition
from faultboard.data.prepared import FIXED, read_meta
from faultboard.data.raw.folder import files_below, provide, remedy
from faultboard.data.raw.simulated import simulation_key, simulator_hash
from faultboard.data.raw.state import RawState
from faultboard.data.recording import Recording
from faultboard.data.stream import Stream, loaded
from faultboard.declare.code import code_hash, code_of, load_function
from faultboard.declare.dataset import DatasetCard
from faultboard.declare.keys import digest
from faultboard.declare.schema import computing
from faultboard.errors import DataError, FaultboardError, Unavailable
from faultboard.versions import PREPARED

Progress = Callable[[int, int | None], None]


def prepare(edition: Edition, again: bool = False, progress: Progress | None = None) -> Path:
    """Prepare one edition.

    Parameters
    ----------
    again : bool
        Prepare even where nothing has changed.
    progress : callable, optional
        Called with recordings done and recordings expected, where that is known.

    Returns
    -------
    Path
        Folder of the prepared form.

    Raises
    ------
    Unavailable
        The raw files are not on this machine.
    DataError
        A raw file is damaged, or the whole is not what the card expects. Nothing is left half-written.

    Notes
    -----
    Recordings go to disk one by one, so that a set may be larger than memory; after a kill, the next call goes on
    behind the last whole one.
    """
    folder = edition.prepared
    meta = read_meta(folder)
    state = RawState(edition)
    if meta and not again and meta.get("inputs") == _inputs(edition) and state.is_as_seen():
        return folder
    with FileLock(edition.lock):
        raw = provide(edition)
        inputs = _inputs(edition)
        seen = state.now()
        beside = folder.with_name(f".{folder.name}.partial")
        try:
            stream = Stream(beside, f"{inputs} {seen}")
            _write(stream, raw, edition, inputs, progress)
            shutil.rmtree(folder, ignore_errors=True)
            beside.rename(folder)
            state.note(seen)
        except Exception:
            # a kill or Ctrl-C leaves it, to be gone on with
            shutil.rmtree(beside, ignore_errors=True)
            raise
    return folder


def note_unavailable(edition: Edition, reason: Unavailable) -> Path:
    """Write down why an edition cannot be prepared here, so that a pipeline goes on without it."""
    folder = edition.prepared
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "meta.json").write_text(json.dumps({"unavailable": str(reason)}, indent=1) + "\n", encoding="utf-8")
    return folder


def data_key(edition: Edition) -> str:
    """Identity of an edition's data, known without the data wherever the card states it.

    Generated data differ in the last bit between processors, so that theirs is what they are drawn
    with and the code that draws them. Elsewhere it is the prepared hash.
    """
    source = edition.declared
    if source.simulate:
        return simulation_key(edition)
    if source.expect.prepared:
        return source.expect.prepared
    meta = read_meta(edition.prepared) or {}
    return str(meta.get("hash", "unknown"))


def is_outdated(edition: Edition) -> bool:
    """Whether an edition was prepared from other data than its key speaks of, under which they would stand.

    Generated data: by another simulator, reader or card than those that are here. Others: where the prepared hash is
    not the one that the card states now, as after a card has taken in more files.
    """
    meta = read_meta(edition.prepared) or {}
    if edition.declared.simulate:
        return "inputs" in meta and meta["inputs"] != _inputs(edition)
    return "hash" in meta and meta["hash"] != data_key(edition)


def _inputs(edition: Edition) -> str:
    """Hash of what the prepared form is made from: reader, card, and the names and sizes of the raw files."""
    card, source = edition.card, edition.declared
    reader, _ = code_of(card.path, card.reader, "read")
    tables = {p.name: code_hash(p) for p in sorted(card.path.parent.glob(f"{card.id}*.csv"))}
    declared = computing(source) | {"expect": computing(source.expect)}
    meaning: dict[str, Any] = {"format": PREPARED, "reader": code_hash(reader), "tables": tables, "edition": declared}
    if source.simulate:
        meaning["code"] = simulator_hash(card)
    elif not source.packed:
        raw = edition.raw
        meaning["files"] = [(p.relative_to(raw).as_posix(), p.stat().st_size) for p in files_below(raw)]
    return digest(meaning)


def _recordings(
    raw: Path, card: DatasetCard, mend: str, done: set[str]
) -> Iterator[tuple[Recording, np.ndarray[Any, Any], str]]:
    """Run the card's reader; whatever goes wrong in it is said in one line."""
    path, name = code_of(card.path, card.reader, "read")
    reader = load_function(path, name)
    try:
        yield from loaded(reader(raw), done)
    except FaultboardError as error:
        raise DataError(f"{card.id}: {str(error).rstrip('.')}. {mend}") from error
    except Exception as error:
        raise DataError(f"{card.id}: {path.name} failed: {type(error).__name__}: {error}. {mend}") from error


def _write(stream: Stream, raw: Path, edition: Edition, inputs: str, progress: Progress | None) -> None:
    card, expect, mend = edition.card, edition.declared.expect, remedy(edition)
    for recording, samples, sha256 in _recordings(raw, card, mend, {row["id"] for row in stream.rows}):
        _check(card, recording, samples, stream.dtype or samples.dtype)
        stream.add(_row(card, recording, samples, sha256, stream.values), samples, recording.times)
        if progress:
            progress(len(stream.rows), expect.recordings)
    if stream.dtype is None:
        raise DataError(f"{card.id}: no recording in {raw}. {mend}")
    clock = stream.close()
    table = pd.DataFrame(stream.rows).drop(columns=["dtype", "values", "times"])
    _check_counts(edition, table, mend)
    made = _hash(card, table, stream.dtype, clock)
    if expect.prepared and made != expect.prepared:
        raise DataError(
            f"{edition.id}: prepared hash {made[:12]}..., the card expects {expect.prepared[:12]}...: these are not "
            f"the recordings that the card describes. {mend}"
        )
    table.to_parquet(stream.folder / "recordings.parquet", index=False)
    meta = {
        "dataset": card.id,
        "edition": edition.name,
        "hash": made,
        "inputs": inputs,
        "recordings": len(table),
        "dtype": str(stream.dtype),
        "values": stream.values,
    }
    (stream.folder / "meta.json").write_text(json.dumps(meta, indent=1) + "\n", encoding="utf-8")


def _row(
    card: DatasetCard, recording: Recording, samples: np.ndarray[Any, Any], sha256: str, offset: int
) -> dict[str, Any]:
    picture = card.is_pictures
    return {
        "id": recording.id,
        "rate": float(recording.rate) if recording.rate is not None else float("nan"),
        # a picture is one frame, a video so many
        "length": 1 if samples.ndim == 3 else samples.shape[0],
        "height": samples.shape[-3] if picture else 0,
        "width": samples.shape[-2] if picture else 0,
        "channels": samples.shape[-1],
        "offset": offset,
        "source": recording.source,
        "sha256": sha256,
        **recording.columns,
    }


def _check(card: DatasetCard, recording: Recording, samples: np.ndarray[Any, Any], dtype: np.dtype[Any]) -> None:
    at = f"{card.id}: {recording.source}"
    if samples.ndim not in ((3, 4) if card.is_pictures else (2,)) or 0 in samples.shape:
        raise DataError(f"{at}: holds no samples (shape {samples.shape})")
    if samples.dtype != dtype:
        raise DataError(f"{at}: samples are {samples.dtype}, those of the recordings before it {dtype}")
    if samples.dtype.kind == "f" and not np.isfinite(samples).all():
        raise DataError(f"{at}: holds NaN or infinite samples")
    expected = set(card.groups) | set(card.classes)
    if set(recording.columns) != expected:
        raise DataError(f"{at}: the reader gives columns {sorted(recording.columns)}, the card {sorted(expected)}")
    for column, classes in card.classes.items():
        if recording.columns[column] not in classes:
            raise DataError(
                f"{at}: unknown {column} '{recording.columns[column]}'; the card knows {', '.join(classes)}"
            )
    for column, value in recording.columns.items():
        if column in FIXED or not isinstance(value, str):
            raise DataError(f"{at}: column '{column}' must be text under a name of its own")


def _check_counts(edition: Edition, table: pd.DataFrame, mend: str) -> None:
    at, expect = edition.id, edition.declared.expect
    twice = table["id"][table["id"].duplicated()]
    if len(twice):
        raise DataError(f"{at}: two recordings are called '{twice.iloc[0]}'")
    if expect.recordings is not None and len(table) != expect.recordings:
        raise DataError(f"{at}: {len(table)} recordings, the card expects {expect.recordings}. {mend}")
    for column, counts in expect.by.items():
        counted = {str(k): int(v) for k, v in table[column].value_counts().items()}
        if counted != counts:
            wrong = next(k for k in sorted(counted.keys() | counts.keys()) if counted.get(k, 0) != counts.get(k, 0))
            raise DataError(
                f"{at}: {counted.get(wrong, 0)} recordings of {column} '{wrong}', "
                f"the card expects {counts.get(wrong, 0)}. {mend}"
            )


def _hash(card: DatasetCard, table: pd.DataFrame, dtype: np.dtype[Any], clock: str) -> str:
    """Hash over decoded samples and labels, before any arithmetic."""
    named = sorted([*card.groups, *card.classes])
    rows = [
        [r["id"], None if np.isnan(r["rate"]) else r["rate"], r["sha256"], *(r[c] for c in named)]
        + [int(r[c]) for c in ("length", "height", "width", "channels")]
        for r in table.to_dict("records")
    ]
    meaning = {"dtype": dtype.str, "columns": named, "rows": sorted(rows, key=lambda r: str(r[0])), "times": clock}
    return hashlib.sha256(json.dumps(meaning, sort_keys=True).encode()).hexdigest()
