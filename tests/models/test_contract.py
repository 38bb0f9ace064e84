"""One contract for every card in models/: a new card is tested by being there."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from faultboard.declare.catalogue import Model
from faultboard.declare.model import ModelCard, Preprocessing
from faultboard.errors import Unavailable
from faultboard.models.frozen.estimator import Inner, fit_predict
from faultboard.models.frozen.features import extract
from faultboard.models.inputs import front_end, input_of, prepared
from faultboard.models.networks.build import network, parameter_counts, set_trainable, training_mode
from faultboard.models.regimes import REGIMES, by_gradient, check_recipes, regime_of
from faultboard.models.training.fit import train_predict
from faultboard.versions import INPUTS
from support.repository import CARDS

BACKBONES = [CARDS.backbone(name) for name in CARDS.paths["model"]]
NETWORKS = [card for card in BACKBONES if card.is_network]
# regimes of networks; `test_regimes` says of each what it lets move
MOVING = [name for name in REGIMES if REGIMES[name].moves is not None]
# networks whose tests take minutes on two cores
SMALL = [card for card in NETWORKS if (card.parameters or 0) < 13_000_000]


@dataclass
class Fake:
    """Windows of two classes that differ: one tone or another, one half bright or the other."""

    modality: str
    rate: float | None = 12_000.0
    length: int = 2048
    count: int = 12
    gain: float = 1.0  # of the second class

    def __len__(self) -> int:
        return self.count

    @property
    def y(self) -> NDArray[np.int64]:
        return np.arange(self.count) % 2

    def batch(self, ids: NDArray[np.int64]) -> Any:
        if self.modality in ("photo", "thermal"):
            return [self._picture(int(i)) for i in ids]
        channels = 3 if self.modality == "acceleration" else 1
        return np.stack([self._wave(int(i), channels) for i in ids])

    def _wave(self, i: int, channels: int) -> NDArray[np.float32]:
        rng = np.random.default_rng(i)
        t = np.arange(self.length)[:, None] / 12_000
        tone = np.sin(2 * np.pi * (500, 2500)[i % 2] * t + np.arange(channels))
        noisy = tone + 0.1 * rng.standard_normal((self.length, channels))
        return ((1.0, self.gain)[i % 2] * noisy).astype(np.float32)

    def _picture(self, i: int) -> NDArray[np.uint8]:
        rng = np.random.default_rng(i)
        picture = rng.integers(0, 60, (90, 120, 3))
        picture[:, : 60 if i % 2 else 120 : 1 if i % 2 else 7] += 150
        return picture.astype(np.uint8)


def first_input(card: ModelCard) -> str:
    return next(iter(card.input))


@pytest.mark.parametrize("card", BACKBONES, ids=lambda c: c.id)
def test_every_recipe_has_a_regime_that_fits(card: ModelCard) -> None:
    check_recipes(card)


def scratch(card: ModelCard, recipe: str = "") -> Model:
    if "scratch" not in card.pretraining:
        pytest.skip(f"{card.id} has no random weights")
    return Model(card, "scratch", recipe or next(iter(card.recipes)))


@pytest.mark.parametrize("card", BACKBONES, ids=lambda c: c.id)
def test_every_input_is_known_and_gives_finite_tensors(card: ModelCard) -> None:
    models = [Model(card, next(iter(card.pretraining)), recipe) for recipe in card.recipes]
    for model, modality in ((m, modality) for m in models if m.recipe.input or m is models[0] for modality in m.input):
        front, _ = input_of(model, modality)
        assert front.name in INPUTS
        if front.name == "samples":
            continue
        found = prepared(model, Fake(modality), np.arange(3))  # type: ignore[arg-type]
        assert found.shape[0] == 3
        assert found.dtype == torch.float32
        assert torch.isfinite(found).all()


def quiet_and_loud(name: str) -> tuple[torch.Tensor, torch.Tensor]:
    """One machine through one front end, at two gains and two offsets."""
    wave = Fake("vibration").batch(np.arange(4))
    # the mean of an accelerometer is gravity, which the source of this picture kept
    mean = 0 if name == "mel_decibels" else 50
    prepare = front_end(name)
    return prepare(wave, 12_000.0, Preprocessing()), prepare(700 * wave + mean, 12_000.0, Preprocessing())


@pytest.mark.parametrize("name", [n for n in INPUTS if n not in ("samples", "picture", "mel_coloured")])
def test_level_does_not_give_a_machine_away(name: str) -> None:
    quiet, loud = quiet_and_loud(name)
    # decibels and logarithms have other spreads; a level that shows would move them by all of theirs
    assert torch.allclose(quiet, loud, atol=4e-3 * float(quiet.std()))


def test_level_moves_a_drawn_picture_by_the_rounding_of_its_colours_alone() -> None:
    # 256 colours: the last bit of a gain may lift a value at the border of two colours over it, and no further
    from faultboard.models.inputs.mel_coloured import _magma

    quiet, loud = quiet_and_loud("mel_coloured")
    moved = (quiet - loud).abs()
    step = (_magma().diff(dim=0).abs() / torch.tensor(Preprocessing().std)).max()
    assert float(moved.max()) <= float(step)
    assert float((moved > 1e-5).float().mean()) < 1e-3


@pytest.mark.parametrize("name", [n for n in INPUTS if n not in ("samples", "picture", "raw")])
def test_a_window_is_prepared_alike_alone_and_among_others(name: str) -> None:
    wave = Fake("vibration").batch(np.arange(4))
    prepare = front_end(name)
    assert torch.allclose(
        prepare(wave, 12_000.0, Preprocessing())[2:3],
        prepare(wave[2:3], 12_000.0, Preprocessing()),
        atol=1e-5,
    )


@pytest.mark.parametrize("card", SMALL, ids=lambda c: c.id)
def test_features_are_as_wide_as_declared_and_do_not_depend_on_the_batch(card: ModelCard) -> None:
    model = scratch(card)
    windows = Fake(first_input(card), count=5)
    together, _ = extract(model, windows, np.arange(5), 0, "cpu")  # type: ignore[arg-type]
    alone, _ = extract(model, windows, np.array([3]), 0, "cpu")  # type: ignore[arg-type]
    assert card.layers is not None
    assert together.shape == (5, card.layers.width)
    scale = np.abs(together).max()
    assert np.allclose(together[3:4], alone, atol=1e-4 * scale + 1e-6)
    other, _ = extract(model, windows, np.array([3]), 1, "cpu")  # type: ignore[arg-type]
    # some random networks let the signal die away to 1e-14, so that likeness is held against its size
    assert not np.allclose(alone, other, atol=1e-3 * np.abs(alone).max()), "another seed must be other random weights"


@pytest.mark.parametrize("card", [c for c in BACKBONES if not c.is_network], ids=lambda c: c.id)
def test_hand_made_features_tell_two_classes_apart(card: ModelCard) -> None:
    for modality in card.input:
        # an SVM's probabilities are fitted across folds: of a few windows they mislead
        windows = Fake(modality, count=36, gain=2.0 if card.id == "trivial" else 1.0)
        first = Model(card, "none", next(iter(card.recipes)))
        values, seconds = extract(first, windows, np.arange(36), 0, "cpu")  # type: ignore[arg-type]
        assert seconds > 0
        for recipe in card.recipes:
            model = Model(card, "none", recipe)
            inner = Inner([(np.arange(12), np.arange(12, 24))], lambda y, p: float((p.argmax(1) == y).mean()))
            found = fit_predict(model, values[:24], windows.y[:24], values[24:], 2, 0, inner).probabilities
            assert found.shape == (12, 2)
            assert (found.argmax(1) == windows.y[24:]).mean() >= 0.75


def with_regime(card: ModelCard, regime: str) -> Model:
    """A model of a regime, whether the card has a recipe of it or not."""
    own = next((name for name in card.recipes if card.regime(name) == regime), "")
    update: dict[str, Any] = {"regime": regime}
    if not own:
        assert card.layers is not None
        update["layers"] = [card.layers.first] if REGIMES[regime].names_layers else []
    recipe = card.recipes[own or next(iter(card.recipes))].model_copy(update=update)
    model = Model(card.model_copy(update={"recipes": {"x": recipe}}), "scratch", "x")
    model.card._path, model.card._id = card.path, card.id
    return model


def places(model: Model) -> list[str]:
    """Names of the parts that a recipe trains, as its card says them."""
    layers, regime = model.card.layers, regime_of(model)
    assert layers is not None
    assert regime.moves is not None
    over_time = "network." if model.recipe.attends_over_time else ""
    head = [f"{over_time}{layers.head}", *([layers.pool or ""] if model.recipe.attends else [])]
    return [*regime.moves(layers, model.recipe), *head, *(["score"] if over_time else [])]


def within(name: str, place: str) -> bool:
    return not place or name == place or name.startswith(f"{place}.")


@pytest.mark.parametrize("card", NETWORKS, ids=lambda c: c.id)
def test_what_a_recipe_lets_move_is_what_it_names_and_all_of_that(card: ModelCard) -> None:
    # of every network, the large ones too: nothing is computed on the meta device
    regimes = [with_regime(card, regime) for regime in MOVING]
    recipes = [Model(card, "scratch", name) for name in card.recipes if by_gradient(Model(card, "scratch", name))]
    for model in (*regimes, *recipes):
        with torch.device("meta"):
            net = network(model, 2, 0)
        set_trainable(net, model)
        moving = {name for name, parameter in net.named_parameters() if parameter.requires_grad}
        named = places(model)
        assert moving == {n for n, _ in net.named_parameters() if any(within(n, p) for p in named)}, model.recipe_name
        assert all(any(within(n, p) for n in moving) for p in named), f"{model.id}: a part has nothing to train"


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("resnet50.scratch.mel_first_stage_and_last", ["layer1", "fc"]),
        ("vgg16.scratch.scalogram", ["features.24", "features.26", "features.28", "classifier"]),
        ("mn04.scratch.first_last", ["features.0", "classifier"]),
        ("mn04.scratch.partial", ["features.13", "features.14", "features.15", "features.16", "classifier"]),
        ("efficientnet_lite0.scratch.first_last", ["conv_stem", "classifier"]),
        ("yamnet.scratch.partial", ["features.23", "features.24", "features.25", "features.26", "classifier"]),
        ("squeezenet1_1.scratch.partial", ["features.11", "features.12", "classifier"]),
    ],
)
def test_the_layers_that_move_are_these(name: str, named: list[str]) -> None:
    # written out once more, not read from the card: a slip on a card would agree with itself
    model = CARDS.model(name)
    with torch.device("meta"):
        net = network(model, 2, 0)
    set_trainable(net, model)
    moving = {n for n, parameter in net.named_parameters() if parameter.requires_grad}
    assert moving == {n for n, _ in net.named_parameters() if any(within(n, p) for p in named)}


@pytest.mark.parametrize("regime", MOVING)
@pytest.mark.parametrize("card", SMALL, ids=lambda c: c.id)
def test_gradient_reaches_only_what_the_regime_trains(card: ModelCard, regime: str) -> None:
    model = with_regime(card, regime)
    net = network(model, 2, 0)
    before = {k: v.clone() for k, v in net.state_dict().items()}
    moving = set_trainable(net, model)
    training_mode(net, model)
    prepare = front_end(card.input[first_input(card)])  # type: ignore[index]
    windows = Fake(first_input(card), count=4)
    given = prepare(windows.batch(np.arange(4)), windows.rate, next(iter(card.pretraining.values())).preprocessing)
    optimiser = torch.optim.SGD(moving, lr=0.1)
    torch.nn.functional.cross_entropy(net(given), torch.tensor([0, 1, 0, 1])).backward()
    optimiser.step()
    moved = {k for k, v in net.state_dict().items() if not torch.equal(v, before[k])}
    if model.recipe.batch_norm == "moving":
        moved &= {name for name, _ in net.named_parameters()}
    named = places(model)
    assert all(any(within(k, p) for p in named) for k in moved), "a frozen part moved, statistics included"
    assert all(any(within(k, p) for k in moved) for p in named), "a part that should learn did not move"
    if "" not in named:
        assert parameter_counts(net)[1] < parameter_counts(net)[0]


@pytest.mark.parametrize(
    "card",
    [pytest.param(c, marks=[] if c.id in ("wdcnn", "mn04") else pytest.mark.slow) for c in NETWORKS],
    ids=lambda c: c.id,
)
def test_a_network_learns_its_training_side_and_the_same_seed_gives_the_same(card: ModelCard) -> None:
    small = card in SMALL
    recipe = card.recipes["full"].model_copy(
        update={"epochs": 25 if small else 12, "batch": 6, "rate": 3e-3 if small else 1e-4, "dtype": "float32"}
    )
    model = Model(card.model_copy(update={"recipes": {"full": recipe}}), "scratch", "full")
    model.card._path, model.card._id = card.path, card.id
    windows = Fake(first_input(card), count=12 if small else 6)
    ids = np.arange(len(windows))
    one, two = (train_predict(model, windows, ids, windows.y, ids, 2, 3, "cpu") for _ in range(2))  # type: ignore[arg-type]
    assert one.curve[-1]["accuracy"] == 1.0
    assert np.array_equal(one.probabilities, two.probabilities)
    assert np.allclose(one.probabilities.sum(1), 1)


@pytest.mark.parametrize("card", SMALL, ids=lambda c: c.id)
def test_what_was_saved_loads_to_the_same_network(card: ModelCard, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    model = scratch(card)
    one, other = (network(model, 3, seed).eval() for seed in (0, 1))
    save_file({k: v.contiguous() for k, v in one.state_dict().items()}, tmp_path / "w.safetensors")
    other.load_state_dict(load_file(tmp_path / "w.safetensors"))
    given = prepared(model, Fake(first_input(card)), np.arange(2))  # type: ignore[arg-type]
    with torch.inference_mode():
        assert torch.equal(one(given), other(given))


@pytest.mark.parametrize("card", [c for c in NETWORKS if c.parameters], ids=lambda c: c.id)
def test_the_parameter_count_is_the_published_one(card: ModelCard) -> None:
    from faultboard.models.networks.build import _built

    with torch.device("meta"):
        net = _built(Model(card, "scratch", next(iter(card.recipes))))
    assert parameter_counts(net)[0] == card.parameters


def test_a_limit_that_would_be_passed_is_said_after_some_steps() -> None:
    from faultboard.errors import OverLimit

    model = Model(CARDS.backbone("wdcnn"), "scratch", "full")
    windows = Fake("vibration", count=200)
    with pytest.raises(OverLimit, match="min a cell, the limit is 0 min"):
        train_predict(model, windows, np.arange(200), windows.y, np.arange(2), 2, 0, "cpu", limit=0.01)  # type: ignore[arg-type]


def test_a_loss_that_is_not_finite_ends_with_its_epoch() -> None:
    from faultboard.errors import FaultboardError

    card = CARDS.backbone("wdcnn")
    recipe = card.recipes["full"].model_copy(update={"rate": 1e30, "optimiser": "sgd"})
    model = Model(card.model_copy(update={"recipes": {"full": recipe}}), "scratch", "full")
    model.card._path, model.card._id = card.path, card.id
    windows = Fake("vibration")
    ids = np.arange(12)
    with pytest.raises(FaultboardError, match="not finite in epoch"):
        train_predict(model, windows, ids, windows.y, ids, 2, 0, "cpu")  # type: ignore[arg-type]


def test_a_setting_that_the_estimator_does_not_know_is_said(tmp_path: Path) -> None:
    from faultboard.errors import CardError

    card = CARDS.backbone("logspec")
    recipe = card.recipes["forest"].model_copy(update={"settings": {"n_estimator": 5}})
    model = Model(card.model_copy(update={"recipes": {"forest": recipe}}), "none", "forest")
    model.card._path, model.card._id = card.path, card.id
    with pytest.raises(CardError, match=r"has no 'n_estimator'\. Did you mean 'n_estimators'"):
        fit_predict(model, np.eye(4, dtype=np.float32), np.array([0, 1, 0, 1]), np.eye(4, dtype=np.float32), 2, 0)


def test_a_class_that_training_lacks_has_no_chance() -> None:
    model = CARDS.model("logspec.none.logreg")
    X = np.random.default_rng(0).standard_normal((6, 3)).astype(np.float32)
    found = fit_predict(model, X, np.array([0, 2, 0, 2, 0, 2]), X, 3, 0).probabilities
    assert (found[:, 1] == 0).all()


def test_weights_that_are_here_load() -> None:
    loaded = 0
    for card in NETWORKS:
        for source in card.pretraining:
            model = Model(card, source, next(iter(card.recipes)))
            if model.has_weights:
                try:
                    network(model, 3, 0)
                except Unavailable:
                    continue
                loaded += 1
    assert loaded >= 1, "the embedded ImageNet weights must load everywhere"
