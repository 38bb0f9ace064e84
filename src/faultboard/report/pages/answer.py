"""What pretraining, networks and features are worth on machines that no model has met: in words, and in tables."""

from __future__ import annotations

from itertools import groupby

from faultboard.report.answer.best import BestGroup, best_of_task, best_of_tasks
from faultboard.report.answer.kinds import one_a_data_set
from faultboard.report.answer.lines import FEW_TASKS, METRIC, Line
from faultboard.report.contrasts import p_words
from faultboard.report.document import Bullets, Document, Grid, Part, Section
from faultboard.report.jackknife import FEW, LEVEL
from faultboard.report.pages.shared import notice
from faultboard.report.task_table import TaskTable
from faultboard.report.words import plural
from faultboard.run.suite import Suite
from faultboard.tasks.metrics import METRICS

_HOW = (
    "A difference is the macro-F1 of the first row less that of the second, on units (machines, bearings, parts) that "
    "no model was trained on; of several pairs of rows, their mean. Where the best of a kind is meant, the row is "
    "chosen by its mean over the other data sets of its kind of data, and the task at hand only judges it. Intervals "
    "are of nominal 95 %. Of a task: t over the jackknife, each unit left out once, the standard error taken "
    "sqrt(1 + k / (k - 1)) times as large since the k folds train on overlapping sides. Of a pool: random effects over "
    "tasks, with the interval of Hartung and Knapp; only tasks whose folds hold out units enter, and one a data set. "
    "Under the published protocol no unit is held out: a task has no interval there, and a pool that of a plain mean. "
    f"p (Holm) is corrected for all lines of its kind; a verdict is read off it, at {LEVEL}. 'Could show' is the "
    "smallest difference that the units would have shown, at 5 % and with a power of 80 %. `scratch` are random "
    "weights as initialised. `*` the published protocol leaks."
)


def answer(suite: Suite, tables: list[TaskTable], lines: list[Line]) -> Document:
    """What the page of the answer says."""
    card = suite.card
    about = f"Suite `{card.id}` version {card.version}, edition `{suite.edition}`, {METRICS[METRIC].words}."
    pools = [line for line in lines if not line.task]
    return [
        Section(f"The answer: {card.title}", 1, [about, *notice(suite.edition)]),
        Section("In words", 2, _in_words(lines)),
        Section("Over tasks", 2, [_pools(pools), "`*` the published protocol leaks."] if pools else ["No task."]),
        Section("Rows that cannot be told from the best", 2, _best(suite, tables)),
        *_by_task(lines),
        Section("How to read it", 2, [_HOW]),
    ]


def _in_words(lines: list[Line]) -> list[Part]:
    """A sentence a contrast and kind of data, where tasks enough are pooled; else how many there are."""
    points = []
    for (name, regime, material), group in groupby(lines, key=lambda line: (line.contrast, line.regime, line.material)):
        of_contrast = list(group)
        pool = {line.side: line for line in of_contrast if not line.task and (line.tasks or 0) >= FEW_TASKS}
        if "honest" in pool:
            points.append(_sentence(pool["honest"], pool.get("published")))
        else:
            tasks = {line.task for line in of_contrast if line.task and line.side == "honest" and not line.reason}
            found = plural(len(tasks), "task") if tasks else "no task"
            points.append(f"`{name}` ({regime}) on {material}: {found} with units enough: no sentence.")
    return [Bullets(points)] if points else ["Nothing was compared."]


def _sentence(honest: Line, published: Line | None) -> str:
    families = " and ".join(family.replace("_", " ") for family in honest.family.split())
    rests = f"{plural(honest.tasks or 0, 'task')} of {families}"
    said = f"On unmet units `{honest.contrast}` ({honest.regime}) on {honest.material}: "
    if honest.p_holm is not None and honest.p_holm < LEVEL and honest.difference is not None:
        verb = "gains" if honest.difference > 0 else "loses"
        said += f"**{verb} {abs(honest.difference):.3f}**"
    else:
        said += f"**no difference can be told** ({_signed(honest.difference)})"
    said += f" {_interval(honest)}, {rests}, {honest.units:,} units."
    if published is None:
        return said
    said += f" Under the published protocol {_signed(published.difference)} {_interval(published)}"
    if honest.survives is None:
        return f"{said}, which zero is not outside of: what of it survives cannot be said."
    return f"{said}: {100 * honest.survives:.0f} % of it survives."


