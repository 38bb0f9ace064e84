"""Candidates for one sound in two recordings, by hashes of where the energy rises and falls.

A signal is cut into short **frames**, each a few samples behind the one before it. The **hash** of a frame is 28 bits:
for each of 28 pairs of neighbouring bands, whether the energy rises more from the lower to the upper band than it did
eight frames ago [1]_. The difference over time cancels steady tones, so that two recordings of one machine are
not alike. Where one recording holds a stretch of another, frames of equal hash lie at one distance in time, the offset
of the two; each of them is a **vote** for the pair. On real sets (CWRU, accelerometers, machine sound) no two
different recordings had three votes at one distance.

References
----------
.. [1] Haitsma, Kalker, "A highly robust audio fingerprinting system", ISMIR 2002.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

_BITS = 28
# Frames between the two whose energies a bit compares.
_LAG = 8
# A hash that stands in more frames than this says nothing of two recordings.
_BUCKET = 100
# Fewer votes are chance.
_VOTES = 3
# Frames of all recordings together: above it frames are further apart, then hashes are sampled by their value.
_FRAMES = 4_000_000
_BATCH = 4096
_FRAME = np.dtype([("hash", "<u4"), ("recording", "<i4"), ("at", "<i4")])


def votes(waves: Iterable[NDArray[np.float64]], rate: float, lengths: list[int]) -> dict[tuple[int, int], int]:
    """Count the votes for each pair of recordings: hashes that they share at one distance in time.

    Parameters
    ----------
    waves : iterable of (n,) float64
        One channel of each recording.
    rate : float
        Of all of them, in Hz.
    lengths : list of int
        Samples of each. A frame is 64 ms, or an eighth of the shorter ones.

    Returns
    -------
    dict
        Votes by the positions of two recordings, the smaller first; three at least.
    """
    samples, short = sum(lengths), float(np.quantile(lengths, 0.1))
    length = int(np.clip(2 ** round(np.log2(max(min(0.064 * rate, short / 8), 1))), 128, 1024))
    hop = length // 16
    while samples / hop > _FRAMES and hop < length // 4:
        hop *= 2
    share = min(1.0, _FRAMES * hop / samples)
    frames = [_hashed(number, wave, length, hop, share) for number, wave in enumerate(waves)]
    return _counted(np.concatenate(frames)) if frames else {}


def _hashed(recording: int, wave: NDArray[np.float64], length: int, hop: int, share: float) -> NDArray[np.void]:
    """Hash the frames of a signal; of many, those whose hash falls into a share, the same for every recording."""
    count = (len(wave) - length) // hop + 1
    if count <= _LAG or np.ptp(wave) == 0:
        return np.empty(0, dtype=_FRAME)
    edges, window = _edges(length), np.hanning(length)
    cuts = np.lib.stride_tricks.sliding_window_view(wave, length)[::hop]
    energy = np.empty((count, _BITS + 1))
    for first in range(0, count, _BATCH):
        power = np.abs(np.fft.rfft(cuts[first : first + _BATCH] * window, axis=1)) ** 2
        energy[first : first + _BATCH] = np.add.reduceat(power[:, : edges[-1]], edges[:-1], axis=1)
    slope = np.diff(np.log(energy + 1e-12 * energy.mean()), axis=1)
    bits = slope[_LAG:] > slope[:-_LAG]
    out = np.empty(len(bits), dtype=_FRAME)
    out["hash"] = (bits * (np.uint32(1) << np.arange(_BITS, dtype=np.uint32))).sum(1, dtype=np.uint32)
    out["recording"], out["at"] = recording, np.arange(len(bits))
    # in silence all bits are alike, which is no evidence
    telling = (bits.sum(1) >= 4) & (bits.sum(1) <= _BITS - 4)
    if share < 1:
        telling &= out["hash"] * np.uint32(2654435761) < np.uint32(share * 0xFFFFFFFF)
    return np.asarray(out[telling])


def _edges(length: int) -> NDArray[np.int64]:
    """Bins that begin the bands, spaced by logarithm up to 0.45 of the rate, none empty; and the end."""
    edges = np.geomspace(2, int(0.45 * length), _BITS + 2).astype(np.int64)
    for i in range(1, len(edges)):
        edges[i] = max(edges[i], edges[i - 1] + 1)
    return edges


def _counted(frames: NDArray[np.void]) -> dict[tuple[int, int], int]:
    """Votes of each pair of recordings at the distance in time that has most of them."""
    if not len(frames):
        return {}
    frames = frames[np.argsort(frames["hash"], kind="stable")]
    begins = np.flatnonzero(np.r_[True, frames["hash"][1:] != frames["hash"][:-1]])
    sizes = np.diff(np.r_[begins, len(frames)])
    shared = []
    for size in range(2, _BUCKET + 1):
        bucket = begins[sizes == size]
        one, other = np.triu_indices(size, 1)
        a, b = frames[bucket[:, None] + one].ravel(), frames[bucket[:, None] + other].ravel()
        # the sort is stable: within a bucket the smaller recording comes first
        rows = np.stack([a["recording"], b["recording"], b["at"] - a["at"]], axis=1)
        shared.append(rows[a["recording"] != b["recording"]])
    offsets, counts = np.unique(np.concatenate(shared), axis=0, return_counts=True)
    best: dict[tuple[int, int], int] = {}
    for (one, other, _), count in zip(offsets.tolist(), counts.tolist(), strict=True):
        if count >= max(_VOTES, best.get((one, other), 0)):
            best[one, other] = count
    return best
