"""One contract for every card in models/: a new card is tested by being there."""

import numpy as np
import pytest
import torch

from faultboard.declare.catalogue import Model
from faultboard.errors import Unavailable
from faultboard.models.frozen.features import extract
from faultboard.models.inputs import prepared
from faultboard.models.networks.build import network
from support.in_memory import windows
from support.repository import CARDS

EVERY = CARDS.models()
BACKBONES = list({m.card.id: m for m in EVERY}.values())
# the features before the head are those of every recipe
BUILT = list({m.card.id: m for m in EVERY if m.card.is_network and not m.has_weights}.values())


@pytest.mark.parametrize("model", BACKBONES, ids=lambda m: m.card.id)
def test_a_card_says_where_it_comes_from(model: Model) -> None:
    card = model.card
    assert card.citation or card.note
    assert ("none" in card.pretraining) is not card.is_network
    for source, weights in card.pretraining.items():
        if source in ("none", "scratch"):
            assert not weights.trained_on
        else:
            assert weights.trained_on
            assert weights.licence
            # the first digits alone where they are all that is published, in the name of the file
            named = f"-{weights.sha256}." in "".join(weights.url)
            assert weights.sha256 is None or len(weights.sha256) == 64 or named
            assert weights.sha256 or weights.url, "a file without an address or a hash cannot be had"


@pytest.mark.parametrize("model", BUILT, ids=lambda m: m.id)
def test_a_network_takes_every_modality_of_its_card(model: Model) -> None:
    layers = model.card.layers
    assert layers is not None
    net = network(model, None, 0).eval()
    for modality in model.input:
        given = windows(modality, 1, 4096, 3 if modality == "acceleration" else 1)
        with torch.inference_mode():
            out = net(prepared(model, given, np.arange(1)))
        assert out.shape == (1, layers.width), modality
        assert torch.isfinite(out).all()


@pytest.mark.parametrize("model", [m for m in BACKBONES if not m.card.is_network], ids=lambda m: m.card.id)
def test_hand_made_features_have_one_width_a_modality(model: Model) -> None:
    for modality in model.card.input:
        given = windows(modality, 5, 4096)
        values, _ = extract(model, given, np.arange(5), 0, "cpu")
        alone, _ = extract(model, given, np.array([2]), 0, "cpu")
        assert values.ndim == 2
        np.testing.assert_allclose(values[2:3], alone, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "model",
    # what attends has weights of its own, that no file brings
    [
        m
        for m in EVERY
        if m.has_weights and m.regime == "probe" and not (m.recipe.attends or m.recipe.attends_over_time)
    ],
    ids=lambda m: m.id,
)
def test_published_weights_load_where_they_are(model: Model) -> None:
    # strictly: a tensor left at random would make a weaker network of the same name
    try:
        net = network(model, None, 0)
    except Unavailable as error:
        pytest.skip(str(error))
    other = network(model, None, 1)
    for (name, first), second in zip(net.state_dict().items(), other.state_dict().values(), strict=True):
        assert torch.equal(first, second), f"{name} was not loaded"
