"""A window of many patches: their mean, or attention that learns which of them to look at."""

from pathlib import Path

import numpy as np
import pytest
import torch

from faultboard.errors import CardError
from faultboard.models.identity import computing_key, shares_features
from faultboard.models.inputs import prepared
from faultboard.models.networks.build import network, set_trainable, training_mode
from faultboard.models.patches import AttentionOverPatches, embeddings, mean_over_patches
from faultboard.models.training.fit import train_predict
from support.in_memory import Arrays, small, windows
from support.repository import CARDS

PATCHY = '''
"""A small network that cuts a window into patches."""
from torch import nn

from faultboard.models.patches import mean_over_patches


class Patchy(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(64, 16)
        self.head = nn.Linear(16, 5)

    def embed(self, patches):
        return self.body(patches.mean((1, 2))).relu()

    def forward(self, x):
        return self.head(mean_over_patches(x, self.embed))


def build():
    return Patchy()
'''
CARD = """
title: A small network of patches
builder: small.py:build
input: {sound: logmel_vggish}
layers: {first: body, head: head, width: 16}
pretraining: {scratch: {}}
recipes:
"""
ATTENTION = "probe: {epochs: 40, rate: 0.02, batch: 8, head: {pool: attention_over_time, attention: 8}}"


def hidden_tone(n: int = 24) -> tuple[Arrays, np.ndarray]:
    """Windows of six seconds of noise; one second of each holds a low or a high tone, its class."""
    rng = np.random.default_rng(0)
    y = np.arange(n) % 2
    wave = rng.standard_normal((n, 6, 16_000))
    t = np.arange(16_000) / 16_000
    for window, label in zip(wave, y, strict=True):
        window[rng.integers(6)] = 8 * np.sin(2 * np.pi * (4_000 if label else 400) * t)
    return Arrays(wave.reshape(n, -1, 1).astype(np.float32), 16_000.0, "sound"), y


def test_attention_is_the_mean_where_every_patch_is_alike_to_it(tmp_path: Path) -> None:
    model = small(tmp_path, ATTENTION, CARD, PATCHY)
    net = network(model, 2, 0)
    assert isinstance(net, AttentionOverPatches)
    x = prepared(model, hidden_tone(3)[0], np.arange(3))
    with torch.no_grad():
        net.score[2].weight.zero_()
        expected = net.network.head(mean_over_patches(x, net.network.embed))  # type: ignore[operator, arg-type]
        torch.testing.assert_close(net(x), expected)


def test_attention_over_patches_looks_where_it_is_told(tmp_path: Path) -> None:
    model = small(tmp_path, ATTENTION, CARD, PATCHY)
    net = network(model, None, 0)
    x = prepared(model, hidden_tone(2)[0], np.arange(2))
    with torch.no_grad():
        each = embeddings(x, net.network.embed)  # type: ignore[arg-type, union-attr]
        # told to look where the largest feature of the first window's third patch is large
        feature = int((each[0, 2] - each[0].mean(0)).argmax())
        first, last = net.score[0], net.score[2]  # type: ignore[index]
        for layer in (first, last):
            layer.weight.zero_()
        first.weight[:, feature] = 1e3
        last.weight.fill_(1e3)
        wanted = each[torch.arange(2), each[:, :, feature].argmax(1)]
        torch.testing.assert_close(net(x), wanted)
        assert not torch.allclose(net(x), each.mean(1), rtol=0.05)


def test_attention_over_patches_is_trained_with_the_head_alone(tmp_path: Path) -> None:
    model = small(tmp_path, ATTENTION, CARD, PATCHY)
    net = network(model, 2, 0)
    set_trainable(net, model)
    training_mode(net, model)
    moving = {name for name, p in net.named_parameters() if p.requires_grad}
    assert {name.rpartition(".")[0] for name in moving} == {"network.head", "score.0", "score.2"}
    assert not shares_features(model), "what it looks at is learned anew in each fold"
    mean = small(tmp_path / "mean", ATTENTION.replace("attention_over_time", "mean"), CARD, PATCHY)
    assert computing_key(model, "sound") != computing_key(mean, "sound")


def test_attention_over_patches_finds_the_second_that_tells(tmp_path: Path) -> None:
    found, y = hidden_tone()
    model = small(tmp_path, ATTENTION, CARD, PATCHY)
    train, test = np.arange(16), np.arange(16, 24)
    result = train_predict(model, found, train, y[:16], test, 2, 0, "cpu")  # type: ignore[arg-type]
    assert (result.probabilities.argmax(1) == y[16:]).all()
    assert result.trained_parameters == (16 * 2 + 2) + (16 * 8 + 8) + (8 + 1)


def test_attention_over_time_of_a_network_without_patches_is_refused(tmp_path: Path) -> None:
    model = small(tmp_path, "probe: {head: {pool: attention_over_time}}")
    with pytest.raises(CardError, match=r"recipes\.probe: attention_over_time: small\.py:build has no 'embed'"):
        network(model, 2, 0)


@pytest.mark.parametrize("name", ["yamnet.scratch.attention", "vggish.scratch.attention"])
def test_cards_of_patches_take_attention(name: str) -> None:
    model = CARDS.model(name)
    given = prepared(model, windows("sound", 2, 30_000), np.arange(2))
    assert given.shape[3] > 96
    net = network(model, 3, 0).eval()
    with torch.inference_mode():
        assert net(given).shape == (2, 3)
