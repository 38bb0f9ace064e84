"""What a reader hands over: one thing captured in one go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Recording:
    """One recording, as it was captured: no resampling, no scaling, no float arithmetic.

    A reader is ``def read(folder: Path) -> Iterator[Recording]``: it walks the raw files in sorted
    order, needs nothing but the folder, and raises `DataError` with the file, the fault and (where
    the reader knows one) the remedy.

    Parameters
    ----------
    id : str
        Unique within the dataset and stable: where it can, the file's path without the suffix.
    samples : ndarray, or a function without arguments that reads it
        A signal as (length, channels), a picture as (height, width, channels) uint8, or a video as
        (frames, height, width, channels) uint8. One dtype a dataset; integers stay integers. A reader of
        a large set hands over functions: they are called by several threads, a few recordings ahead.
    rate : float or None
        Sampling rate in Hz; None for pictures, and where ``times`` says it.
    columns : dict of str
        Every label and group column of the card, as text.
    source : str
        Raw file, relative to the folder, with forward slashes.
    times : ndarray, optional
        (length,) float64 seconds, where sampling is not uniform.
    sha256 : str, optional
        Hash of the raw file, for a video: its decoders differ in the last bit. Else the samples are hashed.
    """

    id: str
    samples: NDArray[Any] | Callable[[], NDArray[Any]]
    rate: float | None
    columns: dict[str, str]
    source: str
    times: NDArray[Any] | None = field(default=None)
    sha256: str = ""

    def load(self) -> NDArray[Any]:
        """Samples, read now where the reader left that for later."""
        return self.samples() if callable(self.samples) else self.samples
