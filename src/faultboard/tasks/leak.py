"""One number for how much a split leaks: the share of test windows whose nearest neighbour is kin."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faultboard.errors import ProtocolError
from faultboard.tasks.folds import Fold
from faultboard.tasks.task import Task

_BANDS = 128
_THUMBNAIL = 32


def neighbour_share(task: Task, folds: list[Fold]) -> tuple[float, float] | None:
    """Share of test windows whose nearest training window is of the same unit, with its chance value.

    A fingerprint that no model has learnt finds the nearest training window: signals by their
    level-normalised log spectrum in 128 bands (Euclidean), pictures by a 32-pixel thumbnail of local
    contrast (cosine). Measured on seven real data sets it warns of a leak; it does not predict how
    large the gap is.

    Returns
    -------
    (share, chance) or None
        Means over the folds. Chance is what a random training window would give. None where the
        dataset names no unit.
    """
    from sklearn.neighbors import NearestNeighbors

    if task.dataset.unit is None:
        return None
    unit = task.column(task.dataset.unit)
    prints = fingerprints(task)
    shares, chances = [], []
    for fold in folds:
        nearest = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(prints[fold.train])
        twin = fold.train[nearest.kneighbors(prints[fold.test], return_distance=False)[:, 0]]
        shares.append(float(np.mean(unit[twin] == unit[fold.test])))
        names, counts = np.unique(unit[fold.train], return_counts=True)
        share_of = dict(zip(names.tolist(), (counts / counts.sum()).tolist(), strict=True))
        chances.append(float(np.mean([share_of.get(u, 0.0) for u in unit[fold.test].tolist()])))
    return float(np.mean(shares)), float(np.mean(chances))


def leak_numbers(task: Task) -> dict[str, dict[str, float]]:
    """Neighbour share and chance of each protocol that these recordings carry, where there is a unit."""
    out = {}
    for name in task.card.protocols:
        try:
            number = neighbour_share(task, task.folds(name))
        except ProtocolError:
            continue
        if number:
            out[name] = {"share": number[0], "chance": number[1]}
    return out


@lru_cache(maxsize=1)
def fingerprints(task: Task) -> NDArray[np.float32]:
    """Return (n_windows, n_features) of unit-free likeness: equal scale, equal level.

    Those of the last task are kept, since each of its protocols asks for them.
    """
    of: Callable[[NDArray[Any]], NDArray[np.float64]] = thumbnail if task.dataset.is_pictures else _spectrum
    out = []
    for begin in range(0, len(task), 64):
        ids = np.arange(begin, min(begin + 64, len(task)))
        out += [of(window) for window in task.windows.batch(ids)]
    return np.stack(out).astype(np.float32)


def _spectrum(window: NDArray[Any]) -> NDArray[np.float64]:
    """Level-normalised log power in bands of equal width, all channels."""
    centred = window - window.mean(0)
    power = np.abs(np.fft.rfft(centred * np.hanning(len(window))[:, None], axis=0)) ** 2
    edges = np.linspace(0, len(power), min(_BANDS, len(power)) + 1).astype(int)
    bands = np.log(np.add.reduceat(power, edges[:-1], axis=0) + 1e-12)
    return np.asarray((bands - bands.mean(0)).ravel())


def thumbnail(picture: NDArray[Any]) -> NDArray[np.float64]:
    """Grey thumbnail less its local mean, of unit length: light and contrast do not count."""
    from PIL import Image
    from scipy.ndimage import uniform_filter

    grey = np.asarray(picture[..., :3], dtype=np.float64).mean(-1)
    small = np.asarray(Image.fromarray(grey.astype(np.uint8)).resize((_THUMBNAIL, _THUMBNAIL), Image.Resampling.BOX))
    contrast = small.astype(np.float64) - uniform_filter(small.astype(np.float64), 9)
    return np.asarray((contrast / (np.linalg.norm(contrast) + 1e-12)).ravel())
