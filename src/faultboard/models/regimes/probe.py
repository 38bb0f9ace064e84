"""``probe``: a frozen backbone under a head.

By default the head is logistic regression, as in ``logreg``: then one pass of the backbone serves every fold and seed.
A recipe with a ``head`` of its own, with augmentation or with batch norms that move goes down a gradient.
"""

from __future__ import annotations

from faultboard.declare.model import Layers, Recipe
from faultboard.models.regimes import Regime
from faultboard.models.regimes.logreg import logistic_regression


def _nothing(layers: Layers, recipe: Recipe) -> list[str]:
    return []


PROBE = Regime("frozen, a head is trained", moves=_nothing, estimator=logistic_regression, linear=True)
