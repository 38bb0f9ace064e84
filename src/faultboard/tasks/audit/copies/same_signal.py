"""Recordings of signals that hold one captured stretch: copies, re-encoded or not, and overlapping cuts.

Pairs are looked for twice, since each way misses something: by hashes (`signal_hash`, of sets of any size, but not
under strong noise) and by sums of signals (`signal_correlation`, under any noise, but of a thousand signals at most).
Each pair that either gives is then correlated by itself, and is a copy if the peak is high enough, or if so many hashes
agree that nothing else can be.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from faultboard.data.windows import resampled
from faultboard.tasks.audit.copies.pair import Pair
from faultboard.tasks.audit.copies.signal_correlation import correlated, peak
from faultboard.tasks.audit.copies.signal_hash import votes
from faultboard.tasks.task import Task

# A peak above it is a copy: different recordings reached 11 (how a peak is counted: `signal_correlation`).
_PEAK = 12.0
# So many shared hashes are one too, where a changed speed lowers the peak: no others share even three.
_SURE = 20
# Candidates that are looked at, the likeliest first.
_MOST = 2000
# Seconds of a recording that are compared.
_LONGEST = 60.0


def same_signals(task: Task) -> list[Pair]:
    """Find pairs of recordings that share a captured stretch, by their first channel at the task's rate.

    Returns
    -------
    list of Pair
        The clearest first.
    """
    rate = float(task.windows.rate or 1.0)
    lengths = [len(wave) for wave in _channels(task, rate)]
    shared = votes(_channels(task, rate), rate, lengths)
    also = correlated(_channels(task, rate), rate, len(lengths), max(lengths))
    likeliest = sorted(shared.keys() | also, key=lambda pair: (-shared.get(pair, 0), pair))[:_MOST]
    pairs = []
    for one, other in likeliest:
        height, delay = peak(_channel(task, one, rate), _channel(task, other, rate), rate)
        hashes = shared.get((one, other), 0)
        if height > _PEAK:
            apart = f"{abs(delay) / rate:.2f} s apart" if abs(delay) > 0.01 * rate else "throughout"
            pairs.append(Pair(one, other, f"correlate {apart} with a peak of {height:.0f}, others reach 11", height))
        elif hashes >= _SURE:
            pairs.append(Pair(one, other, f"share {hashes} hashes at one distance in time, others none", hashes))
    return sorted(pairs, key=lambda pair: -pair.strength)


def _channels(task: Task, rate: float) -> Iterator[NDArray[np.float64]]:
    return (_channel(task, position, rate) for position in range(len(task.recordings)))


def _channel(task: Task, position: int, rate: float) -> NDArray[np.float64]:
    windows = task.windows
    signal = resampled(task.prepared, int(windows.rows[position]), windows.rate if windows.resample else None)
    return np.asarray(signal[: int(_LONGEST * rate), 0], dtype=np.float64)
