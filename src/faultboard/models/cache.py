"""Features on disk: a frozen backbone sees each window once, whatever asks for it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from faultboard.data.windows import Windows
from faultboard.declare.catalogue import Model
from faultboard.declare.keys import digest
from faultboard.models.identity import features_key
from faultboard.models.version import ENGINE_VERSION


def features(
    folder: Path,
    model: Model,
    windows: Windows,
    seed: int,
    device: str,
    fresh: bool = False,
    progress: Callable[[int], None] | None = None,
) -> tuple[NDArray[np.float32], float, float]:
    """Features of every window, from the cache where they are there.

    Returns
    -------
    values : (n_windows, width) float32
        Mapped from disk.
    seconds : float
        What a user would wait for: input and forward pass of all windows, when they were computed.
    waited : float
        What this call waited for them.
    """
    from faultboard.models.features import extract

    key = digest(
        {
            "model": features_key(model, windows.modality, seed),
            "windows": windows_hash(windows),
            "engine": ENGINE_VERSION,
        }
    )
    values_at, record_at = folder / f"{key}.npy", folder / f"{key}.json"
    if not fresh and record_at.is_file():
        try:
            seconds = float(json.loads(record_at.read_text(encoding="utf-8"))["seconds"])
            values: NDArray[np.float32] = np.load(values_at, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, KeyError):
            record_at.unlink(missing_ok=True)
        else:
            return values, seconds, 0.0
    values, seconds = extract(model, windows, np.arange(len(windows)), seed, device, progress)
    folder.mkdir(parents=True, exist_ok=True)
    for at, write in (
        (values_at, lambda p: np.save(p, values)),
        (record_at, lambda p: p.write_text(json.dumps({"model": model.id, "seconds": seconds}), encoding="utf-8")),
    ):
        beside = at.with_name(f".{os.getpid()}.{at.name}")
        write(beside)
        beside.replace(at)
    return values, seconds, seconds


def windows_hash(windows: Windows) -> str:
    """Hash of which samples the windows are."""
    table = windows.prepared.recordings
    content = "\n".join(table["sha256"].iloc[windows.rows])
    state = hashlib.sha256(content.encode())
    state.update(windows.recording.astype("<i8").tobytes())
    state.update(windows.start.astype("<i8").tobytes())
    state.update(f"{windows.length} {windows.rate}".encode())
    return state.hexdigest()
