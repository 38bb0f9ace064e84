"""What the sources claim, as comparisons of two rows, and whether it holds: as published, and honestly split."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from faultboard.declare.names import did_you_mean, matching
from faultboard.declare.suite import Claim
from faultboard.errors import CardError
from faultboard.report.contrasts import check_rows
from faultboard.report.paired import FEW, MANY, Difference, compare, records_of
from faultboard.report.row_scores import row_scores
from faultboard.report.task_table import TaskTable
from faultboard.report.words import plural
from faultboard.run.record import Record
from faultboard.run.store import Results
from faultboard.run.suite import Suite
from faultboard.tasks.metrics import METRICS

RULE = (
    "A claim is judged by the difference of its two rows over independent groups, not over windows: it holds, or is "
    f"reversed, where the 95 % interval leaves zero out (t over groups below {MANY}, bootstrap over groups from there "
    f"on), and at 2 or {FEW - 1} groups only where all of them agree. Times are compared fold by fold, on one "
    "machine, and must agree in all of at least two."
)
TIME = "train_seconds"


@dataclass(frozen=True)
class Verdict:
    """One claim under one protocol. The fields are the header of the CSV, in its order.

    Attributes
    ----------
    side : str
        ``published`` or ``honest``: the first and the second of the task's gap.
    difference, low, high : float or None
        Score of the first row less that of the second, and its interval; seconds where times are compared.
    groups, by : int or None, str
        How many trials it rests on, and what they are.
    verdict : str
        ``holds``, ``reversed``, ``undecided`` or ``not run``.
    """

    claim: str
    text: str
    source: str
    task: str
    edition: str
    side: str
    metric: str
    first: str
    direction: str
    second: str
    protocol: str = ""
    leaks: str = ""
    first_score: float | None = None
    second_score: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    groups: int | None = None
    by: str = ""
    verdict: str = "not run"
    reason: str = ""


@dataclass(frozen=True)
class _Judge:
    """What judging the claims of one task needs."""

    table: TaskTable
    results: Results
    unit: str | None

    def side(self, blank: Verdict, protocol: str) -> Verdict:
        """Judge a claim under one protocol."""
        card = self.table.card
        blank = replace(blank, protocol=protocol, leaks=" ".join(card.protocols[protocol].leaks))
        pairs = []
        for model in (blank.first, blank.second):
            row = self.table.row(protocol, model)
            if row is None or row.status != "ok":
                why = f"{row.status.replace('_', ' ')}: {row.reason}" if row else "no cell of it"
                return replace(blank, reason=f"{model}: {why}")
            pairs.append(records_of(self.results, protocol, model))
        if blank.metric == TIME:
            return _timed(blank, *pairs)
        difference = compare(self.results, card, protocol, [blank.first, blank.second], blank.metric, self.unit)
        if not difference.is_defined:
            by = difference.by.replace("_", " ")
            return replace(blank, verdict="undecided", by=difference.by, reason=f"not defined in each {by}")
        means = [self._mean(records, blank.metric) for records in pairs]
        return _judged(blank, means, difference)

    def _mean(self, records: list[Record], metric: str) -> float:
        card = self.table.card
        return float(row_scores(card, self.results, records, card.level[0]).mean_and_std(metric)[0])


def named(suite: Suite) -> list[tuple[Claim, str]]:
    """Claims of a suite, each with the full name of its task.

    Raises
    ------
    CardError
        A claim names a task or a row that the suite does not have, a row that repeats a source's mistake, or a metric
        that is none or no single number.
    """
    if not suite.card.claims:
        return []
    tasks = suite.tasks
    out = []
    for number, claim in enumerate(suite.card.claims):
        at = f"{suite.card.at('claims', number)} ({claim.id})"
        meant = matching(claim.task, tasks)
        if len(meant) != 1:
            raise CardError(f"{at}: no task '{claim.task}' in this suite.{did_you_mean(claim.task, tasks)}")
        check_rows(suite, claim.rows, at)
        if claim.metric not in (None, TIME):
            METRICS.check(str(claim.metric), at)
            if METRICS[str(claim.metric)].shape != "scalar":
                raise CardError(f"{at}: '{claim.metric}' is no single number: two rows cannot be compared by it")
        out.append((claim, meant[0]))
    return out


def judge(suite: Suite, tables: list[TaskTable]) -> list[Verdict]:
    """Judge every claim of a suite by its stored predictions, under both sides of the task's gap."""
    by_task = {table.card.id: table for table in tables}
    out = []
    for claim, task in named(suite):
        card = suite.catalogue.task(task)
        dataset = suite.catalogue.dataset(card.dataset)
        metric, (first, second) = claim.metric or card.metrics[0], claim.rows
        sides = card.gap or [next(iter(card.protocols)), ""]
        for side, protocol in zip(("published", "honest"), sides, strict=True):
            blank = Verdict(
                claim.id, claim.text, claim.source, task, suite.edition, side, metric, first, claim.direction, second
            )
            if suite.edition not in dataset.editions:
                out.append(replace(blank, protocol=protocol, reason=f"{dataset.id} has no edition '{suite.edition}'"))
            elif not protocol:
                out.append(replace(blank, reason="these data carry no honest protocol for this label"))
            elif task not in by_task:
                again = f"faultboard run {suite.said} --task {task}"
                out.append(replace(blank, protocol=protocol, reason=f"no results: {again}"))
            else:
                stored = Results(suite.cells_file(task))
                out.append(_Judge(by_task[task], stored, dataset.unit).side(blank, protocol))
    return out


