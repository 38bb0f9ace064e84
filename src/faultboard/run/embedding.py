"""Embeddings of a user's own files: features of a frozen backbone, without a task."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from faultboard.data.user.files import UserFile, open_file
from faultboard.declare.catalogue import Model
from faultboard.errors import DataError
from faultboard.models.frozen.features import extract


@dataclass(frozen=True)
class _Cuts:
    """Windows of files of one form, in memory."""

    samples: list[NDArray[Any]]
    rate: float | None
    modality: str

    def __len__(self) -> int:
        return len(self.samples)

    def batch(self, ids: NDArray[np.int64]) -> Any:
        chosen = [self.samples[i] for i in ids]
        return chosen if self.rate is None else np.stack(chosen).astype(np.float32)


def embed(
    model: Model,
    paths: list[Path],
    window: float | None = None,
    rate: float | None = None,
    seed: int = 0,
    device: str = "cpu",
    progress: Callable[[int], None] | None = None,
) -> pd.DataFrame:
    """Embed sound, vibration or picture files.

    Parameters
    ----------
    window : float, optional
        Seconds of a window; windows do not overlap and a tail that fills none is left out. Default: the whole file.
    rate : float, optional
        Sampling rate in Hz of files that do not state theirs.
    seed : int
        Of random weights.
    progress : callable, optional
        Called with the windows done.

    Returns
    -------
    DataFrame
        A row a window: ``file``, ``start`` in samples, then the columns ``0`` to ``width - 1``.

    Raises
    ------
    DataError
        A file cannot be read, states no rate, is shorter than a window, or is of a kind that the model does not take.
    """
    groups: dict[tuple[str, float | None, tuple[int, ...]], list[tuple[str, int, NDArray[Any]]]] = {}
    for path in paths:
        found = open_file(path, str(path))
        if found.modality not in model.input:
            taken = ", ".join(model.input)
            raise DataError(f"{path} is read as {found.modality}; {model.card.id} takes {taken}")
        hertz = None if found.modality == "photo" else found.rate or rate
        if found.modality != "photo" and not hertz:
            raise DataError(f"{path} does not state its sampling rate: say --rate")
        for start, cut in _cuts(found, str(path), window, hertz):
            # front ends take windows of one shape; pictures may have any
            form = () if hertz is None else cut.shape
            groups.setdefault((found.modality, hertz, form), []).append((str(path), start, cut))
    done, tables = 0, []
    for (modality, hertz, _), cuts in groups.items():
        windows = _Cuts([cut for *_, cut in cuts], hertz, modality)
        before = done
        step = (lambda n, before=before: progress(before + n)) if progress else None
        values, _ = extract(model, windows, np.arange(len(cuts)), seed, device, step)
        done += len(cuts)
        table = pd.DataFrame(values, columns=[str(i) for i in range(values.shape[1])])
        table.insert(0, "start", [start for _, start, _ in cuts])
        table.insert(0, "file", [name for name, *_ in cuts])
        tables.append(table)
    order = {str(path): i for i, path in enumerate(paths)}
    return pd.concat(tables).sort_values(["file", "start"], key=_placed(order), kind="stable", ignore_index=True)


def _cuts(found: UserFile, name: str, window: float | None, rate: float | None) -> list[tuple[int, NDArray[Any]]]:
    if rate is None or window is None:
        return [(0, found.samples)]
    length = round(window * rate)
    if not 0 < length <= len(found.samples):
        raise DataError(f"{name}: {len(found.samples) / rate:g} s are shorter than a window of {window:g} s")
    starts = range(0, len(found.samples) - length + 1, length)
    return [(start, found.samples[start : start + length]) for start in starts]


def _placed(order: dict[str, int]) -> Callable[[pd.Series[Any]], pd.Series[Any]]:
    """Sort files as they were given, not by name."""
    return lambda column: column.map(order) if column.name == "file" else column
