"""What a regime trains moves, and nothing else: weights, and the statistics of batch norm."""

from pathlib import Path

import numpy as np
import pytest
import torch

from faultboard.declare.catalogue import Model
from faultboard.errors import CardError
from faultboard.models.card_words import check_words
from faultboard.models.networks.build import network, parameter_counts, set_trainable, training_mode
from faultboard.models.regimes import REGIMES
from support.in_memory import small, tones
from support.repository import CARDS

FREE = {"probe": {"8"}, "first_last": {"0", "8"}, "partial": {"3", "4", "8"}, "full": {"0", "1", "3", "4", "8"}}
RECIPES = {"probe": "probe:", "first_last": "first_last:", "partial": 'partial: {layers: ["3", "4"]}', "full": "full:"}


def one_step(model: Model) -> tuple[set[str], set[str]]:
    """Parts whose weights, and parts whose statistics, a step of training has changed."""
    windows, y = tones(8)
    net = network(model, 2, 0)
    moving = set_trainable(net, model)
    training_mode(net, model)
    before = {name: value.clone() for name, value in net.state_dict().items()}
    x = torch.from_numpy(windows.samples).transpose(1, 2)
    torch.nn.functional.cross_entropy(net(x), torch.from_numpy(y)).backward()  # type: ignore[no-untyped-call]
    torch.optim.SGD(moving, lr=1.0).step()
    changed = {name for name, value in net.state_dict().items() if not torch.equal(value, before[name])}
    weights = {name.partition(".")[0] for name in changed if name.endswith(("weight", "bias"))}
    return weights, {name.partition(".")[0] for name in changed} - weights | {
        name.partition(".")[0] for name in changed if "running" in name
    }


def test_of_every_regime_that_trains_a_network_it_is_said_here_what_moves() -> None:
    assert set(FREE) == {name for name in REGIMES if REGIMES[name].moves}


@pytest.mark.parametrize("regime", FREE)
def test_a_step_moves_only_what_the_regime_trains(regime: str, tmp_path: Path) -> None:
    # a frozen layer that moves makes a probe out of nothing and every contrast with it wrong
    weights, statistics = one_step(small(tmp_path, RECIPES[regime]))
    assert weights == FREE[regime]
    assert statistics == FREE[regime] & {"1", "4"}


def test_batch_norm_moves_where_the_recipe_says_so(tmp_path: Path) -> None:
    weights, statistics = one_step(small(tmp_path, "first_last: {batch_norm: moving}"))
    assert weights == {"0", "8"}
    assert statistics == {"1", "4"}


@pytest.mark.parametrize("recipe", ["full: {batch_norm: fixed}", 'partial: {layers: ["3", "4"], batch_norm: fixed}'])
def test_batch_norm_is_fixed_where_the_recipe_says_so(recipe: str, tmp_path: Path) -> None:
    # folded into its weights, it has no statistics of its own: those of a batch would undo what was learned
    weights, statistics = one_step(small(tmp_path, recipe))
    assert weights == FREE[recipe.partition(":")[0]]
    assert not statistics


def test_statistics_move_by_the_share_that_the_recipe_says(tmp_path: Path) -> None:
    # 1 % a step, as some networks have it, leaves random weights with the statistics of the start: chance on every test
    moved = []
    for number, recipe in enumerate(["full:", "full: {norm_momentum: 0.5}"]):
        (tmp_path / str(number)).mkdir()
        model = small(tmp_path / str(number), recipe)
        net = network(model, 2, 0)
        set_trainable(net, model)
        training_mode(net, model)
        net(torch.from_numpy(tones(8)[0].samples).transpose(1, 2))
        moved.append(net[1].running_mean.clone())
    assert torch.allclose(moved[1], 5 * moved[0])


def test_batch_norm_without_weights_learns_its_statistics_in_full_training(tmp_path: Path) -> None:
    # it has nothing that a gradient could reach; taken for frozen it would divide by 1 for ever
    from support.in_memory import SMALL

    code = SMALL.replace("BatchNorm1d(width)", "BatchNorm1d(width, affine=False)")
    _, statistics = one_step(small(tmp_path, "full:", code=code))
    assert statistics == {"1", "4"}


def test_counts_say_all_and_trained(tmp_path: Path) -> None:
    model = small(tmp_path, "probe:")
    net = network(model, 3, 0)
    set_trainable(net, model)
    every = (9 * 4 + 4) + 8 + (4 * 9 * 8 + 8) + 16 + (8 * 3 + 3)
    assert parameter_counts(net) == (every, 8 * 3 + 3)


