"""Which raw files and weights of a suite are on this machine."""

from __future__ import annotations

from faultboard.data.edition import Edition
from faultboard.data.raw.folder import is_here
from faultboard.declare.catalogue import Model
from faultboard.errors import DataError, Unavailable
from faultboard.models.networks.weights import locate
from faultboard.run.suite import Suite

HERE, NOT_HERE = "here", "not here"


def inventory(suite: Suite) -> dict[str, dict[str, str]]:
    """State of each dataset and each weight file, in a word; of a damaged file, what is wrong with it.

    Returns
    -------
    dict of dict of str
        ``datasets`` and ``weights``, by name.
    """
    cards, edition = suite.catalogue, suite.edition
    names = sorted({cards.task(task).dataset for task in suite.tasks})
    sources = [Edition.of(cards, name, edition) for name in names]
    return {
        "datasets": {s.card.id: HERE if is_here(s) else NOT_HERE for s in sources if edition in s.card.editions},
        "weights": {f"{m.card.id}.{m.source}": _weights(m) for m in suite.models() if m.has_weights},
    }


def _weights(model: Model) -> str:
    try:
        locate(model)
    except Unavailable:
        return NOT_HERE
    except DataError as error:
        return str(error)
    return HERE
