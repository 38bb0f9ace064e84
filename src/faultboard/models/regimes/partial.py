"""``partial``: the layers that the recipe names learn, and the head; the rest stays as it was."""

from __future__ import annotations

from faultboard.declare.model import Layers, Recipe
from faultboard.models.regimes import Regime


def _named(layers: Layers, recipe: Recipe) -> list[str]:
    return recipe.layers


PARTIAL = Regime("the layers that the recipe names and the head are trained", moves=_named, names_layers=True)
