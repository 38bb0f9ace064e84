"""The log-mel front end that EfficientAT's networks (mn04, mn10, ...) were trained with."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from faultboard.models.inputs.kaldi import mel_bank
from faultboard.models.inputs.waveform import at_rms, mono, read_at

_RATE = 32_000


def prepare(batch: NDArray[np.float32], rate: float, preprocessing: Any, reading: str = "resample") -> torch.Tensor:
    """Log-mel spectrogram of 128 bands at 32 kHz.

    Channels are averaged after their means are removed. Each window gets an RMS of 0.1 before: samples
    come in the unit of their source, which is no sound pressure, and loudness must not give a machine
    away. Then as in training: resampled to 32 kHz, pre-emphasis 0.97, power of a 25 ms Hann window every
    10 ms (1,024 points), Kaldi's mel filters to 15 kHz, ``(log(x + 1e-5) + 4.5) / 5``.

    Parameters
    ----------
    batch : (n, length, channels) float32
    rate : float
        Sampling rate in Hz.
    reading : {"resample", "as_is"}
        See `waveform.read_at`.

    Returns
    -------
    (n, 1, 128, frames) float32
        One frame every 10 ms.

    References
    ----------
    .. [1] Schmid, Koutini, Widmer, ICASSP 2023, arXiv 2211.04772; repository fschmid56/EfficientAT.
    """
    return spectrogram(read_at(at_rms(mono(batch)), rate, _RATE, reading))


def spectrogram(wave: torch.Tensor) -> torch.Tensor:
    """Log-mel spectrogram of (n, length) at 32 kHz, in [-1, 1]."""
    emphasised = wave[:, 1:] - 0.97 * wave[:, :-1]
    # shorter than the padding of the first frame: extend by nought
    short = 513 - emphasised.shape[1]
    if short > 0:
        emphasised = torch.nn.functional.pad(emphasised, (0, short))
    power = torch.stft(
        emphasised, 1024, 320, 800, torch.hann_window(800, periodic=False), center=True, return_complex=True
    ).abs().square()  # fmt: skip
    return ((torch.log(mel_bank(128, 1024, _RATE, 0, 15_000) @ power + 1e-5) + 4.5) / 5)[:, None]
