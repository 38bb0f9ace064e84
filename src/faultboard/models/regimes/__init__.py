"""Regimes: what of a model is trained, one file each.

A regime lets parts of a network move, or fits a classifier of scikit-learn to features, or does one or the other as
the recipe asks. Its file is named as cards write it and holds all that is known of it. Importing any of them costs
next to nothing, since keys, plans and lists ask: what computes is imported when it computes.

Cards are read in a room that does not know this one. So whoever uses a model asks `regime_of`, and whoever shows or
checks a card calls `check_recipes`: both refuse a word that is no regime.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from faultboard.declare.catalogue import Model
from faultboard.declare.model import Augmentation, Layers, ModelCard, ModelTemplate, Recipe
from faultboard.declare.names import did_you_mean
from faultboard.declare.vocabulary import Vocabulary
from faultboard.errors import CardError

# Makes a classifier of this class: the recipe's settings over the defaults that are given by name.
Build = Callable[..., Any]


@dataclass(frozen=True)
class Regime:
    """What of a model is trained.

    Attributes
    ----------
    words : str
        What people read.
    moves : callable, optional
        Parts of a network that learn beside its head, by their names in it; ``""`` is all of it. Without it the
        regime takes any features, hand-made ones too.
    estimator : callable, optional
        Makes the classifier that is fitted to features of a frozen backbone, from a `Build` and a seed. Without it
        the regime always goes down a gradient.
    needs_first : bool
        Whether the card must say ``layers.first``.
    names_layers : bool
        Whether the recipe must say ``layers``, which others may not.
    seeded : bool
        Whether a seed changes what is fitted to the same features.
    linear : bool
        Whether what is fitted has a weight a feature and class and an offset a class: tables count these.
    """

    words: str
    moves: Callable[[Layers, Recipe], list[str]] | None = None
    estimator: Callable[[Build, int], Any] | None = None
    needs_first: bool = False
    names_layers: bool = False
    seeded: bool = False
    linear: bool = False

    def by_gradient(self, recipe: Recipe) -> bool:
        """Whether a recipe goes down a gradient; else a classifier is fitted to features."""
        if self.moves is None:
            return False
        asked = recipe.head is not None or recipe.batch_norm == "moving" or recipe.augmentation != Augmentation()
        return self.estimator is None or asked


REGIMES: Vocabulary[Regime] = Vocabulary("faultboard.models.regimes", Regime, "regime")


def regime_of(model: Model) -> Regime:
    """Regime of a model's recipe.

    Raises
    ------
    CardError
        As `check_recipes`, of this recipe alone.
    """
    return _checked(model.card, model.recipe_name)


def by_gradient(model: Model) -> bool:
    """Whether a model goes down a gradient; else a classifier is fitted to its features."""
    return regime_of(model).by_gradient(model.recipe)


def check_recipes(card: ModelCard | ModelTemplate) -> None:
    """Refuse a card of which a recipe has no regime, or one that does not fit.

    Of a template the words alone are looked at: what it fits is known of the cards that it fills.

    Raises
    ------
    CardError
        One line with the file, the recipe, what is wrong and what would fit.
    """
    for name in card.recipes:
        _checked(card, name)


def _checked(card: ModelCard | ModelTemplate, name: str) -> Regime:
    recipe = card.recipes[name]
    word = recipe.regime or name
    if word not in REGIMES and recipe.regime is None:
        raise CardError(f"{_place(card, name)}: say its regime.{did_you_mean(name, REGIMES)}")
    if word not in REGIMES:
        REGIMES.check(word, _place(card, name))
    regime = REGIMES[word]
    if isinstance(card, ModelCard) and (misfit := _misfit(word, regime, card, recipe)):
        raise CardError(f"{_place(card, name)}: {misfit}")
    return regime


def _place(card: ModelCard | ModelTemplate, recipe: str) -> str:
    return card.at("recipes", recipe)


def _misfit(word: str, regime: Regime, card: ModelCard, recipe: Recipe) -> str:
    """What is wrong with a recipe of this regime, or nothing."""
    if card.layers is None and regime.moves is not None:
        fitting = ", ".join(name for name in REGIMES if REGIMES[name].moves is None)
        return f"a backbone without 'layers' is hand-made features; its regime is one of {fitting}"
    if regime.needs_first and not (card.layers and card.layers.first):
        return f"{word} needs layers.first"
    if regime.names_layers and not recipe.layers:
        return f"{word} needs 'layers', the parts that learn beside the head"
    if recipe.layers and not regime.names_layers:
        naming = ", ".join(name for name in REGIMES if REGIMES[name].names_layers)
        return f"'layers' are for {naming}, not for {word}"
    if recipe.grid and (regime.estimator is None or regime.by_gradient(recipe)):
        return "'grid' is for what is fitted on features, not for training by gradient"
    if recipe.batch_norm == "data" and (regime.moves is None or regime.by_gradient(recipe)):
        return "batch_norm data is for features of a frozen network"
    if not regime.by_gradient(recipe) and (asked := _for_training(recipe)):
        remedy = f"{word} goes down none" if regime.moves is None else "say a 'head'"
        return f"{asked} is for training by gradient: {remedy}"
    return ""


def _for_training(recipe: Recipe) -> str:
    """First of what a recipe asks for that only training by gradient does; unheard, the card would say what is not."""
    if recipe.class_weight == "proportional":
        return "class_weight proportional"
    if recipe.batch_norm == "moving":
        return "batch_norm moving"
    for field in ("head", "augmentation", "early_stopping"):
        if getattr(recipe, field) != Recipe.model_fields[field].default:
            return field
    return ""
