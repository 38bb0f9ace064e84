"""``first_last``: the layer that sees the input learns anew, and the head; what is between stays as it was."""

from __future__ import annotations

from faultboard.declare.model import Layers, Recipe
from faultboard.models.regimes import Regime


def _first(layers: Layers, recipe: Recipe) -> list[str]:
    return [layers.first or ""]


FIRST_LAST = Regime("the first layer and the head are trained", moves=_first, needs_first=True)
