"""Raw windows for one-dimensional networks."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from faultboard.models.inputs.waveform import centred


def prepare(batch: NDArray[np.float32], rate: float | None, preprocessing: Any) -> torch.Tensor:
    """Give each window zero mean a channel and unit variance over all channels.

    Parameters
    ----------
    batch : (n, length, channels) float32

    Returns
    -------
    (n, channels, length) float32
        One variance for all channels keeps what they say of each other; level does not count.
    """
    windows = centred(batch)
    return windows / (windows.square().mean((1, 2), keepdim=True).sqrt() + 1e-12)
