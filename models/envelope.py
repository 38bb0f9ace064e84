"""Envelope spectrum and shape statistics: what bearing diagnostics looks at first.

Source: Randall and Antoni, MSSP 25 (2011) 485, doi 10.1016/j.ymssp.2010.07.017.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import hilbert
from scipy.stats import kurtosis, skew

_BANDS = 64
_TOP_HZ = 1_000.0


def features(batch: NDArray[np.float32], rate: float) -> NDArray[Any]:
    """Envelope spectrum to 1 kHz (or half the rate) in 64 bands, and six shape statistics, a channel.

    Parameters
    ----------
    batch : (n, length, channels)
        Windows as recorded.
    rate : float
        Sampling rate in Hz.

    Returns
    -------
    (n, 70 * channels) float
        Log amplitude of the envelope's spectrum relative to the envelope's mean, then kurtosis, skewness,
        crest, shape, impulse and clearance factors: none of them knows the level.
    """
    wave = batch - batch.mean(axis=1, keepdims=True)
    envelope = np.abs(hilbert(wave, axis=1))
    level = envelope.mean(axis=1, keepdims=True) + 1e-30
    spectrum = np.abs(np.fft.rfft((envelope / level - 1) * np.hanning(wave.shape[1])[:, None], axis=1))
    bins = int(min(_TOP_HZ, rate / 2) * wave.shape[1] / rate)
    edges = np.unique(np.linspace(1, max(bins, _BANDS + 1), _BANDS + 1).astype(int))
    bands = np.log(np.maximum.reduceat(spectrum[:, : edges[-1]], edges[:-1], axis=1) + 1e-9)
    return np.asarray(np.concatenate([_flat(bands), _flat(_shape(wave))], axis=1))


def _shape(wave: NDArray[Any]) -> NDArray[Any]:
    size = np.abs(wave)
    peak, mean = size.max(1), size.mean(1) + 1e-30
    rms = np.sqrt((wave**2).mean(1)) + 1e-30
    root = np.sqrt(size).mean(1) ** 2 + 1e-30
    factors = [kurtosis(wave, axis=1), skew(wave, axis=1), peak / rms, rms / mean, peak / mean, peak / root]
    return np.stack([np.nan_to_num(f) for f in factors], axis=1)


def _flat(values: NDArray[Any]) -> NDArray[Any]:
    return values.transpose(0, 2, 1).reshape(len(values), -1)
