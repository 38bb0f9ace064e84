"""A declared suite on one edition: what it takes, and where its results lie."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from faultboard.declare.catalogue import Catalogue, Model
from faultboard.declare.suite import SuiteCard
from faultboard.errors import DataError
from faultboard.files.whole import write_beside
from faultboard.models.card_words import check_words
from faultboard.tasks.facts import TaskFacts


@dataclass(frozen=True)
class Suite:
    """One suite, bound to a root and an edition.

    Attributes
    ----------
    edition : str
        Of the recordings; the suite's own unless another is asked for.
    """

    catalogue: Catalogue
    card: SuiteCard
    edition: str

    @classmethod
    def of(cls, catalogue: Catalogue, name: str, edition: str | None = None) -> Suite:
        """Suite of this name that a root sees."""
        card = catalogue.suite(name)
        return cls(catalogue, card, edition or card.edition)

    @property
    def id(self) -> str:
        """Name of its results: ``open``, or ``open@sim`` on another edition than its own."""
        return self.card.id if self.edition == self.card.edition else f"{self.card.id}@{self.edition}"

    @property
    def said(self) -> str:
        """As commands take it: ``papers --edition sim`` where the edition is not its own."""
        return self.card.id if self.edition == self.card.edition else f"{self.card.id} --edition {self.edition}"

    @property
    def folder(self) -> Path:
        """Folder of its results."""
        return self.catalogue.root / "results" / self.id

    @property
    def tasks(self) -> list[str]:
        """Tasks that its globs mean, of whatever edition."""
        return self.catalogue.expand(self.card.tasks, list(self.catalogue.paths["task"]), "task", self.card.path)

    def cells_file(self, task: str) -> Path:
        """File of a task's records and predictions."""
        return self.folder / "cells" / f"{task}.parquet"

    def stored_tasks(self) -> list[str]:
        """Tasks that have results, sorted."""
        cells = self.folder / "cells"
        return [path.relative_to(cells).with_suffix("").as_posix() for path in sorted(cells.rglob("*.parquet"))]

    def models(self, chosen: list[str] | None = None) -> list[Model]:
        """Models in the order of its card; of them those that are chosen, by name or glob."""
        every = {m.id: m for m in self.catalogue.models(self.card.models)}
        names = self.catalogue.expand(self.card.models, list(every), "model", self.card.path)
        self.catalogue.expand(list(self.card.only), names, "model of the suite", f"{self.card.path}: only")
        if chosen:
            inside = self.catalogue.expand(chosen, names, "model of the suite", "")
            names = [n for n in names if n in inside]
        models = [every[n] for n in names]
        for card in {m.card.id: m.card for m in models}.values():
            check_words(card)
        return models

    def read_facts(self) -> dict[str, TaskFacts]:
        """Facts of tasks that a run has written."""
        path = self._facts_file
        try:
            plain = json.loads(path.read_text(encoding="utf-8"))
            return {name: TaskFacts.from_json(facts) for name, facts in plain.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise DataError(f"{path}: cannot be read ({error}). Check it out again, or delete it.") from None

    def write_facts(self, facts: dict[str, TaskFacts]) -> None:
        """Write facts of tasks, sorted, so that two runs give one file."""
        plain = {name: facts[name].to_json() for name in sorted(facts)}
        write_beside(self._facts_file, (json.dumps(plain, indent=1, sort_keys=True) + "\n").encode())

    @property
    def _facts_file(self) -> Path:
        return self.folder / "tasks.json"
