"""Keys, pinned whole: one that moves by accident makes every stored number unfindable.

Each row is the key of a real cell but for its data and fold, which are named and not hashed: a row a model (on a task
of each modality that it takes) and a row a task. A card that is meant to change, or a new one:
``python tests/test_golden_keys.py`` writes the table anew.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from faultboard import versions
from faultboard.declare.catalogue import Catalogue, Model
from faultboard.declare.keys import digest
from faultboard.declare.schema import computing
from faultboard.models import identity
from faultboard.run.cell import cell_key
from faultboard.run.suite import Suite
from faultboard.run.suite_run import SuiteRun

REPOSITORY = Path(__file__).parents[1]
CARDS = Catalogue(REPOSITORY, REPOSITORY)
GOLDEN = Path(__file__).with_name("golden_keys.csv")
# a task of each modality, which models are shown on: a new task moves no row of a model
SHOWN = {
    "acceleration": "motor_accelerometer/adi_cbm",
    "photo": "defect_images/equipment_defects",
    "sound": "machine_sound/dcase2020",
    "thermal": "thermal_bearings/bearing_irt",
    "vibration": "bearing_vibration/cwru",
}
# suites whose results are committed
COMMITTED = [name for name in CARDS.paths["suite"] if Suite.of(CARDS, name).stored_tasks() and name != "sample"]

# task that a model's row is of, by what it takes: the first there was, so that a new card moves no row
FIRST = {
    "acceleration": "motor_accelerometer/adi_cbm",
    "photo": "defect_images/equipment_defects",
    "sound": "machine_sound/dcase2020",
    "thermal": "thermal_images/bearing_irt",
    "vibration": "bearing_vibration/cwru",
}


def some_key(task: str, model: Model, modality: str) -> str:
    """Key of a cell: of a task, a model, one seed and one data budget, on data and a fold that are named."""
    return cell_key("the data", CARDS.task(task), "the fold", model, modality, 1, "50 %")


def models() -> list[Model]:
    cards = [CARDS.backbone(name) for name in CARDS.paths["model"]]
    return [Model(card, source, recipe) for card in cards for source in card.pretraining for recipe in card.recipes]


def keys() -> dict[str, str]:
    modality = {name: CARDS.dataset(CARDS.task(name).dataset).modality for name in CARDS.paths["task"]}
    found = {}
    for model in models():
        found[f"model {model.id}"] = digest([some_key(FIRST[kind], model, kind) for kind in sorted(model.input)])
    for name, kind in modality.items():
        model = next(m for m in models() if kind in m.input)
        protocols = {n: computing(p) for n, p in CARDS.task(name).protocols.items()}
        found[f"task {name}"] = digest([some_key(name, model, kind), CARDS.task(name).where, protocols])
    return found


def pinned() -> dict[str, str]:
    with GOLDEN.open(encoding="utf-8", newline="") as stream:
        return {row["card"]: row["key"] for row in csv.DictReader(stream)}


def test_keys_have_not_moved() -> None:
    now = keys()
    moved = sorted(name for name, key in now.items() if pinned().get(name) != key)
    gone = sorted(pinned().keys() - now.keys())
    assert not moved, f"stored cells of these are lost: {moved}; if that is meant, run python {Path(__file__).name}"
    assert not gone


def test_results_are_committed() -> None:
    """Without any, the next test would say nothing."""
    assert COMMITTED


@pytest.mark.parametrize("suite", COMMITTED)
def test_nothing_committed_is_stale(suite: str) -> None:
    """Every committed cell is of the plan that cards and engine make today, and every cell of it is there."""
    run = SuiteRun(Suite.of(CARDS, suite))
    stored = {task: set(run.results[task].records) for task in run.plan.tasks}
    planned = {task: {cell.key for cell in run.plan.of_task(task)} for task in run.plan.tasks}
    assert {task for task in stored if stored[task] - planned[task]} == set()
    assert {task for task in stored if planned[task] - stored[task]} == set()
    assert sum(map(len, stored.values())) > 1000


def touched(monkeypatch: pytest.MonkeyPatch, part: str, regime: str = "") -> set[str]:
    """Models whose key moves with the version of a part, or of one regime in it."""
    before = {model.id: identity.parts(model) for model in models()}
    now = getattr(versions, part)
    with monkeypatch.context() as raised:
        raised.setattr(identity, part, now | {regime: now[regime] + 1} if regime else now + 1)
        return {model.id for model in models() if identity.parts(model) != before[model.id]}


def test_a_raised_version_touches_what_it_computes_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    every = {model.id for model in models()}
    trained = {m.id for m in models() if not identity.shares_features(m)}
    by_gradient = trained | {m.id for m in models() if m.recipe.head}
    assert touched(monkeypatch, "TRAINING") == by_gradient
    for regime in versions.HEADS:
        assert touched(monkeypatch, "HEADS", regime) == {m.id for m in models() if m.regime == regime} - by_gradient
    assert touched(monkeypatch, "FEATURES") == every - trained


def test_a_raised_front_end_touches_its_own_models(monkeypatch: pytest.MonkeyPatch) -> None:
    before = keys()
    monkeypatch.setitem(versions.INPUTS, "mel_image", versions.INPUTS["mel_image"] + 1)
    after = keys()
    moved = {
        name.removeprefix("model ") for name in before if name.startswith("model ") and before[name] != after[name]
    }
    assert moved == {m.id for m in models() if "mel_image" in m.input.values()}


def test_while_all_parts_are_as_they_began_a_key_says_one() -> None:
    assert versions.raised(features=1, heads=1) == 1
    assert versions.raised(features=2, heads=1) == {"features": 2}


if __name__ == "__main__":
    table = sorted(keys().items())
    with GOLDEN.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, lineterminator="\n").writerows([("card", "key"), *table])
