"""What leaves for another framework and what comes back: nothing lost, nothing scored twice."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import faultboard as fb
from faultboard.data.edition import Edition
from faultboard.data.raw.folder import is_here
from faultboard.declare.catalogue import Catalogue, find_root
from faultboard.errors import DataError, ProtocolError
from faultboard.tasks.exchange import export, read_predictions
from faultboard.tasks.task import Task
from support.repository import REPOSITORY


@pytest.fixture
def task(ready: Catalogue) -> Task:
    return fb.load_task("toy", root=ready.root)


@pytest.fixture
def out(task: Task, tmp_path: Path) -> Path:
    export(task, tmp_path / "out")
    return tmp_path / "out"


@pytest.fixture
def answers(out: Path) -> pd.DataFrame:
    """Test rows of every fold with the true class, in no order."""
    folds = pd.read_csv(out / "folds.csv", dtype={"fold": str})
    labels = pd.read_csv(out / "windows.csv")[["window", "label"]]
    tested = folds[folds["side"] == "test"].merge(labels, on="window").rename(columns={"label": "predicted"})
    return tested.sample(frac=1, random_state=0)


def test_what_is_exported_is_what_the_engine_trains_on(task: Task, out: Path) -> None:
    folds = pd.read_csv(out / "folds.csv", dtype={"fold": str})
    for protocol in task.card.protocols:
        for fold in task.folds(protocol):
            own = folds[(folds["protocol"] == protocol) & (folds["fold"] == fold.name)]
            for side, ids in (("train", fold.train), ("test", fold.test)):
                assert own.loc[own["side"] == side, "window"].tolist() == ids.tolist()
    X, y = task.arrays()
    assert np.array_equal(np.load(out / "samples.npy")[..., 0], X)
    windows = pd.read_csv(out / "windows.csv", dtype=str)
    assert windows["label"].tolist() == [task.card.class_names[i] for i in y]
    assert windows["shaft"].tolist() == task.column("shaft").tolist()


def test_predictions_come_back_to_the_score_of_the_engine(task: Task, answers: pd.DataFrame, tmp_path: Path) -> None:
    wrong = answers["protocol"].eq("grouped") & answers["fold"].eq("1")
    answers.loc[wrong, "predicted"] = "bad"
    answers.to_csv(tmp_path / "p.csv", index=False)
    given = read_predictions(task, tmp_path / "p.csv")
    assert task.score("published", given["published"])["accuracy"] == 1.0
    fold = task.folds("grouped")[1]
    right = {f.name: task.y[f.test] for f in task.folds("grouped")} | {"1": np.zeros(len(fold.test), dtype=np.int64)}
    right["1"][:] = task.card.class_names.index("bad")
    assert task.score("grouped", given["grouped"]) == task.score("grouped", right)
    assert task.score("grouped", right)["accuracy"] < 1


def test_probabilities_come_back_in_the_order_of_the_fold(task: Task, answers: pd.DataFrame, tmp_path: Path) -> None:
    answers["p_ok"] = np.linspace(0, 1, len(answers))
    answers["p_bad"] = 1 - answers["p_ok"]
    answers.drop(columns="predicted").to_csv(tmp_path / "p.csv", index=False)
    given = read_predictions(task, tmp_path / "p.csv")
    for fold in task.folds("by_load"):
        own = answers[(answers["protocol"] == "by_load") & (answers["fold"] == fold.name)].set_index("window")
        assert given["by_load"][fold.name][:, 0] == pytest.approx(own.loc[fold.test, "p_ok"].to_numpy())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda t: t.drop(t.index[t["fold"].eq("0") & t["protocol"].eq("published")][0]),
            "1 of .* test windows are missing, first",
        ),
        (lambda t: pd.concat([t, t.iloc[:1]]), "is there twice"),
        (lambda t: t.assign(predicted="worn"), "line 2: no class 'worn'; the task has ok, bad"),
        (lambda t: t.drop(columns="start"), "no column start"),
        (lambda t: t.drop(columns="predicted"), "say 'predicted'"),
        (lambda t: t.iloc[:0], "no prediction in it"),
        (lambda t: t.assign(fold="9"), "has no fold '9'"),
        (lambda t: t.drop(columns="predicted").assign(p_ok="x", p_bad=0.5), "line 2 has a probability"),
        (lambda t: t.drop(columns="predicted").assign(p_ok=1.5, p_bad=-0.5), "line 2 has a probability"),
        (lambda t: pd.concat([t, t.iloc[:1].assign(recording="other")]), "other at .* is no test window of it"),
    ],
)
def test_predictions_that_do_not_fit_are_refused(
    task: Task, answers: pd.DataFrame, tmp_path: Path, change: object, said: str
) -> None:
    assert callable(change)
    change(answers).to_csv(tmp_path / "p.csv", index=False)
    with pytest.raises(DataError, match=said):
        read_predictions(task, tmp_path / "p.csv")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda y: y - 1, "class numbers are whole, from 0 to 1"),
        (lambda y: y + 0.5, "class numbers are whole"),
        (lambda y: np.where(y == 0, 2, y), "class numbers are whole"),
        (lambda y: np.eye(3)[y], r"shape \(\d+, 3\): say 2 probabilities a window"),
        (lambda y: np.eye(2)[y] * 1.5, "probabilities are numbers from 0 to 1"),
        (lambda y: np.eye(2)[y] - 0.5, "probabilities are numbers from 0 to 1"),
        (lambda y: np.where(np.eye(2)[y] > 0, np.nan, 0.5), "probabilities are numbers from 0 to 1"),
        (lambda y: np.eye(2)[y].astype(str), "probabilities are numbers from 0 to 1"),
        (lambda y: y[:-1], r"predictions for \d+ windows"),
        (lambda y: y[:0], r"0 predictions for \d+ windows"),
    ],
)
def test_what_is_no_prediction_is_scored_by_nobody(task: Task, change: Callable[[Any], Any], said: str) -> None:
    given = {fold.name: task.y[fold.test] for fold in task.folds("grouped")}
    given["1"] = change(given["1"])
    with pytest.raises(ProtocolError, match=f"grouped, fold 1: .*{said}"):
        task.score("grouped", given)


def test_a_fold_that_is_none_is_refused(task: Task) -> None:
    given = {fold.name: task.y[fold.test] for fold in task.folds("grouped")}
    with pytest.raises(ProtocolError, match="grouped has no fold '3'"):
        task.score("grouped", given | {"3": given["1"]})


def test_a_folder_that_holds_something_is_left_alone(task: Task, out: Path) -> None:
    with pytest.raises(DataError, match="is not empty"):
        export(task, out)


def test_pictures_are_exported_as_they_are(tmp_path: Path) -> None:
    cards = Catalogue(find_root(REPOSITORY))
    if not is_here(Edition(cards.root, cards.dataset("bearing_irt"), "cut")):
        pytest.skip("bearing_irt.zip is not here (FAULTBOARD_DATA)")
    task = fb.load_task("bearing_irt", root=cards.root)
    export(task, tmp_path / "out")
    pictures, _ = task.arrays(np.array([3]))
    assert np.array_equal(np.asarray(Image.open(tmp_path / "out/pictures/3.png")), pictures[0].squeeze())


def test_the_example_of_the_readme_gives_the_digits_of_the_table() -> None:
    cards = Catalogue(find_root(REPOSITORY))
    if not is_here(Edition(cards.root, cards.dataset("cwru"), "cut")):
        pytest.skip("cwru.zip is not here (FAULTBOARD_DATA)")
    found = re.search(r"```python\n(.*?)```", (REPOSITORY / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert found
    names: dict[str, object] = {}
    exec(found[1], names)
    scores, table = names["scores"], names["table"]
    assert isinstance(scores, dict)
    assert isinstance(table, pd.DataFrame)
    row = table.query("model == 'logspec.none.logreg'").iloc[0]
    assert (scores["accuracy"], scores["macro_f1"]) == (row["accuracy_mean"], row["macro_f1_mean"])
