"""What front ends of signals share: no offset, one channel, one level, the network's own sampling rate."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray

from faultboard.errors import CardError

_LEVEL = 0.1


def centred(batch: NDArray[np.float32]) -> torch.Tensor:
    """Channels first and without their means, (n, length, channels) to (n, channels, length)."""
    wave = torch.from_numpy(batch).transpose(1, 2)
    return wave - wave.mean(2, keepdim=True)


def mono(batch: NDArray[np.float32]) -> torch.Tensor:
    """Mean of the channels after their own means are removed, (n, length, channels) to (n, length)."""
    wave = torch.from_numpy(batch)
    return (wave - wave.mean(1, keepdim=True)).mean(2)


def at_rms(wave: torch.Tensor) -> torch.Tensor:
    """Give each of (n, length) an RMS of 0.1."""
    return wave / (wave.square().mean(1, keepdim=True).sqrt() + 1e-12) * _LEVEL


def at_peak(wave: torch.Tensor) -> torch.Tensor:
    """Scale each of (n, length) to [-1, 1]."""
    return wave / (wave.abs().amax(1, keepdim=True) + 1e-12)


def read_at(wave: torch.Tensor, rate: float, wanted: int, reading: str) -> torch.Tensor:
    """Bring (n, length) to a network's rate, or take its samples for such.

    Parameters
    ----------
    reading : {"resample", "as_is"}
        ``resample`` keeps frequencies and loses those above half the wanted rate. ``as_is`` takes the samples as if
        they had been recorded at it: nothing is lost, and frequencies and time are scaled by the ratio of the rates.

    Raises
    ------
    CardError
        No such reading.
    """
    if reading not in ("resample", "as_is"):
        raise CardError(f"input_settings: reading: '{reading}': say resample or as_is")
    return at_rate(wave, rate, wanted) if reading == "resample" else wave


def at_rate(wave: torch.Tensor, rate: float, wanted: int) -> torch.Tensor:
    """Resample (n, length) with a filter that leaves no image of the old rate (as clean as soxr).

    The filter bank grows with the terms of the ratio of the rates, so a ratio that is none of small whole
    numbers (48,828 to 32,000 Hz would take 27 s and 2 GB a batch) is replaced by the nearest one that is:
    pitch is then wrong by less than a thousandth, there by a millionth.
    """
    if rate == wanted:
        return wave
    ratio = Fraction(wanted / rate).limit_denominator(1000)
    old, new = ratio.denominator, ratio.numerator
    if old == new:
        return wave
    filters, reach = _filters(old, new)
    filled = torch.nn.functional.pad(wave, (reach, reach + old))
    # one output channel a filter: the samples of a period of the ratio, side by side
    resampled = torch.nn.functional.conv1d(filled[:, None], filters, stride=old).transpose(1, 2).flatten(1)
    # in single precision, as torchaudio has it: a sample less where the rest of the division is lost
    return resampled[:, : int(torch.tensor(new * wave.shape[1] / old).ceil())]


@lru_cache(maxsize=8)
def _filters(old: int, new: int) -> tuple[torch.Tensor, int]:
    """Windowed sincs (new, 1, 2 * reach + old), one for each place that a new sample has between old ones, and reach.

    Every step is the one of `torchaudio.functional.resample` (64 zero crossings, rolloff 0.9476, Kaiser's window), in
    its order and in single precision, and so is every bit: committed numbers rest on them. It stands here because
    torchaudio is no longer developed and does not say which torch it fits.

    References
    ----------
    .. [1] Smith, "Digital audio resampling", ccrma.stanford.edu/~jos/resample.
    .. [2] pytorch/audio 2.11 (BSD-2-Clause), src/torchaudio/functional/functional.py.
    """
    crossings, beta = 64, torch.tensor(14.769656459379492)
    cut = min(old, new) * 0.9476
    reach = math.ceil(crossings * old / cut)
    at = torch.arange(0, -new, -1, dtype=torch.float32)[:, None, None] / new
    at = at + torch.arange(-reach, reach + old, dtype=torch.float32) / old
    at = (at * cut).clamp(-crossings, crossings)
    window = torch.i0(beta * torch.sqrt(1 - (at / crossings) ** 2)) / torch.i0(beta)
    at = at * math.pi
    sinc = torch.where(at == 0, 1.0, at.sin() / at)
    return sinc * (window * (cut / old)), reach
