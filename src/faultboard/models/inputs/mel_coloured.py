"""A mel spectrogram as librosa draws it, in colours, for networks that were trained on photographs."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from faultboard.declare.model import Preprocessing
from faultboard.models.inputs.mel_decibels import decibels, mel_power
from faultboard.models.inputs.pixels import normalised
from faultboard.models.inputs.waveform import mono

_RATE = 22_050
_FIGURE = 480, 640  # height and width of matplotlib's, in pixels


def prepare(batch: NDArray[np.float32], rate: float, preprocessing: Preprocessing, size: int = 224) -> torch.Tensor:
    """Drawn mel spectrogram, ``size`` by ``size``.

    Channels are averaged after their means are removed, and resampled as ``librosa.load`` does. 128 mel bands
    (2,048 points every 512) in decibels below the window's own maximum, cut at -80 dB, are spread over the colours
    of `magma` from the window's least to its largest value and drawn over a figure of 640 by 480 pixels without
    axes, as ``librosa.display.specshow`` does; the figure is resized.

    Parameters
    ----------
    batch : (n, length, channels) float32
    rate : float
        Sampling rate in Hz.

    Returns
    -------
    (n, 3, size, size) float32
        High frequencies first, with the mean and deviation of the weights' own preprocessing.
    """
    import soxr

    wave = soxr.resample(mono(batch).T.numpy(), rate, _RATE).T.reshape(len(batch), -1)
    db = decibels(mel_power(torch.from_numpy(np.ascontiguousarray(wave))[:, None], _RATE))[:, 0]
    least, most = db.amin((1, 2), keepdim=True), db.amax((1, 2), keepdim=True)
    colour = ((db - least) / (most - least).clamp_min(1e-6) * 256).long().clamp_max(255)
    drawn = F.interpolate(_magma()[colour].permute(0, 3, 1, 2), _FIGURE, mode="nearest-exact").flip(2)
    resized = F.interpolate(drawn, (size, size), mode="bilinear", align_corners=False, antialias=True)
    return normalised(resized, preprocessing)


@cache
def _magma() -> torch.Tensor:
    """Colours (256, 3) in [0, 1]."""
    import matplotlib

    return torch.from_numpy(matplotlib.colormaps["magma"](np.arange(256), bytes=True)[:, :3]) / 255