def _signed(value: float | None) -> str:
    return "" if value is None else f"{value:+.3f}"


def _interval(line: Line) -> str:
    return "" if line.low is None or line.high is None else f"[{line.low:+.3f}, {line.high:+.3f}]"


def _pools(pools: list[Line]) -> Grid:
    header = ["contrast", "regime", "data", "families", "tasks", "units", "published", "honest", "p", "p (Holm)"]
    sides: dict[tuple[str, ...], dict[str, Line]] = {}
    for line in pools:
        sides.setdefault((line.contrast, line.regime, line.material, line.family), {})[line.side] = line
    lines = []
    for (name, regime, material, families), of_side in sides.items():
        honest, published = of_side["honest"], of_side.get("published")
        leaky = f"{_signed(published.difference)}* {_interval(published)}" if published else ""
        found = f"{_signed(honest.difference)} {_interval(honest)}"
        survives = "" if honest.survives is None else f"{100 * honest.survives:.0f} %"
        rests = [families.replace(" ", ", "), str(honest.tasks), str(honest.units)]
        tests = [p_words(honest.p), p_words(honest.p_holm), survives]
        lines.append([f"`{name}`", regime, material, *rests, leaky, found, *tests])
    return Grid([*header, "survives"], lines)


def _best(suite: Suite, tables: list[TaskTable]) -> list[Part]:
    """The group of each task, and of each family of which tasks enough hold out units."""
    header = ["where", "rests on", "highest", "cannot be told from the best", "of"]
    lines = []
    for family, group in groupby(tables, key=lambda table: table.card.family):
        tested = [(table, best) for table in group if (best := best_of_task(table, METRIC))]
        for table, best in tested:
            units = table.printed(table.card.honest, best.first, METRIC)
            rests = plural(len(units.units), units.by.replace("_", " "))
            lines.append([f"`{table.card.id}`", rests, *_group(best)])
        pooled = one_a_data_set(table for table, _ in tested)
        if len(pooled) >= FEW_TASKS and (of_all := best_of_tasks(pooled, METRIC)):
            lines.append([f"all of {family}", plural(len(pooled), "task"), *_group(of_all)])
    if not lines:
        return [f"No task holds out {FEW} units or more."]
    told = (
        "A row is left out where another one is ahead of it beyond chance, at 5 % over all of its comparisons: the "
        "truly best row is in the group with 95 %. A long list says that these units cannot tell."
    )
    return [Grid(header, lines), told]


def _group(best: BestGroup) -> list[str]:
    names = ", ".join(f"`{model}`" for model in best.alike)
    return [f"`{best.first}`", names, f"{len(best.alike)} of {best.rows}"]


def _by_task(lines: list[Line]) -> list[Section]:
    """The tasks of each contrast, those that are in no pool with the reason."""
    out = []
    header = ["task", "rests on", "published", "honest", "p", "p (Holm)", "could show", "rows", "not pooled"]
    for (name, regime), group in groupby(lines, key=lambda line: (line.contrast, line.regime)):
        by_task: dict[str, dict[str, Line]] = {}
        for line in group:
            if line.task:
                by_task.setdefault(line.task, {})[line.side] = line
        grid = Grid(header, [_task(sides) for sides in by_task.values()])
        if by_task:
            out.append(Section(f"`{name}` ({regime}), task by task", 3, [grid]))
    return out


def _task(sides: dict[str, Line]) -> list[str]:
    honest, published = sides["honest"], sides.get("published")
    rests = plural(honest.units, honest.by.replace("_", " ")) if honest.units else "no unit"
    leaky = f"{_signed(published.difference)}*" if published else ""
    rows = f"`{honest.first}` - `{honest.second}`"
    could = "" if honest.smallest is None else f"{honest.smallest:.3f}"
    found = f"{_signed(honest.difference)} {_interval(honest)}".rstrip()
    return [
        f"`{honest.task}`",
        rests,
        leaky,
        found,
        p_words(honest.p),
        p_words(honest.p_holm),
        could,
        rows,
        honest.reason,
    ]
