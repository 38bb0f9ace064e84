"""Windows: an index of (recording, start), never a copy."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from faultboard.data.prepared import Prepared
from faultboard.declare.task import Window
from faultboard.errors import DataError


@dataclass(frozen=True)
class Windows:
    """Windows of some recordings, read from the prepared form when they are asked for.

    Attributes
    ----------
    prepared : Prepared
        Where the samples lie.
    rows : (n_recordings,) int
        Row of each used recording in the prepared table.
    recording : (n_windows,) int
        Position in ``rows`` of each window's recording.
    start : (n_windows,) int
        First sample of each window, or the number of a video's frame; 0 where the window is the whole recording.
    length : int
        Samples a window; 0 for pictures.
    rate : float or None
        Sampling rate in Hz; None for pictures.
    modality : str
        What the samples are, in the words of the dataset card.
    resample : bool
        Whether recordings are brought to ``rate``, or their samples taken as if they came at it.
    """

    prepared: Prepared
    rows: NDArray[np.int64]
    recording: NDArray[np.int64]
    start: NDArray[np.int64]
    length: int
    rate: float | None
    modality: str
    resample: bool = True

    def __len__(self) -> int:
        return len(self.recording)

    @cached_property
    def identity(self) -> str:
        """Hash of which samples the windows are."""
        content = "\n".join(self.prepared.recordings["sha256"].iloc[self.rows])
        state = hashlib.sha256(content.encode())
        state.update(self.recording.astype("<i8").tobytes())
        state.update(self.start.astype("<i8").tobytes())
        state.update(f"{self.length} {self.rate}{'' if self.resample else ' as they come'}".encode())
        return state.hexdigest()

    def batch(self, ids: NDArray[np.int64]) -> NDArray[np.float32] | list[NDArray[np.uint8]]:
        """Samples of some windows, as recorded.

        Returns
        -------
        (n, length, channels) float32, or a list of (height, width, channels) uint8
            Signals in the units of the source, with zeros where a window reaches beyond its recording; pictures of
            any size.
        """
        if self.length == 0:
            return [self._picture(int(self.rows[self.recording[i]]), int(self.start[i])) for i in ids]
        return np.stack([self._cut(int(self.recording[i]), int(self.start[i])) for i in ids])

    def _picture(self, row: int, frame: int) -> NDArray[np.uint8]:
        pixels = self.prepared.samples(row)
        return pixels[frame] if pixels.ndim == 4 else pixels

    def _cut(self, position: int, start: int) -> NDArray[np.float32]:
        signal = resampled(self.prepared, int(self.rows[position]), self.rate if self.resample else None)
        samples = signal[start : start + self.length].astype(np.float32)
        short = self.length - len(samples)
        return np.pad(samples, ((0, short), (0, 0))) if short else samples


def cut(card: Window, prepared: Prepared, rows: NDArray[np.int64], modality: str, pictures: bool, at: str) -> Windows:
    """Index the windows of the recordings at ``rows``.

    A recording shorter than a window gives none, and the tail that does not fill one is left out, unless the card
    says to fill it up. Each frame of a video is a window.

    Raises
    ------
    DataError
        The recordings have more than one rate, or whole recordings differ in length, or no window fits.
    """
    table = prepared.recordings.iloc[rows]
    if pictures:
        frames = table["length"].to_numpy()
        start = np.concatenate([np.arange(count) for count in frames]).astype(np.int64)
        return Windows(prepared, rows, np.repeat(np.arange(len(rows)), frames), start, 0, None, modality)
    rate = card.rate if card.rate is not None else _one_rate(table, at)
    if card.resample:
        lengths = np.array([_length(prepared, int(row), rate) for row in rows])
    else:
        lengths = table["length"].to_numpy()
    if card.fill:
        lengths = -(-lengths // card.fill) * card.fill
    if card.whole:
        if len(set(lengths)) > 1:
            raise DataError(f"{at}: recordings of {lengths.min()} to {lengths.max()} samples: say a window length")
        length = hop = int(lengths[0])
    else:
        length, hop = card.samples(rate)
    counts = np.maximum((lengths - length) // hop + 1, 0)
    if counts.sum() == 0:
        raise DataError(f"{at}: no recording is as long as a window ({length} samples)")
    recording = np.repeat(np.arange(len(rows)), counts)
    start = np.concatenate([np.arange(count) * hop for count in counts]).astype(np.int64)
    return Windows(prepared, rows, recording, start, length, rate, modality, card.resample)


def _one_rate(table: pd.DataFrame, at: str) -> float:
    rates = sorted(set(table["rate"].dropna()))
    if len(rates) != 1 or table["rate"].isna().any():
        listed = ", ".join(f"{r:g}" for r in rates) or "none"
        raise DataError(f"{at}: recordings at rates {listed} Hz: choose one with 'where', or say window.rate")
    return float(rates[0])


def _length(prepared: Prepared, row: int, rate: float) -> int:
    native = prepared.recordings["rate"].iloc[row]
    if native == rate:
        return int(prepared.recordings["length"].iloc[row])
    return len(resampled(prepared, row, rate))


def resampled(prepared: Prepared, row: int, rate: float | None) -> NDArray[Any]:
    """Signal of a recording at a rate.

    The whole recording is resampled, and windows are cut from that: a window that was cut first would have wrong
    samples at both ends, where the filter finds nothing beyond them. Samples with a clock of their own are
    interpolated linearly to a uniform one; all others pass through soxr.

    Parameters
    ----------
    row : int
        Of the prepared table.
    rate : float or None
        In Hz; None takes the samples as they come.

    Returns
    -------
    (length, channels) ndarray
        As stored where there is nothing to do, else floats; not to be written to.

    Notes
    -----
    Resampling does not hide at which rate a recording was made. Its **band edge**, the frequency above which it holds
    next to nothing, stays where the filter before its own converter put it: recorded at 12 kHz it may reach 6 kHz in
    full, brought there from 48 kHz it ends where soxr's filter does. On CWRU the level between 5.5 and 6 kHz told such
    recordings of one bearing apart nearly without fault (AUC 0.996). So where classes were recorded at different rates
    a model may read the class off the band edge: leave those recordings out by ``where``.
    """
    if rate is None or (prepared.times(row) is None and prepared.recordings["rate"].iloc[row] == rate):
        return prepared.samples(row)
    return _KEPT.get(prepared, row, rate)


class _Kept:
    """The recordings that were resampled last: windows of one are asked for many times."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._bytes = 0
        self._lock = Lock()
        self._signals: OrderedDict[tuple[Prepared, int, float], NDArray[Any]] = OrderedDict()

    def get(self, prepared: Prepared, row: int, rate: float) -> NDArray[Any]:
        """Signal at a rate, not to be written to."""
        key = (prepared, row, rate)
        with self._lock:
            if key in self._signals:
                self._signals.move_to_end(key)
                return self._signals[key]
        signal = _resample(prepared, row, rate)
        signal.flags.writeable = False
        with self._lock:
            if key not in self._signals:
                self._bytes += signal.nbytes
            self._signals[key] = signal
            while self._bytes > self._most:
                self._bytes -= self._signals.popitem(last=False)[1].nbytes
        return signal


_KEPT = _Kept(128 << 20)


def _resample(prepared: Prepared, row: int, rate: float) -> NDArray[Any]:
    """Signal at a rate, computed."""
    signal, times = prepared.samples(row), prepared.times(row)
    if times is not None:
        grid = np.arange(times[0], times[-1], 1.0 / rate)
        return np.stack([np.interp(grid, times, channel) for channel in signal.T], axis=1)
    import soxr

    native = float(prepared.recordings["rate"].iloc[row])
    out: NDArray[Any] = soxr.resample(signal.astype(np.float32), native, rate)
    return out
