"""Where cells are computed: in this process, or in several that end with it.

Only ids, paths and plain records cross a process: a worker loads cards and their code by path.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from faultboard.declare.catalogue import Catalogue
from faultboard.run.cell import Cell
from faultboard.run.compute import Progress, Settings, compute
from faultboard.run.record import Record
from faultboard.run.store import Store

Job = list[Cell]


def local(catalogue: Catalogue, jobs: list[Job], settings: Settings, workers: int, say: Progress) -> Iterator[Record]:
    """Compute jobs and give each record once it is stored.

    Parameters
    ----------
    jobs : list of list of Cell
        Cells that share features stand in one job, in the order in which they are computed.
    workers : int
        Processes; 1 computes in this one. Several are started by ``spawn``, which every system has.
    """
    if workers == 1:
        store = Store(catalogue.root)
        for job in jobs:
            for record, probabilities in compute(catalogue, job, settings, say):
                store.save(record, probabilities)
                yield record
        return
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
