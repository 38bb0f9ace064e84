"""``full``: every layer learns. From pretrained weights this is fine-tuning, from random ones training from scratch."""

from __future__ import annotations

from faultboard.declare.model import Layers, Recipe
from faultboard.models.regimes import Regime


def _all(layers: Layers, recipe: Recipe) -> list[str]:
    return [""]


FULL = Regime("every layer is trained", moves=_all)
