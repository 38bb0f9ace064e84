"""The suite card: which tasks x models x seeds make one set of tables."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from faultboard.declare.dataset import EditionName
from faultboard.declare.names import twice
from faultboard.declare.schema import DESCRIBES, Card, Flag, Strict, Text

_UNITS = {"s": 1.0, "min": 60.0, "h": 3600.0}
_SHARE = re.compile(r"^(\d+(?:\.\d+)?) %$")
_FAULTY = re.compile(r"^([1-9]\d*) faulty units?$")
_TIME = re.compile(r"^(\d+(?:\.\d+)?) (s|min|h)$")


def _duration(value: str) -> str:
    if not _TIME.match(value):
        raise ValueError("say a time as '90 s', '10 min' or '6 h'")
    return value


Duration = Annotated[str, AfterValidator(_duration)]


def _budget(value: str) -> str:
    match = _SHARE.match(value)
    if value != "all" and not faulty_units(value) and not (match and 0 < float(match[1]) < 100):
        raise ValueError("say a data budget as 'all', as a share such as '25 %', or as '2 faulty units'")
    return value


def faulty_units(budget: str) -> int:
    """Units that may show a fault in training under a budget such as ``2 faulty units``; 0 of any other."""
    match = _FAULTY.match(budget)
    return int(match[1]) if match else 0


def _with_all(values: list[str]) -> list[str]:
    if "all" not in values:
        raise ValueError("data budgets stand beside 'all': a curve needs its end")
    return values


Budgets = Annotated[list[Annotated[str, AfterValidator(_budget)]], AfterValidator(_with_all)]


def seconds(duration: str) -> float:
    """Length of a duration such as ``10 min`` in seconds."""
    match = _TIME.match(duration)
    assert match is not None
    return float(match[1]) * _UNITS[match[2]]


class TimeBudget(Strict):
    """How long a suite and one of its cells may take."""

    suite: Duration = "6 h"
    cell: Duration = "10 min"


class Claim(Strict):
    """What a source says of two systems, as a comparison of two rows of a task.

    ``rows`` are the two models, ``direction`` what the source says stands between them. ``metric`` is the task's
    headline unless it is named; ``train_seconds`` compares times.
    """

    id: str
    text: str
    source: str
    task: str
    rows: Annotated[list[str], Field(min_length=2, max_length=2)]
    direction: Literal[">", "<"] = ">"
    metric: str | None = None


def _named_once(claims: list[Claim]) -> list[Claim]:
    if again := twice(claim.id for claim in claims):
        raise ValueError(f"two claims are called '{again}'")
    return claims


class SuiteCard(Card):
    """One suite.

    Models that ``one_seed`` means run with the first seed alone: they cost too much for more. ``only`` says on which
    tasks some models stand; the others stand on all. ``budgets`` are shares of the training side, for learning curves;
    or so many faulty units beside everything that is healthy, under the honest protocol of a task that says what is
    healthy, for what is fitted on features. With ``thresholds`` such cells also set a threshold on their training side,
    at the false-alarm rate of the task, and the page says what it comes to on units that they never met.
    """

    kind: ClassVar[str] = "suite"

    title: Text
    version: Annotated[int, DESCRIBES]
    edition: EditionName
    tasks: Annotated[list[str], Field(min_length=1)]
    models: Annotated[list[str], Field(min_length=1)]
    protocols: list[str] = ["*"]
    seeds: Annotated[list[int], Field(min_length=1)] = [0]
    one_seed: list[str] = []
    only: dict[str, list[str]] = {}
    budgets: Budgets = ["all"]
    thresholds: Flag = False
    time_budget: Annotated[TimeBudget, DESCRIBES] = TimeBudget()
    compare: Annotated[list[Annotated[list[str], Field(min_length=2, max_length=2)]], DESCRIBES] = []
    claims: Annotated[list[Claim], DESCRIBES, AfterValidator(_named_once)] = []
    note: Text = ""
