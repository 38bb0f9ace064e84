"""Words of regimes: one table knows them, and one that is none is said wherever a model is used."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from faultboard.cli import app
from faultboard.data.edition import Edition
from faultboard.declare.catalogue import Catalogue, Model
from faultboard.declare.model import Recipe
from faultboard.declare.schema import computing
from faultboard.errors import CardError
from faultboard.models.frozen.estimator import fit_predict
from faultboard.models.identity import parts, seeded, shares_features
from faultboard.models.networks.build import network, set_trainable
from faultboard.models.regimes import REGIMES, by_gradient, check_recipes, regime_of
from faultboard.report.check import card_faults
from faultboard.run.compute import Settings, predict
from faultboard.run.suite import Suite
from faultboard.tasks.task import Task
from faultboard.versions import HEADS
from support.in_memory import HAND_MADE, LOUDNESS, SMALL_CARD, small


def fitted(model: Model) -> None:
    X = np.eye(4, dtype=np.float32)
    fit_predict(model, X, np.array([0, 1, 0, 1]), X, 2, 0)


def trained(model: Model) -> None:
    set_trainable(network(model, 2, 0), model)


USES: list[Callable[[Model], object]] = [
    regime_of, by_gradient, seeded, shares_features, parts, fitted, trained, lambda model: check_recipes(model.card),
]  # fmt: skip


@pytest.mark.parametrize("use", USES)
def test_a_regime_that_is_none_is_refused_wherever_a_model_is_used(
    use: Callable[[Model], object], tmp_path: Path
) -> None:
    # once it grew a forest without a seed, in a row of another name
    model = small(tmp_path, "mine: {regime: forrest}")
    at = rf"{model.card.path}:7: recipes\.mine: no regime 'forrest'\. Did you mean 'forest'\?"
    with pytest.raises(CardError, match=at):
        use(model)


@pytest.mark.parametrize(
    ("recipe", "said"),
    [
        ("prob: {}", r"recipes\.prob: say its regime\. Did you mean 'probe'\?"),
        ("frozen: {}", r"recipes\.frozen: say its regime\. There is: .*first_last, forest, full, .*probe, svm"),
        ("first_last: {}", "first_last needs layers.first"),
        ("partial: {}", "partial needs 'layers', the parts that learn beside the head"),
        ('full: {layers: ["3"]}', "'layers' are for partial, not for full"),
        ("probe: {early_stopping: 3}", "early_stopping is for training by gradient: say a 'head'"),
        ("probe: {class_weight: proportional}", "class_weight proportional is for training by gradient: say a 'head'"),
        ("forest: {head: {}}", "head is for training by gradient: forest goes down none"),
        ("forest: {augmentation: {noise: 10}}", "augmentation is for training by gradient: forest goes down none"),
        ("svm: {batch_norm: moving}", "batch_norm moving is for training by gradient: svm goes down none"),
    ],
)
def test_a_recipe_that_does_not_fit_its_regime_is_one_line(recipe: str, said: str, tmp_path: Path) -> None:
    model = small(tmp_path, recipe, SMALL_CARD.replace('first: "0", ', ""))
    with pytest.raises(CardError, match=said) as caught:
        check_recipes(model.card)
    assert str(caught.value).startswith(f"{model.card.path}:7: recipes.")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("regime", [name for name in REGIMES if REGIMES[name].moves])
def test_what_moves_parts_of_a_network_is_not_for_hand_made_features(regime: str, tmp_path: Path) -> None:
    with pytest.raises(CardError, match=r"hand-made features; its regime is one of forest, knn, .*logreg, svm$"):
        check_recipes(small(tmp_path, f"{regime}:", HAND_MADE, LOUDNESS).card)


def test_what_is_trained_by_gradient_fits_nothing_and_what_is_fitted_trains_nothing(tmp_path: Path) -> None:
    with pytest.raises(CardError, match=r"recipes\.full: full is trained by gradient, it fits nothing to features"):
        fitted(small(tmp_path / "a", "full:"))
    with pytest.raises(CardError, match=r"recipes\.forest: forest trains no network"):
        trained(small(tmp_path / "b", "forest:"))


def misspelt(root: Path) -> Path:
    """The toy root, with a recipe of its model misspelt."""
    card = root / "models/tones.yaml"
    card.write_text(card.read_text().replace("{logreg: {}, ", "{logreg: {regime: logregg}, "))
    return root


@pytest.mark.parametrize(
    "words",
    [
        "show tones",
        "list models",
        "try shafts/toy tones.none.logreg",
        "try shafts/toy tones.none.forest",
        "embed tones.none {file} -o {folder}/x.npy",
        "run toy_suite --plan",
    ],
)
def test_every_command_that_uses_a_model_says_so(words: str, root: Path) -> None:
    signal = root / "signal.csv"
    signal.write_text("0\n1\n" * 50)
    misspelt(root)
    said = CliRunner().invoke(app, [*words.format(file=signal, folder=root).split(), "--root", str(root)])
    assert isinstance(said.exception, CardError), said.output
    assert "recipes.logreg: no regime 'logregg'. Did you mean 'logreg'?" in str(said.exception)


def test_check_says_so_of_cards_and_of_templates(root: Path, empty: Path) -> None:
    (root / "models/lab").mkdir()
    text = "title: Nets\nfields: tags.py:fields\ninput: {photo: picture}\nrecipes: {mine: {regime: fulll}}\n"
    (root / "models/lab/NAME.yaml").write_text(text)
    faults = [fault for fault in card_faults(Catalogue(misspelt(root), empty)) if "no regime" in fault]
    assert any("no regime 'logregg'. Did you mean 'logreg'?" in fault for fault in faults)
    assert any("NAME.yaml:4: recipes.mine: no regime 'fulll'. Did you mean 'full'?" in fault for fault in faults)


def test_a_suite_takes_no_card_of_which_a_recipe_has_no_regime(root: Path, empty: Path) -> None:
    with pytest.raises(CardError, match="no regime 'logregg'"):
        Suite.of(Catalogue(misspelt(root), empty), "toy_suite").models(["tones.none.forest"])


def test_the_card_is_shown_with_what_its_regimes_mean(root: Path) -> None:
    shown = CliRunner().invoke(app, ["show", "tones", "--root", str(root)]).output
    assert "# recipe logreg: logistic regression on features\n" in shown
    assert "# recipe forest: a random forest on features\n" in shown


def test_every_regime_has_words_and_does_something() -> None:
    words = [REGIMES[name].words for name in REGIMES]
    assert len(set(words)) == len(words)
    assert all(words)
    for name in REGIMES:
        regime = REGIMES[name]
        assert regime.moves or regime.estimator, name
        assert regime.moves or not (regime.needs_first or regime.names_layers), name
        assert regime.estimator or not (regime.seeded or regime.linear), name


def test_every_classifier_has_a_version_of_its_own() -> None:
    assert set(HEADS) == {name for name in REGIMES if REGIMES[name].estimator}


def test_the_table_costs_nothing_to_ask() -> None:
    # every list, key and plan asks it
    heavy = "{'joblib', 'numpy', 'pandas', 'scipy', 'sklearn', 'torch'}"
    code = (
        "import sys; from faultboard.models.regimes import REGIMES; each = [REGIMES[name] for name in REGIMES];"
        "from faultboard.cli import app; app(['list', 'models'], standalone_mode=False);"
        f"print(sorted({heavy} & set(sys.modules)))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.splitlines()[-1] == "[]"


def test_a_batch_norm_is_not_called_frozen_where_it_moves(tmp_path: Path) -> None:
    # the default lets those of layers that learn follow the batch: keys keep the word that it had
    assert computing(Recipe())["batch_norm"] == computing(Recipe(batch_norm="trained"))["batch_norm"] == "frozen"
    assert [computing(Recipe(batch_norm=word))["batch_norm"] for word in ("moving", "fixed")] == ["moving", "fixed"]
    with pytest.raises(ValidationError):
        Recipe(batch_norm="frozen")
    with pytest.raises(CardError, match=r"recipes\.full\.batch_norm: .*'trained', 'moving', 'fixed' or 'data'"):
        small(tmp_path, "full: {batch_norm: frozen}")


@pytest.mark.parametrize(
    ("recipe", "shared"),
    [
        ("forest: {}", True),
        ("probe: {}", True),
        ("probe: {head: {dropout: 0.5}}", True),
        ("probe: {head: {pool: attention_over_time}}", False),
        ("probe: {batch_norm: moving}", False),
        ("probe: {augmentation: {noise: 10}}", False),
        ("first_last: {}", False),
        ('partial: {layers: ["3"]}', False),
        ("full: {}", False),
    ],
)
def test_features_are_shared_where_nothing_of_the_backbone_moves(recipe: str, shared: bool, tmp_path: Path) -> None:
    # shared where something moves, the row would be a probe's under another name
    assert shares_features(small(tmp_path, recipe)) is shared


def test_weights_of_a_linear_head_are_counted_and_those_of_others_are_none(ready: Catalogue) -> None:
    task = Task.open(ready.task("shafts/toy"), Edition(ready.root, ready.dataset("toy"), "sim"))
    fold = task.folds("published")[0]
    counted = {
        name: predict(ready.root, task, "published", fold, ready.model(f"tones.none.{name}"), 0, Settings(1, "cpu"))
        for name in ("logreg", "forest")
    }
    assert counted["logreg"].facts["trained_params"] == counted["logreg"].facts["params"] == (20 + 1) * 2
    assert counted["forest"].facts["trained_params"] is None
    assert counted["forest"].facts["params"] is None
