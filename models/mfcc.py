"""Mel cepstrum, its deltas and spectral contrast: what sound was described by before there were networks for it.

Sources: Davis and Mermelstein, IEEE TASSP 28 (1980) 357, doi 10.1109/TASSP.1980.1163420; Jiang et al., ICME 2002,
doi 10.1109/ICME.2002.1035731. librosa computes them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from faultboard.errors import FaultboardError

_SHORTEST = 16
# librosa's defaults, which hold where rate and length allow them
_FRAME, _MELS, _CEPSTRUM, _OCTAVES = 2048, 128, 20, 6


def features(batch: NDArray[np.float32], rate: float) -> NDArray[Any]:
    """Cepstrum, deltas and contrast of each channel: their means and standard deviations over time.

    Parameters
    ----------
    batch : (n, length, channels)
        Windows as recorded.
    rate : float
        Sampling rate in Hz.

    Returns
    -------
    (n, 94 * channels) float
        20 coefficients, 20 deltas over nine frames and the contrast of 7 bands, of a channel without its mean and of
        unit RMS: level does not count. Fewer where windows are shorter than 512 samples.

    Raises
    ------
    FaultboardError
        Windows are shorter than 16 samples.

    Notes
    -----
    A frame is 2,048 samples, or the power of two that goes twice into a window; the next one begins a quarter later. So
    there are nine frames at least, which deltas need. There are no more mel bands than an eighth of a frame, so that
    each holds a bin. Bands of contrast are octaves, the last from 0.4 of the rate on, six of them above the lowest band
    or as many as hold bins. At 16 kHz those are librosa's own, from 200 Hz on; 12 kHz could not hold its last.
    """
    length = batch.shape[1]
    if length < _SHORTEST:
        raise FaultboardError(f"mfcc needs windows of {_SHORTEST} samples or more, these have {length}")
    import librosa

    frame = min(_FRAME, 1 << (length // 2).bit_length() - 1)
    to_mel = librosa.filters.mel(sr=rate, n_fft=frame, n_mels=min(_MELS, frame // 8))
    octaves = min(_OCTAVES, frame.bit_length() - 2)
    bands = {"sr": rate, "n_fft": frame, "n_bands": octaves, "fmin": 0.4 * rate / 2 ** (octaves - 1)}
    decibels, contrast = [], []
    # one by one: librosa cuts decibels 80 below the loudest of all that it is given
    for wave in batch.transpose(0, 2, 1).reshape(-1, length):
        size = np.abs(librosa.stft(_levelled(wave), n_fft=frame, hop_length=frame // 4))
        decibels.append(librosa.power_to_db(to_mel @ size**2))
        contrast.append(librosa.feature.spectral_contrast(S=size, **bands))
    cepstrum = librosa.feature.mfcc(S=np.stack(decibels), n_mfcc=_CEPSTRUM)
    rows = np.concatenate([cepstrum, librosa.feature.delta(cepstrum), np.stack(contrast)], axis=1)
    return np.concatenate([rows.mean(axis=2), rows.std(axis=2)], axis=1).reshape(len(batch), -1)


def _levelled(wave: NDArray[np.float32]) -> NDArray[np.float32]:
    """A channel without its mean, of unit RMS; what lies below the resolution of float32 is no signal."""
    centred = wave - wave.mean(dtype=np.float64)
    least = 1e-7 * np.abs(wave).max() + 1e-30
    return np.asarray(centred / max(centred.std(), least), dtype=np.float32)
