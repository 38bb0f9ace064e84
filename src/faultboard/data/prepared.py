"""The prepared form: a table of recordings and one flat array that is mapped, not read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from faultboard.errors import DataError, Unavailable

# Columns that every recordings table has; the others are labels and groups, as text.
FIXED = ("id", "rate", "length", "height", "width", "channels", "offset", "source", "sha256")


def read_meta(folder: Path) -> dict[str, Any] | None:
    """What was written about a prepared edition, or None where there is nothing."""
    try:
        meta: dict[str, Any] = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise DataError(f"{folder / 'meta.json'}: cannot be read: {error}. Prepare it again.") from None
    return meta


class Prepared:
    """Recordings of one edition, mapped from disk.

    Parameters
    ----------
    folder : Path
        ``data/prepared/<dataset>@<edition>``.

    Attributes
    ----------
    recordings : DataFrame
        One row a recording: the `FIXED` columns, then labels and groups as text.
    hash : str
        Hash over decoded samples and labels.

    Raises
    ------
    Unavailable
        Nothing is prepared here, or it was noted why nothing can be.
    """

    def __init__(self, folder: Path) -> None:
        meta = read_meta(folder)
        if meta is None:
            raise Unavailable(f"{folder.name}: not prepared: faultboard prepare {folder.name}")
        if "unavailable" in meta:
            raise Unavailable(meta["unavailable"])
        self.folder = folder
        self.meta = meta
        self.hash: str = meta["hash"]
        try:
            self.recordings = pd.read_parquet(folder / "recordings.parquet")
            self._signals: NDArray[Any] = np.load(folder / "signals.npy", mmap_mode="r", allow_pickle=False)
            times = folder / "times.npy"
            self._times = np.load(times, mmap_mode="r", allow_pickle=False) if times.is_file() else None
        except (OSError, ValueError) as error:
            raise DataError(
                f"{folder}: damaged ({error}). Delete it and run: faultboard prepare {folder.name}"
            ) from None
        rows = self.recordings
        self._offset = rows["offset"].to_numpy()
        self._time_offset = np.concatenate([[0], np.cumsum(rows["length"].to_numpy())])
        self._shape = rows[["length", "height", "width", "channels"]].to_numpy()

    def samples(self, row: int) -> NDArray[Any]:
        """Samples of a recording as captured.

        Returns
        -------
        (length, channels), (height, width, channels) or (frames, height, width, channels)
            A signal, a picture, or a video of more than one frame.
        """
        length, height, width, channels = self._shape[row]
        shape = (height, width, channels) if height else (length, channels)
        if height and length > 1:
            shape = (length, *shape)
        start = self._offset[row]
        return self._signals[start : start + int(np.prod(shape))].reshape(shape)

    def times(self, row: int) -> NDArray[np.float64] | None:
        """Seconds of each sample where sampling is not uniform, else None."""
        if self._times is None:
            return None
        times: NDArray[np.float64] = self._times[self._time_offset[row] : self._time_offset[row + 1]]
        return times
