"""The repository's own cards on generated recordings, prepared once a run, which holds their counts to the card.

Tests read there; one that changes a file makes a root of its own.
"""

from __future__ import annotations

from functools import cache

import pytest

from faultboard.data.edition import Edition
from faultboard.data.prepare import prepare
from faultboard.declare.catalogue import Catalogue
from faultboard.tasks.task import Task
from support import shared
from support.repository import CARDS, REPOSITORY


@cache
def generated(dataset: str) -> Catalogue:
    """Root in which the ``sim`` edition of a dataset is prepared."""
    cards = Catalogue(shared.folder(), REPOSITORY)
    with pytest.MonkeyPatch.context() as patch, shared.lock(f"{dataset}@sim"):
        patch.delenv("FAULTBOARD_DATA", raising=False)
        prepare(Edition(cards.root, cards.dataset(dataset), "sim"))
    return cards


@cache
def edition(dataset: str) -> Edition:
    """Its ``sim`` edition, prepared."""
    cards = generated(dataset)
    return Edition(cards.root, cards.dataset(dataset), "sim")


@cache
def task(name: str) -> Task:
    """Task of the repository on its ``sim`` edition."""
    card = CARDS.task(name)
    return Task.open(card, edition(card.dataset))
