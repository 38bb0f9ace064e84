"""Trivial facts that give the label away: findings, with the score that they reach alone under each protocol."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from faultboard.tasks.audit.found import Found, declared
from faultboard.tasks.audit.giveaways.formats import pure_formats
from faultboard.tasks.audit.giveaways.pooled_recall import pooled_recall
from faultboard.tasks.audit.giveaways.relabelling import Design, design
from faultboard.tasks.audit.giveaways.significance import Told, tells
from faultboard.tasks.audit.giveaways.trivial_facts import RANKS, Measured, measure
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
    if len(set(task.y.tolist())) < 2 or not folds:
        return []
    pure = pure_formats(task)
    findings = [_fact(task, protocol, name, "format", what) for name, what in pure.items() for protocol in folds]
    measured, plan = measure(task), design(task)
    if not measured.names:
        return findings
    facts = _against_chance(task, plan, measured)
    for name in dict.fromkeys(measured.names):
        columns = [column for column, other in enumerate(measured.names) if other == name]
        told = min((facts[column] for column in columns), key=lambda fact: fact.p)
        if name not in pure and (told.p <= ALARM or _marks_units(plan, name)):
            findings += _of_use(task, plan, told, name, _scores_alone(task, measured, columns, folds), folds)
    return findings


def _of_use(
    task: Task, plan: Design, told: Told, name: str, alone: Mapping[str, float], folds: Mapping[str, list[Fold]]
) -> list[Found]:
    """Findings of one fact under the protocols where it is of use to a model.

    Parameters
    ----------
    alone : mapping
        Balanced accuracy that the fact reaches alone under each protocol.
    """
    chance = 1 / len(set(task.y.tolist()))
    if told.p <= ALARM:
        what = f"{name} alone {_tells(task, plan, told)}"
        margin = {protocol: 0.0 if _shares_units(task, of) else _CARRIES for protocol, of in folds.items()}
    else:
        what = f"{name} alone knows the {plan.items} again; {_cannot(plan, 'it names')}"
        margin = dict.fromkeys(folds, _FAR * (1 - chance))
    scores = ", ".join(f"{protocol} {score:.2f}" for protocol, score in alone.items())
    what += f". By itself it reaches {scores} (chance {chance:.2f})"
    useful = [protocol for protocol in folds if alone[protocol] > chance + margin[protocol]]
    return [_fact(task, protocol, name, RANKS[name], what) for protocol in useful]


def _marks_units(plan: Design, name: str) -> bool:
    """Whether a fact is to be said without a test: none is possible, and it may mark the unit but is no symptom."""
    return untestable(plan) and RANKS[name] == "acquisition" and _one_or_two(plan)


def untestable(plan: Design) -> bool:
    """Whether no relabelling could ever give an alarm."""
    return plan.smallest_p > ALARM


def note(task: Task) -> list[str]:
    """What the design keeps the audit from saying of facts, or nothing."""
    plan = design(task)
    return [f"trivial facts: {_cannot(plan)}"] if untestable(plan) else []


def _cannot(plan: Design, it: str = "they name") -> str:
    groups = f"{len(plan.y)} groups ({plan.in_words})"
    return f"whether {it} the class cannot be tested with {groups}, no p is below {plan.smallest_p:.2g}"


def _one_or_two(plan: Design) -> bool:
    """Whether some class has one or two units (or what else holds one class each)."""
    return plan.items != "recording" and min(sum(plan.counts[1:], plan.counts[0]).values()) < 3


def _against_chance(task: Task, plan: Design, measured: Measured) -> list[Told]:
    """Hold the facts, as medians over the windows of each recording, against the classes."""
    recording = task.windows.recording[measured.ids]
    values = np.zeros((len(task.recordings), measured.values.shape[1]))
    for r, own in zip(np.unique(recording), _runs(recording), strict=True):
        values[r] = np.median(measured.values[own], axis=0)
    return tells(plan, plan.of_items(values), ALARM)


def _runs(sorted_numbers: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Positions of each run of equal numbers."""
    return np.split(np.arange(len(sorted_numbers)), np.flatnonzero(np.diff(sorted_numbers)) + 1)


def _tells(task: Task, plan: Design, told: Told) -> str:
    """What a fact tells, in words, with the figures that show it."""
    where = f" within {plan.within}" if plan.within else ""
    relabelings = f"{min(plan.relabelings, 1000):,} relabelings by {plan.in_words}"
    figures = f"AUC {_either_way(told.auc):.2f}{where}, p {told.p:.3f} over {relabelings}"
    words = f"tells {task.card.class_names[told.cls]} from the other classes ({figures})"
    if told.alone and plan.within:
        each = ", ".join(f"{unit} ({_either_way(auc):.2f})" for unit, auc in list(told.alone.items())[:3])
        words += f", by itself in {each}"
    return words


def _either_way(auc: float) -> float:
    """Area under the ROC curve, whether the class has the larger or the smaller values."""
    return max(auc, 1 - auc)


def _scores_alone(
    task: Task, measured: Measured, columns: list[int], folds: Mapping[str, list[Fold]]
) -> dict[str, float]:
    """Balanced accuracy that trees reach on one fact under each protocol, test windows of all folds together."""
    from sklearn.ensemble import ExtraTreesClassifier

    def measured_of(side: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.flatnonzero(np.isin(measured.ids, side))

    scores = {}
    for protocol, drawn in folds.items():
        trees = ExtraTreesClassifier(20, min_samples_leaf=2, class_weight="balanced", random_state=0)
        sides = [(measured_of(fold.train), measured_of(fold.test)) for fold in drawn]
        scores[protocol] = pooled_recall(trees, measured.values[:, columns], task.y[measured.ids], sides) or 0.0
    return scores


def _shares_units(task: Task, folds: list[Fold]) -> bool:
    """Whether the test side holds units of the training side; where there is one unit, it does."""
    if task.dataset.unit is None:
        return True
    units = task.column(task.dataset.unit)
    return any(len(np.intersect1d(units[f.train], units[f.test])) for f in folds)


def _fact(task: Task, protocol: str, name: str, rank: str, what: str) -> Found:
    return Found("fact", protocol, what, declared(task, "fact", protocol, [name]), _REMEDY[rank].format(name))
