"""A continuous wavelet transform of a signal as a picture, for networks that were trained on photographs."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from faultboard.declare.model import Preprocessing
from faultboard.models.inputs.pixels import decibel_picture
from faultboard.models.inputs.waveform import centred

OMEGA = 6.0  # of Morlet's wavelet: oscillations under its bell, in radians a deviation
_PERIODS = 8  # of the lowest frequency, in a window
_HIGHEST = 0.375  # of the rate: two deviations of that wavelet's band end at half the rate


def prepare(batch: NDArray[np.float32], rate: float, preprocessing: Preprocessing, size: int = 224) -> torch.Tensor:
    """Power of Morlet's wavelet over time and frequency, ``size`` by ``size``.

    ``size`` frequencies, evenly on a logarithmic scale, from eight periods a window to 3/8 of the rate. The power is
    averaged over ``size`` equal parts of the window. Decibels and channels as in `mel_image`.

    Parameters
    ----------
    batch : (n, length, channels) float32
    rate : float
        Sampling rate in Hz.

    Returns
    -------
    (n, 3, size, size) float32
        Low frequencies first, with the mean and deviation of the weights' own preprocessing.

    References
    ----------
    .. [1] Torrence, Compo, Bull. Amer. Meteor. Soc. 79 (1998) 61-78: the transform by Fourier transforms, eq. 4.
    """
    signal = centred(batch)
    # a window at a time: a transform has as many values as bands times samples
    power = torch.stack(
        [torch.stack([F.adaptive_avg_pool1d(wavelet_power(c, size), size) for c in one]) for one in signal]
    )
    return decibel_picture(power, size, preprocessing)


def frequencies(length: int, bands: int) -> NDArray[np.float64]:
    """Frequencies of the bands, in cycles a sample."""
    return np.geomspace(_PERIODS / length, _HIGHEST, bands)


def wavelet_power(signal: torch.Tensor, bands: int) -> torch.Tensor:
    """Power (bands, ceil(length / 2)) at every second sample of a signal (length,), which is nought outside.

    A wavelet has no negative frequencies, so that every second sample tells all. It has unit energy, so that white
    noise is alike in all bands.
    """
    bank = _bank(len(signal), bands)
    half = bank.shape[1]
    spectrum = torch.fft.rfft(signal, 2 * half)[:half]
    transform: torch.Tensor = torch.fft.ifft(spectrum * bank)
    return transform[:, : -(-len(signal) // 2)].abs().square()


@cache
def _bank(length: int, bands: int) -> torch.Tensor:
    """Morlet's wavelets in the domain of frequency, (bands, half the points); the longest one fits beside a signal."""
    scale = OMEGA / (2 * np.pi * frequencies(length, bands))
    reach = int(np.ceil(5 * scale[0]))  # beyond five deviations it is 4e-6 of its height
    points = 1 << (length + reach - 1).bit_length()
    angular = 2 * np.pi * np.arange(points // 2) / points
    bell = np.exp(-0.5 * (scale[:, None] * angular - OMEGA) ** 2)
    height = np.pi**-0.25 * np.sqrt(2 * np.pi * scale[:, None]) / 2
    return torch.from_numpy((height * bell).astype(np.float32))
