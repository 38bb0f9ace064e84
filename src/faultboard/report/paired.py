"""The difference of two rows of a task, over what was tested independently of each other.

A hundred windows of one bearing are one trial, not a hundred: if the bearing is an easy one, all of them are easy. So
a difference rests on groups (bearings, motors, days: whatever the protocol holds out), each with its own difference of
the two rows. How many groups there are decides what can be said, by what was measured of a nominal 95 %: an interval
over windows covers 0.40, a bootstrap over 4 groups 0.80, Student's t over 4 groups 0.94.

- below `FEW` groups nothing covers: the groups' differences stand alone, without an interval;
- from `FEW` on the interval is by t over the groups' differences;
- from `MANY` on it is a bootstrap over groups, which also follows a metric of all windows together.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from faultboard.declare.task import TaskCard, level_parts
from faultboard.run.record import Record
from faultboard.run.store import Results
from faultboard.tasks.metrics import METRICS, Metric, Predictions
from faultboard.tasks.splits import split_of

FEW, MANY = 4, 12
_DRAWS = 2000
_LEVEL = 0.05

# by group: the predictions of each seed, all folds together
ByGroup = dict[str, list[Predictions]]


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
    method : str
        How the interval was had: ``t`` or ``bootstrap``.
    """

    by: str
    groups: list[str]
    each: NDArray[np.float64]
    interval: tuple[float, float] | None
    method: str = "t"

    @property
    def is_defined(self) -> bool:
        """Whether the metric is defined in every group; of one class alone, some are not."""
        return bool(np.isfinite(self.each).all())

    @property
    def p(self) -> float | None:
        """Two-sided p of a mean of zero, the signs of the groups' differences flipped [1]_.

        None where the groups are so few that even if all agreed it could not be below 0.05: 2 / 2^G.

        References
        ----------
        .. [1] P. Good, "Permutation, Parametric, and Bootstrap Tests of Hypotheses", Springer, 2005, section 3.2.
        """
        if 2 / 2 ** len(self.each) > _LEVEL or not self.is_defined:
            return None
        from scipy.stats import permutation_test

        flips = permutation_test((self.each,), np.mean, permutation_type="samples", n_resamples=9999, random_state=0)
        return float(flips.pvalue)


def group_column(card: TaskCard, name: str, unit: str | None) -> str:
    """Column whose values are the trials of a protocol.

    What it holds out whole; else what the honest side of the task's gap holds out, so that both sides rest on the
    same trials, also where there is one unit a class; else the unit, else what any protocol of the task holds out, else
    the recording.
    """
    held_out = {
        key: protocol.by for key, protocol in card.protocols.items() if split_of(protocol).trials and protocol.by
    }
    own = held_out.get(name) or held_out.get(card.gap[1] if card.gap else "")
    return own or unit or next(iter(held_out.values()), "recording")


def compare(
    results: Results, card: TaskCard, protocol: str, models: list[str], metric: str, unit: str | None
) -> Difference:
    """Difference of two rows of a task, on all of the data, over the trials of a protocol."""
    by = group_column(card, protocol, unit)
    first, second = (by_group(card, results, records_of(results, protocol, model), by) for model in models)
    return difference(first, second, metric, by)


def records_of(results: Results, protocol: str, model: str) -> list[Record]:
    """Cells of a row on all of the data."""
    wanted = (protocol, model, "all")
    return [r for r in results.records.values() if (r.cell.protocol, r.cell.model, r.cell.budget) == wanted]


def by_group(card: TaskCard, results: Results, records: list[Record], by: str) -> ByGroup:
    """Predictions of each group at the first of a task's levels, over all folds of a row."""
    whole = level_parts(card.level[0])[0]
    parts: dict[str, dict[int, list[Predictions]]] = {}
    for record in records:
        windows = results.windows(record.cell.key)
        seen = windows.at(card, card.level[0])
        # stored rows hold the group columns; a protocol may hold out by a label column instead (a speed, a fault),
        # and then each of its folds is named for the value that it holds out
        group = windows.column(by if by in results.predictions else "fold")
        if whole != "window":
            group = group[np.unique(windows.column(whole), return_index=True)[1]]
        for name in np.unique(group):
            own = replace(seen, truth=seen.truth[group == name], probabilities=seen.probabilities[group == name])
            parts.setdefault(str(name), {}).setdefault(record.cell.seed, []).append(own)
    return {name: [_joined(of_seed) for _, of_seed in sorted(seeds.items())] for name, seeds in parts.items()}


def _joined(parts: list[Predictions]) -> Predictions:
    truth, probabilities = (np.concatenate([getattr(p, name) for p in parts]) for name in ("truth", "probabilities"))
    return replace(parts[0], truth=truth, probabilities=probabilities)


def difference(first: ByGroup, second: ByGroup, metric: str, by: str) -> Difference:
    """Difference of two rows that were tested on the same windows.

    The interval is by t over the groups' differences below `MANY` groups, and for a metric of probabilities; else it is
    the percentile bootstrap [1]_ over groups, of the metric of all their windows together.

    References
    ----------
    .. [1] B. Efron, R. Tibshirani, "An Introduction to the Bootstrap", Chapman & Hall, 1993, chapter 13.
    """
    score, groups = METRICS[metric], sorted(first)
    each = np.array(
        [np.mean([score(p) for p in first[g]]) - np.mean([score(p) for p in second[g]]) for g in groups],
        dtype=np.float64,
    )
    if len(each) < FEW or not np.isfinite(each).all():
        return Difference(by, groups, each, None)
    if len(each) < MANY or score.needs != "labels":
        return Difference(by, groups, each, _t_interval(each))
    sides = [[sum(p.counts for p in side[group]) for group in groups] for side in (first, second)]
    return Difference(by, groups, each, _bootstrap(score, *(np.stack(side) for side in sides)), "bootstrap")


def _t_interval(each: NDArray[np.float64]) -> tuple[float, float]:
    from scipy.stats import t

    half = float(t.ppf(0.975, len(each) - 1) * each.std(ddof=1) / np.sqrt(len(each)))
    return float(each.mean()) - half, float(each.mean()) + half


def _bootstrap(score: Metric, first: NDArray[np.int64], second: NDArray[np.int64]) -> tuple[float, float]:
    """Interval of the difference of two (groups, classes, classes) counts, groups drawn anew."""
    groups, *shape = first.shape
    draws = np.random.default_rng(0).multinomial(groups, np.full(groups, 1 / groups), size=_DRAWS)
    # sums of whole numbers, so that every machine finds the same
    ours, theirs = (
        (draws @ side.reshape(groups, -1).astype(np.float64)).reshape(_DRAWS, *shape).astype(np.int64)
        for side in (first, second)
    )
    differences = [
        score(Predictions.of_counts(a)) - score(Predictions.of_counts(b)) for a, b in zip(ours, theirs, strict=True)
    ]
    low, high = np.percentile(differences, [2.5, 97.5])
    return float(low), float(high)
