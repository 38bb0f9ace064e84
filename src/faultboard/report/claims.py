"""What the sources claim, as comparisons of two rows, and whether it holds: as published, and honestly split."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from faultboard.declare.names import did_you_mean, matching
from faultboard.declare.suite import Claim
from faultboard.errors import CardError
from faultboard.report.contrasts import check_rows
from faultboard.report.jackknife import FEW, LEVEL, Printed, holm
from faultboard.report.task_table import TaskTable
from faultboard.report.words import plural
from faultboard.run.record import Record
from faultboard.run.suite import Suite
from faultboard.tasks.metrics import METRICS

RULE = (
    "A claim is judged by the difference of its two rows over the units that the folds hold out, not over windows: it "
    f"holds, or is reversed, where p of the jackknife's t, corrected by Holm for every claim of this table, is below "
    f"{LEVEL}. Below {FEW} units, and where a protocol holds none out, there is no verdict. Times are compared fold by "
    "fold, on one machine, and must agree in all of at least two."
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
    p, p_holm : float or None
        Of no difference, and corrected for every claim of the suite.
    smallest : float or None
        Smallest difference that these units would have shown.
    units, by : int or None, str
        How many it rests on, and what they are.
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
    p: float | None = None
    p_holm: float | None = None
    smallest: float | None = None
    units: int | None = None
    by: str = ""
    verdict: str = "not run"
    reason: str = ""


def _judged(table: TaskTable, blank: Verdict, protocol: str) -> Verdict:
    """Judge a claim under one protocol."""
    blank = replace(blank, protocol=protocol, leaks=" ".join(table.card.protocols[protocol].leaks))
    for model in (blank.first, blank.second):
        row = table.row(protocol, model)
        if row is None or row.status != "ok":
            why = f"{row.status.replace('_', ' ')}: {row.reason}" if row else "no cell of it"
            return replace(blank, reason=f"{model}: {why}")
        if row.mark:
            return replace(blank, reason=f"{model}: {row.mark}")
    if blank.metric == TIME:
        return _timed(blank, *(table.results.row(protocol, model) for model in (blank.first, blank.second)))
    return _compared(blank, *(table.printed(protocol, model, blank.metric) for model in (blank.first, blank.second)))


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
                out.append(_judged(by_task[task], blank, protocol))
    return _with_holm(out)


def _compared(blank: Verdict, first: Printed, second: Printed) -> Verdict:
    """Difference of two rows; its verdict waits for all the others."""
    found = first - second
    if not np.isfinite(found.value):
        return replace(blank, verdict="undecided", by=found.by, reason=found.why_not)
    low, high = found.interval or (None, None)
    units = plural(len(found.units), found.by.replace("_", " ")) if found.by else ""
    return replace(
        _scored(blank, [first.value, second.value]),
        low=low,
        high=high,
        p=found.p,
        smallest=found.smallest,
        units=len(found.units) if found.by else None,
        by=found.by,
        verdict="undecided",
        reason=found.why_not or f"t over {units}",
    )


def _with_holm(verdicts: list[Verdict]) -> list[Verdict]:
    """Verdicts, each corrected for all of them."""
    out = []
    for verdict, p in zip(verdicts, holm([verdict.p for verdict in verdicts]), strict=True):
        if p is not None and p < LEVEL and verdict.difference is not None:
            said = "holds" if (verdict.difference > 0) == (verdict.direction == ">") else "reversed"
            verdict = replace(verdict, verdict=said)
        out.append(replace(verdict, p_holm=p))
    return out


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
        return replace(blank, units=len(each), verdict="undecided", reason="1 fold: too few")
    agree = sum((d > 0) == (blank.direction == ">") for d in each)
    verdict = {len(each): "holds", 0: "reversed"}.get(agree, "undecided")
    return replace(blank, units=len(each), verdict=verdict, reason=f"in {agree} of {plural(len(each), 'fold')}")


def _seconds(records: list[Record], fold: str) -> float:
    return float(np.mean([r.seconds["train"] for r in records if r.cell.fold == fold]))
