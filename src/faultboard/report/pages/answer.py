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
    "A difference is the {metric} of the first row less that of the second, on units (machines, bearings, parts) that "
    "no model was trained on; of several pairs of rows, their mean. Where the best of a kind is meant, the row is "
    "chosen by its mean over the other data sets of its kind of data, and the task at hand only judges it. Intervals "
    "are of nominal 95 %. Of a task: t over the jackknife, each unit left out once, the standard error taken "
    "sqrt(1 + k / (k - 1)) times as large since the k folds train on overlapping sides. Of a pool: random effects over "
    "tasks, with the interval of Hartung and Knapp, never narrower than the tasks' own errors make it (with three "
    "tasks of very unlike errors it still covers less than it says); only tasks whose folds hold out units enter, and "
    "one a data set. Under the published protocol no unit is held out: a task has no interval there, and a pool that "
    "of a plain mean. p (Holm) is corrected for all honest lines of tasks, or of pools, on this page; a verdict is "
    "read off it, at {level}. 'Could show' is the smallest difference that the units would have shown, at 5 % and "
    "with a power of 80 %. `scratch` are random weights: as initialised, but for the rows `data_norm`, whose batch "
    "norms took their statistics from all windows of the task, without labels. `*` the published protocol leaks."
)


def how(metric: str) -> str:
    """How differences of a metric are to be read."""
    less = "" if METRICS[metric].more_is_better else " Less is better: where it is positive the first row is the worse."
    return _HOW.format(metric=METRICS[metric].words, level=LEVEL) + less


def answer(suite: Suite, tables: list[TaskTable], lines: list[Line]) -> Document:
    """What the page of the answer says."""
    card = suite.card
    about = f"Suite `{card.id}` version {card.version}, edition `{suite.edition}`, {METRICS[METRIC].words}."
    pooled = [line for line in lines if not line.task]
    return [
        Section(f"The answer: {card.title}", 1, [about, *notice(suite.edition)]),
        Section("In words", 2, _in_words(lines)),
        Section("Over tasks", 2, [pools(pooled), "`*` the published protocol leaks."] if pooled else ["No task."]),
        Section("Rows that cannot be told from the best", 2, _best(suite, tables)),
        *_by_task(lines),
        Section("How to read it", 2, [how(METRIC)]),
    ]


def _in_words(lines: list[Line]) -> list[Part]:
    """A sentence a contrast and kind of data where tasks enough are pooled; what has fewer is named below."""
    sentences, few = [], []
    for (name, regime, material), group in groupby(lines, key=lambda line: (line.contrast, line.regime, line.material)):
        of_contrast = list(group)
        # the first pool of a side is of all tasks; those of families come after it
        pool = {line.side: line for line in reversed(of_contrast) if not line.task}
        if "honest" in pool and (pool["honest"].tasks or 0) >= FEW_TASKS:
            sentences.append(_sentence(pool["honest"], pool.get("published")) + _on_single_tasks(of_contrast))
        else:
            tasks = sum(bool(line.task) and line.side == "honest" and not line.reason for line in of_contrast)
            few.append(f"`{name}` ({regime}) on {material} ({tasks})")
    said: list[Part] = [Bullets(sentences)] if sentences else []
    if few:
        said.append(f"No sentence where fewer than {FEW_TASKS} tasks hold out units enough: {', '.join(few)}.")
    return said or ["Nothing was compared."]


def _sentence(honest: Line, published: Line | None) -> str:
    """What an honest pool says, and what the published protocol would have said."""
    is_told = _is_told(honest)
    families = " and ".join(family.replace("_", " ") for family in honest.family.split())
    rests = f"{plural(honest.tasks or 0, 'task')} of {families}, {honest.units:,} units"
    word = "gain" if (honest.difference or 0) > 0 else "loss"
    tests = f"p {p_words(honest.p)}, {p_words(honest.p_holm)} corrected for all pools"
    found = f"**{word}: {_signed(honest)}**" if is_told else f"no difference is shown: {_signed(honest)}"
    said = f"On unmet units, `{honest.contrast}` ({honest.regime}) on {honest.material}: {found} ({rests}; {tests})."
    if published is None:
        return said
    said += f" Under the published protocols {_signed(published)}"
    if honest.survives is None:
        return f"{said}, which zero is in."
    if is_told and honest.survives > 0:
        return f"{said}: {100 * honest.survives:.0f} % of it survives."
    return f"{said}: none of it is shown to survive."


def _is_told(line: Line) -> bool:
    return line.p_holm is not None and line.p_holm < LEVEL


def _on_single_tasks(lines: list[Line]) -> str:
    """Tasks on which a difference holds by itself."""
    told = [line for line in lines if line.task and _is_told(line)]
    named = "; ".join(f"`{line.task}` {_signed(line)}" for line in told)
    return f" On a task by itself it is shown on {named}." if told else ""


def _signed(line: Line) -> str:
    """Difference, with its interval where there is one."""
    if line.difference is None:
        return ""
    interval = "" if line.low is None or line.high is None else f" [{line.low:+z.3f}, {line.high:+z.3f}]"
    return f"{line.difference:+z.3f}{interval}"


