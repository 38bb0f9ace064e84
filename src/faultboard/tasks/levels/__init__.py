"""Levels: what is scored, each window or what several windows belong to; one file a way of taking them together.

A card says ``window``, or a column and a way: ``recording by mean``, ``sequence by vote``. A column alone is by mean.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from faultboard.declare.task import level_parts
from faultboard.declare.vocabulary import Vocabulary
from faultboard.errors import ProtocolError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Labels = NDArray[np.int64]
    Probabilities = NDArray[np.floating]
    Column = Callable[[str], NDArray[np.str_]]


@dataclass(frozen=True)
class Level:
    """A way of taking the windows of one thing together.

    Attributes
    ----------
    words : str
        As a heading; ``{column}`` is what the windows belong to.
    together : callable or None
        Of (n,) int members, their number and (n, classes) probabilities of the windows: (things, classes) float. None
        where each window stands alone.
    """

    words: str
    together: Callable[[NDArray[np.int64], int, Probabilities], NDArray[np.float64]] | None


LEVELS: Vocabulary[Level] = Vocabulary(__name__, Level, "level")


def level_words(level: str) -> str:
    """What a level scores, as a heading: ``Each sequence, by the vote of its windows``."""
    column, way = level_parts(level)
    return LEVELS[way].words.format(column=column.replace("_", " "))


def torn_by_class(of: NDArray[np.str_], truth: Labels) -> str | None:
    """First of the things that windows belong to which holds more than one class."""
    import numpy as np

    _, first, member = np.unique(of, return_index=True, return_inverse=True)
    torn = np.flatnonzero(truth != truth[first][member])
    return str(of[torn[0]]) if len(torn) else None


def at_level(level: str, column: Column, truth: Labels, probabilities: Probabilities) -> tuple[Labels, Probabilities]:
    """Truth and probabilities of what a level scores, in the order of the sorted names.

    Parameters
    ----------
    column : callable
        Values, (n_windows,) str, of a column.

    Raises
    ------
    ProtocolError
        Windows of one thing differ in class, so that it has none.
    """
    import numpy as np

    name, way = level_parts(level)
    together = LEVELS[way].together
    if together is None:
        return truth, probabilities
    of = column(name)
    if torn := torn_by_class(of, truth):
        raise ProtocolError(f"'{torn}' holds windows of more than one class: it has no class of its own")
    things, first, member = np.unique(of, return_index=True, return_inverse=True)
    return truth[first], together(member, len(things), probabilities)
