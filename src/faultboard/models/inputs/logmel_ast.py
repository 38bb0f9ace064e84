"""The log-mel front end that the audio spectrogram transformer was trained with."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from faultboard.models.inputs.kaldi import mel_bank
from faultboard.models.inputs.waveform import at_rms, mono, read_at

_RATE = 16_000
_WINDOW, _HOP, _POINTS = 400, 160, 512
_PATCH = 16  # frames that one patch of the network covers
_MEAN, _STD = -4.2677393, 4.5689974  # of AudioSet, as the authors' code has them


def prepare(batch: NDArray[np.float32], rate: float, preprocessing: Any, reading: str = "resample") -> torch.Tensor:
    """Log-mel spectrogram of 128 bands at 16 kHz.

    Channels are averaged, and each window gets an RMS of 0.1, as for `logmel_efficientat`. Then Kaldi's filter bank
    as in training: frames of 25 ms every 10 ms without their means, pre-emphasis 0.97, Hann window, power of 512
    points, 128 mel bands from 20 to 8,000 Hz, logarithm; less AudioSet's mean, over twice its deviation. Frames are
    filled up with noughts to a whole number of patches.

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
        A multiple of 16 frames.

    References
    ----------
    .. [1] Gong, Chung, Glass, Interspeech 2021, arXiv 2104.01778; repository YuanGongND/ast, src/dataloader.py.
    """
    wave = read_at(at_rms(mono(batch)), rate, _RATE, reading)
    mel = filter_bank(torch.nn.functional.pad(wave, (0, max(0, _WINDOW - wave.shape[1]))))
    filled = torch.nn.functional.pad(mel, (0, -mel.shape[2] % _PATCH))
    return ((filled - _MEAN) / (2 * _STD))[:, None]


def filter_bank(wave: torch.Tensor) -> torch.Tensor:
    """Kaldi's log-mel filter bank of (n, length) at 16 kHz: (n, 128, frames), complete frames only."""
    frames = wave.unfold(1, _WINDOW, _HOP)
    frames = frames - frames.mean(2, keepdim=True)
    before = torch.cat([frames[..., :1], frames[..., :-1]], dim=2)
    windowed = (frames - 0.97 * before) * torch.hann_window(_WINDOW, periodic=False)
    power = torch.fft.rfft(windowed, _POINTS).abs().square()
    mel: torch.Tensor = (power @ _bank()).clamp_min(torch.finfo(torch.float32).eps).log()
    return mel.transpose(1, 2)


@cache
def _bank() -> torch.Tensor:
    """Filters (257, 128)."""
    return mel_bank(128, _POINTS, _RATE, 20, _RATE / 2).T.contiguous()
