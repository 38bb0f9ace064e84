"""What is over its limit: not tried again for nothing, and tried again where there is a reason."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

from faultboard.declare.catalogue import Catalogue
from faultboard.errors import OverLimit
from faultboard.run.compute import Prediction, Settings
from faultboard.run.outlook import outlook
from faultboard.run.plan import Choice
from faultboard.run.record import Record
from faultboard.run.store import Results
from faultboard.run.suite import Suite
from faultboard.run.suite_run import SuiteRun

FOREST = Choice(models=["*.forest"], protocols=["by_load"])
# two loads and two seeds
CELLS = 4


def run(cards: Catalogue, **options: Any) -> list[Record]:
    work = SuiteRun(Suite.of(Catalogue(cards.root, cards.builtin), "toy_suite"), FOREST, **options)
    return work.run(Settings(1, "cpu"), 1, lambda *_: None)


@pytest.fixture
def tried(ready: Catalogue, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """A first run in which every cell would take too long, and how often each model was begun."""
    begun: Counter[str] = Counter()

    def slow(root: Any, task: Any, protocol: Any, fold: Any, model: Any, *_: Any) -> Prediction:
        begun[model.id] += 1
        raise OverLimit("would take 9 h a cell, the limit is 10 min")

    with monkeypatch.context() as patch:
        patch.setattr("faultboard.run.compute.predict", slow)
        assert {r.status for r in run(ready)} == {"over_limit"}
    return begun


def test_the_rest_of_a_row_is_not_tried(ready: Catalogue, tried: Counter[str]) -> None:
    """The same model on folds of one size: hours, each of which ends alike."""
    assert tried == {"tones.none.forest": 1}
    records = Results(ready.root / "results/toy_suite/cells/shafts/toy.parquet").records.values()
    found = [r for r in records if r.status == "over_limit"]
    assert [(r.reason, r.limit) for r in found] == [("would take 9 h a cell, the limit is 10 min", 600.0)] * CELLS


def test_it_is_tried_again_only_where_something_is_another(
    ready: Catalogue, tried: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def todo(**options: Any) -> int:
        return len(SuiteRun(Suite.of(Catalogue(ready.root, ready.builtin), "toy_suite"), FOREST, **options).todo())

    assert todo() == 0
    assert todo(retry=True) == CELLS
    with monkeypatch.context() as patch:
        patch.setattr("faultboard.run.suite_run.host", lambda: "a faster one")
        assert todo() == CELLS
    suite = ready.root / "benchmarks/toy_suite.yaml"
    suite.write_text(suite.read_text() + "time_budget: {cell: 20 min}\n")
    assert todo() == CELLS
    assert {r.status for r in run(ready)} == {"ok"}


def test_fresh_writes_over_what_is_stored(ready: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    path = ready.root / "results/toy_suite/cells/shafts/toy.parquet"
    run(ready)
    before = Results(path)

    def certain(root: Any, task: Any, protocol: Any, fold: Any, model: Any, *_: Any) -> Prediction:
        return Prediction(np.eye(2)[np.ones(len(fold.test), dtype=int)], {"train": 1.0}, {})

    monkeypatch.setattr("faultboard.run.compute.predict", certain)
    assert run(ready) == []
    assert len(run(ready, fresh=True)) == CELLS
    after = Results(path)
    keys = [key for key, record in before.records.items() if record.status == "ok"]
    assert len(keys) == CELLS
    for key in keys:
        assert (after.rows(key)["p_bad"] == 1).all()
        assert not (before.rows(key)["p_bad"] == 1).all()


def test_a_plan_estimates_from_what_a_window_took(ready: Catalogue) -> None:
    """A model that took a second for a hundred windows takes as much for the next hundred."""
    run(ready)
    path = ready.root / "results/toy_suite/cells/shafts/toy.parquet"
    records = [r for r in Results(path).records.values() if r.status == "ok"]
    each = np.mean([r.seconds["train_cached"] / r.train_windows for r in records])
    work = SuiteRun(Suite.of(Catalogue(ready.root, ready.builtin), "toy_suite"))
    found = outlook(work)
    protocols = work.plan.facts["shafts/toy"].protocols
    trained = {fold.train for name in ("published", "grouped") for fold in protocols[name].folds}
    assert (found.done, found.todo, found.unknown) == (CELLS, 20, 8)
    # three folds of each of two protocols, of the same size, and two seeds
    assert trained == {80}
    assert found.seconds == pytest.approx(each * 80 * 12)
