"""The log-mel front end that YAMNet was trained with."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from faultboard.models.inputs.logmel_vggish import PATCH, RATE, spectrogram, waveform
from faultboard.models.patches import FRAMES, in_a_row

_STEP = 48  # frames from patch to patch, half of one
_STEP_SAMPLES = RATE * _STEP // 100


def prepare(batch: NDArray[np.float32], rate: float, preprocessing: Any, reading: str = "resample") -> torch.Tensor:
    """Log-mel patches of 0.96 s at 16 kHz every 0.48 s, side by side.

    As VGGish's, but ``log(x + 0.001)``, and the window is filled with noughts to a whole number of steps,
    at least to one patch.

    Parameters
    ----------
    batch : (n, length, channels) float32
    rate : float
        Sampling rate in Hz.
    reading : {"resample", "as_is"}
        See `waveform.read_at`.

    Returns
    -------
    (n, 1, 64, patches * 96) float32

    References
    ----------
    .. [1] tensorflow/models, research/audioset/yamnet/features.py.
    """
    return patches(waveform(batch, rate, reading))


def patches(wave: torch.Tensor) -> torch.Tensor:
    """Patches of (n, length) at 16 kHz, in [-1, 1]."""
    steps = max(0, -(-(wave.shape[1] - PATCH) // _STEP_SAMPLES))
    filled = torch.nn.functional.pad(wave, (0, PATCH + steps * _STEP_SAMPLES - wave.shape[1]))
    mel = spectrogram(filled, 0.001)
    return in_a_row(mel, range(0, mel.shape[2] - FRAMES + 1, _STEP))
