"""The words of a task card that the engine computes by: whether there are such metrics, splits and levels."""

from __future__ import annotations

from faultboard.declare.task import Reported, TaskCard, level_parts
from faultboard.errors import CardError
from faultboard.tasks.levels import LEVELS
from faultboard.tasks.metrics import METRICS
from faultboard.tasks.splits import SPLITS, check_fields


def check_names(card: TaskCard) -> TaskCard:
    """Hold the names on a card against the vocabularies; nothing that computes is imported.

    Raises
    ------
    CardError
        One line: file, line, the word, the nearest ones.
    """
    for number, name in enumerate(card.metrics):
        METRICS.check(name, card.at("metrics", number))
    for number, level in enumerate(card.level):
        LEVELS.check(level_parts(level)[1], card.at("level", number))
    for name, protocol in card.protocols.items():
        SPLITS.check(protocol.split, card.at("protocols", name))
    for number, figure in enumerate(card.reported):
        METRICS.check(figure.metric, card.at("reported", number))
    return card


def check_words(card: TaskCard) -> TaskCard:
    """Hold everything that a card says in these words against what it means.

    Raises
    ------
    CardError
        As `check_names`; or a headline that is no single number, or a split that is told too little or too much.
    """
    check_names(card)
    for number, name in enumerate(card.metrics):
        if METRICS[name].shape != "scalar":
            raise CardError(
                f"{card.at('metrics', number)}: '{name}' is a number for each class: a task's metrics are one number"
            )
    for name, protocol in card.protocols.items():
        try:
            check_fields(protocol)
        except CardError as error:
            raise CardError(f"{card.at('protocols', name)}: {error}") from None
    for number, figure in enumerate(card.reported):
        _check_figure(figure, card.at("reported", number))
    return card


def _check_figure(figure: Reported, at: str) -> None:
    shape = METRICS[figure.metric].shape
    if isinstance(figure.value, dict) != (shape == "class"):
        form = "a value for each class" if shape == "class" else "one value"
        raise CardError(f"{at}: {figure.metric} has {form}")
