"""In several processes of this machine, which end with the one that started them."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from faultboard.declare.catalogue import Catalogue
from faultboard.run.cell import Job
from faultboard.run.compute import Progress, Settings, compute
from faultboard.run.executors import Executor
from faultboard.run.record import Record
from faultboard.run.store import Store


def run(catalogue: Catalogue, jobs: list[Job], settings: Settings, workers: int, say: Progress) -> Iterator[Record]:
    """Compute jobs, each in one process, and give the records of a job once all of it is stored.

    Processes are started by ``spawn``, which every system has.
    """
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_end_with, initargs=(os.getpid(),)) as pool:
        futures = [pool.submit(_work, str(catalogue.root), str(catalogue.builtin), job, settings) for job in jobs]
        try:
            for future in as_completed(futures):
                yield from future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _work(root: str, builtin: str, job: Job, settings: Settings) -> list[Record]:
    catalogue = Catalogue(Path(root), Path(builtin))
    store = Store(catalogue.root)
    records = []
    for record, probabilities in compute(catalogue, job, settings):
        store.save(record, probabilities)
        records.append(record)
    return records


def _end_with(parent: int) -> None:
    """End this worker when its parent is gone, so that a killed run leaves nobody writing."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


processes = Executor("in several processes of this machine", run)
