"""A mel spectrogram in decibels, of each axis of an accelerometer by itself.

The x, y and z axes become the red, green and blue of one picture. It has the size that the window gives, and its values
stay decibels; other front ends resize their pictures and scale them to what the weights were trained on.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from faultboard.models.inputs.pixels import three

_FLOOR = 1e-8  # -80 dB


def prepare(
    batch: NDArray[np.float32],
    rate: float,
    preprocessing: Any,
    assumed_rate: float | None = None,
    bands: int = 128,
    points: int = 2048,
    hop: int = 512,
) -> torch.Tensor:
    """Mel spectrogram of each axis in decibels below that axis' own maximum in the window, cut at -80 dB.

    What librosa's ``power_to_db(melspectrogram(...), ref=np.max)`` gives, and its defaults. The mean of an axis is
    kept: of an accelerometer it is gravity.

    The first user of this form divided each axis by its largest magnitude over all files, test files included. A gain
    changes nothing here, so that is left out: on the generated files of ``soon_pemp`` it moves librosa's pixels by
    2e-12 dB. It could show where an axis is so still that its strongest band falls below a power of 0.01 after the
    division, since librosa cuts at 1e-10; the least there is 0.13.

    Parameters
    ----------
    batch : (n, length, channels) float32
    rate : float
        Sampling rate in Hz.
    assumed_rate : float, optional
        Rate in Hz that the mel scale takes the samples for; default: ``rate``.
    bands, points, hop : int
        Mel bands, points of the transform, samples from frame to frame.

    Returns
    -------
    (n, 3, bands, length // hop + 1) float32
        Decibels in [-80, 0], low bands first; one channel is repeated, the first three become red, green and blue.
    """
    power = mel_power(torch.from_numpy(batch).transpose(1, 2), assumed_rate or rate, bands, points, hop)
    return three(decibels(power))


def mel_power(wave: torch.Tensor, rate: float, bands: int = 128, points: int = 2048, hop: int = 512) -> torch.Tensor:
    """Mel spectrogram of (n, channels, length): (n, channels, bands, frames), Slaney's filters from 0 Hz up."""
    spectrum = torch.stft(
        wave.flatten(0, 1), points, hop, window=torch.hann_window(points), pad_mode="constant", return_complex=True
    )
    return (_bank(float(rate), bands, points) @ spectrum.abs().square()).reshape(*wave.shape[:2], bands, -1)


def decibels(power: torch.Tensor) -> torch.Tensor:
    """Decibels of (..., bands, frames) below each spectrogram's own maximum, at most 80."""
    most = power.amax((-2, -1), keepdim=True)
    return 10 * torch.log10((power / most.clamp_min(torch.finfo(power.dtype).tiny)).clamp_min(_FLOOR))


@cache
def _bank(rate: float, bands: int, points: int) -> torch.Tensor:
    """Triangles (bands, points // 2 + 1) of unit area on Slaney's mel scale: linear to 1 kHz, logarithmic above."""
    linear, step = 15.0, np.log(6.4) / 27  # mels at 1 kHz, logarithm a mel above
    nyquist = rate / 2
    top = linear * nyquist / 1000 if nyquist < 1000 else linear + np.log(nyquist / 1000) / step
    mel = np.linspace(0, top, bands + 2)
    edges = np.where(mel < linear, mel / linear * 1000, 1000 * np.exp(step * (mel - linear)))
    bins = np.arange(points // 2 + 1) * rate / points
    left, centre, right = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    triangles = np.clip(np.minimum((bins - left) / (centre - left), (right - bins) / (right - centre)), 0, None)
    return torch.from_numpy((2 / (right - left) * triangles).astype(np.float32))
