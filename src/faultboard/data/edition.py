"""One edition of a dataset at a root: what is declared of it, and where its files lie."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from faultboard.declare.catalogue import Catalogue
from faultboard.declare.dataset import DatasetCard, EditionCard
from faultboard.declare.names import did_you_mean
from faultboard.errors import CardError

SHARED = "FAULTBOARD_DATA"


def shared_folder() -> Path | None:
    """Folder of archives and raw files that ``FAULTBOARD_DATA`` names. Nothing is ever written there."""
    named = os.environ.get(SHARED)
    return Path(named) if named else None


@dataclass(frozen=True)
class Edition:
    """An edition by name; only what is asked of it is looked up.

    Attributes
    ----------
    root : Path
        Root whose ``data/`` is filled.
    card : DatasetCard
        The dataset.
    name : str
        Such as ``cut``.
    """

    root: Path
    card: DatasetCard
    name: str

    @classmethod
    def of(cls, catalogue: Catalogue, dataset: str, name: str) -> Edition:
        """Edition of a dataset that a root sees."""
        return cls(catalogue.root, catalogue.dataset(dataset), name)

    @property
    def id(self) -> str:
        """Name wherever a number stands, such as ``cwru@cut``."""
        return f"{self.card.id}@{self.name}"

    @property
    def declared(self) -> EditionCard:
        """What the card says of it.

        Raises
        ------
        CardError
            The dataset has no such edition.
        """
        for name, edition in self.card.editions.items():
            if name == self.name:
                return edition
        raise CardError(f"{self.card.id} has no edition '{self.name}'.{did_you_mean(self.name, self.card.editions)}")

    @property
    def raw(self) -> Path:
        """Folder that holds (or will hold) the raw files: the root's, unless the shared one has one of that name."""
        shared = shared_folder()
        if shared and (shared / self.id).is_dir():
            return shared / self.id
        return self.root / "data" / "raw" / self.id

    @property
    def is_own(self) -> bool:
        """Whether the raw folder is the root's own: another one is never written to."""
        return self.raw.is_relative_to(self.root)

    @property
    def prepared(self) -> Path:
        """Folder of the prepared form."""
        return self.root / "data" / "prepared" / self.id

    @property
    def lock(self) -> Path:
        """File whose lock whoever writes raw or prepared files holds; its folder is made."""
        folder = self.root / "data" / "locks"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{self.id}.lock"