def _judged(blank: Verdict, means: list[float], difference: Difference) -> Verdict:
    sign = 1 if blank.direction == ">" else -1
    count, agree, against = (
        len(difference.each),
        int((sign * difference.each > 0).sum()),
        int((sign * difference.each < 0).sum()),
    )
    trials = plural(count, difference.by.replace("_", " "))
    verdict = "undecided"
    if difference.interval:
        low, high = difference.interval
        if low > 0 or high < 0:
            verdict = "holds" if (low > 0) == (sign > 0) else "reversed"
        reason = f"{difference.method} over {trials}"
    elif count > 1 and count in (agree, against):
        verdict = "holds" if agree else "reversed"
        reason = f"in each of {trials}"
    else:
        reason = f"{trials}, {agree} for it: too few" if count > 1 else f"{trials}: too few"
    return replace(
        _scored(blank, means),
        low=difference.interval[0] if difference.interval else None,
        high=difference.interval[1] if difference.interval else None,
        groups=count,
        by=difference.by,
        verdict=verdict,
        reason=reason,
    )


def _scored(blank: Verdict, means: list[float]) -> Verdict:
    return replace(blank, first_score=means[0], second_score=means[1], difference=means[0] - means[1])


def _timed(blank: Verdict, first: list[Record], second: list[Record]) -> Verdict:
    """Compare training times, which are measured and not drawn: all folds must agree."""
    means = [float(np.mean([r.seconds["train"] for r in records])) for records in (first, second)]
    blank = replace(_scored(blank, means), by="fold")
    if len({(r.host, r.threads, r.device) for r in [*first, *second]}) > 1:
        return replace(blank, verdict="undecided", reason="timed on different machines, threads or devices")
    folds = sorted({r.cell.fold for r in first})
    each = [_seconds(first, fold) - _seconds(second, fold) for fold in folds]
    if len(each) < 2:
        return replace(blank, groups=len(each), verdict="undecided", reason="1 fold: too few")
    agree = sum((d > 0) == (blank.direction == ">") for d in each)
    verdict = {len(each): "holds", 0: "reversed"}.get(agree, "undecided")
    return replace(blank, groups=len(each), verdict=verdict, reason=f"in {agree} of {plural(len(each), 'fold')}")


def _seconds(records: list[Record], fold: str) -> float:
    return float(np.mean([r.seconds["train"] for r in records if r.cell.fold == fold]))
