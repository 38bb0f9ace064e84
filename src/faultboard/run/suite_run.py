"""Running a suite: what is stored already is kept, the rest is computed, the results are written."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from filelock import FileLock, Timeout

from faultboard.data.edition import Edition
from faultboard.declare.suite import seconds
from faultboard.errors import FaultboardError
from faultboard.models.identity import shares_features
from faultboard.run.cell import Cell, Job
from faultboard.run.compute import Settings
from faultboard.run.executors import Executor, executor_for
from faultboard.run.host import host
from faultboard.run.plan import Choice, Plan, make_plan
from faultboard.run.record import Record
from faultboard.run.store import Results, Store, prediction_rows, write_results
from faultboard.run.suite import Suite
from faultboard.tasks.task import Task

# Told of each finished cell: its record, cells done, cells to do.
Watch = Callable[[Record | None, int, int, str], None]


class _Stored(dict[str, Results]):
    """Results of each task of a suite, read when they are first asked for."""

    def __init__(self, suite: Suite) -> None:
        super().__init__()
        self._suite = suite

    def __missing__(self, task: str) -> Results:
        self[task] = Results(self._suite.cells_file(task))
        return self[task]


class SuiteRun:
    """One suite on one edition, and what is stored of it.

    Parameters
    ----------
    fresh : bool
        Ignore what is stored and cached.
    retry : bool
        Try again what was over its limit, even where limit and machine are the same.
    say : callable, optional
        Told what takes a while before the first cell.
    """

    def __init__(
        self,
        suite: Suite,
        choice: Choice | None = None,
        fresh: bool = False,
        retry: bool = False,
        say: Callable[[str], None] | None = None,
    ) -> None:
        self.suite = suite
        self.fresh, self.retry = fresh, retry
        self.store = Store(suite.catalogue.root)
        self.plan: Plan = make_plan(suite, choice, say=say)
        # results hold a whole task: a part of a suite still writes every cell of its tasks
        self.whole = self.plan
        if choice:
            # what this part does not need is not audited for it
            self.whole = make_plan(suite, describe_new=False, known=self.plan.facts)
        self.results = _Stored(suite)
        self.limit = seconds(suite.card.time_budget.cell)

    def known(self, cell: Cell) -> Record | None:
        """Stored outcome of a cell: committed results first, then the cache."""
        results = self.results[cell.task]
        if results.has(cell.key):
            return results.records[cell.key]
        stored = self.store.load(cell)
        if stored:
            return stored[0]
        return results.records.get(cell.key)

    def todo(self) -> list[Cell]:
        """Cells to compute now."""
        return [c for c in self.plan.cells if c.key not in self.plan.blocked and not self._settled(c)]

    def _settled(self, cell: Cell) -> bool:
        if self.fresh:
            return False
        record = self.known(cell)
        if record is None:
            return False
        same = record.limit == self.limit and record.host == host()
        return record.status == "ok" or (record.status == "over_limit" and same and not self.retry)

    def stale(self) -> list[str]:
        """What in the committed results is not of this plan, is missing from it, or is not what was computed."""
        return [fault for task in self.plan.tasks for fault in self._stale(task)]

    def _stale(self, task: str) -> Iterator[str]:
        results, card = self.results[task], self.suite.catalogue.task(task)
        planned = {c.key for c in self.plan.of_task(task)}
        again = f"faultboard run {self.suite.said} --task {task}"
        missing = [k for k in planned if k not in results.records or results.records[k].status == "planned"]
        other = results.records.keys() - planned
        if missing or other:
            counts = f"{len(missing)} cells of the plan are missing, {len(other)} are of another"
            yield f"{results.path}: {counts}: {again}"
        done = [r for r in results.records.values() if results.has(r.cell.key)]
        # a library that some cells do not name is one that the engine began or ceased to use
        used = Counter(name for name, _ in {pair for r in done for pair in r.versions.items()})
        if mixed := sorted(name for name, versions in used.items() if versions > 1):
            yield f"{results.path}: its cells mix versions of {', '.join(mixed)}: {again} --fresh"
        if moved := sum(not _alike(r.scores, results.rescored(card, r).scores) for r in done):
            yield f"{results.path}: scores of {moved} cells are not what their predictions give: {again}"

    def run(self, settings: Settings, workers: int, watch: Watch, executor: Executor | None = None) -> list[Record]:
        """Compute what is to be done and write the results, also when it is broken off.

        Raises
        ------
        FaultboardError
            Another run of this suite is under way.
        """
        lock = self.suite.catalogue.root / "data" / "locks" / f"{self.suite.id}.lock"
        lock.parent.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(lock, timeout=0):
                return self._run(settings, workers, watch, executor or executor_for(workers))
        except Timeout:
            raise FaultboardError(
                f"another run of '{self.suite.id}' is under way in {self.suite.catalogue.root}; wait for it to end"
            ) from None

    def _run(self, settings: Settings, workers: int, watch: Watch, executor: Executor) -> list[Record]:
        todo = self.todo()
        settings = replace(settings, limit=self.limit, fresh=self.fresh)
        new: dict[str, Record] = {}
        budget = seconds(self.suite.card.time_budget.suite)

        def say(what: str) -> None:
            watch(None, len(new), len(todo), what)

        try:
            if todo:
                watch(None, 0, len(todo), "")
            for jobs in self._in_time(self._jobs(todo), budget, settings, new):
                for record in executor.run(self.suite.catalogue, jobs, settings, workers, say):
                    new[record.cell.key] = record
                    watch(record, len(new), len(todo), "")
        finally:
            self.write(new)
        return [r for c in self.plan.cells if (r := new.get(c.key))]

    def _in_time(
        self, jobs: list[Job], budget: float, settings: Settings, new: dict[str, Record]
    ) -> Iterable[list[Job]]:
        """Give batches of jobs until the suite's time is spent; note the rest as over the limit.

        What trains a network spends it, in this run and in those before on the same machine. What only fits a head
        or a classical model costs little, comes first, and is never left out.
        """
        size = 1 if len(jobs) < 8 else 4
        frozen = [job for job in jobs if not self._trains(job[0])]
        trained = [job for job in jobs if self._trains(job[0])]
        for first in range(0, len(frozen), size):
            yield frozen[first : first + size]
        spent, begun = self._spent(), time.monotonic()
        for first in range(0, len(trained), size):
            if spent + time.monotonic() - begun < budget:
                yield trained[first : first + size]
                continue
            for cell in (c for job in trained[first:] for c in job):
                reason = f"the suite's {self.suite.card.time_budget.suite} were spent"
                new[cell.key] = Record(cell, "over_limit", reason, limit=None, host=host(), threads=settings.threads)
            return

    def _trains(self, cell: Cell) -> bool:
        from faultboard.models.networks.weights import is_here

        model = self.suite.catalogue.model(cell.model)
        return not shares_features(model) and is_here(model)

    def _spent(self) -> float:
        """Seconds that this machine has given to the trained cells that are stored."""
        records = [r for c in self.whole.cells if self._trains(c) and (r := self.known(c))]
        return sum(r.seconds["train"] for r in records if r.status == "ok" and r.host == host())

    def _jobs(self, cells: list[Cell]) -> list[Job]:
        """Cells that share features, cheapest kind and smallest task first."""

        def order(cell: Cell) -> tuple[int, int, str, str, int]:
            model = self.suite.catalogue.model(cell.model)
            kind = 0 if not model.card.is_network else 1 if shares_features(model) else 2
            shared = f"{model.card.id}.{model.source}" if kind < 2 else model.id
            return kind, self.plan.facts[cell.task].windows, cell.task, shared, cell.seed if kind == 1 else 0

        jobs: dict[tuple[int, int, str, str, int], Job] = {}
        for cell in sorted(cells, key=order):
            jobs.setdefault(order(cell), []).append(cell)
        return list(jobs.values())

    def write(self, new: dict[str, Record]) -> None:
        """Write records and predictions of every planned cell of the tasks at hand, and their facts."""
        for task in self.plan.tasks:
            if task not in self.plan.facts and self.results[task].records:
                # without the data of a task whose card has changed its keys are not known: nothing is wiped
                continue
            results, card = self.results[task], self.suite.catalogue.task(task)
            records, rows = [], []
            bound: Task | None = None
            for cell in self.whole.of_task(task):
                if results.has(cell.key) and not (self.fresh and cell.key in new):
                    # a key says what was computed, not what it is called: where a card has renamed a protocol or a
                    # fold since, what is kept takes the names that the plan has for it
                    records.append(replace(results.rescored(card, results.records[cell.key]), cell=cell))
                    rows.append(results.rows(cell.key).assign(protocol=cell.protocol, fold=cell.fold))
                    continue
                stored = self.store.load(cell)
                record = self._outcome(cell, new.get(cell.key) or (stored[0] if stored else None))
                if record.status == "ok" and stored and stored[1] is not None:
                    bound = bound or self._bind(task)
                    fold = next(f for f in bound.folds(cell.protocol) if f.name == cell.fold)
                    names = bound.card.class_names
                    rows.append(prediction_rows(cell, bound.index(fold.test), names, stored[1]))
                records.append(record)
            write_results(self.suite.cells_file(task), records, rows)
        self.suite.write_facts(self.suite.read_facts() | self.plan.facts)
        self.results = _Stored(self.suite)

    def _outcome(self, cell: Cell, record: Record | None) -> Record:
        if record:
            return replace(record, cell=cell)
        if cell.key in self.whole.blocked:
            status, reason = self.whole.blocked[cell.key]
            return Record(cell, status, reason)
        kept = self.results[cell.task].records.get(cell.key)
        if kept and kept.status != "planned":
            return replace(kept, cell=cell)
        return Record(cell, "planned", f"not run yet: faultboard run {self.suite.said}")

    def _bind(self, task: str) -> Task:
        card = self.suite.catalogue.task(task)
        return Task.open(card, Edition.of(self.suite.catalogue, card.dataset, self.suite.edition))


def _alike(stored: dict[str, float], given: dict[str, float]) -> bool:
    """Whether scores are the same but for the last bits, in which processors differ."""
    return stored.keys() == given.keys() and all(abs(stored[name] - given[name]) < 1e-9 for name in stored)
