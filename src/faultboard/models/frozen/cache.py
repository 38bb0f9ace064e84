"""Features and network inputs on disk: a frozen backbone sees each window once, and backbones share what they see."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faultboard.declare.catalogue import Model
from faultboard.declare.keys import digest
from faultboard.files.whole import make_beside, write_beside
from faultboard.models.identity import features_key, input_key
from faultboard.models.windows import Identified
from faultboard.versions import FEATURES, raised

Values = NDArray[np.float32]
# Inputs of all windows are kept up to this size; larger ones are made anew for each backbone.
_SHARED_BYTES = 1 << 30
_SAMPLE = 128  # windows that tell how long all of them take on another machine


@dataclass(frozen=True)
class Kept:
    """What the cache holds under a key.

    Attributes
    ----------
    values : (n_windows, ...) float32
        Mapped from disk.
    seconds : float
        What a user would wait for: input and forward pass of all windows, whether they were here or not.
    waited : float
        What this call waited for them.
    """

    values: Values
    seconds: float
    waited: float


@dataclass(frozen=True)
class Cache:
    """A folder of arrays, each with a record that says what it is of and how long it took where.

    Attributes
    ----------
    where : str
        What this run computes on: host, threads, device. Times of another are not this run's, and are taken anew.
    fresh : bool
        Do not read what is here.
    """

    folder: Path
    where: str
    fresh: bool = False

    def get(self, meaning: Any, about: str, make: Callable[[], Kept], time: Callable[[], float]) -> Kept:
        """Give what is here under a key, or make and keep it.

        Parameters
        ----------
        meaning : plain data
            Everything that changes the values.
        about : str
            What people read in the record.
        time : callable
            Takes the seconds anew, where another machine made the values.
        """
        key = digest(meaning)
        values_at, record_at = self.folder / f"{key}.npy", self.folder / f"{key}.json"
        if not self.fresh and record_at.is_file():
            try:
                seconds = dict(json.loads(record_at.read_text(encoding="utf-8"))["seconds"])
                values: Values = np.load(values_at, mmap_mode="r", allow_pickle=False)
            except (OSError, ValueError, KeyError, TypeError):
                record_at.unlink(missing_ok=True)
            else:
                if self.where not in seconds:
                    seconds[self.where] = time()
                    self._note(record_at, about, seconds)
                os.utime(record_at)  # `prune` begins with what was not used for longest
                return Kept(values, seconds[self.where], 0.0)
        made = make()
        make_beside(values_at, lambda beside: np.save(beside, made.values))
        self._note(record_at, about, {self.where: made.seconds})
        return Kept(np.load(values_at, mmap_mode="r", allow_pickle=False), made.seconds, made.waited)

    def _note(self, path: Path, about: str, seconds: dict[str, float]) -> None:
        text = json.dumps({"of": about, "seconds": seconds})
        write_beside(path, text.encode())


def features(
    cache: Cache,
    model: Model,
    windows: Identified,
    seed: int,
    device: str,
    progress: Callable[[int], None] | None = None,
) -> Kept:
    """Features of every window, (n_windows, width)."""
    from faultboard.models.frozen.features import extract

    def make() -> Kept:
        every = np.arange(len(windows))
        seen = _inputs(cache, model, windows) if model.card.is_network else None
        values, took = extract(model, windows, every, seed, device, progress, None if seen is None else seen.values)
        return Kept(values, took + (seen.seconds if seen else 0.0), took + (seen.waited if seen else 0.0))

    def time() -> float:
        ids = _sample(len(windows))
        return extract(model, windows, ids, seed, device)[1] * len(windows) / len(ids)

    meaning = {
        "model": features_key(model, windows.modality, seed),
        "windows": windows.identity,
        "engine": raised(features=FEATURES),
    }
    return cache.get(meaning, model.id, make, time)


def _inputs(cache: Cache, model: Model, windows: Identified) -> Kept | None:
    """Inputs of every window, which all backbones of one front end share; None where they are too large to keep."""
    from faultboard.models.frozen.features import front_end_pass

    one, _ = front_end_pass(model, windows, np.zeros(1, dtype=np.int64))
    if one.nbytes * len(windows) > _SHARED_BYTES:
        return None

    def make() -> Kept:
        values, took = front_end_pass(model, windows, np.arange(len(windows)))
        return Kept(values, took, took)

    def time() -> float:
        ids = _sample(len(windows))
        return front_end_pass(model, windows, ids)[1] * len(windows) / len(ids)

    front = input_key(model, windows.modality)
    meaning = {"input": front, "windows": windows.identity, "engine": 1}
    return cache.get(meaning, f"input {front['input'][0]}", make, time)


def _sample(count: int) -> NDArray[np.int64]:
    """Windows spread over all of them."""
    return np.unique(np.linspace(0, count - 1, min(count, _SAMPLE)).astype(np.int64))


def prune(folder: Path, limit: int) -> tuple[int, int, int]:
    """Delete what was not used for longest until the rest is no larger than a limit.

    Parameters
    ----------
    limit : int
        Bytes.

    Returns
    -------
    deleted, freed, left : int
        Arrays that went, their bytes, and the bytes that stay.
    """
    kept = []
    for path in folder.glob("[!.]*.npy"):
        record = path.with_suffix(".json")
        # without a record it belongs to nothing: a run was ended between the two
        used = record.stat().st_mtime if record.is_file() else 0.0
        kept.append((used, path.stat().st_size, path))
    left = sum(size for _, size, _ in kept)
    deleted = freed = 0
    for _, size, path in sorted(kept):
        if left - freed <= limit:
            break
        path.with_suffix(".json").unlink(missing_ok=True)
        path.unlink()
        deleted, freed = deleted + 1, freed + size
    return deleted, freed, left - freed
