"""The audit: what stands on both sides of a split, found before anything is trained.

A finding that the task's card does not declare stops its protocol: a number from a leaking split
looks like any other number. What is declared (a column in ``leaks``, or an entry in ``findings``)
is a mark in the table.
"""

from __future__ import annotations

from faultboard.declare.keys import digest
from faultboard.declare.task import TaskCard
from faultboard.errors import ProtocolError
from faultboard.tasks.audit.confounding import confounded
from faultboard.tasks.audit.content import broken, contents, dead, identical
from faultboard.tasks.audit.copies.findings import ONE_SCENE, alike, copies
from faultboard.tasks.audit.found import Found
from faultboard.tasks.audit.giveaways.findings import giveaways, note
from faultboard.tasks.audit.labels import label_conflicts
from faultboard.tasks.audit.sides import sides
from faultboard.tasks.folds import Fold
from faultboard.tasks.task import Task
from faultboard.versions import AUDIT

__all__ = ["Found", "audit", "declarations", "notes"]


def audit(task: Task, protocols: list[str] | None = None) -> list[Found]:
    """Look for leaks in the folds of some protocols (of all, without names).

    Returns
    -------
    list of Found
        Undeclared findings first. A protocol that these recordings cannot carry has none.
    """
    findings: list[Found] = []
    drawn: dict[str, list[Fold]] = {}
    content, ailing = contents(task), broken(task)
    for name in protocols or list(task.card.protocols):
        try:
            folds = drawn[name] = task.folds(name)
        except ProtocolError:
            continue
        findings += sides(task, name, folds)
        findings += identical(task, name, folds, content)
        findings += confounded(task, name)
        findings += label_conflicts(task, name, content)
        findings += dead(task, name, ailing)
        findings += copies(task, name, folds)
    findings += giveaways(task, drawn)
    return sorted(findings, key=lambda finding: finding.declared)


def notes(task: Task) -> list[str]:
    """What these recordings keep the audit from saying, or what it says of all of them."""
    short = len(task.recordings) - len(set(task.windows.recording.tolist()))
    words = [f"{short} recordings are shorter than a window and in no split"] if short else []
    return [*words, *note(task), *([ONE_SCENE] if alike(task).one_scene else [])]


def declarations(card: TaskCard) -> str:
    """Hash of what an audit is held against: ``separates``, ``leaks`` and ``findings`` of a card."""
    sides = {name: [p.separates, p.leaks] for name, p in card.protocols.items()}
    return digest({"protocols": sides, "findings": [f.model_dump() for f in card.findings], "audit": AUDIT})
