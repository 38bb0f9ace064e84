"""What front ends of signals share: no offset, one channel, one level, the network's own sampling rate."""

from __future__ import annotations

from fractions import Fraction

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
    from torchaudio.functional import resample

    if rate == wanted:
        return wave
    ratio = Fraction(wanted / rate).limit_denominator(1000)
    resampled: torch.Tensor = resample(
        wave, ratio.denominator, ratio.numerator, lowpass_filter_width=64, rolloff=0.9476,
        resampling_method="sinc_interp_kaiser", beta=14.769656459379492,
    )  # fmt: skip
    return resampled
