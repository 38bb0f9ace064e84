"""Chance, as the design of the recordings has it: labels are exchanged as they could have fallen, and in no other way.

Where each unit holds one class, classes are dealt anew to whole units; where units hold several, within the unit. What
was captured in one go (a sequence, a recording) stays together. Measured on clean sets: exchanging rows whatever the
design finds something in 1.00 of those whose units hold one class each, this in 0.00 to 0.05.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import factorial, prod

import numpy as np
from numpy.typing import NDArray

from faultboard.tasks.task import Task

# Fewer relabelings than this are all looked at; of more, 999 are drawn.
_ALL = 2000
_DRAWN = 999
# A column is nested in the classes where so large a share of its values holds one class.
_NEARLY = 0.8
# With fewer items ranks tie: all that are parted look alike, however far apart they lie.
_RANKED = 20


@dataclass(frozen=True)
class Design:
    """What may be exchanged for what.

    Attributes
    ----------
    items : str
        Column whose values are relabelled whole: a group column, or ``recording``.
    within : str
        Column within whose values they are exchanged; empty where it is among all.
    item : (n_recordings,) int
        Item of each recording; -1 for one that is not of its item's class, or shorter than a window.
    stratum : (n_items,) int
        Value of ``within`` that the item belongs to.
    strata : list of str
        Names of those values.
    y : (n_items,) int
        Class of each item.
    """

    items: str
    within: str
    item: NDArray[np.int64]
    stratum: NDArray[np.int64]
    strata: list[str]
    y: NDArray[np.int64]

    @property
    def counts(self) -> list[Counter[int]]:
        """Items a class, for each stratum."""
        return [Counter(self.y[self.stratum == s].tolist()) for s in range(len(self.strata))]

    @property
    def relabelings(self) -> int:
        """Number of different ways to deal the classes to the items."""
        return prod(factorial(c.total()) // prod(map(factorial, c.values())) for c in self.counts)

    @property
    def smallest_p(self) -> float:
        """What no p can go below: classes of equal counts can change names without anything changing."""
        alike = Counter(tuple(c[k] for c in self.counts) for k in set(self.y.tolist()))
        return prod(map(factorial, alike.values())) / self.relabelings

    @property
    def said(self) -> str:
        """In words, such as ``recording within machine``."""
        return self.items + (f" within {self.within}" if self.within else "")

    def of_items(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Mean of (n_recordings, m) values over each item."""
        inside = self.item >= 0
        sums = np.zeros((len(self.y), values.shape[1]))
        np.add.at(sums, self.item[inside], values[inside])
        means: NDArray[np.float64] = sums / np.bincount(self.item[inside], minlength=len(self.y))[:, None]
        return means


def design(task: Task) -> Design:
    """Read the design off the table of recordings.

    Items are the values of the coarsest group column whose values hold one class each; without one, recordings. They
    are exchanged within the unit where most units hold several classes.
    """
    # a recording shorter than a window is in no split
    used = np.unique(task.windows.recording)
    table = task.recordings.iloc[used]
    classes = {value: i for i, values in enumerate(task.card.class_values.values()) for value in values}
    y = np.array([classes[value] for value in table[task.card.label]], dtype=np.int64)
    within = ""
    unit = task.dataset.unit
    if unit and not _is_nested(table[unit].to_numpy(dtype=str), y):
        within = unit
    outer = table[within].to_numpy(dtype=str) if within else np.full(len(table), "")
    nested = {c: _joined(outer, table[c].to_numpy(dtype=str)) for c in task.dataset.groups if c != within}
    nested = {c: names for c, names in nested.items() if _is_nested(names, y)}
    items = min(nested, key=lambda c: len(set(nested[c].tolist())), default="recording")
    names = nested.get(items, table["id"].to_numpy(dtype=str))
    strata, of_recording = np.unique(outer, return_inverse=True)
    _, first, item = np.unique(names, return_index=True, return_inverse=True)
    of_item = np.array([Counter(y[item == i].tolist()).most_common(1)[0][0] for i in range(len(first))])
    item_of = np.full(len(task.recordings), -1, dtype=np.int64)
    item_of[used] = np.where(y == of_item[item], item, -1)
    return Design(items, within, item_of, of_recording[first], strata.tolist(), of_item)


def _joined(outer: NDArray[np.str_], inner: NDArray[np.str_]) -> NDArray[np.str_]:
    return np.array([f"{a}\t{b}" for a, b in zip(outer, inner, strict=True)])


def _is_nested(names: NDArray[np.str_], y: NDArray[np.int64]) -> bool:
    """Whether (nearly) each value holds one class, and there is more than one value."""
    values = np.unique(names)
    pure = [len(set(y[names == v].tolist())) == 1 for v in values]
    return len(values) > 1 and float(np.mean(pure)) >= _NEARLY


