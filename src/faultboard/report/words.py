"""Words for people: how a protocol splits, how long, how large."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faultboard.declare.task import Protocol
from faultboard.tasks.splits import split_of

if TYPE_CHECKING:
    from faultboard.tasks.facts import TaskFacts


def protocol_words(protocol: Protocol) -> str:
    """One sentence on how a protocol draws its folds."""
    apart = protocol.validation
    kept = f" Of the rest, {100 * apart.share:.0f} % by {apart.of} is kept for validation." if apart else ""
    return split_of(protocol).words(protocol) + kept


def size_words(facts: TaskFacts, unit: str | None) -> str:
    """``1,045 windows, 36 recordings, 9 bearings``."""
    parts = [plural(facts.windows, "window"), plural(facts.recordings, "recording")]
    if facts.units is not None and unit:
        parts.append(plural(facts.units, unit))
    return ", ".join(parts)


def class_words(facts: TaskFacts, unit: str | None) -> str:
    """Windows of each class, and what they rest on: ``inner 349 (12 recordings, 3 bearings), ball ...``."""
    parts = []
    for name, windows in facts.classes.items():
        rests_on = []
        if name in facts.class_recordings:
            rests_on.append(plural(facts.class_recordings[name], "recording"))
        if name in facts.class_units and unit:
            rests_on.append(plural(facts.class_units[name], unit))
        parts.append(f"{name} {windows:,}" + (f" ({', '.join(rests_on)})" if rests_on else ""))
    return ", ".join(parts)


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
