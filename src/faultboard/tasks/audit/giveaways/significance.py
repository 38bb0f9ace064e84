"""How clearly a fact tells the classes apart, and how often chance does as well.

A **fact** is one number an item, such as its mean level. It is held against the classes by the sum of its values over
the items of one class, standardised over all relabelings of the design (see `relabelling`). A **giveaway** is a fact
whose sum is larger than nearly all of those that the relabelings give.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faultboard.tasks.audit.giveaways.relabelling import Design, dealt

# From so many items a stratum, facts are turned into ranks, so that one outlier decides nothing. Of fewer items the
# values are taken: ranks would be the same for every fact that parts them, however far apart it puts them.
_RANKED = 20


@dataclass(frozen=True)
class Told:
    """The class that a fact tells most clearly from the others, and how clearly.

    Attributes
    ----------
    p : float
        Share of relabelings under which some fact tells some class as clearly (so it is corrected for the number of
        facts and classes).
    cls : int
        The class.
    auc : float
        Area under the ROC curve of its items against the others, mean over the strata; 0.5 is chance, 0 and 1 are
        perfect.
    alone : dict of float
        The same of each stratum, by its name, in which the fact alarms by itself.
    """

    p: float
    cls: int
    auc: float
    alone: dict[str, float]


def tells(design: Design, values: NDArray[np.float64], alarm: float) -> list[Told]:
    """Hold facts against the classes.

    For each class, and for each stratum by itself and all together, the sum of a fact over the items of the class is
    standardised by the mean and the variance that it has over all relabelings. The statistic of a fact is the largest
    of these. It is compared with the largest over all facts under each relabelling [1]_, so that looking at many facts
    costs no false alarms.

    Parameters
    ----------
    values : (n_items, m) float64
        One column a fact.
    alarm : float
        The p up to which a stratum alarms by itself.

    Returns
    -------
    list of Told
        One for each fact.

    References
    ----------
    .. [1] Westfall, Young, "Resampling-based multiple testing", Wiley 1993.
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
        alone = {design.strata[s]: area for s, area in auc.items() if p[cls, s] <= alarm}
        out.append(Told(min(p.values()), cls, float(np.mean(list(auc.values()))), alone))
    return out


def _standardised(sums: NDArray[np.float64], spread: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance of each sum from its mean, which is 0, in standard deviations; 0 where nothing varies."""
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
    """Area under the ROC curve of a class against the others in a stratum, by the rank sum."""
    from scipy.stats import rankdata

    inside = design.stratum == stratum
    own = design.y[inside] == cls
    n, m = int(own.sum()), int((~own).sum())
    return float((rankdata(values[inside])[own].sum() - n * (n + 1) / 2) / (n * m))