def dealt(design: Design, seed: int = 0) -> NDArray[np.int64]:
    """Deal the classes to the items again and again: (n_dealings, n_items), the first as they are."""
    if design.relabelings <= _ALL:
        each = [list(_arrangements(c)) for c in design.counts]
        out = np.empty((design.relabelings, len(design.y)), dtype=np.int64)
        for row, chosen in zip(out, product(*each), strict=True):
            for s, classes in enumerate(chosen):
                row[design.stratum == s] = classes
        own = int(np.flatnonzero((out == design.y).all(1))[0])
        out[[0, own]] = out[[own, 0]]
        return out
    rng = np.random.default_rng(seed)
    out = np.tile(design.y, (_DRAWN + 1, 1))
    for s in range(len(design.strata)):
        own_items = np.flatnonzero(design.stratum == s)
        out[1:, own_items] = rng.permuted(out[1:, own_items], axis=1)
    return out


def _arrangements(counts: Counter[int]) -> Iterator[list[int]]:
    """Every different order of so many of each."""
    if not counts.total():
        yield []
        return
    for value in sorted(counts):
        if counts[value]:
            for rest in _arrangements(counts - Counter({value: 1})):
                yield [value, *rest]


@dataclass(frozen=True)
class Told:
    """What a fact tells most clearly.

    Attributes
    ----------
    p : float
        Share of relabelings under which some fact tells as much (corrected for the number of facts).
    cls : int
        Class that it tells from the others.
    auc : float
        Of the items of that class against the others, mean over the strata; 0.5 is chance, 0 and 1 are perfect.
    alone : dict
        The same of each stratum in which it tells enough by itself.
    """

    p: float
    cls: int
    auc: float
    alone: dict[str, float]


def tells(design: Design, values: NDArray[np.float64], alarm: float) -> list[Told]:
    """Hold facts against the classes.

    The statistic is the largest, over classes and over strata alone and together, of the standardised sum of one class
    against the others. Its chance is the largest over the facts as well (Westfall, Young, 1993), so that looking at
    many facts costs no false alarms.

    Parameters
    ----------
    values : (n_items, m) float64
    alarm : float
        The p up to which a stratum tells enough by itself.

    Returns
    -------
    list of Told
        One for each fact.
    """
    dealings = dealt(design)
    chance = np.zeros(len(dealings))
    seen: dict[tuple[int, int | None], NDArray[np.float64]] = {}
    for cls in sorted(set(design.y.tolist())):
        sums, spreads = np.zeros((len(dealings), values.shape[1])), np.zeros(values.shape[1])
        for s, counts in enumerate(design.counts):
            n, own = counts.total(), counts[cls]
            if own in (0, n):
                continue
            inside = np.flatnonzero(design.stratum == s)
            scores = _scores(values[inside])
            total = (dealings[:, inside] == cls).astype(np.float64) @ scores
            spread = own * (n - own) / (n - 1) * scores.var(0)
            sums, spreads = sums + total, spreads + spread
            z = _standardised(total, spread)
            seen[cls, s], chance = z[0], np.maximum(chance, z.max(1))
        z = _standardised(sums, spreads)
        seen[cls, None], chance = z[0], np.maximum(chance, z.max(1))
    out = []
    for fact in range(values.shape[1]):
        p = {place: float(np.mean(chance >= z[fact] - 1e-9)) for place, z in seen.items()}
        cls, _ = max(seen, key=lambda place: seen[place][fact])
        auc = {s: _auc(design, values[:, fact], cls, s) for s in range(len(design.strata)) if (cls, s) in seen}
        alone = {design.strata[s]: found for s, found in auc.items() if p[cls, s] <= alarm}
        out.append(Told(min(p.values()), cls, float(np.mean(list(auc.values()))), alone))
    return out


def _standardised(sums: NDArray[np.float64], spread: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.abs(sums) / np.sqrt(np.maximum(spread, 1e-12)) * (spread > 1e-9)


def _scores(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks (or, of few, the values), of mean 0 and variance 1; 0 where all are equal."""
    from scipy.stats import rankdata

    scores = rankdata(values, axis=0) if len(values) >= _RANKED else values
    centred = scores - scores.mean(0)
    spread = centred.std(0)
    flat = spread <= 1e-9 * (np.abs(scores).max(0) + 1e-12)
    out: NDArray[np.float64] = np.where(flat, 0.0, centred / np.where(flat, 1.0, spread))
    return out


def _auc(design: Design, values: NDArray[np.float64], cls: int, stratum: int) -> float:
    from scipy.stats import rankdata

    inside = design.stratum == stratum
    own = design.y[inside] == cls
    n, m = int(own.sum()), int((~own).sum())
    return float((rankdata(values[inside])[own].sum() - n * (n + 1) / 2) / (n * m))
