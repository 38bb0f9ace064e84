"""The lines of an answer: the difference that a contrast makes on each task, and pooled over tasks, on both sides.

A task enters a pool where its honest side holds out the units of its data, enough for an interval; of a data set one,
the first that the suite names. The others are listed beside it. The honest side is pooled with the tasks' standard
errors; under the published protocol no unit is held out and there are none, so each task counts alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import reduce
from operator import add

from faultboard.report.answer.contrasts import Contrast
from faultboard.report.answer.kinds import material, one_a_data_set, sides
from faultboard.report.answer.pool import Pooled, pooled
from faultboard.report.jackknife import Printed, holm
from faultboard.report.task_table import TaskTable
from faultboard.run.suite import Suite

METRIC = "macro_f1"
# two tasks have an interval, but one that rests on a single degree of freedom
FEW_TASKS = 3


@dataclass(frozen=True)
class Line:
    """A difference: of a task, or of several together. The fields are the header of the CSV, in its order.

    Attributes
    ----------
    material : str
        ``pictures`` or ``signals``.
    family : str
        Of the task; of a pool those of its tasks.
    side : str
        ``published`` or ``honest``.
    task : str
        Empty of a pool.
    first, second : str
        Rows; of a pool all of them, in order. The difference is the mean over its pairs.
    p_holm : float or None
        Corrected for all honest lines of tasks, or of pools, of the answer.
    smallest : float or None
        Smallest difference that the units could have shown.
    survives : float or None
        Of an honest pool: its difference as a share of the published one, where that excludes zero.
    reason : str
        Why there is no interval; why a task is in no pool.
    """

    contrast: str
    regime: str
    material: str
    family: str
    side: str
    protocol: str
    edition: str
    metric: str
    task: str = ""
    first: str = ""
    second: str = ""
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    p_holm: float | None = None
    smallest: float | None = None
    tasks: int | None = None
    units: int | None = None
    by: str = ""
    survives: float | None = None
    reason: str = ""


@dataclass(frozen=True)
class _Compared:
    """A contrast on one task: on each side its protocol and the difference under it."""

    table: TaskTable
    pairs: list[tuple[str, str]]
    sides: dict[str, tuple[str, Printed]]
    unit: str | None

    @property
    def published(self) -> Printed | None:
        """Difference under the published protocol."""
        return self.sides["published"][1] if "published" in self.sides else None

    @property
    def honest(self) -> Printed:
        """Difference under the honest protocol; asked where there is one."""
        return self.sides["honest"][1]

    @property
    def why_apart(self) -> str:
        """Why it enters no pool; empty where it may."""
        if "honest" not in self.sides:
            return "nothing is held out"
        by = self.honest.by.replace("_", " ")
        return self.honest.why_not or ("" if self.honest.by == self.unit else f"a {by} is no unit of these data")


def answer_lines(
    suite: Suite, tables: list[TaskTable], contrasts: Iterable[Contrast], metric: str = METRIC
) -> list[Line]:
    """Every line: of each contrast its tasks, then its pools, each task's or pool's sides beside each other."""
    order = suite.tasks
    known = sorted((t for t in tables if t.card.id in order), key=lambda table: order.index(table.card.id))
    lines: list[Line] = []
    for contrast in contrasts:
        for kind in ("signals", "pictures"):
            of_kind = [table for table in known if material(suite.catalogue, table) == kind]
            blank = Line(contrast.name, contrast.regime, kind, "", "", "", suite.edition, metric)
            pairs = [(table, contrast.pairs(table, of_kind, metric)) for table in of_kind]
            lines += _of_contrast(blank, [_compared(suite, table, found, metric) for table, found in pairs if found])
    return _with_holm(lines)


def _compared(suite: Suite, table: TaskTable, pairs: list[tuple[str, str]], metric: str) -> _Compared:

    def difference(protocol: str) -> Printed:
        each = [table.printed(protocol, a, metric) - table.printed(protocol, b, metric) for a, b in pairs]
        return reduce(add, each) / len(each)

    unit = suite.catalogue.dataset(table.card.dataset).unit
    return _Compared(table, pairs, {side: (name, difference(name)) for side, name in sides(table.card).items()}, unit)


def _of_contrast(blank: Line, compared: list[_Compared]) -> Iterator[Line]:
    """Lines of the tasks of a contrast on one kind of data; then of all of them together, and of each family."""
    tested = [c.table for c in compared if not c.why_apart]
    enters = {table.card.id for table in one_a_data_set(tested)}
    for one in compared:
        why = one.why_apart or ("" if one.table.card.id in enters else "another task of these data is in the pool")
        yield from _of_task(blank, one, why)
    inside = [c for c in compared if c.table.card.id in enters]
    families = list(dict.fromkeys(c.table.card.family for c in inside))
    if len(inside) > 1:
        yield from _of_pool(blank, inside, families)
    for family in families if len(families) > 1 else []:
        of_family = [c for c in inside if c.table.card.family == family]
        if len(of_family) > 1:
            yield from _of_pool(blank, of_family, [family])


def _of_task(blank: Line, one: _Compared, why: str) -> Iterator[Line]:
    firsts, seconds = (" ".join(dict.fromkeys(side)) for side in zip(*one.pairs, strict=True))
    for side, (protocol, found) in one.sides.items():
        low, high = (found.interval if side == "honest" else None) or (None, None)
        yield replace(
            blank,
            family=one.table.card.family,
            side=side,
            protocol=protocol,
            task=one.table.card.id,
            first=firsts,
            second=seconds,
            difference=found.value,
            low=low,
            high=high,
            p=found.p if side == "honest" else None,
            smallest=found.smallest if side == "honest" else None,
            tasks=1,
            units=len(found.units) or None,
            by=found.by,
            reason=why if side == "honest" or "honest" not in one.sides else found.why_not,
        )


def _of_pool(blank: Line, inside: list[_Compared], families: list[str]) -> Iterator[Line]:
    pairs = [pair for one in inside for pair in one.pairs]
    firsts, seconds = (" ".join(dict.fromkeys(side)) for side in zip(*pairs, strict=True))
    blank = replace(blank, family=" ".join(families), first=firsts, second=seconds)
    with_published = [one.published for one in inside if one.published]
    leaky = pooled([found.value for found in with_published]) if len(with_published) == len(inside) else None
    honest = pooled([one.honest.value for one in inside], [one.honest.standard_error for one in inside])
    if leaky:
        yield _pool_line(replace(blank, side="published"), leaky, {one.sides["published"][0] for one in inside})
    line = _pool_line(replace(blank, side="honest"), honest, {one.table.card.honest for one in inside})
    units = {one.honest.by for one in inside}
    yield replace(
        line,
        units=sum(len(one.honest.units) for one in inside),
        by=" ".join(sorted(units)),
        survives=honest.value / leaky.value if leaky and leaky.excludes_zero and leaky.tasks >= FEW_TASKS else None,
    )


def _pool_line(blank: Line, found: Pooled, protocols: set[str]) -> Line:
    low, high = found.interval or (None, None)
    few = f"{found.tasks} tasks: fewer than {FEW_TASKS}" if found.tasks < FEW_TASKS else ""
    return replace(
        blank,
        protocol=" ".join(sorted(protocols)),
        difference=found.value,
        low=low,
        high=high,
        p=None if few else found.p,
        tasks=found.tasks,
        reason=few,
    )


def _with_holm(lines: list[Line]) -> list[Line]:
    """Lines, each corrected for all others of its table: tasks together, and pools together."""
    corrected: dict[int, float | None] = {}
    for of_tasks in (True, False):
        table = [line for line in lines if line.side == "honest" and bool(line.task) is of_tasks]
        corrected |= {id(line): p for line, p in zip(table, holm([line.p for line in table]), strict=True)}
    return [replace(line, p_holm=corrected.get(id(line))) for line in lines]
