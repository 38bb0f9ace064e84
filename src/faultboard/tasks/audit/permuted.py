"""A control: with labels dealt anew, nothing is left to learn but what stands on both sides of the split."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faultboard.errors import ProtocolError
from faultboard.tasks.audit.giveaways.pooled_recall import pooled_recall
from faultboard.tasks.audit.giveaways.relabelling import dealt, design
from faultboard.tasks.folds import Drawable, Fold
from faultboard.tasks.leak import fingerprints
from faultboard.tasks.splits import draw
from faultboard.tasks.task import Task

# Dealings that are tried, and windows that a score is of: enough for a mean, and seconds of work.
_DRAWS = 10
_WINDOWS = 600


@dataclass(frozen=True)
class Control:
    """What a quick classifier reaches on labels that mean nothing.

    Attributes
    ----------
    protocol : str
    score, lowest, highest : float
        Balanced accuracy: mean, least and greatest over the dealings.
    chance : float
        What guessing reaches.
    shared : str
        Column whose values are relabelled whole, if it stands on both sides: the score above chance is then what
        knowing its values again is worth. Empty where it does not: there the score must be chance.
    """

    protocol: str
    score: float
    lowest: float
    highest: float
    chance: float
    shared: str


def permuted(task: Task) -> list[Control]:
    """Score logistic regression on unit-free fingerprints under each protocol, with labels dealt by the design.

    Folds are drawn anew from the dealt labels. The score is of the windows of all folds together.

    Returns
    -------
    list of Control
        None of a protocol that these recordings cannot carry; none at all where every dealing only renames the
        classes, as with one unit a class.
    """
    plan = design(task)
    if plan.smallest_p == 1.0:
        return []
    dealings = dealt(plan)
    # any but the first, which is the labels as they are
    others = len(dealings) - 1
    chosen = 1 + np.random.default_rng(0).choice(others, min(others, _DRAWS), replace=False)
    of_window = plan.item[task.windows.recording]
    looked_at = np.unique(np.linspace(0, len(task) - 1, min(len(task), _WINDOWS)).round().astype(int))
    looked_at = looked_at[of_window[looked_at] >= 0]
    prints = fingerprints(task)
    items = task.column(plan.items)
    names = np.array(task.card.class_names)
    out = []
    for name, protocol in task.card.protocols.items():
        scores, shared = [], False
        for dealing in dealings[chosen]:
            # recordings that are not of their item's class keep their own, and are not looked at
            y = np.where(of_window >= 0, dealing[of_window], task.y)
            data = Drawable(task.column("recording"), task.windows.start, names[y], task.column)
            try:
                drawn = draw(protocol, data)
            except ProtocolError:
                break
            shared |= any(len(np.intersect1d(items[f.train], items[f.test])) for f in drawn)
            scores.append(_score(prints, y, drawn, looked_at))
        if scores:
            chance = 1 / len(set(plan.y.tolist()))
            mean = float(np.mean(scores))
            out.append(Control(name, mean, min(scores), max(scores), chance, plan.items if shared else ""))
    return out


def _score(prints: NDArray[np.float32], y: NDArray[np.int64], drawn: list[Fold], looked_at: NDArray[np.int64]) -> float:
    """Balanced accuracy on the windows that are looked at; NaN where no fold has two classes to learn."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    sides = [(np.intersect1d(f.train, looked_at), np.intersect1d(f.test, looked_at)) for f in drawn]
    several = [(train, test) for train, test in sides if len(set(y[train].tolist())) > 1]
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, class_weight="balanced", tol=1e-2))
    recall = pooled_recall(model, prints, y, several)
    return float("nan") if recall is None else recall
