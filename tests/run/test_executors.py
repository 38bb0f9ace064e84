"""Every executor: each cell is computed once, stored before its record is given back, and what `here` computes."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from faultboard.declare.catalogue import Catalogue
from faultboard.errors import CardError
from faultboard.run.compute import Settings
from faultboard.run.executors import EXECUTORS, executor_for
from faultboard.run.store import Store
from faultboard.run.suite import Suite
from faultboard.run.suite_run import SuiteRun
from support.toy import MODEL

SETTINGS = Settings(1, "cpu")


@pytest.mark.parametrize("name", list(EXECUTORS))
def test_every_executor_stores_what_one_process_computes(name: str, ready: Catalogue, tmp_path: Path) -> None:
    (ready.root / "models/tones.yaml").write_text(MODEL.lstrip().split("recipes")[0] + "recipes: {logreg: }\n")
    shutil.copytree(ready.root, tmp_path / "other")
    other = Catalogue(tmp_path / "other", ready.builtin)
    work = SuiteRun(Suite.of(other, "toy_suite"))
    jobs = [[cell] for cell in work.todo()]
    executor, store, done = EXECUTORS[name], Store(other.root), []
    for record in executor.run(other, jobs, SETTINGS, executor.most_workers or 2, lambda *_: None):
        assert record.status == "ok", record.reason
        stored = store.load(record.cell)
        assert stored is not None
        done.append((record.cell.key, stored[1]))
    assert sorted(key for key, _ in done) == sorted(cell.key for (cell,) in jobs)
    SuiteRun(Suite.of(ready, "toy_suite")).run(SETTINGS, 1, lambda *_: None)
    for (cell,) in jobs:
        first = Store(ready.root).load(cell)
        assert first is not None
        np.testing.assert_array_equal(first[1], dict(done)[cell.key])
    assert executor.words


def test_more_workers_than_an_executor_can_use_are_refused() -> None:
    with pytest.raises(CardError, match="executor 'here' computes with 1 worker, not 2"):
        executor_for(2, "here")
    with pytest.raises(CardError, match=r"no executor 'hear'\. Did you mean 'here'\?"):
        executor_for(1, "hear")
