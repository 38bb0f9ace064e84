"""Trivial facts of recordings: what a person would not call a symptom, measured so that it can be held against labels.

Three ranks. The **format** (rate, length, picture size, file type) is never a symptom. The **acquisition** (DC offset,
quantisation, noise floor, hum, band edge, border of a picture) hardly ever is one. **Level** and brightness may be one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from faultboard.tasks.task import Task

Rank = Literal["format", "acquisition", "level"]
RANKS: dict[str, Rank] = {
    "length": "format",
    "JPEG grid": "format",
    "mean": "acquisition",
    "quantisation step": "acquisition",
    "noise floor": "acquisition",
    "mains hum": "acquisition",
    "band edge": "acquisition",
    "border": "acquisition",
    "level": "level",
    "brightness": "level",
    "contrast": "level",
}

# Windows that are looked at: so many a recording, spread evenly, and so many in all.
_A_RECORDING = 8
_IN_ALL = 4000
_BANDS = 64
_TINY = 1e-20


@dataclass(frozen=True)
class Measured:
    """Facts of some windows.

    Attributes
    ----------
    ids : (n,) int
        Windows that were looked at, at least one of each recording that has any.
    values : (n, m) float64
        One column a fact.
    names : list of str
        Key of `RANKS` for each column; a fact of several numbers (the mean of each channel) repeats its name.
    """

    ids: NDArray[np.int64]
    values: NDArray[np.float64]
    names: list[str]


def measure(task: Task) -> Measured:
    """Measure the trivial facts of a task's windows.

    Those of a file as a whole (length, quantisation step) are the same for each of its windows.
    """
    ids = _spread(task)
    of = _picture if task.dataset.is_pictures else _signal
    facts: list[dict[str, NDArray[np.float64]]] = []
    for begin in range(0, len(ids), 64):
        facts += [of(window, task.windows.rate) for window in task.windows.batch(ids[begin : begin + 64])]
    # channels or colours that not every recording has are no column
    width = {name: min(len(f[name]) for f in facts) for name in facts[0]}
    names = [name for name in facts[0] for _ in range(width[name])]
    values = np.array([np.concatenate([f[name][: width[name]] for name in f]) for f in facts])
    if not task.dataset.is_pictures:
        whole = np.array([[len(s), _step(s)] for s in map(task.prepared.samples, task.windows.rows.tolist())])
        values = np.hstack([values, whole[task.windows.recording[ids]]])
        names += ["length", "quantisation step"]
    varies = np.ptp(values, axis=0) > 0
    return Measured(ids, values[:, varies], [name for name, keep in zip(names, varies, strict=True) if keep])


def _spread(task: Task) -> NDArray[np.int64]:
    """Windows to look at: of each recording the same number, evenly spread."""
    of_each = np.split(np.arange(len(task)), np.flatnonzero(np.diff(task.windows.recording)) + 1)
    each = max(1, min(_A_RECORDING, _IN_ALL // len(of_each)))
    chosen = [own[np.unique(np.linspace(0, len(own) - 1, each).round().astype(int))] for own in of_each]
    return np.concatenate(chosen)


def _signal(window: NDArray[Any], rate: float | None) -> dict[str, NDArray[np.float64]]:
    """Facts of a (length, channels) window; but for the mean, taken together over the channels."""
    samples = window.astype(np.float64)
    mean = samples.mean(0)
    centred = samples - mean
    power = (np.abs(np.fft.rfft(centred * np.hanning(len(samples))[:, None], axis=0)) ** 2).mean(1) / len(samples)
    out = {"mean": mean, "level": np.log10([centred.var() + _TINY])}
    if len(power) > 2 * _BANDS:
        edges = np.linspace(1, len(power), _BANDS + 1).astype(int)
        bands = np.log10(np.add.reduceat(power, edges[:-1]) / np.diff(edges) + _TINY)
        # against what lies just below: the level of the signal does not count
        top, below = bands[int(0.92 * _BANDS) :].mean(), bands[int(0.75 * _BANDS) : int(0.85 * _BANDS)].mean()
        out["noise floor"] = np.array([bands[: int(0.85 * _BANDS)].min()])
        out["band edge"] = np.array([top - below])
    if rate and len(samples) >= rate / 2 and rate > 150:
        out["mains hum"] = np.array([max(_line(power, hertz, rate / len(samples)) for hertz in (50.0, 60.0))])
    return out


def _line(power: NDArray[np.float64], hertz: float, resolution: float) -> float:
    """How far a line stands above the 10 Hz on both sides of it, in decades."""
    at, near, far = (round(x / resolution) for x in (hertz, 1.5, 10.0))
    line = power[max(at - near, 0) : at + near + 1].max()
    around = np.median(power[max(at - far, 1) : at + far + 1])
    return float(np.log10((line + _TINY) / (around + _TINY)))


def _step(samples: NDArray[Any]) -> float:
    """Distance between neighbouring levels of the converter, in log2 of the stored unit; 0 where there is no grid."""
    levels = np.unique(samples[: 1 << 13])
    if len(levels) < 2:
        return 0.0
    if levels.dtype.kind in "iu":
        return float(np.log2(np.gcd.reduce(np.diff(levels.astype(np.int64)))))
    gaps = np.diff(levels.astype(np.float64))
    step = float(np.median(gaps[gaps <= 1.5 * gaps.min()]))
    # without a grid the smallest distance is chance, and others are no multiples of it
    off = np.abs(gaps / step - np.round(gaps / step))
    return float(np.log2(step)) if np.mean(off < 0.1) > 0.9 else 0.0


def _picture(picture: NDArray[np.uint8], rate: float | None) -> dict[str, NDArray[np.float64]]:
    """Facts of a (height, width, channels) picture: its outermost fiftieth, its light, the grid that JPEG leaves."""
    grey = picture[..., :3].astype(np.float64).mean(-1)
    edge = max(1, min(grey.shape) // 50)
    strips = [picture[:edge], picture[-edge:], picture[:, :edge], picture[:, -edge:]]
    border = [number for s in strips for number in (*s.mean((0, 1)), s.std())]
    return {
        "border": np.array(border),
        "brightness": np.array([grey.mean()]),
        "contrast": np.array([grey.std()]),
        "JPEG grid": np.array([_blockiness(grey)]),
    }


def _blockiness(grey: NDArray[np.float64]) -> float:
    """Mean step across the borders of 8-pixel blocks over that elsewhere; near 1 where nothing was ever a JPEG."""
    crossing = elsewhere = 0.0
    for along in (grey, grey.T):
        step = np.abs(np.diff(along, axis=0)).mean(1)
        at_border = np.arange(len(step)) % 8 == 7
        if at_border.any():
            crossing, elsewhere = crossing + step[at_border].mean(), elsewhere + step[~at_border].mean()
    return crossing / (elsewhere + 1e-9) if elsewhere else 1.0
