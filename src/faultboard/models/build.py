"""Building a network, loading its weights, and letting move what its regime trains."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from faultboard.declare.catalogue import Model
from faultboard.declare.code import code_of, load_function
from faultboard.errors import CardError
from faultboard.models.head import AttentionPool, new_head
from faultboard.models.weights import load_state, locate


def network(model: Model, classes: int | None, seed: int) -> nn.Module:
    """Build a backbone with a new head.

    Parameters
    ----------
    classes : int or None
        Outputs of a new linear head; None for the features before the head, (n, width).
    seed : int
        Of random weights, the backbone's and the head's.

    Raises
    ------
    Unavailable
        The weights are not on this machine.
    CardError
        The builder or the head is not there, or the head takes another width than the card says.
    """
    card = model.card
    assert card.layers is not None
    path = locate(model) if model.has_weights else None
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = _built(model)
        if path:
            load_state(path, model, net)
        parent, name = _parent(net, card.layers.head, model)
        head: nn.Module = nn.Identity() if classes is None else new_head(model.recipe.head, card.layers.width, classes)
        if isinstance(_first_layer(getattr(parent, name), model), nn.Conv2d):
            # a convolutional head takes a map; linear on its mean is what 1x1 convolution and mean would be
            head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), head)
        setattr(parent, name, head)
        if model.recipe.head and model.recipe.attends:
            parent, name = _parent(net, card.layers.pool or "", model)
            setattr(parent, name, AttentionPool(card.layers.width, model.recipe.head.attention))
    return net.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def _built(model: Model) -> nn.Module:
    kind, _, name = model.card.builder.partition(":")
    arguments: dict[str, Any] = dict(model.arguments)
    try:
        if kind == "torchvision":
            import torchvision

            found: nn.Module = torchvision.models.get_model(name, weights=None, **arguments)
            return found
        if kind == "timm":
            import timm

            created: nn.Module = timm.create_model(name, pretrained=False, **arguments)
            return created
    except (ValueError, RuntimeError, TypeError) as error:
        raise CardError(f"{model.card.path}: {model.card.builder} cannot be built: {error}") from None
    if not kind.endswith(".py"):
        raise CardError(
            f"{model.card.path}: builder '{model.card.builder}': say torchvision:NAME, timm:NAME or FILE:function"
        )
    path, function = code_of(model.card.path, model.card.builder, "build")
    built = load_function(path, function)(**arguments)
    assert isinstance(built, nn.Module)
    return built


def _parent(net: nn.Module, place: str, model: Model) -> tuple[nn.Module, str]:
    """Module that holds the one at ``place``, and its name there."""
    above, _, name = place.rpartition(".")
    try:
        net.get_submodule(place)
        return net.get_submodule(above), name
    except AttributeError:
        raise CardError(f"{model.card.path}: layers: {model.card.builder} has no '{place}'") from None


def _first_layer(head: nn.Module, model: Model) -> nn.Module | None:
    """First layer with weights of the published head, held against the card's width."""
    assert model.card.layers is not None
    place, said = model.card.layers.head, model.card.layers.width
    first = next((m for m in head.modules() if isinstance(m, nn.Linear | nn.Conv2d)), None)
    if first is not None:
        takes = first.in_features if isinstance(first, nn.Linear) else first.in_channels
        if takes != said:
            raise CardError(f"{model.card.path}: layers.width: {place} takes {takes}, not {said}")
    return first


def set_trainable(net: nn.Module, model: Model) -> list[nn.Parameter]:
    """Let only what the regime trains move, and give it.

    ``probe`` the head, ``first_last`` the first layer and the head, ``partial`` the layers that the
    recipe names and the head, ``full`` everything.
    """
    layers = model.card.layers
    assert layers is not None
    head = [layers.head, *([layers.pool or ""] if model.recipe.attends else [])]
    moving = {
        "probe": head,
        "first_last": [layers.first or "", *head],
        "partial": [*model.recipe.layers, *head],
        "full": [""],
    }[model.regime]
    for parameter in net.parameters():
        parameter.requires_grad_(False)
    for place in moving:
        for parameter in net.get_submodule(place).parameters():
            parameter.requires_grad_(True)
    return [p for p in net.parameters() if p.requires_grad]


def training_mode(net: nn.Module, model: Model) -> None:
    """Put a network into training mode; frozen batch norms keep their statistics unless the recipe says moving."""
    net.train()
    if model.recipe.batch_norm == "moving" or model.regime == "full":
        return
    for module in net.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm) and not _trains(module):
            module.eval()


def _trains(module: nn.Module) -> bool:
    return any(p.requires_grad for p in module.parameters(recurse=False))


def parameter_counts(net: nn.Module) -> tuple[int, int]:
    """All parameters, and those that are trained."""
    return (
        sum(p.numel() for p in net.parameters()),
        sum(p.numel() for p in net.parameters() if p.requires_grad),
    )
