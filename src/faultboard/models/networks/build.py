"""Building a network, loading its weights, and letting move what its regime trains."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from faultboard.declare.catalogue import Model
from faultboard.declare.code import code_of, load_function
from faultboard.declare.names import did_you_mean
from faultboard.errors import CardError
from faultboard.models.networks.trained_head import AttentionPool, new_head
from faultboard.models.networks.weights import load_state, locate
from faultboard.models.patches import AttentionOverPatches
from faultboard.models.regimes import regime_of


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
            # SqueezeNet ends in a 1x1 convolution that scores every place of the feature map, and the mean of these
            # scores. Both are linear, so that the mean of the map under a linear layer gives the same; with it the
            # network's features before the head are (n, width), as everywhere, and the head may be any.
            head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), head)
        setattr(parent, name, head)
        if model.recipe.head and model.recipe.attends:
            parent, name = _parent(net, card.layers.pool or "", model)
            setattr(parent, name, AttentionPool(card.layers.width, model.recipe.head.attention))
        if model.recipe.head and model.recipe.attends_over_time:
            if not hasattr(net, "embed"):
                at = f"{model.card.path}: recipes.{model.recipe_name}"
                raise CardError(f"{at}: attention_over_time: {card.builder} has no 'embed', it cuts no patches")
            net = AttentionOverPatches(net, card.layers.head, card.layers.width, model.recipe.head.attention)
    return net.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def _built(model: Model) -> nn.Module:
    kind, _, name = model.card.builder.partition(":")
    arguments: dict[str, Any] = dict(model.arguments)
    try:
        if kind == "torchvision":
            import torchvision

            published: nn.Module = torchvision.models.get_model(name, weights=None, **arguments)
            return published
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
    build = load_function(path, function)
    try:
        built = build(**arguments)
    except Exception as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise CardError(f"{model.card.path}: {model.card.builder} cannot be built: {reason}") from error
    if not isinstance(built, nn.Module):
        raise CardError(f"{model.card.path}: {model.card.builder} gives {type(built).__name__}, not a torch.nn.Module")
    return built


def _part(net: nn.Module, place: str, model: Model, where: str = "layers") -> nn.Module:
    """Module at a place that the card names."""
    try:
        return net.get_submodule(place)
    except AttributeError:
        near = did_you_mean(place, [name for name, _ in net.named_modules() if name])
        raise CardError(f"{model.card.path}: {where}: {model.card.builder} has no '{place}'.{near}") from None


def _parent(net: nn.Module, place: str, model: Model) -> tuple[nn.Module, str]:
    """Module that holds the one at ``place``, and its name there."""
    _part(net, place, model)
    above, _, name = place.rpartition(".")
    return net.get_submodule(above), name


def _first_layer(head: nn.Module, model: Model) -> nn.Module | None:
    """First layer with weights of the published head, held against the card's width."""
    assert model.card.layers is not None
    place, width = model.card.layers.head, model.card.layers.width
    first = next((m for m in head.modules() if isinstance(m, nn.Linear | nn.Conv2d)), None)
    if first is not None:
        takes = first.in_features if isinstance(first, nn.Linear) else first.in_channels
        if takes != width:
            raise CardError(f"{model.card.path}: layers.width: {place} takes {takes}, not {width}")
    return first


def set_trainable(net: nn.Module, model: Model) -> list[nn.Parameter]:
    """Let only what the regime trains move, the head and what else it says, and give it.

    Raises
    ------
    CardError
        The regime trains no network, or the network has no layer of a name that the card or the recipe says.
    """
    layers, regime = model.card.layers, regime_of(model)
    if regime.moves is None:
        raise CardError(f"{model.card.path}: recipes.{model.recipe_name}: {model.regime} trains no network")
    assert layers is not None
    head = [layers.head, *([layers.pool or ""] if model.recipe.attends else [])]
    for parameter in net.parameters():
        parameter.requires_grad_(False)
    named = net
    if isinstance(net, AttentionOverPatches):
        named = net.network
        net.score.requires_grad_(True)
    for place in (*regime.moves(layers, model.recipe), *head):
        where = f"recipes.{model.recipe_name}: layers" if place in model.recipe.layers else "layers"
        _part(named, place, model, where).requires_grad_(True)
    return [p for p in net.parameters() if p.requires_grad]


def training_mode(net: nn.Module, model: Model) -> None:
    """Put what moves into training mode.

    What is frozen computes as it predicts: it drops nothing out, and its batch norms keep their statistics. A module
    without parameters, such as dropout, goes with the layer before it. A recipe may say that every batch norm follows
    the batch (``moving``), or none does, not even where its layer learns (``fixed``).
    """
    moves, norms = False, {"moving": True, "fixed": False}
    for module in net.modules():
        held = list(module.parameters())
        if held:
            moves = all(p.requires_grad for p in held)
        module.training = moves
        if isinstance(module, _BatchNorm):
            module.training = norms.get(model.recipe.batch_norm, moves)
            module.momentum = model.recipe.norm_momentum or module.momentum


def statistics_move(net: nn.Module) -> bool:
    """Whether a network in training mode normalises by the batch."""
    return any(isinstance(module, _BatchNorm) and module.training for module in net.modules())


def parameter_counts(net: nn.Module) -> tuple[int, int]:
    """All parameters, and those that are trained."""
    return (
        sum(p.numel() for p in net.parameters()),
        sum(p.numel() for p in net.parameters() if p.requires_grad),
    )
