"""The log-mel front end that PANNs' networks (Cnn10, Cnn14, ...) were trained with."""

from __future__ import annotations

import math
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
    """Slaney's filters (64, 513): triangles of unit area, linear in frequency to 1 kHz and logarithmic above.

    They are those of `mel_decibels`, but in single precision and in the order of steps of
    `torchaudio.functional.melscale_fbanks`: committed numbers rest on every bit.

    References
    ----------
    .. [1] Slaney, "Auditory Toolbox", technical report 1998-010, Interval Research.
    .. [2] pytorch/audio 2.11 (BSD-2-Clause), src/torchaudio/functional/functional.py.
    """
    hertz_a_mel, step, kink = 200.0 / 3, math.log(6.4) / 27.0, 1000.0
    first, last = 50.0 / hertz_a_mel, kink / hertz_a_mel + math.log(14_000.0 / kink) / step
    mel = torch.linspace(first, last, 64 + 2)
    above = kink * torch.exp(step * (mel - kink / hertz_a_mel))
    edges = torch.where(mel >= kink / hertz_a_mel, above, hertz_a_mel * mel)
    away = edges - torch.linspace(0, _RATE // 2, POINTS // 2 + 1)[:, None]
    widths = edges[1:] - edges[:-1]
    rising, falling = -1.0 * away[:, :-2] / widths[:-1], away[:, 2:] / widths[1:]
    triangles = torch.max(torch.zeros(1), torch.min(rising, falling))
    return (triangles * (2.0 / (edges[2:] - edges[:-2]))).T.contiguous()
