"""A log-mel picture of a signal at any rate, for networks that were trained on photographs."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray

from faultboard.declare.model import Preprocessing
from faultboard.models.inputs.pixels import decibel_picture
from faultboard.models.inputs.waveform import centred


def prepare(batch: NDArray[np.float32], rate: float, preprocessing: Preprocessing, size: int = 128) -> torch.Tensor:
    """Log-mel picture, ``size`` by ``size``.

    The bank has ``size`` bands from 0 Hz to half the rate (the mel scale of HTK, which is linear where
    rates are low). The transform is long enough that no band is empty and hops so that ``size`` frames
    cover the window. Decibels relative to each window's own maximum, cut at -80 dB, become [0, 1]: level
    does not count. Channels: one is repeated three times, the first three become red, green and blue,
    two are followed by their mean.

    Parameters
    ----------
    batch : (n, length, channels) float32
    rate : float
        Sampling rate in Hz.

    Returns
    -------
    (n, 3, size, size) float32
        Low frequencies first, with the mean and deviation of the weights' own preprocessing.
    """
    signal = centred(batch)
    length = signal.shape[2]
    window = _window(length, size)
    hop = max(1, length // size)
    spectrum = torch.stft(
        signal.flatten(0, 1), window, hop, window, torch.hann_window(window), center=True,
        pad_mode="reflect", return_complex=True,
    )  # fmt: skip
    mel = _bank(rate, window, size) @ spectrum.abs().square()
    return decibel_picture(mel.reshape(*signal.shape[:2], size, -1), size, preprocessing)


def _window(length: int, size: int) -> int:
    """Length of the transform: a power of two, four bins a band where the window is long enough."""
    wanted = 8 * size
    while wanted > length and wanted > 64:
        wanted //= 2
    return wanted


@cache
def _bank(rate: float, window: int, bands: int) -> torch.Tensor:
    """Triangular mel filters (bands, window // 2 + 1); one narrower than a bin is interpolated between two."""
    top = 2595 * np.log10(1 + rate / 2 / 700)
    edges = 700 * (10 ** (np.linspace(0, top, bands + 2) / 2595) - 1)
    bins = np.arange(window // 2 + 1) * rate / window
    width = rate / window
    # no side of a triangle is narrower than one bin, so that no band is empty
    left = np.minimum(edges[:-2], edges[1:-1] - width)[:, None]
    right = np.maximum(edges[2:], edges[1:-1] + width)[:, None]
    centre = edges[1:-1][:, None]
    rising, falling = (bins - left) / (centre - left), (right - bins) / (right - centre)
    return torch.from_numpy(np.clip(np.minimum(rising, falling), 0, None).astype(np.float32))
