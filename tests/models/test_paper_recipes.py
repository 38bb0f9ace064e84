"""What the source papers' systems are made of can be declared on their backbones' cards, and does what it says."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml
from torch import nn
from torchvision.models import vgg16

from faultboard.declare.catalogue import Model
from faultboard.declare.model import Augmentation, Decay, Head, ModelCard
from faultboard.declare.text import read_yaml
from faultboard.errors import CardError
from faultboard.models.identity import computing_key, features_key, seeded, shares_features
from faultboard.models.inputs import black, prepared
from faultboard.models.networks.build import network, parameter_counts, set_trainable, training_mode
from faultboard.models.training.augment import Augmenter
from faultboard.models.training.loop import _class_weight
from faultboard.models.training.optimiser import Schedule, optimiser
from support.in_memory import SMALL_CARD, Arrays, small, tones, windows
from support.repository import CARDS

# what the sources say, written out once more: a slip on a card would agree with itself
ADAM = {"optimiser": "adam", "weight_decay": 0}
DEFECTS = ADAM | {"regime": "probe", "rate": 1e-3, "batch": 32, "epochs": 10, "schedule": "constant"}
CHANGES = Augmentation(rotation=15, flip=True, crop=0.8, colour=0.2)
FANS = ADAM | {
    "regime": "probe", "rate": 1e-4, "batch": 32, "epochs": 100, "schedule": "plateau", "early_stopping": 15,
    "decay": Decay(factor=0.1, patience=5), "batch_norm": "moving", "input": {"sound": "mel_coloured"},
    "head": Head(pool="attention", attention=256, hidden=1024, dropout=0.4),
}  # fmt: skip
MASKS = Augmentation(time_mask=80, frequency_mask=80)
ACCELEROMETER = ADAM | {
    "rate": 1e-3, "batch": 16, "epochs": 10, "schedule": "constant", "batch_norm": "moving", "early_stopping": None,
    "input": {"acceleration": "mel_decibels"}, "input_settings": {"assumed_rate": 1000, "points": 256},
}  # fmt: skip
TORINO = {
    "optimiser": "adam", "weight_decay": 1e-6, "rate": 5e-4, "batch": 32, "epochs": 4, "schedule": "step",
    "decay": Decay(every=2, factor=0.5), "head": Head(dropout=0.5), "arguments": {"activation": "relu"},
    "input": {"vibration": "logmel_vggish"}, "input_settings": {"tail": "drop"},
}  # fmt: skip
SETTINGS: dict[tuple[str, str], dict[str, Any]] = {
    ("resnet50", "mel_full"): ACCELEROMETER | {"regime": "full"},
    ("resnet50", "mel_first_stage_and_last"): ACCELEROMETER | {"regime": "partial", "layers": ["layer1"]},
    ("resnet50", "dense_512"): ADAM | {
        "regime": "probe", "rate": 1e-3, "batch": 32, "epochs": 25, "schedule": "plateau", "early_stopping": 10,
        "decay": Decay(factor=0.2, patience=3, least=1e-6), "head": Head(hidden=512), "input": {"thermal": "picture"},
        "augmentation": Augmentation(shift=0.002, zoom=0.05),
    },
    ("resnet50", "attention"): FANS | {"class_weight": "balanced", "augmentation": Augmentation()},
    ("resnet50", "attention_masked"): FANS | {"class_weight": "balanced", "augmentation": MASKS},
    ("resnet50", "attention_wrong_weight"): FANS | {"class_weight": "proportional", "augmentation": Augmentation()},
    ("resnet50", "attention_wrong_weight_masked"): FANS | {"class_weight": "proportional", "augmentation": MASKS},
    ("resnet18", "frozen"): DEFECTS | {"class_weight": "balanced", "augmentation": CHANGES},
    ("resnet18", "frozen_unweighted"): DEFECTS | {"class_weight": "none", "augmentation": CHANGES},
    ("resnet18", "frozen_unchanged"): DEFECTS | {"class_weight": "balanced", "augmentation": Augmentation()},
    ("resnet18", "all_layers"): DEFECTS | {"regime": "full", "class_weight": "balanced", "augmentation": CHANGES},
    ("vggish", "first_patch"): TORINO | {"regime": "probe"},
    ("vggish", "first_patch_all_layers"): TORINO | {"regime": "full"},
    ("vgg16", "scalogram"): {
        "regime": "partial", "input": {"vibration": "scalogram"},
        "layers": ["features.24", "features.26", "features.28", "classifier.0", "classifier.3"],
    },
}  # fmt: skip


@pytest.mark.parametrize(("name", "recipe"), SETTINGS)
def test_the_settings_of_the_sources_stand_on_the_cards(name: str, recipe: str) -> None:
    model = CARDS.model(f"{name}.scratch.{recipe}")
    found = {setting: getattr(model.recipe, setting) for setting in SETTINGS[name, recipe]}
    assert found | {"regime": model.regime} == SETTINGS[name, recipe]


def published(name: str, recipe: str, **changes: Any) -> Model:
    """Recipe of a built-in card, without weights; with changes, under their names."""
    card = CARDS.backbone(name)
    found = card.recipes[recipe].model_copy(update=changes)
    changed = card.model_copy(update={"recipes": {recipe: found}})
    changed._path, changed._id = card.path, name
    return Model(changed, "scratch", recipe)


def declared(name: str, recipe: str) -> Model:
    """Model of a built-in card, without weights, with a recipe that it has not."""
    path = CARDS.paths["model"][name]
    content: dict[str, Any] = read_yaml(path)  # type: ignore[assignment]
    content["recipes"] = {"as_published": yaml.safe_load(recipe)}
    card = ModelCard.model_validate(content)
    card._path, card._id = path, name
    return Model(card, "scratch", "as_published")


def test_first_stage_and_head_move_and_so_do_the_statistics_of_what_is_frozen() -> None:
    model = published("resnet50", "mel_first_stage_and_last")
    net = network(model, 30, 0)
    moving = set_trainable(net, model)
    training_mode(net, model)
    x = prepared(model, Arrays(windows("acceleration", 4, 1000, 3).samples, 533.0, "acceleration"), np.arange(4))
    assert x.shape == (4, 3, 128, 2)
    before = {name: value.clone() for name, value in net.state_dict().items()}
    nn.functional.cross_entropy(net(x), torch.arange(4)).backward()  # type: ignore[no-untyped-call]
    torch.optim.SGD(moving, lr=1.0).step()
    moved = {name for name, value in net.state_dict().items() if not torch.equal(value, before[name])}
    assert {name.partition(".")[0] for name in moved if name.endswith(("weight", "bias"))} == {"layer1", "fc"}
    assert {"bn1.running_mean", "layer4.2.bn3.running_var"} <= moved


def test_pictures_are_divided_by_255_and_nothing_else() -> None:
    model = published("resnet50", "dense_512")
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (224, 224, 3), dtype=np.uint8)
    found = prepared(model, Arrays([picture], None, "thermal"), np.arange(1))
    torch.testing.assert_close(found[0], torch.from_numpy(picture).permute(2, 0, 1) / 255)
    assert black(model, "thermal") == [0.0, 0.0, 0.0]
    head = network(model, 6, 0).fc
    assert [type(m).__name__ for m in head.children()] == ["Linear", "ReLU", "Linear"]


def test_a_shift_of_less_than_a_pixel_is_one_and_brings_black_in() -> None:
    # 0.002 of 224 pixels: rounded to whole ones it would be none
    model = published("resnet50", "dense_512", augmentation=Augmentation(shift=0.002))
    white = torch.ones(8, 3, 224, 224)
    found = Augmenter(model, np.random.default_rng(0), "thermal").inputs(white)
    edge, inside = found.clone(), found[..., 2:-2, 2:-2]
    edge[..., 2:-2, 2:-2] = 1
    assert torch.allclose(inside, torch.ones_like(inside), atol=1e-5)
    assert (edge.amin((1, 2, 3)) < 1).all()
    assert float(edge.min()) >= 1 - 2 * 0.448


@pytest.mark.parametrize(("modality", "name"), [("photo", "resnet18"), ("sound", "resnet50")])
def test_what_is_masked_or_turned_in_is_black_as_before_normalisation(modality: str, name: str) -> None:
    model = published(name, "frozen" if modality == "photo" else "attention_masked")
    expected = [-0.485 / 0.229, -0.456 / 0.224, -0.406 / 0.225]
    assert black(model, modality) == pytest.approx(expected)
    change = Augmentation(rotation=45) if modality == "photo" else Augmentation(time_mask=80)
    model = published(name, model.recipe_name, augmentation=change)
    found = Augmenter(model, np.random.default_rng(0), modality).inputs(torch.full((6, 3, 60, 60), 9.0))
    dark = (found < 8.99).all(1)
    assert dark.any()
    assert found.amin((0, 2, 3)).tolist() == pytest.approx(expected, abs=1e-4)


def test_every_change_of_the_defect_pictures_is_drawn() -> None:
    model = published("resnet18", "frozen")
    assert not shares_features(model)
    said = model.recipe.augmentation
    assert {n for n in Augmentation.model_fields if getattr(said, n)} == {"rotation", "flip", "crop", "colour"}
    net = network(model, 2, 0)
    set_trainable(net, model)
    assert parameter_counts(net)[1] == 512 * 2 + 2


def test_the_fans_head_has_the_layers_of_its_source() -> None:
    model = published("resnet50", "attention_wrong_weight_masked")
    net = network(model, 2, 0)
    set_trainable(net, model)
    training_mode(net, model)
    attention = (2048 * 256 + 256) + (256 + 1)
    # the source's last layer has one output and a sigmoid; two and a softmax are the same function
    assert parameter_counts(net)[1] == attention + (2048 * 1024 + 1024) + (1024 * 2 + 2)
    kinds = [(type(m).__name__, getattr(m, "p", None)) for m in net.fc.children()]
    assert kinds == [("Dropout", 0.4), ("Linear", None), ("ReLU", None), ("Dropout", 0.4), ("Linear", None)]
    assert net.bn1.training
    maps = torch.randn(2, 2048, 7, 7, generator=torch.Generator().manual_seed(0))
    first, last = net.avgpool.score[0], net.avgpool.score[2]
    places = maps.permute(0, 2, 3, 1).reshape(2, 49, 2048)
    inner = (places @ first.weight[:, :, 0, 0].T + first.bias).clamp_min(0)
    weight = torch.softmax(inner @ last.weight[0, :, 0, 0] + last.bias, dim=1)
    expected = (weight[..., None] * places).sum(1)
    torch.testing.assert_close(net.avgpool(maps).flatten(1), expected, rtol=1e-4, atol=1e-5)


def test_the_weight_on_the_wrong_side_is_that_of_the_fans_notebook() -> None:
    # pos_weight = normal / abnormal, put on normal: 4,075 / 1,475 = 2.76 where its inverse was meant
    y = np.repeat([0, 1], [4075, 1475])
    wrong = _class_weight(published("resnet50", "attention_wrong_weight"), y, 2, "cpu")
    right = _class_weight(published("resnet18", "frozen"), y, 2, "cpu")
    assert wrong is not None
    assert right is not None
    assert float(wrong[0] / wrong[1]) == pytest.approx(4075 / 1475)
    assert float(right[1] / right[0]) == pytest.approx(4075 / 1475)
    assert float(right @ torch.tensor([4075.0, 1475.0])) == pytest.approx(5550)


def test_torinos_head_is_dropout_and_a_linear_layer_on_a_rectified_embedding() -> None:
    model = published("vggish", "first_patch")
    assert shares_features(model)
    net = network(model, 3, 0)
    assert isinstance(net.embeddings[-1], nn.ReLU)
    assert [(type(m).__name__, getattr(m, "p", None)) for m in net.head.children()] == [
        ("Dropout", 0.5),
        ("Linear", None),
    ]
    moved = optimiser(model.recipe, net.head)
    assert type(moved) is torch.optim.Adam, "the decay of AdamW is no L2 penalty"
    assert moved.param_groups[0]["weight_decay"] == 1e-6
    schedule, rates = Schedule(model.recipe, moved, 54), []
    for _ in range(4):
        rates.append(moved.param_groups[0]["lr"])
        for _ in range(54):
            moved.step()
            schedule.step()
    assert rates == pytest.approx([5e-4, 5e-4, 2.5e-4, 2.5e-4])


def test_blocks_of_vgg_can_be_named() -> None:
    model = published("vgg16", "scalogram")
    with torch.device("meta"):
        net = vgg16()
    set_trainable(net, model)
    moving = {name.rpartition(".")[0] for name, p in net.named_parameters() if p.requires_grad}
    assert moving == {*model.recipe.layers, "classifier.6"}


def test_a_recipes_input_stands_in_the_place_of_the_cards() -> None:
    # else a paper's row would be crossed with every task that its backbone takes
    model = published("resnet50", "mel_first_stage_and_last")
    assert set(model.input) == {"acceleration"}
    with pytest.raises(CardError, match=r"resnet50.scratch.mel_first_stage_and_last takes acceleration, not thermal"):
        computing_key(model, "thermal")
    plain = CARDS.model("resnet50.scratch.probe")
    assert "thermal" in plain.input
    assert computing_key(model, "acceleration")["input"] == ["mel_decibels", 1, {"assumed_rate": 1000, "points": 256}]


def test_what_feeds_a_network_is_in_the_keys_of_what_it_feeds_and_once() -> None:
    probe = "{regime: probe%s}"
    plain = declared("resnet50", probe % "")
    assert features_key(plain, "photo", 0) == features_key(CARDS.model("resnet50.scratch.probe"), "photo", 0)
    for said in (
        ", preprocessing: {mean: [0.0, 0.0, 0.0], std: [1.0, 1.0, 1.0]}",
        ", input_settings: {size: 96}",
        ", arguments: {zero_init_residual: 1}",
    ):
        other = declared("resnet50", probe % said)
        assert features_key(other, "photo", 0) != features_key(plain, "photo", 0), said
    # the same input by another way of saying it, and an input for another modality, change nothing
    same = declared("resnet50", probe % ", input: {photo: picture, sound: mel_coloured}")
    assert computing_key(same, "photo") == computing_key(plain, "photo")


def test_a_pool_that_is_named_later_moves_only_keys_of_attention() -> None:
    def key(recipe: str, modality: str, pool: str | None) -> Any:
        model = published("resnet50", recipe)
        assert model.card.layers is not None
        layers = model.card.layers.model_copy(update={"pool": pool})
        card = model.card.model_copy(update={"layers": layers})
        card._path, card._id = model.card.path, model.card.id
        return computing_key(replace(model, card=card), modality)

    assert key("probe", "photo", None) == key("probe", "photo", "avgpool")
    assert key("attention", "sound", "avgpool") != key("attention", "sound", "layer4")


def test_a_head_by_gradient_is_drawn_anew_with_each_seed(tmp_path: Path) -> None:
    weights = f"{{imagenet: {{url: https://example.org/w.pt, sha256: {'0' * 64}}}}}"
    card = SMALL_CARD.replace("{scratch: {}}", weights)
    assert not seeded(small(tmp_path / "a", "probe: {}", card))
    assert seeded(small(tmp_path / "b", "probe: {head: {dropout: 0.5}}", card))
    assert seeded(small(tmp_path / "c", "probe: {augmentation: {noise: 10}}", card))


def test_arguments_of_a_recipe_reach_the_builder(tmp_path: Path) -> None:
    card = SMALL_CARD.replace("width: 8}", "width: 12}")
    net = network(small(tmp_path, "full: {arguments: {width: 6}}", card), 2, 0)
    assert net[0].out_channels == 6
    found, _ = tones(2)
    assert net(torch.from_numpy(found.samples).transpose(1, 2)).shape == (2, 2)