def test_random_weights_come_from_the_seed_alone(tmp_path: Path) -> None:
    # else a row could not be made again
    model = small(tmp_path, "full:")
    torch.manual_seed(1)
    first, state = network(model, 2, 5).state_dict(), torch.get_rng_state()
    torch.manual_seed(2)
    again, other = network(model, 2, 5).state_dict(), network(model, 2, 6).state_dict()
    assert all(torch.equal(first[k], again[k]) for k in first)
    assert not torch.equal(first["0.weight"], other["0.weight"])
    torch.manual_seed(1)
    assert torch.equal(torch.get_rng_state(), state), "building a network moved the process's own generator"


def test_dropout_goes_with_the_layer_before_it(tmp_path: Path) -> None:
    # active in a frozen backbone, a probe under augmentation would see other features than it predicts with
    from support.in_memory import SMALL, SMALL_CARD

    code = SMALL.replace("nn.ReLU(),\n        nn.Conv1d(width,", "nn.Dropout(), nn.Conv1d(width,")
    code = code.replace("nn.Flatten(),", "nn.Flatten(), nn.Dropout(),")
    card = SMALL_CARD.replace('head: "8"', 'head: "9"')
    active = {}
    for regime, recipe in RECIPES.items():
        model = small(tmp_path / regime, recipe.replace("{", "{head: {dropout: 0.5}, "), card, code)
        net = network(model, 2, 0)
        set_trainable(net, model)
        training_mode(net, model)
        active[regime] = [name for name, m in net.named_modules() if isinstance(m, torch.nn.Dropout) and m.training]
    assert active == {"probe": [], "first_last": [], "partial": ["8", "9.0"], "full": ["2", "8"]}


def test_dropout_of_a_new_head_is_active(tmp_path: Path) -> None:
    model = small(tmp_path, "probe: {head: {dropout: 0.5}}")
    net = network(model, 2, 0)
    set_trainable(net, model)
    training_mode(net, model)
    assert net[8][0].training
    assert not net[4].training


@pytest.mark.parametrize(
    ("recipe", "card", "said"),
    [
        (
            'partial: {layers: ["3", "44"]}',
            "",
            r"recipes\.partial: layers: small\.py:build has no '44'\. Did you mean '4'",
        ),
        ("first_last:", 'first: "00"', r"small\.yaml: layers: small\.py:build has no '00'"),
    ],
)
def test_a_layer_that_the_network_has_not_is_one_line(recipe: str, card: str, said: str, tmp_path: Path) -> None:
    from support.in_memory import SMALL_CARD

    model = small(tmp_path, recipe, SMALL_CARD.replace('first: "0"', card or 'first: "0"'))
    with pytest.raises(CardError, match=said):
        set_trainable(network(model, 2, 0), model)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return 3", "small.py:build gives int, not a torch.nn.Module"),
        ("raise ValueError('two\\nlines')", "small.py:build cannot be built: ValueError: two lines"),
        ("import torch; torch.zeros(2) @ torch.zeros(3)", "small.py:build cannot be built: RuntimeError: "),
    ],
)
def test_a_builder_that_fails_is_one_line_that_names_the_card(body: str, said: str, tmp_path: Path) -> None:
    model = small(tmp_path, "full:", code=f"def build():\n    {body}\n")
    with pytest.raises(CardError) as caught:
        network(model, 2, 0)
    assert str(caught.value).startswith(f"{model.card.path}: ")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_input_that_is_none_is_said_with_its_card(tmp_path: Path) -> None:
    from support.in_memory import SMALL_CARD

    model = small(tmp_path, "full:", SMALL_CARD.replace("vibration: raw", "vibration: rew"))
    with pytest.raises(CardError, match=r"small\.yaml:3: input\.vibration: no input 'rew'\. Did you mean 'raw'"):
        check_words(model.card)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("width: 8", "width: 9", "layers.width: 8 takes 8, not 9"),
        ('head: "8"', 'head: "80"', "has no '80'"),
        ("small.py:build", "torchvision:resnet19", "cannot be built"),
        ("small.py:build", "keras:small", "say torchvision:NAME, timm:NAME or FILE:function"),
    ],
)
def test_a_card_that_does_not_fit_its_network_is_one_line(old: str, new: str, said: str, tmp_path: Path) -> None:
    from support.in_memory import SMALL_CARD

    with pytest.raises(CardError) as caught:
        network(small(tmp_path, "full:", card=SMALL_CARD.replace(old, new)), 2, 0)
    assert said in str(caught.value)
    assert "small.yaml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_new_head_replaces_the_whole_classifier_of_mn04() -> None:
    # features before it are the 384 pooled ones; a classifier left in would give 527 label scores
    net = network(CARDS.model("mn04.scratch.probe"), None, 0).eval()
    with torch.inference_mode():
        assert net(torch.from_numpy(np.zeros((2, 1, 128, 40), np.float32))).shape == (2, 384)
