"""In this process, one cell after another."""

from __future__ import annotations

from collections.abc import Iterator

from faultboard.declare.catalogue import Catalogue
from faultboard.run.cell import Job
from faultboard.run.compute import Progress, Settings, compute
from faultboard.run.executors import Executor
from faultboard.run.record import Record
from faultboard.run.store import Store


def run(catalogue: Catalogue, jobs: list[Job], settings: Settings, workers: int, say: Progress) -> Iterator[Record]:
    """Compute jobs and give each record once it is stored."""
    store = Store(catalogue.root)
    for job in jobs:
        for record, probabilities in compute(catalogue, job, settings, say):
            store.save(record, probabilities)
            yield record


here = Executor("in this process", run, most_workers=1)
