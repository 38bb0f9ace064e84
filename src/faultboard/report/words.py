"""Words for people: how a protocol splits, how long, how large."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faultboard.declare.task import Protocol, level_parts

if TYPE_CHECKING:
    from faultboard.tasks.facts import TaskFacts

METRICS = {
    "macro_f1": "macro-F1",
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "auc": "AUC",
    "macro_precision": "macro precision",
    "macro_recall": "macro recall",
    "weighted_precision": "weighted precision",
    "weighted_recall": "weighted recall",
    "weighted_f1": "weighted F1",
    "precision": "precision",
    "recall": "recall",
    "f1": "F1",
}


def protocol_words(protocol: Protocol) -> str:
    """One sentence on how a protocol draws its folds."""
    apart = protocol.validation
    kept = f" Of the rest, {100 * apart.share:.0f} % by {apart.of} is kept for validation." if apart else ""
    return _drawn(protocol) + kept


def _drawn(protocol: Protocol) -> str:
    by = (protocol.by or "").replace("_", " ")
    if protocol.split == "random":
        what = "windows" if protocol.of == "window" else "recordings"
        if protocol.test is not None:
            return f"A random {100 * protocol.test:.0f} % of the {what} is tested, class by class."
        return f"Random {what} in {protocol.folds} folds, class by class; each is tested once."
    if protocol.split == "k_fold":
        return f"{protocol.folds} folds of whole groups: every {by} is tested once, by a model that never met it."
    if protocol.split == "leave_one_out":
        return f"Each {by} is held out once; the model trains on all others."
    if protocol.split == "blocks":
        gap = f", with {protocol.gap} windows on either side left out" if protocol.gap else ""
        return f"Each {by} is cut into {protocol.folds} contiguous blocks; one block of each is tested{gap}."
    train, test = " and ".join(protocol.train or ["train"]), " and ".join(protocol.test_on or ["test"])
    return f"Trained where {by} is {train}, tested where it is {test}."


def level_words(level: str) -> str:
    """What a level scores, as a heading: ``Each sequence, by the vote of its windows``."""
    by, how = level_parts(level)
    return "Each window" if by == "window" else f"Each {by.replace('_', ' ')}, by the {how} of its windows"


def size_words(facts: TaskFacts, unit: str | None) -> str:
    """``1,045 windows, 36 recordings, 9 bearings``."""
    said = [plural(facts.windows, "window"), plural(facts.recordings, "recording")]
    if facts.units is not None and unit:
        said.append(plural(facts.units, unit))
    return ", ".join(said)


def class_words(facts: TaskFacts, unit: str | None) -> str:
    """Windows of each class, and what they rest on: ``inner 349 (12 recordings, 3 bearings), ball ...``."""
    said = []
    for name, windows in facts.classes.items():
        rests_on = []
        if name in facts.class_recordings:
            rests_on.append(plural(facts.class_recordings[name], "recording"))
        if name in facts.class_units and unit:
            rests_on.append(plural(facts.class_units[name], unit))
        said.append(f"{name} {windows:,}" + (f" ({', '.join(rests_on)})" if rests_on else ""))
    return ", ".join(said)


def duration(seconds: float) -> str:
    """Seconds as a person says them."""
    if seconds < 1:
        return f"{1000 * seconds:.0f} ms"
    if seconds < 120:
        return f"{seconds:.1f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def plural(count: int, what: str) -> str:
    """``1 window``, ``1,045 windows``."""
    if what.endswith(("s", "x")):
        many = f"{what}es"
    elif what.endswith("y"):
        many = f"{what[:-1]}ies"
    else:
        many = f"{what}s"
    return f"{count:,} {what if count == 1 else many}"
