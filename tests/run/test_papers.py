"""Every system of the suite `papers` runs: with random weights, for one epoch, on windows of its generated task.

A machine without the published weights has most of the suite as `unavailable`; its recipes are to run all the same.
"""

from __future__ import annotations

from itertools import chain
from pathlib import Path

import numpy as np
import pytest

from faultboard.declare.catalogue import Catalogue, Model
from faultboard.models.regimes import by_gradient
from faultboard.run.compute import Settings, predict
from faultboard.run.plan import make_plan
from faultboard.run.suite import Suite
from faultboard.tasks.folds import Fold
from faultboard.tasks.task import Task
from support import generated
from support.repository import CARDS, REPOSITORY

# small pictures or a small network: seconds; all others wait for larger data, pictures or networks
_QUICK = ("resnet50 mel", "picture_cnn")
_EACH = 24  # windows on each side


def systems() -> list[object]:
    """Task, backbone and recipe of each row that stands on a generated task."""
    cards = Catalogue(REPOSITORY / "tests", REPOSITORY)  # no data there: nothing is drawn
    plan = make_plan(Suite.of(cards, "papers", "sim"), describe_new=False)
    networks = [cell for cell in plan.cells if ".none." not in cell.model]
    rows = dict.fromkeys((cell.task, *cell.model.split(".")[::2]) for cell in networks)
    quick = {row for row in rows if " ".join(row[1:]).startswith(_QUICK)}
    return [pytest.param(*row, marks=() if row in quick else pytest.mark.slow, id=" ".join(row)) for row in rows]


def few(task: Task, protocol: str) -> Fold:
    """A part of the first fold: as many windows of each class, drawn from all over each side."""
    rng = np.random.default_rng(0)
    fold = task.folds(protocol)[0]
    classes = range(len(task.card.class_names))
    count = max(2, _EACH // len(classes))
    sides = []
    for side in (fold.train, fold.test):
        of_class = (rng.permutation(side[task.y[side] == c])[:count] for c in classes)
        sides.append(np.sort(np.fromiter(chain.from_iterable(of_class), dtype=np.int64)))
    return Fold(fold.name, *sides)


@pytest.mark.parametrize(("task_name", "backbone", "recipe"), systems())
def test_every_system_of_the_papers_runs(tmp_path: Path, task_name: str, backbone: str, recipe: str) -> None:
    card = CARDS.backbone(backbone)
    once = {recipe: card.recipes[recipe].model_copy(update={"epochs": 1})}
    model = Model(card.model_copy(update={"recipes": once}), "scratch", recipe)
    task = generated.task(task_name)
    protocol = (task.card.gap or [next(iter(task.card.protocols))])[-1]
    fold = few(task, protocol)
    found = predict(tmp_path, task, protocol, fold, model, 0, Settings(2, "cpu"))
    assert found.probabilities.shape == (len(fold.test), len(task.card.class_names))
    np.testing.assert_allclose(found.probabilities.sum(1), 1, rtol=1e-6)
    share = found.facts["trained_params"] / found.facts["params"]
    # the largest head on a frozen network is the fans'; of VGG-16 most parameters are its dense layers
    assert share == 1 if model.regime == "full" else 0 < share < {"probe": 0.2, "partial": 0.95}[model.regime]
    if by_gradient(model):
        assert len(found.facts["curve"]) == 1
    if card.recipes[recipe].early_stopping:
        assert "validation_loss" in found.facts["curve"][0]
        assert (found.facts["validation"] == "test") == (model.recipe.mark == "chosen on test")
