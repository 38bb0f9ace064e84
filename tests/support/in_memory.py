"""Windows that are arrays, and models of cards written on the spot."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faultboard.declare.catalogue import Catalogue, Model


@dataclass(frozen=True)
class Arrays:
    """Windows held in memory: (n, length, channels), or a list of pictures."""

    samples: Any
    rate: float | None
    modality: str

    def __len__(self) -> int:
        return len(self.samples)

    def batch(self, ids: NDArray[np.int64]) -> Any:
        return [self.samples[i] for i in ids] if self.rate is None else self.samples[ids]


def windows(modality: str, n: int = 8, length: int = 2048, channels: int = 1, seed: int = 0) -> Arrays:
    """Noise of any modality; pictures differ in size and in channels."""
    rng = np.random.default_rng(seed)
    if modality in ("photo", "thermal"):
        shapes = [(48 + 5 * i, 64, (1, 3, 4)[i % 3]) for i in range(n)]
        return Arrays([rng.integers(0, 256, s, dtype=np.uint8) for s in shapes], None, modality)
    return Arrays(rng.standard_normal((n, length, channels)).astype(np.float32), 12_000.0, modality)


def tones(n: int = 24, length: int = 2048) -> tuple[Arrays, NDArray[np.int64]]:
    """Two classes that any model must tell apart: a low and a high tone in noise."""
    rng = np.random.default_rng(0)
    y = np.arange(n) % 2
    t = np.arange(length) / 12_000
    wave = np.sin(2 * np.pi * np.where(y, 3_000, 500)[:, None] * t + rng.uniform(0, 6, (n, 1)))
    wave = wave + 0.1 * rng.standard_normal((n, length))
    return Arrays(wave[..., None].astype(np.float32), 12_000.0, "vibration"), y


SMALL = '''
"""A small network with everything that regimes speak of."""
from torch import nn


def build(width=4):
    return nn.Sequential(
        nn.Conv1d(1, width, 9, 4), nn.BatchNorm1d(width), nn.ReLU(),
        nn.Conv1d(width, 2 * width, 9, 4), nn.BatchNorm1d(2 * width), nn.ReLU(),
        nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(2 * width, 7),
    )
'''

SMALL_CARD = """
title: A small network
builder: small.py:build
input: {vibration: raw}
layers: {first: "0", head: "8", width: 8}
pretraining: {scratch: {}}
recipes:
"""

HAND_MADE = """
title: Hand-made
builder: small.py:loudness
input: {vibration: samples}
arguments: {power: 2}
pretraining: {none: {}}
recipes:
"""
LOUDNESS = '''
"""Loudness a channel."""


def loudness(batch, rate, power):
    return (abs(batch) ** power).mean(1)
'''


def small(folder: Path, recipe: str, card: str = SMALL_CARD, code: str = SMALL) -> Model:
    """Model of one recipe, its card and code in a folder of its own."""
    at = folder / "models"
    at.mkdir(parents=True, exist_ok=True)
    (at / "small.py").write_text(textwrap.dedent(code), encoding="utf-8")
    (at / "small.yaml").write_text(f"{card.strip()}\n  {recipe}\n", encoding="utf-8")
    (folder / "none").mkdir(exist_ok=True)
    cards = Catalogue(folder, folder / "none")
    return next(m for m in cards.models() if m.card.id == "small")
