"""The log-mel front end that VGGish was trained with; YAMNet's differs in the offset and the step of its patches."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from faultboard.errors import CardError
from faultboard.models.inputs.kaldi import mel_bank
from faultboard.models.inputs.waveform import at_peak, mono, read_at
from faultboard.models.patches import FRAMES, in_a_row

RATE = 16_000
WINDOW, HOP, POINTS = 400, 160, 512
PATCH = WINDOW + (FRAMES - 1) * HOP  # 15,600 samples


def prepare(
    batch: NDArray[np.float32], rate: float, preprocessing: Any, reading: str = "resample", tail: str = "overlap"
) -> torch.Tensor:
    """Log-mel patches of 0.96 s at 16 kHz, side by side.

    Magnitude of a 25 ms Hann window every 10 ms (512 points), 64 mel filters from 125 to 7,500 Hz,
    ``log(x + 0.01)``, patches of 96 frames that do not overlap. A window shorter than a patch is filled with
    noughts.

    Parameters
    ----------
    batch : (n, length, channels) float32
    rate : float
        Sampling rate in Hz.
    reading : {"resample", "as_is"}
        See `waveform.read_at`.
    tail : {"overlap", "drop"}
        What becomes of frames that do not fill a patch: the last patch ends with the window and overlaps the
        one before, or they are left out, as VGGish's own code does.

    Returns
    -------
    (n, 1, 64, patches * 96) float32

    Raises
    ------
    CardError
        No such reading or tail.

    References
    ----------
    .. [1] Hershey et al., ICASSP 2017, arXiv 1609.09430; tensorflow/models, research/audioset/vggish.
    """
    if tail not in ("overlap", "drop"):
        raise CardError(f"input_settings: tail: '{tail}': say overlap or drop")
    wave = waveform(batch, rate, reading)
    mel = spectrogram(torch.nn.functional.pad(wave, (0, max(0, PATCH - wave.shape[1]))), 0.01)
    frames = mel.shape[2]
    starts = list(range(0, frames - FRAMES + 1, FRAMES))
    if tail == "overlap" and frames % FRAMES:
        starts.append(frames - FRAMES)
    return in_a_row(mel, starts)


def waveform(batch: NDArray[np.float32], rate: float, reading: str) -> torch.Tensor:
    """One channel at 16 kHz in [-1, 1], each window by its own peak: loudness must not give a machine away."""
    return at_peak(read_at(mono(batch), rate, RATE, reading))


def spectrogram(wave: torch.Tensor, offset: float) -> torch.Tensor:
    """Log-mel spectrogram of (n, length) at 16 kHz: (n, 64, frames), complete frames only."""
    frames = wave.unfold(1, WINDOW, HOP) * torch.hann_window(WINDOW)
    magnitude = torch.fft.rfft(frames, POINTS).abs()
    return torch.log(magnitude @ _bank() + offset).transpose(1, 2)


@cache
def _bank() -> torch.Tensor:
    """Filters (257, 64): triangles in mel = 1127 ln(1 + f / 700), which are Kaldi's."""
    return mel_bank(64, POINTS, RATE, 125, 7_500).T.contiguous()
