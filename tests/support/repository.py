"""The repository that is tested, and its own cards."""

from __future__ import annotations

from pathlib import Path

from faultboard.declare.catalogue import Catalogue

REPOSITORY = Path(__file__).parents[2]
CARDS = Catalogue(REPOSITORY, REPOSITORY)
