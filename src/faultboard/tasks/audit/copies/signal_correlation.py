"""Correlation of whitened, clipped signals: what a captured stretch gives away whatever gain, filter or noise it got.

Whitening makes every frequency count alike [1]_, so that tones of one machine do not match; the clip keeps single
clicks from deciding. The peak is told in units of the root mean square. On real sets (CWRU, accelerometers, machine
sound) different recordings reached 11, copies with noise as loud as their signal above 12.

References
----------
.. [1] Knapp, Carter, "The generalized correlation method for estimation of time delay", IEEE TASSP 24 (1976).
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

# Groups of signals are added up and their sums correlated: 64 pairs at once. In a sum a copy still stands out, where
# signals are long enough: its peak is an eighth of its own.
_GROUP = 8
_SUM_PEAK, _PAIR_PEAK = 7.5, 9.0
_LEAST = 8192
_MOST = 1000
_SUM_RATE = 4000
_CLIP = 2.5


def peak(a: NDArray[np.float64], b: NDArray[np.float64], rate: float) -> tuple[float, int]:
    """Largest correlation over its root mean square, and the delay of ``b`` that gives it, in samples."""
    size = _size(max(len(a), len(b)))
    return _peak(np.fft.rfft(_whitened(a, rate), size), np.fft.rfft(_whitened(b, rate), size), size)


def correlated(waves: Iterable[NDArray[np.float64]], rate: float, count: int, longest: int) -> set[tuple[int, int]]:
    """Hold every pair of some signals against each other, by sums; none where they are too many or too short.

    Parameters
    ----------
    count, longest : int
        How many there are, and samples of the longest.

    Returns
    -------
    set of (one, other)
        Positions of pairs to look at closely, the smaller first.
    """
    size = _size(longest)
    # bins of a spectrum up to half of a lower rate are the signal at that rate
    small = size
    while rate * small / size > _SUM_RATE and small // 4 >= _LEAST:
        small //= 2
    if not 1 < count <= _MOST or small // 2 < _LEAST:
        return set()
    spectra = np.empty((count, small // 2 + 1), dtype=np.complex64)
    for number, wave in enumerate(waves):
        spectra[number] = np.fft.rfft(_whitened(wave, rate), size)[: small // 2 + 1]
    groups = [np.arange(first, min(first + _GROUP, count)) for first in range(0, count, _GROUP)]
    sums = [spectra[group].sum(0) for group in groups]
    pairs = [pair for group in groups for pair in combinations(group.tolist(), 2)]
    for i, j in combinations(range(len(groups)), 2):
        if _peak(sums[i], sums[j], small)[0] > _SUM_PEAK:
            pairs += [(one, other) for one in groups[i].tolist() for other in groups[j].tolist()]
    return {(one, other) for one, other in pairs if _peak(spectra[one], spectra[other], small)[0] > _PAIR_PEAK}


def _size(longest: int) -> int:
    return 1 << int(np.ceil(np.log2(2 * longest)))


def _peak(one: NDArray[np.complexfloating], other: NDArray[np.complexfloating], size: int) -> tuple[float, int]:
    from scipy.fft import irfft

    c = np.abs(irfft(one * other.conj(), size))
    at, rms = int(c.argmax()), float(np.sqrt(np.mean(c**2)))
    return (float(c[at]) / rms if rms else 0.0), size - at if at > size // 2 else -at


def _whitened(wave: NDArray[np.float64], rate: float) -> NDArray[np.float64]:
    spectrum = np.fft.rfft(wave - wave.mean())
    frequency = np.fft.rfftfreq(len(wave), 1 / rate)
    magnitude = np.abs(spectrum)
    told = (frequency > min(20.0, 0.01 * rate)) & (frequency < 0.45 * rate) & (magnitude > 0)
    white = np.fft.irfft(np.where(told, spectrum / np.where(told, magnitude, 1), 0), len(wave))
    spread = 1.4826 * np.median(np.abs(white - np.median(white)))
    return np.asarray(np.clip(white, -_CLIP * spread, _CLIP * spread))
