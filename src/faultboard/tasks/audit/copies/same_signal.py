"""Recordings of signals that hold one captured stretch: copies, re-encoded or not, and overlapping cuts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from faultboard.data.windows import resampled
from faultboard.tasks.audit.copies.pair import Pair
from faultboard.tasks.audit.copies.signal_correlation import correlated, peak
from faultboard.tasks.audit.copies.signal_hash import votes
from faultboard.tasks.task import Task

# Above it the peak of a correlation is a copy; so are so many hashes, where a changed speed lowers the peak.
_PEAK, _SURE = 12.0, 20
# Candidates that are looked at, the likeliest first.
_MOST = 2000
_LONGEST = 60.0


def same_signals(task: Task) -> list[Pair]:
    """Find pairs of recordings that share a captured stretch, by their first channel at the task's rate."""
    rate = float(task.windows.rate or 1.0)
    lengths = [len(wave) for wave in _channels(task, rate)]
    counted = votes(_channels(task, rate), rate, lengths)
    also = correlated(_channels(task, rate), rate, len(lengths), max(lengths))
    likeliest = sorted(counted.keys() | also, key=lambda pair: (-counted.get(pair, 0), pair))[:_MOST]
    found = []
    for one, other in likeliest:
        height, delay = peak(_channel(task, one, rate), _channel(task, other, rate), rate)
        shared = counted.get((one, other), 0)
        if height > _PEAK:
            apart = f"{abs(delay) / rate:.2f} s apart" if abs(delay) > 0.01 * rate else "throughout"
            found.append(Pair(one, other, f"correlate {apart} with a peak of {height:.0f}, others reach 11", height))
        elif shared >= _SURE:
            found.append(Pair(one, other, f"share {shared} hashes at one distance in time, others none", shared))
    return sorted(found, key=lambda pair: -pair.strength)


def _channels(task: Task, rate: float) -> Iterator[NDArray[np.float64]]:
    return (_channel(task, position, rate) for position in range(len(task.recordings)))


def _channel(task: Task, position: int, rate: float) -> NDArray[np.float64]:
    windows = task.windows
    signal = resampled(task.prepared, int(windows.rows[position]), windows.rate if windows.resample else None)
    return np.asarray(signal[: int(_LONGEST * rate), 0], dtype=np.float64)
