"""The log-mel front end that PANNs' networks (Cnn10, Cnn14, ...) were trained with."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from faultboard.models.inputs.waveform import at_rms, mono, read_at

_RATE = 32_000
POINTS, _HOP = 1024, 320
_SHORTEST = 31 * _HOP  # 32 frames: Cnn14 halves time five times


def prepare(batch: NDArray[np.float32], rate: float, preprocessing: Any, reading: str = "resample") -> torch.Tensor:
    """Log-mel spectrogram of 64 bands at 32 kHz, in decibels.

    The waveform is EfficientAT's: channels averaged, RMS 0.1, 32 kHz. Then as in training: power of 1,024 points
    under a Hann window every 10 ms, 64 of Slaney's mel filters from 50 to 14,000 Hz, ``10 log10(max(x, 1e-10))``.
    A window shorter than 0.31 s is filled with noughts.

    Parameters
    ----------
    batch : (n, length, channels) float32
    rate : float
        Sampling rate in Hz.
    reading : {"resample", "as_is"}
        See `waveform.read_at`.

    Returns
    -------
    (n, 1, 64, frames) float32
        One frame every 10 ms.

    References
    ----------
    .. [1] Kong et al., IEEE/ACM TASLP 28 (2020), arXiv 1912.10211; qiuqiangkong/torchlibrosa, stft.py.
    """
    return spectrogram(read_at(at_rms(mono(batch)), rate, _RATE, reading))


def spectrogram(wave: torch.Tensor) -> torch.Tensor:
    """Log-mel spectrogram of (n, length) at 32 kHz, in [-1, 1]."""
    filled = torch.nn.functional.pad(wave, (0, max(0, _SHORTEST - wave.shape[1])))
    power = torch.stft(filled, POINTS, _HOP, window=torch.hann_window(POINTS), return_complex=True).abs().square()
    return 10 * torch.log10((bank() @ power).clamp_min(1e-10))[:, None]


@cache
def bank() -> torch.Tensor:
    """Filters (64, 513)."""
    from torchaudio.functional import melscale_fbanks

    found: torch.Tensor = melscale_fbanks(
        POINTS // 2 + 1, 50.0, 14_000.0, 64, _RATE, norm="slaney", mel_scale="slaney"
    ).T.contiguous()
    return found
