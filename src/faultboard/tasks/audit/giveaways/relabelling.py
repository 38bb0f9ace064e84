"""Which labels could have fallen otherwise: the design of the recordings, and the relabelings that follow it.

A permutation test asks how often a fact would tell the classes apart as well as it does, had the labels been dealt by
chance. The answer depends on what is dealt. Ten recordings of one machine that was faulty all along did not get ten
labels: the machine got one. The **design** of a set of recordings says what got a label in one go (an **item**), and
among which items labels may change places. A **relabelling** is one way to deal the classes to the items that keeps the
number of items a class.

Two designs of four machines with ten recordings each:

- Machines m0 and m1 are sound, m2 and m3 are faulty. Items are the machines, and there are 4! / (2! 2!) = 6
  relabelings. Two of them part {m0, m1} from {m2, m3}, so that no p is below 2 / 6: each machine has an offset of its
  own, and with four of them any offset may fall this way.
- Each machine ran five times sound and five times faulty. Items are the recordings, and labels change places within a
  machine only: 252 ways a machine, 252^4 in all. An offset that differs from machine to machine is the same under all
  of them, and gives nothing away.

Whoever exchanges the labels of single recordings in the first design finds something in every clean set (measured on
generated ones: a share of 1.00; by the design: 0.00 to 0.05).
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

# Up to so many relabelings are all looked at; of more, 999 are drawn, and the labels as they are make a thousand.
_ALL = 2000
_DRAWN = 999
# A column is nested in the classes where so large a share of its values holds one class.
_NEARLY = 0.8


@dataclass(frozen=True)
class Design:
    """What got a label in one go, and among which of them labels may change places.

    Attributes
    ----------
    items : str
        Column whose values got a label in one go: a group column, or ``recording``.
    within : str
        Column within whose values labels change places; empty where they do among all items.
    item : (n_recordings,) int
        Number of each recording's item; -1 for one that is not of its item's class, or shorter than a window.
    stratum : (n_items,) int
        Number of the value of ``within`` that the item belongs to: its stratum. All 0 where ``within`` is empty.
    strata : list of str
        Those values, by number.
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
        """Number of different ways to deal the classes to the items, each stratum keeping its items a class."""
        return prod(factorial(c.total()) // prod(map(factorial, c.values())) for c in self.counts)

    @property
    def smallest_p(self) -> float:
        """What no p can go below, however clear the fact.

        It is more than one in all relabelings: where classes have as many items as each other (in each stratum),
        their names can be exchanged, and a fact parts them as before.
        """
        alike = Counter(tuple(c[k] for c in self.counts) for k in set(self.y.tolist()))
        return prod(map(factorial, alike.values())) / self.relabelings

    @property
    def in_words(self) -> str:
        """What is exchanged within what, such as ``recording within machine``."""
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

    Items are the values of the coarsest group column (the one of fewest values) whose values hold one class each: what
    was captured in one go stays together. Without such a column they are the recordings. Labels change places within
    the unit where units hold several classes, else among all items.

    A column counts as one whose values hold one class each where four of five of them do. The class of an item is then
    that of most of its recordings, and recordings of another one are left out.
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
    """Deal the classes to the items again and again, as the design allows.

    Parameters
    ----------
    seed : int
        Of the draws, where there are too many relabelings to look at each.

    Returns
    -------
    (n_dealings, n_items) int
        Class of each item under each relabelling. The first row is the classes as they are: a p counts them in [1]_.

    References
    ----------
    .. [1] Phipson, Smyth, "Permutation p-values should never be zero", SAGMB 9 (2010).
    """
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
    """Every different order of so many of each class."""
    if not counts.total():
        yield []
        return
    for value in sorted(counts):
        if counts[value]:
            for rest in _arrangements(counts - Counter({value: 1})):
                yield [value, *rest]
