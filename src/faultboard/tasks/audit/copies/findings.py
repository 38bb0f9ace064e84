"""Recordings alike beyond chance that stand on two sides of a split: copies, and units that are one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from faultboard.tasks.audit.copies.pair import Pair
from faultboard.tasks.audit.found import Found, declared, some
from faultboard.tasks.folds import Fold
from faultboard.tasks.task import Task

ONE_SCENE = "all pictures show one scene: that two are alike says nothing of copies"


@dataclass(frozen=True)
class Alike:
    """Pairs of recordings that are alike beyond chance; none that are equal to the last bit.

    Attributes
    ----------
    pairs : list of Pair
        The clearest first.
    one_scene : bool
        Whether all pictures show one scene, so that only turned and mirrored copies could be looked for.
    """

    pairs: list[Pair]
    one_scene: bool


@lru_cache(maxsize=1)
def alike(task: Task) -> Alike:
    """Compare the recordings of a task with each other; those of the last task are kept."""
    content = task.recordings["sha256"].to_numpy(dtype=str)
    if task.dataset.is_pictures:
        from faultboard.tasks.audit.copies.same_surface import same_surfaces

        known = task.dataset.unit or ("sequence" if "sequence" in task.dataset.groups else "id")
        pairs, one_scene = same_surfaces(task, task.recordings[known].to_numpy(dtype=str))
    else:
        from faultboard.tasks.audit.copies.same_signal import same_signals

        pairs, one_scene = same_signals(task), False
    return Alike([pair for pair in pairs if content[pair.one] != content[pair.other]], one_scene)


def copies(task: Task, name: str, folds: list[Fold]) -> list[Found]:
    """Find pairs of recordings that are alike and stand on two sides of a fold.

    Where the two are of different units that the protocol keeps apart, pictures of one surface say that the units
    are one (``hidden_unit``); all others are copies or cuts of each other (``near_copy``).
    """
    names = task.recordings["id"].to_numpy(dtype=str)
    unit = task.dataset.unit
    units = task.recordings[unit].to_numpy(dtype=str) if unit else names
    hides = task.dataset.is_pictures and unit in task.protocol(name).separates
    kind = "hidden_unit" if hides else "near_copy"
    crossing = [pair for pair in alike(task).pairs if _on_two_sides(task, pair, folds)]
    findings = []
    for known in (False, True):
        pairs = [p for p in crossing if declared(task, kind, name, (names[p.one], names[p.other])) == known]
        if pairs:
            what, remedy = _hidden(pairs, names, str(unit), units) if hides else _copied(pairs, names)
            findings.append(Found(kind, name, what, known, remedy))
    return findings


def _hidden(pairs: list[Pair], names: NDArray[np.str_], unit: str, units: NDArray[np.str_]) -> tuple[str, str]:
    """Evidence that units are one, the clearest pair first, and the remedy."""
    first = pairs[0]
    one, other = names[first.one], names[first.other]
    joined = {frozenset((units[p.one], units[p.other])) for p in pairs}
    which = some(" = ".join(sorted(pair)) for pair in sorted(joined, key=sorted))
    what = (
        f"{one} and {other} carry {unit} {units[first.one]} and {units[first.other]}, but show one surface "
        f"({first.evidence}); {len(pairs)} such pairs join {len(joined)} pairs of {unit}: {which}"
    )
    return what, f"give what is one part one {unit}: the groups are wrong, and every split by them leaks"


def _copied(pairs: list[Pair], names: NDArray[np.str_]) -> tuple[str, str]:
    """Evidence of copies, the clearest pair first, and the remedy."""
    first = pairs[0]
    what = f"{names[first.one]} and {names[first.other]} {first.evidence}"
    if len(pairs) > 1:
        what += f"; {len(pairs)} such pairs: {some(f'{names[p.one]} ~ {names[p.other]}' for p in pairs)}"
    return what, "keep copies and overlapping cuts on one side: give them one group, or leave one of them out"


def _on_two_sides(task: Task, pair: Pair, folds: list[Fold]) -> bool:
    of = task.windows.recording
    for fold in folds:
        train, test = (np.isin([pair.one, pair.other], of[side]) for side in (fold.train, fold.test))
        if (train[0] and test[1]) or (train[1] and test[0]):
            return True
    return False
