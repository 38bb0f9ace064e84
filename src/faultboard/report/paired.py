"""The difference of two rows of a task over independent groups: an interval where there are groups enough.

Windows of one machine are no independent trials. Of nominal 95 %, intervals over windows were measured to cover 0.40,
the bootstrap over 4 groups 0.80, t over groups 0.94; at 2 or 3 groups nothing covers, and the groups' scores stand
alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faultboard.declare.task import TaskCard, level_parts
from faultboard.report.scores import stored_at
from faultboard.run.record import Record
from faultboard.run.store import Results
from faultboard.tasks.metrics import METRICS, confusion

FEW, MANY = 4, 12  # groups: below the first no interval; from the second on the bootstrap
_DRAWS = 2000
_LEVEL = 0.05

# by group: (seeds, classes, classes) counts of true and predicted class
Counts = dict[str, NDArray[np.int64]]


@dataclass(frozen=True)
class Difference:
    """Score of one row less that of another.

    Attributes
    ----------
    by : str
        Column whose values are the groups.
    groups : list of str
        The groups.
    each : (n_groups,) float
        Of each group, mean over seeds.
    interval : (low, high) or None
        Of nominal 95 %; None below `FEW` groups.
    """

    by: str
    groups: list[str]
    each: NDArray[np.float64]
    interval: tuple[float, float] | None

    @property
    def method(self) -> str:
        """How the interval was had."""
        return "bootstrap" if len(self.each) >= MANY else "t"

    @property
    def p(self) -> float | None:
        """Two-sided p of a mean of zero, the signs of the groups' differences flipped [1]_.

        None where the groups are so few that even if all agreed it could not be below 0.05: 2 / 2^G.

        References
        ----------
        .. [1] P. Good, "Permutation, Parametric, and Bootstrap Tests of Hypotheses", Springer, 2005, section 3.2.
        """
        if 2 / 2 ** len(self.each) > _LEVEL:
            return None
        from scipy.stats import permutation_test

        found = permutation_test((self.each,), np.mean, permutation_type="samples", n_resamples=9999, random_state=0)
        return float(found.pvalue)


def group_column(card: TaskCard, name: str, unit: str | None) -> str:
    """Column whose values are the trials of a protocol.

    What it holds out whole; else what the honest side of the task's gap holds out, so that both sides rest on the
    same trials, also where there is one unit a class; else the unit, else what any protocol of the task holds out, else
    the recording.
    """
    held_out = {
        key: protocol.by
        for key, protocol in card.protocols.items()
        if protocol.split in ("leave_one_out", "k_fold", "blocks") and protocol.by
    }
    own = held_out.get(name) or held_out.get(card.gap[1] if card.gap else "")
    return own or unit or next(iter(held_out.values()), "recording")


def compare(
    results: Results, card: TaskCard, protocol: str, models: list[str], metric: str, unit: str | None
) -> Difference:
    """Difference of two rows of a task, on all of the data, over the trials of a protocol."""
    by = group_column(card, protocol, unit)
    first, second = (
        counts_by_group(results, records_of(results, protocol, model), card.level[0], by) for model in models
    )
    return difference(first, second, metric, by)


def records_of(results: Results, protocol: str, model: str) -> list[Record]:
    """Cells of a row on all of the data."""
    wanted = (protocol, model, "all")
    return [r for r in results.records.values() if (r.cell.protocol, r.cell.model, r.cell.budget) == wanted]


def counts_by_group(results: Results, records: list[Record], level: str, by: str) -> Counts:
    """Count pairs of true and predicted class in each group, over all folds of a row."""
    seeds = sorted({record.cell.seed for record in records})
    out: Counts = {}
    for record in records:
        rows = results.rows(record.cell.key)
        whole = level_parts(level)[0]
        truth, probabilities = stored_at(level, rows)
        # a label column is not stored; where one is held out, each fold is a value of it
        group = rows[by if by in rows else "fold"].to_numpy(dtype=str)
        if whole != "window":
            group = group[np.unique(rows[whole].to_numpy(dtype=str), return_index=True)[1]]
        classes = probabilities.shape[1]
        predicted = probabilities.argmax(1).astype(np.int64)
        for name in np.unique(group):
            counts = out.setdefault(str(name), np.zeros((len(seeds), classes, classes), dtype=np.int64))
            counts[seeds.index(record.cell.seed)] += confusion(truth[group == name], predicted[group == name], classes)
    return out


def difference(first: Counts, second: Counts, metric: str, by: str) -> Difference:
    """Difference of two rows that were tested on the same windows.

    The interval is by t over the groups' differences below `MANY` groups; from there on it is the percentile
    bootstrap [1]_ over groups, of the metric of all their windows together.

    References
    ----------
    .. [1] B. Efron, R. Tibshirani, "An Introduction to the Bootstrap", Chapman & Hall, 1993, chapter 13.
    """
    score, groups = METRICS[metric], sorted(first)
    each = np.array(
        [np.mean([score(c) for c in first[g]]) - np.mean([score(c) for c in second[g]]) for g in groups],
        dtype=np.float64,
    )
    if len(each) < FEW:
        return Difference(by, groups, each, None)
    if len(each) < MANY:
        from scipy.stats import t

        half = float(t.ppf(0.975, len(each) - 1) * each.std(ddof=1) / np.sqrt(len(each)))
        return Difference(by, groups, each, (float(each.mean()) - half, float(each.mean()) + half))
    shape = next(iter(first.values())).shape[1:]
    sides = [np.stack([side[g].sum(0).ravel() for g in groups]).astype(np.float64) for side in (first, second)]
    draws = np.random.default_rng(0).multinomial(len(each), np.full(len(each), 1 / len(each)), size=_DRAWS)
    # sums of whole numbers, so that every machine finds the same
    ours, theirs = ((draws @ side).reshape(_DRAWS, *shape).astype(np.int64) for side in sides)
    found = [score(a) - score(b) for a, b in zip(ours, theirs, strict=True)]
    low, high = np.percentile(found, [2.5, 97.5])
    return Difference(by, groups, each, (float(low), float(high)))
