"""Patches: networks that were trained on a second of sound see a longer window a patch at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn

FRAMES = 96  # of one patch: 0.96 s in steps of 10 ms, for VGGish and YAMNet alike
_AT_ONCE = 64


def in_a_row(spectrogram: Tensor, starts: Iterable[int]) -> Tensor:
    """Patches of a spectrogram side by side, so that a window stays one picture.

    Parameters
    ----------
    spectrogram : (n, bands, frames) Tensor
    starts : iterable of int
        First frame of each patch; patches may overlap.

    Returns
    -------
    (n, 1, bands, patches * 96) Tensor
    """
    return torch.cat([spectrogram[..., start : start + FRAMES] for start in starts], dim=-1)[:, None]


def embeddings(x: Tensor, embed: Callable[[Tensor], Tensor]) -> Tensor:
    """Embedding of each patch of each window.

    Parameters
    ----------
    x : (n, 1, bands, patches * 96) Tensor
        As `in_a_row` puts them.
    embed : callable
        Embedding of each patch alone: (m, 1, 96, bands), time first as the networks were trained, to (m, width).

    Returns
    -------
    (n, patches, width) Tensor
    """
    n, channels, bands, _ = x.shape
    apart = x.reshape(n, channels, bands, -1, FRAMES).permute(0, 3, 1, 4, 2).flatten(0, 1)
    # an hour of sound is 4,000 patches; while training, batch norm must see all of a batch
    parts = (apart,) if torch.is_grad_enabled() else torch.split(apart, _AT_ONCE)
    return torch.cat([embed(part) for part in parts]).reshape(n, len(apart) // n, -1)


def mean_over_patches(x: Tensor, embed: Callable[[Tensor], Tensor]) -> Tensor:
    """Mean embedding of each window's patches, (n, width), of what `embeddings` takes."""
    return embeddings(x, embed).mean(1)


class AttentionOverPatches(nn.Module):
    """A network of patches that weighs them, in the place of their mean.

    Weights are a softmax over a window's patches of what two linear layers make of each embedding.

    Parameters
    ----------
    network : Module
        With ``embed``, from patches to embeddings.
    head : str
        Name in it of what takes a window's embedding.
    inner : int
        Width between the two layers.
    """

    def __init__(self, network: nn.Module, head: str, width: int, inner: int) -> None:
        super().__init__()
        self.network = network
        self.score = nn.Sequential(nn.Linear(width, inner), nn.ReLU(), nn.Linear(inner, 1))
        self._head = head

    def forward(self, x: Tensor) -> Tensor:
        """Classes, or features, of one batch."""
        each = embeddings(x, self.network.embed)  # type: ignore[arg-type]
        pooled = (each * self.score(each).softmax(1)).sum(1)
        classes: Tensor = self.network.get_submodule(self._head)(pooled)
        return classes
