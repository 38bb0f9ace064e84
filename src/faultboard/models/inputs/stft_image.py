"""A short-time spectrum of a signal at any rate as a picture, for networks that were trained on photographs."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from faultboard.declare.model import Preprocessing
from faultboard.models.inputs.pixels import decibel_picture
from faultboard.models.inputs.waveform import centred


def prepare(batch: NDArray[np.float32], rate: float, preprocessing: Preprocessing, size: int = 224) -> torch.Tensor:
    """Power over time and frequency, ``size`` by ``size``, with frequency on a linear scale.

    The transform is the shortest power of two that has ``size`` bins up to half the rate (256 of 512 points for
    224), under a Hann window, and hops so that ``size`` frames cover the window. Decibels and channels as in
    `mel_image`.

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
    points = 1 << (2 * size - 1).bit_length()
    spectrum = torch.stft(
        signal.flatten(0, 1), points, max(1, signal.shape[2] // size), window=torch.hann_window(points),
        pad_mode="constant", return_complex=True,
    )  # fmt: skip
    power = spectrum.abs().square().reshape(*signal.shape[:2], points // 2 + 1, -1)
    return decibel_picture(power, size, preprocessing)
