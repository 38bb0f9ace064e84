"""The record of a cell: what was computed, how long it took, and by what."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from faultboard.run.cell import Cell

# From best to worst: a row of the table shows the worst of its cells.
OUTCOMES = ("ok", "planned", "unavailable", "over_limit", "failed")


@dataclass(frozen=True)
class Record:
    """One outcome of a cell.

    Attributes
    ----------
    status : str
        One of `OUTCOMES`; only ``ok`` is final.
    reason : str
        Why it is not ok, in one line.
    scores : dict
        Every metric, computed from the predictions as stored.
    seconds : dict
        ``train`` (all that a user would wait for, cached or not), ``train_cached`` (what this run
        waited), ``predict`` (of the whole test side).
    gmacs : float or None
        Billions of multiply-accumulate operations of a network, a window.
    limit : float or None
        Seconds a cell may take, where that ended it.
    validation : str
        What the validation side of early stopping was drawn by.
    chosen : dict
        Settings that were chosen from the recipe's grid, on the training side.
    threshold : float or None
        Probability of the faulty class above which there is an alarm, set on the training side.
    """

    cell: Cell
    status: str
    reason: str = ""
    scores: dict[str, float] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    train_windows: int = 0
    test_windows: int = 0
    epochs: int | None = None
    curve: list[dict[str, float]] = field(default_factory=list)
    params: int | None = None
    trained_params: int | None = None
    gmacs: float | None = None
    threads: int | None = None
    device: str = ""
    dtype: str = ""
    host: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    commit: str = ""
    started: str = ""
    limit: float | None = None
    validation: str = ""
    chosen: dict[str, float | int | str | None] = field(default_factory=dict)
    threshold: float | None = None

    def to_plain(self) -> dict[str, Any]:
        """Plain data, as JSON holds it."""
        return asdict(self)

    def to_json(self) -> str:
        """One line of JSON."""
        return json.dumps(self.to_plain(), sort_keys=True, allow_nan=False)

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Record:
        """Read back what `to_json` wrote."""
        return cls(**(plain | {"cell": Cell(**plain["cell"])}))
