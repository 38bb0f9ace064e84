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

# modality, rate in Hz and shape of windows that go through a front end together
_Form = tuple[str, float | None, tuple[int, ...]]
# file, first sample and samples of a window
_Cut = tuple[str, int, NDArray[Any]]


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
    groups: dict[_Form, list[_Cut]] = {}
    for path in paths:
        opened, hertz = _opened(model, path, rate)
        for start, samples in _cuts(opened, str(path), window, hertz):
            # front ends take windows of one shape; pictures may have any
            shape = () if hertz is None else samples.shape
            groups.setdefault((opened.modality, hertz, shape), []).append((str(path), start, samples))
    done, tables = 0, []
    for (modality, hertz, _), cuts in groups.items():
        windows = _Cuts([samples for *_, samples in cuts], hertz, modality)
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


def _opened(model: Model, path: Path, rate: float | None) -> tuple[UserFile, float | None]:
    """Open a file that the model takes, and give its rate in Hz: its own, else the one that was said."""
    opened = open_file(path, str(path))
    if opened.modality not in model.input:
        taken = ", ".join(model.input)
        raise DataError(f"{path} is read as {opened.modality}; {model.card.id} takes {taken}")
    if opened.modality == "photo":
        return opened, None
    hertz = opened.rate or rate
    if not hertz:
        raise DataError(f"{path} does not state its sampling rate: say --rate")
    return opened, hertz


def _cuts(opened: UserFile, name: str, window: float | None, rate: float | None) -> list[tuple[int, NDArray[Any]]]:
    """Windows of a file, each with its first sample; the whole of it without a window, and of a picture."""
    if rate is None or window is None:
        return [(0, opened.samples)]
    length = round(window * rate)
    if not 0 < length <= len(opened.samples):
        raise DataError(f"{name}: {len(opened.samples) / rate:g} s are shorter than a window of {window:g} s")
    starts = range(0, len(opened.samples) - length + 1, length)
    return [(start, opened.samples[start : start + length]) for start in starts]


def _placed(order: dict[str, int]) -> Callable[[pd.Series[Any]], pd.Series[Any]]:
    """Sort files as they were given, not by name."""
    return lambda column: column.map(order) if column.name == "file" else column
