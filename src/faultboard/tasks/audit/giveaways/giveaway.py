"""Trivial facts that give the label away: findings, with the score that they reach alone under each protocol."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from faultboard.tasks.audit.found import Found, declared
from faultboard.tasks.audit.giveaways.pooled import pooled_recall
from faultboard.tasks.audit.giveaways.relabelling import Design, Told, design, tells
from faultboard.tasks.audit.giveaways.trivial import RANKS, Measured, formats, measure
from faultboard.tasks.folds import Fold
from faultboard.tasks.task import Task

ALARM = 0.01
# Where no relabelling can tell, a fact must come so far on the way from chance to 1, in balanced accuracy, to be said.
_FAR = 0.6
# A fact that varies within units says something about a new unit if it scores so far above chance there.
_CARRIES = 0.1

_REMEDY = {
    "format": "it is never a symptom: leave out by 'where' what differs, or declare it (kind: fact, where: {})",
    "acquisition": "it is hardly a symptom: remove it in the input, or declare it (kind: fact, where: {})",
    "level": "it may be a symptom: normalise it in the input, or declare it (kind: fact, where: {})",
}


def giveaways(task: Task, folds: Mapping[str, list[Fold]]) -> list[Found]:
    """Find trivial facts by which a class is told from others.

    A format of few values that names a class is a finding as it is. Everything measured is held against relabelings
    that follow the design of the recordings. Where each class is one or two units, no relabelling can say whether a
    fact marks the class or the unit: then what marks the unit is said, unless it may be a symptom.

    Parameters
    ----------
    folds : mapping
        Folds of the protocols to speak of; a protocol is named where the fact is of use to a model.
    """
    classes = len(set(task.y.tolist()))
    if classes < 2 or not folds:
        return []
    measured, plan = measure(task), design(task)
    pure = _pure(task)
    found = [_fact(task, p, name, "format", what) for name, what in pure.items() for p in folds]
    if not measured.names:
        return found
    facts = _facts(task, plan, measured)
    for name in dict.fromkeys(measured.names):
        columns = [i for i, n in enumerate(measured.names) if n == name]
        told = min((facts[i] for i in columns), key=lambda t: t.p)
        marks_unit = untestable(plan) and RANKS[name] == "acquisition" and _one_or_two(plan)
        if name in pure or (told.p > ALARM and not marks_unit):
            continue
        alone = {p: _score(task, measured, columns, of) for p, of in folds.items()}
        if told.p <= ALARM:
            margin = {p: 0.0 if _shares_units(task, of) else _CARRIES for p, of in folds.items()}
            what = f"{name} alone {_tells(task, plan, told)}"
        else:
            margin = dict.fromkeys(folds, _FAR * (1 - 1 / classes))
            what = f"{name} alone knows the {plan.items} again; {_cannot(plan, 'it names')}"
        scores = ", ".join(f"{p} {score:.2f}" for p, score in alone.items())
        what += f". By itself it reaches {scores} (chance {1 / classes:.2f})"
        found += [_fact(task, p, name, RANKS[name], what) for p in folds if alone[p] > 1 / classes + margin[p]]
    return found


def untestable(plan: Design) -> bool:
    """Whether no relabelling could ever give an alarm."""
    return plan.smallest_p > ALARM


def note(task: Task) -> list[str]:
    """What the design keeps the audit from saying of facts, or nothing."""
    plan = design(task)
    return [f"trivial facts: {_cannot(plan)}"] if untestable(plan) else []


def _cannot(plan: Design, it: str = "they name") -> str:
    groups = f"{len(plan.y)} groups ({plan.said})"
    return f"whether {it} the class cannot be tested with {groups}, no p is below {plan.smallest_p:.2g}"


def _one_or_two(plan: Design) -> bool:
    return plan.items != "recording" and min(sum(plan.counts[1:], plan.counts[0]).values()) < 3


def _facts(task: Task, plan: Design, measured: Measured) -> list[Told]:
    """Hold the facts, as medians over the windows of each recording, against the classes."""
    recording = task.windows.recording[measured.ids]
    values = np.zeros((len(task.recordings), measured.values.shape[1]))
    for r, own in zip(np.unique(recording), _runs(recording), strict=True):
        values[r] = np.median(measured.values[own], axis=0)
    return tells(plan, plan.of_items(values), ALARM)


def _runs(sorted_numbers: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    return np.split(np.arange(len(sorted_numbers)), np.flatnonzero(np.diff(sorted_numbers)) + 1)


def _tells(task: Task, plan: Design, told: Told) -> str:
    cls = task.card.class_names[told.cls]
    said = f"tells {cls} from the other classes (AUC {max(told.auc, 1 - told.auc):.2f}"
    if plan.within:
        said += f" within {plan.within}"
    said += f", p {told.p:.3f} over {min(plan.relabelings, 1000):,} relabelings by {plan.said})"
    if told.alone and plan.within:
        each = ", ".join(f"{unit} ({max(auc, 1 - auc):.2f})" for unit, auc in list(told.alone.items())[:3])
        said += f", by itself in {each}"
    return said


def _score(task: Task, measured: Measured, columns: list[int], folds: list[Fold]) -> float:
    """Balanced accuracy that trees reach on a fact alone, test windows of all folds together."""
    from sklearn.ensemble import ExtraTreesClassifier

    def looked_at(side: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.flatnonzero(np.isin(measured.ids, side))

    trees = ExtraTreesClassifier(20, min_samples_leaf=2, class_weight="balanced", random_state=0)
    sides = [(looked_at(f.train), looked_at(f.test)) for f in folds]
    return pooled_recall(trees, measured.values[:, columns], task.y[measured.ids], sides) or 0.0


def _shares_units(task: Task, folds: list[Fold]) -> bool:
    """Whether the test side holds units of the training side; where there is one unit, it does."""
    if task.dataset.unit is None:
        return True
    units = task.column(task.dataset.unit)
    return any(len(np.intersect1d(units[f.train], units[f.test])) for f in folds)


def _pure(task: Task) -> dict[str, str]:
    """Find formats of few values that no class but one has, with the evidence: no statistics are needed."""
    labels = {value: name for name, values in task.card.class_values.items() for value in values}
    classes = task.recordings[task.card.label].map(labels)
    unit = task.dataset.unit
    units = task.recordings[unit].nunique() if unit else len(classes)
    found: dict[str, str] = {}
    table = formats(task)
    for name in table:
        values = table[name]
        # a value of its own for each unit marks the unit, and says nothing of the class
        if not 1 < values.nunique() <= min(10, max(classes.nunique(), units // 2)):
            continue
        holders = classes.groupby(values).agg(set)
        own = {c: sorted(v for v in set(values[classes == c]) if holders[v] == {c}) for c in sorted(set(classes))}
        told = {c: v for c, v in own.items() if len(v) == values[classes == c].nunique()}
        if not told:
            continue
        cls, mine = next(iter(told.items()))
        others = sorted(set(values[classes != cls]))
        found[str(name)] = f"{name} alone tells {cls}: {', '.join(mine)}, the other classes have {', '.join(others)}"
    return found


def _fact(task: Task, protocol: str, name: str, rank: str, what: str) -> Found:
    return Found("fact", protocol, what, declared(task, "fact", protocol, [name]), _REMEDY[rank].format(name))
