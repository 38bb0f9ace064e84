"""What of a model changes numbers: the part of a cell's key that is the model's."""

from __future__ import annotations

from typing import Any

from faultboard.declare.catalogue import Model
from faultboard.declare.code import code_hash, code_of
from faultboard.declare.model import Augmentation
from faultboard.declare.schema import computing
from faultboard.models.inputs import input_of
from faultboard.models.regimes import by_gradient, regime_of
from faultboard.versions import FEATURES, HEADS, TRAINING, raised

# fields of a recipe that the backbone's part of a key says
_FEEDS = ("input", "input_settings", "preprocessing", "arguments")


def computing_key(model: Model, modality: str) -> dict[str, Any]:
    """Everything of a model that changes its predictions, as plain data."""
    recipe = {name: value for name, value in computing(model.recipe).items() if name not in _FEEDS}
    return _backbone(model, modality) | {"regime": model.regime, "recipe": recipe}


def features_key(model: Model, modality: str, seed: int) -> dict[str, Any]:
    """Everything that changes the features of a frozen backbone; of a recipe, what reaches the backbone alone."""
    random = model.card.is_network and not model.has_weights
    key = _backbone(model, modality) | {"dtype": model.recipe.dtype, "seed": seed if random else 0}
    return key | {"batch_norm": "data"} if model.recipe.batch_norm == "data" else key


def input_key(model: Model, modality: str) -> dict[str, Any]:
    """Everything that changes what a network is given: backbones that agree in it share it."""
    front, settings = input_of(model, modality)
    return {"input": [front.name, front.version, settings], "preprocessing": computing(model.preprocessing)}


def parts(model: Model) -> int | dict[str, int]:
    """Versions of the parts of the engine that a model's predictions pass through."""
    if not shares_features(model):
        return raised(training=TRAINING)
    if by_gradient(model):
        return raised(features=FEATURES, training=TRAINING)
    return raised(features=FEATURES, heads=HEADS[model.regime])


def _backbone(model: Model, modality: str) -> dict[str, Any]:
    card = model.card
    front, settings = input_of(model, modality)
    layers = computing(card.layers) if card.layers else None
    if layers and not model.recipe.attends:
        # only attention replaces the pooling: a card may name it later and keep what it has computed
        layers.pop("pool", None)
    code = {}
    for named in (card.builder, model.pretraining.keys):
        if named.partition(":")[0].endswith(".py"):
            path, _ = code_of(card.path, named, "build")
            code[path.name] = code_hash(path)
    return {
        "builder": card.builder,
        "code": code,
        "arguments": model.arguments,
        "input": [front.name, front.version, settings],
        "layers": layers,
        "pretraining": computing(model.pretraining)
        | {"preprocessing": computing(model.preprocessing), "random": not model.has_weights},
    }


def shares_features(model: Model) -> bool:
    """Whether one pass of the backbone over each window serves every fold: nothing of it moves or changes."""
    regime, recipe = regime_of(model), model.recipe
    if not regime.by_gradient(recipe):
        return True
    still = recipe.batch_norm != "moving" and recipe.augmentation == Augmentation()
    # an estimator's features are a frozen backbone's; a head that pools by itself wants more of it than they are
    return regime.estimator is not None and still and (recipe.head is None or recipe.head.pool == "mean")


def seeded(model: Model) -> bool:
    """Whether a seed changes a model's numbers; one that it does not change runs once."""
    drawn = by_gradient(model) or regime_of(model).seeded
    return drawn or (model.card.is_network and not model.has_weights)
