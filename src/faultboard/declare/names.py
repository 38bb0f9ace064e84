"""Names that people type: the nearest known one, and globs."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from fnmatch import fnmatchcase


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `` Did you mean 'x'?`` for the nearest known name, else what there is, else nothing."""
    names = sorted(set(known))
    by_tail = {n.rsplit("/", 1)[-1]: n for n in names}
    near = difflib.get_close_matches(name, [*names, *by_tail], n=1, cutoff=0.6)
    if near:
        return f" Did you mean '{by_tail.get(near[0], near[0])}'?"
    if 0 < len(names) <= 12:
        return f" There is: {', '.join(names)}."
    return ""


def twice(names: Iterable[str]) -> str | None:
    """First name that is there a second time."""
    every = list(names)
    return next((name for i, name in enumerate(every) if name in every[:i]), None)


# families of tasks that were renamed: what was cited by a former name is still found
_FORMER_FAMILIES = {"thermal_bearings": "thermal_images"}


def matching(pattern: str, known: Iterable[str]) -> list[str]:
    """Names that a glob means, sorted; a bare name also means the last part (``cwru``) of a path."""
    names = sorted(known)
    family, _, rest = pattern.partition("/")
    for meant in (pattern, f"{_FORMER_FAMILIES.get(family, family)}/{rest}"):
        if exact := [n for n in names if fnmatchcase(n, meant)]:
            return exact
    return [n for n in names if "/" in n and fnmatchcase(n.rsplit("/", 1)[-1], pattern)]
