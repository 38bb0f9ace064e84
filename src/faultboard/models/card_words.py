"""The words of a model card that the engine computes by: whether there are such regimes and inputs."""

from __future__ import annotations

from faultboard.declare.model import ModelCard, ModelTemplate
from faultboard.errors import CardError
from faultboard.models.inputs import front_end
from faultboard.models.regimes import check_recipes


def check_words(card: ModelCard | ModelTemplate) -> None:
    """Hold the words on a card against the vocabularies; nothing that computes is imported.

    Raises
    ------
    CardError
        One line: file, line, the word, the nearest ones; or a regime that does not fit the card.
    """
    check_recipes(card)
    named = {("input",): card.input} | {("recipes", name, "input"): each.input for name, each in card.recipes.items()}
    for place, inputs in named.items():
        for modality, name in inputs.items():
            try:
                front_end(name)
            except CardError as error:
                raise CardError(f"{card.at(*place, modality)}: {error}") from None
