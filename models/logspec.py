"""Mean log power spectrum: the plainest description of a steady machine."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import welch

_BANDS = 128


def features(batch: NDArray[np.float32], rate: float) -> NDArray[Any]:
    """Log power in 128 bands of equal width a channel, less its mean.

    Parameters
    ----------
    batch : (n, length, channels)
        Windows as recorded.
    rate : float
        Sampling rate in Hz; the bands cover all of it.

    Returns
    -------
    (n, 128 * channels) float
        Natural logarithm of Welch's power spectral density (Hann, half overlap), the mean over the
        bands of each channel removed: level and gain do not count.
    """
    segment = min(2 * _BANDS, batch.shape[1])
    _, power = welch(batch, fs=rate, nperseg=segment, axis=1, detrend="constant")
    log = np.log(power[:, 1:] + 1e-20 * power.max(axis=1, keepdims=True) + 1e-30)
    log -= log.mean(axis=1, keepdims=True)
    return np.asarray(log.transpose(0, 2, 1).reshape(len(batch), -1))