def pools(lines: list[Line]) -> Grid:
    """Differences over tasks, both sides beside each other."""
    header = ["contrast", "regime", "data", "families", "tasks", "units", "published", "honest", "p", "p (Holm)"]
    sides: dict[tuple[str, ...], dict[str, Line]] = {}
    for line in lines:
        sides.setdefault((line.contrast, line.regime, line.material, line.family), {})[line.side] = line
    out = []
    for (name, regime, material, families), of_side in sides.items():
        honest, published = of_side["honest"], of_side.get("published")
        leaky = f"{_signed(published)}*" if published else ""
        is_told = _is_told(honest)
        survives = f"{100 * honest.survives:.0f} %" if is_told and honest.survives is not None else ""
        rests = [families.replace(" ", ", "), str(honest.tasks), str(honest.units)]
        tests = [p_words(honest.p), p_words(honest.p_holm), survives]
        out.append([f"`{name}`", regime, material, *rests, leaky, _signed(honest), *tests])
    return Grid([*header, "survives"], out)


def _best(suite: Suite, tables: list[TaskTable]) -> list[Part]:
    """The group of each task, and of each family of which tasks enough hold out units."""
    points, order = [], suite.tasks if tables else []
    known = sorted((t for t in tables if t.card.id in order), key=lambda table: order.index(table.card.id))
    for family in dict.fromkeys(table.card.family for table in known):
        group = [table for table in known if table.card.family == family]
        tested = [(table, best) for table in group if (best := best_of_task(table, METRIC))]
        for table, best in tested:
            units = table.printed(table.card.honest, best.first, METRIC)
            rests = plural(len(units.units), units.by.replace("_", " "))
            points.append(f"`{table.card.id}` ({rests}): {_group(best)}")
        pooled = one_a_data_set(table for table, _ in tested if _holds_out_units(suite, table))
        if len(pooled) >= FEW_TASKS and (of_all := best_of_tasks(pooled, METRIC)):
            points.append(f"All of {family.replace('_', ' ')} ({plural(len(pooled), 'task')}): {_group(of_all)}")
    if not points:
        return [f"No task holds out {FEW} units or more."]
    told = (
        "A row is left out where another one is ahead of it beyond chance, at 5 % over all of its comparisons: the "
        "truly best row is in the group with 95 % confidence. Where most rows stay, these units cannot tell."
    )
    return [Bullets(points), told]


def _holds_out_units(suite: Suite, table: TaskTable) -> bool:
    return table.card.protocols[table.card.honest].by == suite.catalogue.dataset(table.card.dataset).unit


def _group(best: BestGroup) -> str:
    if len(best.behind) >= len(best.alike):
        return f"{len(best.alike)} of {best.rows} rows: {_names(best.alike)}."
    first, behind = _names(best.alike[:1]), _names(best.behind) or "none"
    return f"{len(best.alike)} of {best.rows} rows, {first} with the highest score; behind are: {behind}."


def _names(models: list[str]) -> str:
    return ", ".join(f"`{model}`" for model in models)


def _by_task(lines: list[Line]) -> list[Section]:
    """The tasks of each contrast, those that are in no pool with the reason."""
    out = []
    for (name, regime), group in groupby(lines, key=lambda line: (line.contrast, line.regime)):
        if parts := by_task(list(group)):
            out.append(Section(f"`{name}` ({regime}), task by task", 3, parts))
    return out


def by_task(lines: list[Line]) -> list[Part]:
    """Differences of one contrast task by task, both sides beside each other; rows once where all have the same."""
    header = ["task", "rests on", "published", "honest", "p", "p (Holm)", "could show", "not pooled", "rows"]
    sides: dict[str, dict[str, Line]] = {}
    for line in lines:
        if line.task:
            sides.setdefault(line.task, {})[line.side] = line
    if not sides:
        return []
    grid = [_task(of_task) for of_task in sides.values()]
    rows = {line[-1] for line in grid}
    if len(rows) > 1:
        return [Grid(header, grid)]
    return [f"Rows: {rows.pop()}.", Grid(header[:-1], [line[:-1] for line in grid])]


def _task(sides: dict[str, Line]) -> list[str]:
    published, honest = sides.get("published"), sides.get("honest")
    one = next(iter(sides.values()))
    leaky = f"{_signed(published)}*" if published else ""
    firsts, seconds = (" and ".join(f"`{row}`" for row in rows.split()) for rows in (one.first, one.second))
    rows = f"{firsts} - {seconds}"
    if honest is None:
        return [f"`{one.task}`", "no unit", leaky, "", "", "", "", one.reason, rows]
    rests = plural(honest.units, honest.by.replace("_", " ")) if honest.units else "no unit"
    could = "" if honest.smallest is None else f"{honest.smallest:.3f}"
    tests = [p_words(honest.p), p_words(honest.p_holm), could]
    return [f"`{one.task}`", rests, leaky, _signed(honest), *tests, honest.reason, rows]
