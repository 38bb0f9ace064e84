"""Recordings on their way to disk: read side by side, never all in memory, gone on with after a kill."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from faultboard.data.recording import Recording

_JOURNAL = "journal.jsonl"
_CHUNK = 1 << 20
# so many bytes are written before the system is asked to put them on disk and to forget them: a large set would
# otherwise push everything else out of the page cache, and take longer (4 ms instead of 2 a clip of 2.6 MB)
_SETTLE = 256 << 20


def loaded(recordings: Iterable[Recording], done: set[str]) -> Iterator[tuple[Recording, NDArray[Any], str]]:
    """Read recordings, a few ahead of the one that is asked for, and hash their samples.

    Decoding and hashing release Python's lock, so that threads do; memory holds some recordings a thread.

    Parameters
    ----------
    done : set of str
        Ids that are left out.

    Yields
    ------
    (recording, samples, sha256)
        In the order of the reader; samples little-endian and contiguous.
    """
    threads = min(8, os.cpu_count() or 1)
    pool = ThreadPoolExecutor(threads)
    ahead: deque[tuple[Recording, Future[tuple[NDArray[Any], str]]]] = deque()
    try:
        for recording in recordings:
            if recording.id in done:
                continue
            ahead.append((recording, pool.submit(_load, recording)))
            if len(ahead) > 2 * threads:
                first, future = ahead.popleft()
                yield first, *future.result()
        for first, future in ahead:
            yield first, *future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _load(recording: Recording) -> tuple[NDArray[Any], str]:
    samples = np.ascontiguousarray(recording.load())
    samples = samples.astype(samples.dtype.newbyteorder("<"), copy=False)
    return samples, recording.sha256 or hashlib.sha256(samples.data).hexdigest()


class Stream:
    """One flat array of samples, one of times where there are any, and a journal of what is whole.

    Parameters
    ----------
    folder : Path
        Where they lie. What is there already is gone on with if it was begun from the same inputs.
    inputs : str
        Identity of what the recordings are made from.

    Attributes
    ----------
    rows : list of dict
        One a recording that is whole.
    """

    def __init__(self, folder: Path, inputs: str) -> None:
        self.folder = folder
        self.rows: list[dict[str, Any]] = []
        lines = self._journalled()
        if not lines or lines[0].get("inputs") != inputs:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            lines = [{"inputs": inputs}]
            (folder / _JOURNAL).write_text(json.dumps(lines[0]) + "\n", encoding="utf-8")
        self.rows = lines[1:]
        self._open()

    def _journalled(self) -> list[dict[str, Any]]:
        """Lines of the journal; the last one may have been cut by a kill."""
        try:
            text = (self.folder / _JOURNAL).read_text(encoding="utf-8")
        except OSError:
            return []
        return [json.loads(line) for line in text.split("\n")[:-1]]

    def _open(self) -> None:
        """Cut each file to what the journal says is whole, and go on behind it."""
        self.dtype: np.dtype[Any] | None = np.dtype(self.rows[0]["dtype"]) if self.rows else None
        self.values = sum(row["values"] for row in self.rows)
        self._times = sum(row["times"] for row in self.rows)
        journal = "".join(json.dumps(row) + "\n" for row in self.rows)
        head = (self.folder / _JOURNAL).read_text(encoding="utf-8").split("\n")[0]
        (self.folder / _JOURNAL).write_text(f"{head}\n{journal}", encoding="utf-8")
        self._journal = (self.folder / _JOURNAL).open("a", encoding="utf-8")
        self._signals: IO[bytes] = (self.folder / "signals.npy").open("r+b" if self.rows else "w+b")
        self._unsettled = 0
        self._clock: IO[bytes] | None = None
        if self.dtype is not None:
            self._signals.truncate(_header(self._signals, self.dtype, 0) + self.values * self.dtype.itemsize)
            self._signals.seek(0, os.SEEK_END)
        if self._times:
            self._clock = (self.folder / "times.npy").open("r+b")
            self._clock.truncate(_header(self._clock, np.dtype("<f8"), 0) + 8 * self._times)
            self._clock.seek(0, os.SEEK_END)

    def add(self, row: dict[str, Any], samples: NDArray[Any], times: NDArray[np.float64] | None) -> None:
        """Write one recording; once this returns, a kill does not lose it."""
        if self.dtype is None:
            self.dtype = samples.dtype
            _header(self._signals, self.dtype, 0)
        self._signals.write(samples.data)
        self._signals.flush()
        self._unsettled += samples.nbytes
        if self._unsettled > _SETTLE:
            self._settle()
        if times is not None:
            if self._clock is None:
                self._clock = (self.folder / "times.npy").open("w+b")
                _header(self._clock, np.dtype("<f8"), 0)
            self._clock.write(np.ascontiguousarray(times, dtype="<f8").tobytes())
            self._clock.flush()
        size = 0 if times is None else len(times)
        self.rows.append(row | {"dtype": samples.dtype.str, "values": samples.size, "times": size})
        self._journal.write(json.dumps(self.rows[-1]) + "\n")
        self._journal.flush()
        self.values += samples.size
        self._times += size

    def _settle(self) -> None:
        self._unsettled = 0
        if hasattr(os, "posix_fadvise"):
            os.fdatasync(self._signals.fileno())
            os.posix_fadvise(self._signals.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)

    def close(self) -> str:
        """Write the final headers, take the journal away, and give the hash of the times."""
        clock = hashlib.sha256()
        if self.dtype is not None:
            _header(self._signals, self.dtype, self.values)
        if self._clock is not None:
            at = _header(self._clock, np.dtype("<f8"), self._times)
            self._clock.seek(at)
            while chunk := self._clock.read(_CHUNK):
                clock.update(chunk)
            self._clock.close()
        self._signals.close()
        self._journal.close()
        (self.folder / _JOURNAL).unlink()
        return clock.hexdigest()


def _header(stream: IO[bytes], dtype: np.dtype[Any], values: int) -> int:
    """Write the header of a flat array and give its size: numpy pads it so that the number can grow in place."""
    stream.seek(0)
    shape = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": (values,)}
    np.lib.format.write_array_header_1_0(stream, shape)
    return stream.tell()
