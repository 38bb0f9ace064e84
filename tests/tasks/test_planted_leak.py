"""A strong mark of the unit and a weak fault: the random split is proud, the grouped one honest, the audit says why."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import faultboard as fb
from faultboard.tasks.audit import audit
from faultboard.tasks.audit.permuted import permuted
from faultboard.tasks.leak import neighbour_share
from faultboard.tasks.task import Task
from support.planted import Row, bind, planted

UNITS, EACH, LENGTH = 12, 6, 6000
# amplitude of the fault's tone against noise of 1: heard by the band that holds it, in the mean of a window
FAULT = 0.10


def machines(nested: bool) -> list[Row]:
    """Machines whose comb of tones is theirs alone; a fault is one weak tone, the same for all."""
    rng = np.random.default_rng(7)
    time = np.arange(LENGTH) / 8000
    rows: list[Row] = []
    for unit in range(UNITS):
        comb = rng.uniform(100, 3800, 12)
        for number in range(EACH):
            state = unit % 2 if nested else number % 2
            wave = rng.standard_normal(LENGTH) + FAULT * state * np.sin(2 * np.pi * 2000 * time)
            wave += 0.7 * sum(np.sin(2 * np.pi * f * time + rng.uniform(0, 6)) for f in comb)
            rows.append((f"m{unit:02d}", ("ok", "bad")[state], (1000 * wave).astype(np.int16)[:, None], 8000.0))
    return rows


def accuracy(task: Task, protocol: str) -> float:
    def spectrum(X: np.ndarray) -> np.ndarray:
        power = np.abs(np.fft.rfft(X * np.hanning(X.shape[1]), axis=1))[:, 1:] ** 2
        return np.log(power.reshape(len(X), 125, -1).sum(2))

    model = make_pipeline(FunctionTransformer(spectrum), StandardScaler(), LogisticRegression(C=0.01, max_iter=300))
    return float(fb.evaluate(model, task, protocol)["accuracy"].mean())


@pytest.fixture(scope="module")
def leaking(tmp_path_factory: pytest.TempPathFactory) -> Task:
    return planted(tmp_path_factory.mktemp("leaking"), machines(nested=True))


def test_the_random_split_scores_what_the_units_give_and_the_grouped_one_what_the_fault_does(leaking: Task) -> None:
    # the physics: the fault's band alone, whatever the unit, is the most that a new unit allows
    X, y = leaking.arrays()
    power = np.abs(np.fft.rfft(X * np.hanning(1000), axis=1))[:, 248:253] ** 2
    bound = max(np.mean((power.sum(1) > t) == y) for t in np.quantile(power.sum(1), np.linspace(0.02, 0.98, 49)))
    published, grouped = accuracy(leaking, "published"), accuracy(leaking, "grouped")
    assert published > 0.97
    assert grouped < bound + 0.05
    assert published - grouped > 0.25


def test_the_leak_number_says_why(leaking: Task) -> None:
    published, grouped = (neighbour_share(leaking, leaking.folds(name)) for name in ("published", "grouped"))
    assert published is not None
    assert published[0] > 0.9
    assert published[1] < 0.15
    assert grouped == (0.0, 0.0)


def test_the_audit_says_why(leaking: Task) -> None:
    found = {(f.protocol, f.kind) for f in audit(leaking)}
    assert found == {("published", "shared_unit"), ("published", "shared_recording")}


def test_labels_that_mean_nothing_are_learnt_where_units_are_shared_and_nowhere_else(leaking: Task) -> None:
    control = {c.protocol: c for c in permuted(leaking)}
    assert control["published"].score > 0.9
    assert control["published"].shared == "unit"
    assert control["grouped"].score == pytest.approx(0.5, abs=0.15)
    assert control["grouped"].shared == ""


def test_without_a_mark_of_the_unit_the_two_splits_agree(tmp_path: Path) -> None:
    """The gap comes from the mark: where there is none, random and grouped score alike."""
    rng = np.random.default_rng(1)
    time = np.arange(LENGTH) / 8000
    rows: list[Row] = []
    for unit in range(UNITS):
        for _ in range(EACH):
            wave = rng.standard_normal(LENGTH) + 3 * FAULT * (unit % 2) * np.sin(2 * np.pi * 2000 * time)
            rows.append((f"m{unit:02d}", ("ok", "bad")[unit % 2], (1000 * wave).astype(np.int16)[:, None], 8000.0))
    task = planted(tmp_path, rows)
    assert abs(accuracy(task, "published") - accuracy(task, "grouped")) < 0.06
    control = {c.protocol: c for c in permuted(task)}
    assert control["published"].score == pytest.approx(0.5, abs=0.15)


def test_overlapping_windows_of_a_random_split_are_found(tmp_path: Path) -> None:
    task = planted(tmp_path, machines(nested=False), "{length: 1000, hop: 500}")
    found = [f for f in audit(task) if f.kind == "overlap"]
    assert [(f.protocol, f.declared) for f in found] == [("published", False)]
    card = task.card.path
    card.write_text(card.read_text().replace("hop: 500", "hop: 1000"))
    again = bind(card.parents[2], tmp_path / "empty")
    assert not [f for f in audit(again) if f.kind == "overlap"]
