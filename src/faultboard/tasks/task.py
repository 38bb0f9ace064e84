"""A task bound to the recordings of one edition."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from faultboard.data.edition import Edition
from faultboard.data.prepare import data_key, is_outdated, prepare
from faultboard.data.prepared import Prepared
from faultboard.data.windows import Windows, cut
from faultboard.declare.catalogue import Catalogue
from faultboard.declare.keys import digest
from faultboard.declare.names import did_you_mean
from faultboard.declare.schema import computing
from faultboard.declare.task import Protocol, TaskCard, level_parts
from faultboard.errors import CardError, DataError, ProtocolError, Unavailable
from faultboard.tasks.card_words import check_words
from faultboard.tasks.folds import Drawable, Fold
from faultboard.tasks.levels import torn_by_class
from faultboard.tasks.metrics import Predictions
from faultboard.tasks.scoring import as_probabilities, at, over_folds, scalars, scores
from faultboard.tasks.splits import draw
from faultboard.versions import FOLDS


class Task:
    """A declared task on recordings that are here.

    Parameters
    ----------
    card : TaskCard
        What is declared.
    source : Edition
        Which recordings.
    prepared : Prepared
        Their prepared form.

    Attributes
    ----------
    dataset, edition : DatasetCard, str
        Of the recordings.
    windows : Windows
        What a model sees.
    y : (n_windows,) int
        Class numbers, in the order of ``card.class_names``.
    """

    def __init__(self, card: TaskCard, source: Edition, prepared: Prepared) -> None:
        self.card, self.dataset, self.edition, self.prepared = check_words(card), source.card, source.name, prepared
        rows = _selected(card, prepared.recordings, self.id)
        self.recordings = prepared.recordings.iloc[rows].reset_index(drop=True)
        self.windows: Windows = cut(card.window, prepared, rows, source.card.modality, source.card.is_pictures, self.id)
        number = {value: i for i, name in enumerate(card.class_names) for value in card.class_values[name]}
        self.y = np.array([number[v] for v in self.recordings[card.label]], dtype=np.int64)[self.windows.recording]
        self._check_levels()

    def _check_levels(self) -> None:
        """What a level takes together must be of one class; it is no thing that could be scored else."""
        for number, (column, _) in enumerate(map(level_parts, self.card.level)):
            if column != "window" and (torn := torn_by_class(self.column(column), self.y)):
                at = self.card.at("level", number)
                raise CardError(f"{at}: {column} '{torn}' of {self.id} holds windows of more than one class")

    @classmethod
    def open(cls, card: TaskCard, source: Edition) -> Task:
        """Bind a task to the prepared form of an edition.

        Raises
        ------
        Unavailable
            The edition is not prepared here, or what draws it has changed since.
        """
        if is_outdated(source):
            why = "its card, or what draws it, has changed since it was prepared"
            raise Unavailable(f"{source.id}: {why}: faultboard prepare {source.id}")
        return cls(card, source, Prepared(source.prepared))

    @classmethod
    def find(cls, catalogue: Catalogue, name: str, edition: str | None = None, protocol: str | None = None) -> Task:
        """Bind a task to an edition, prepared if it is not.

        Parameters
        ----------
        edition : str, optional
            Without it, the first that can be had.
        protocol : str, optional
            What the edition must be able to carry.

        Raises
        ------
        Unavailable
            With the reason of each edition.
        """
        card = catalogue.task(name)
        dataset = catalogue.dataset(card.dataset)
        reasons = []
        for each in [edition] if edition else list(dataset.editions):
            source = Edition(catalogue.root, dataset, each)
            try:
                prepare(source)
                task = cls.open(card, source)
                if protocol:
                    task.folds(protocol)
                return task
            except Unavailable as error:
                reasons.append(str(error))
            except ProtocolError as error:
                reasons.append(f"{source.id} cannot carry {protocol}: {error}")
        raise Unavailable("; ".join(reasons))

    @property
    def id(self) -> str:
        """Name wherever a number stands, such as ``bearing_vibration/cwru@cut``."""
        return f"{self.card.id}@{self.edition}"

    def __len__(self) -> int:
        return len(self.windows)

    def column(self, name: str) -> NDArray[np.str_]:
        """Value of a group column (or ``recording``) for each window, (n_windows,) str."""
        source = "id" if name == "recording" else name
        if source not in self.recordings:
            known = [*self.dataset.groups, *self.dataset.classes, "recording"]
            raise ProtocolError(f"no column '{name}' in {self.dataset.id}.{did_you_mean(name, known)}")
        return self.recordings[source].to_numpy(dtype=str)[self.windows.recording]

    def protocol(self, name: str) -> Protocol:
        """Protocol of this name."""
        if name not in self.card.protocols:
            raise CardError(f"{self.card.id} has no protocol '{name}'.{did_you_mean(name, self.card.protocols)}")
        return self.card.protocols[name]

    @cached_property
    def _drawn(self) -> dict[str, list[Fold]]:
        return {}

    def folds(self, protocol: str) -> list[Fold]:
        """Folds of a protocol: sorted window ids, the same on every machine.

        Raises
        ------
        ProtocolError
            These recordings cannot carry the protocol.
        """
        if protocol not in self._drawn:
            names = np.array(self.card.class_names)
            data = Drawable(self.column("recording"), self.windows.start, names[self.y], self.column)
            self._drawn[protocol] = draw(self.protocol(protocol), data)
        return self._drawn[protocol]

    def fold_hash(self, fold: Fold) -> str:
        """Hash of what stands on the two sides of a fold."""
        return fold.hash(self.column("recording"), self.windows.start)

    def splits(self, protocol: str) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Folds as scikit-learn's ``cv=`` takes them."""
        return [(fold.train, fold.test) for fold in self.folds(protocol)]

    def arrays(self, ids: NDArray[np.int64] | None = None) -> tuple[Any, NDArray[np.int64]]:
        """Samples and class numbers of some windows (of all, without ids).

        Returns
        -------
        X : (n, length) or (n, length, channels) float32, or a list of (height, width, channels) uint8
            As recorded; one channel is left out of the shape.
        y : (n,) int
        """
        ids = np.arange(len(self)) if ids is None else ids
        X = self.windows.batch(ids)
        if isinstance(X, np.ndarray) and X.shape[-1] == 1:
            X = X[..., 0]
        return X, self.y[ids]

    def score(self, protocol: str, predictions: Mapping[str, NDArray[Any]]) -> dict[str, float]:
        """Score predictions of every fold of a protocol, by the code of the tables.

        Parameters
        ----------
        predictions : dict
            By fold name: (n_test, classes) probabilities, or (n_test,) class numbers, in the order of
            ``fold.test``.

        Returns
        -------
        dict
            Every scalar metric at the first of the task's levels, as `over_folds` takes folds together; NaN where one
            is not defined.

        Raises
        ------
        ProtocolError
            A fold is missing or unknown, or its predictions are of another number than its test windows, of other
        classes, or no class numbers and no probabilities.
        """
        folds = self.folds(protocol)
        if unknown := sorted(map(str, predictions.keys() - {fold.name for fold in folds})):
            near = did_you_mean(unknown[0], [fold.name for fold in folds])
            raise ProtocolError(f"{protocol} has no fold '{unknown[0]}'.{near}")
        seen = []
        for fold in folds:
            try:
                seen.append(self._seen(fold.test, np.asarray(predictions.get(fold.name, ()))))
            except ProtocolError as error:
                raise ProtocolError(f"{protocol}, fold {fold.name}: {error}") from None
        return over_folds(seen, [scores(predictions, scalars()) for predictions in seen])

    def scores(self, ids: NDArray[np.int64], predictions: NDArray[Any]) -> dict[str, float]:
        """Every scalar metric of some windows' predictions, at the first of the task's levels.

        Parameters
        ----------
        predictions : (n, classes) or (n,)
            Probabilities, which are rounded to float16 first, as stored ones are; or class numbers.

        Raises
        ------
        ProtocolError
            As `as_probabilities`.
        """
        return scores(self._seen(ids, predictions), scalars())

    def _seen(self, ids: NDArray[np.int64], predictions: NDArray[Any]) -> Predictions:
        stored = as_probabilities(predictions, len(ids), len(self.card.class_names)).astype(np.float16)
        return at(self.card, self.card.level[0], lambda name: self.column(name)[ids], self.y[ids], stored)

    def index(self, ids: NDArray[np.int64]) -> pd.DataFrame:
        """Recording, start and groups of some windows: what a stored prediction is told by."""
        columns = {"recording": self.column("recording")[ids], "start": self.windows.start[ids]}
        columns |= {name: self.column(name)[ids] for name in self.dataset.groups}
        return pd.DataFrame(columns | {"truth": self.y[ids]})


def definition(card: TaskCard, source: Edition) -> str:
    """Hash of everything that decides a task's windows and folds, known without the data."""
    return digest(
        {
            "data": data_key(source),
            "where": card.where,
            "label": card.label,
            "classes": card.class_values,
            "window": computing(card.window),
            "protocols": {name: computing(p) for name, p in card.protocols.items()},
            "folds": FOLDS,
        }
    )


def _selected(card: TaskCard, table: pd.DataFrame, at: str) -> NDArray[np.int64]:
    keep = np.ones(len(table), dtype=bool)
    for column, values in card.where.items():
        source = "id" if column == "recording" else column
        if source not in table:
            raise DataError(f"{at}: where: the recordings have no column '{column}'")
        wanted = [float(v) for v in values] if column == "rate" else [str(v) for v in values]
        chosen = table[source].isin(wanted).to_numpy()
        if not chosen.any():
            raise DataError(f"{at}: where: no recording of {column} {' or '.join(map(str, values))}")
        keep &= chosen
    known = [value for values in card.class_values.values() for value in values]
    keep &= table[card.label].isin(known).to_numpy()
    if not keep.any():
        raise DataError(f"{at}: no recording is left by 'where' and 'classes'")
    return np.flatnonzero(keep)
