"""Kaldi's mel filters, which several networks of sound were trained with."""

from __future__ import annotations

import math
from functools import cache

import torch


@cache
def mel_bank(bands: int, points: int, rate: float, low: float, high: float) -> torch.Tensor:
    """Triangles of height one between neighbours that are equally far apart in mel = 1127 ln(1 + f / 700).

    Every step is the one of `torchaudio.compliance.kaldi.get_mel_banks`, in its order and in single precision, and so
    is every bit: committed numbers rest on them. It stands here because torchaudio is no longer developed and does
    not say which torch it fits. Kaldi leaves the Nyquist bin out; here it is nought.

    Parameters
    ----------
    bands : int
        Number of filters.
    points : int
        Points of the transform, even.
    rate, low, high : float
        Sampling rate, lower edge of the first filter and upper edge of the last, in Hz.

    Returns
    -------
    (bands, points // 2 + 1) float32

    References
    ----------
    .. [1] Povey et al., ASRU 2011; repository kaldi-asr/kaldi, src/feat/mel-computations.cc.
    .. [2] pytorch/audio 2.11 (BSD-2-Clause), src/torchaudio/compliance/kaldi.py.
    """
    first, last = (1127.0 * math.log(1.0 + edge / 700.0) for edge in (low, high))
    step = (last - first) / (bands + 1)
    band = torch.arange(bands)[:, None]
    left, centre, right = first + band * step, first + (band + 1.0) * step, first + (band + 2.0) * step
    mel = 1127.0 * (1.0 + rate / points * torch.arange(points / 2) / 700.0).log()
    rising, falling = (mel - left) / (centre - left), (right - mel) / (right - centre)
    triangles = torch.max(torch.zeros(1), torch.min(rising, falling))
    return torch.nn.functional.pad(triangles, (0, 1))
