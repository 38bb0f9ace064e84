"""Correlation of whitened, clipped signals: one captured stretch shows in it whatever gain, filter or noise it got.

Two recordings are correlated at every delay of one against the other. Where they hold one captured stretch, the
correlation stands out at the delay that lays it over itself; elsewhere it is noise. Three things make that so:

- **Whitening**: each bin of the spectrum is divided by its modulus, so that every frequency counts alike [1]_. Without
  it the tones of one machine correlate at many delays.
- **Clipping**: the whitened signal is cut at 2.5 standard deviations (a robust estimate), so that no single click
  decides.
- **The absolute value**: a copy may be turned in sign.

The **peak** is the largest absolute correlation over all delays, divided by the root mean square over all delays: how
far the best delay stands out from the others. It is what thresholds are compared with. That of pure noise is 5 to 8.
On real sets (CWRU, accelerometers, machine sound) different recordings reached 11, and copies of whole ones stood above
12 even under noise as loud as themselves: hence 12 (`same_signal`). Between 12 and 15 it may also be one bearing at one
speed: two such cuts of a second reached 13. A copy played half a per cent faster stays near 6, and is left to the
hashes (`signal_hash`).

References
----------
.. [1] Knapp, Carter, "The generalized correlation method for estimation of time delay", IEEE TASSP 24 (1976).
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

# Groups of so many signals are added up and their sums correlated: 64 pairs at once. In a sum a copy still stands out,
# where signals are long enough: its peak is an eighth of its own.
_GROUP = 8
# Peaks above which sums are resolved into pairs, and pairs are looked at closely.
_SUM_PEAK, _PAIR_PEAK = 7.5, 9.0
# Least length that signals are padded to, how many can be held against each other, and the rate in Hz that suffices.
_LEAST = 8192
_MOST = 1000
_SUM_RATE = 4000
_CLIP = 2.5

_Spectrum = NDArray[np.complexfloating]


def peak(a: NDArray[np.float64], b: NDArray[np.float64], rate: float) -> tuple[float, int]:
    """Correlate two signals.

    Parameters
    ----------
    a, b : (n,), (m,) float64
    rate : float
        Of both, in Hz.

    Returns
    -------
    height : float
        Largest absolute correlation over its root mean square; 0 where a signal is constant.
    delay : int
        Sample of ``b`` at which ``a`` begins there; negative where ``a`` begins before ``b``.
    """
    size = _size(max(len(a), len(b)))
    return _peak(np.fft.rfft(_whitened(a, rate), size), np.fft.rfft(_whitened(b, rate), size), size)


def correlated(waves: Iterable[NDArray[np.float64]], rate: float, count: int, longest: int) -> set[tuple[int, int]]:
    """Hold every pair of some signals against each other, by sums; none where they are too many or too short.

    Parameters
    ----------
    waves : iterable of (n,) float64
    rate : float
        Of all of them, in Hz.
    count, longest : int
        How many there are, and samples of the longest.

    Returns
    -------
    set of (one, other)
        Positions of pairs to look at closely, the smaller first.
    """
    size = _size(longest)
    small = _size_at_lower_rate(size, rate)
    if not 1 < count <= _MOST or small // 2 < _LEAST:
        return set()
    spectra = np.empty((count, small // 2 + 1), dtype=np.complex64)
    for number, wave in enumerate(waves):
        spectra[number] = np.fft.rfft(_whitened(wave, rate), size)[: small // 2 + 1]
    pairs = _pairs_of_groups(spectra, small)
    return {(one, other) for one, other in pairs if _peak(spectra[one], spectra[other], small)[0] > _PAIR_PEAK}


def _size_at_lower_rate(size: int, rate: float) -> int:
    """Length of the signals at a lower rate: the bins of a spectrum up to half of that rate are the signal at it."""
    while rate > _SUM_RATE and size // 4 >= _LEAST:
        size, rate = size // 2, rate / 2
    return size


def _pairs_of_groups(spectra: NDArray[np.complex64], size: int) -> list[tuple[int, int]]:
    """Pairs that may be alike: all within a group of signals, and all of two groups whose sums are alike."""
    count = len(spectra)
    groups = [range(first, min(first + _GROUP, count)) for first in range(0, count, _GROUP)]
    sums = [spectra[group].sum(0) for group in groups]
    pairs = [pair for group in groups for pair in combinations(group, 2)]
    for i, j in combinations(range(len(groups)), 2):
        if _peak(sums[i], sums[j], size)[0] > _SUM_PEAK:
            pairs += product(groups[i], groups[j])
    return pairs


def _size(longest: int) -> int:
    """Length of a Fourier transform in which no delay wraps around: a power of two, twice the longest signal."""
    return 1 << int(np.ceil(np.log2(2 * longest)))


def _peak(one: _Spectrum, other: _Spectrum, size: int) -> tuple[float, int]:
    """Height and delay of the peak, as in `peak`, from the spectra of two whitened signals."""
    from scipy.fft import irfft

    correlation = np.abs(irfft(one * other.conj(), size))
    at, rms = int(correlation.argmax()), float(np.sqrt(np.mean(correlation**2)))
    return (float(correlation[at]) / rms if rms else 0.0), size - at if at > size // 2 else -at


def _whitened(wave: NDArray[np.float64], rate: float) -> NDArray[np.float64]:
    """Signal whose frequencies all count alike, from 20 Hz to 0.45 of the rate, without its clicks."""
    spectrum = np.fft.rfft(wave - wave.mean())
    frequency = np.fft.rfftfreq(len(wave), 1 / rate)
    magnitude = np.abs(spectrum)
    kept = (frequency > min(20.0, 0.01 * rate)) & (frequency < 0.45 * rate) & (magnitude > 0)
    white = np.fft.irfft(np.where(kept, spectrum / np.where(kept, magnitude, 1), 0), len(wave))
    spread = 1.4826 * np.median(np.abs(white - np.median(white)))
    return np.asarray(np.clip(white, -_CLIP * spread, _CLIP * spread))
