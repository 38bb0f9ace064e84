"""What timm knows of its networks: layers, weights by tag, and how their pictures were prepared.

timm's convention, as torch's: a weight file ends in the first digits of its sha256 (``resnet10t_176_c3-f3215ab1.pth``).
"""

from __future__ import annotations

import math
import re
from typing import Any

import torch
from torch import nn

from faultboard.errors import CardError

_HASHED = re.compile(r"-([0-9a-f]{8,64})\.pth$")
_SETS = {
    "in1k": "ImageNet-1k",
    "in12k": "ImageNet-12k",
    "in21k": "ImageNet-21k",
    "in22k": "ImageNet-22k",
    "yfcc100m": "YFCC100M",
    "ig1b": "Instagram-1B",
}
_INTERPOLATIONS = ("bilinear", "bicubic")


def fields(name: str) -> dict[str, Any]:
    """Fields of the card of one network.

    Parameters
    ----------
    name : str
        As timm calls it, without a tag.

    Raises
    ------
    CardError
        timm has no such network, or its head is not one layer.
    """
    import timm
    from timm.models import get_arch_pretrained_cfgs

    if not timm.is_model(name):
        near = timm.list_models(f"*{name}*")[:3]
        raise CardError(f"timm has no network '{name}'." + (f" There is: {', '.join(near)}." if near else ""))
    with torch.device("meta"):
        net: Any = timm.create_model(name, pretrained=False)
    classes = net.default_cfg["num_classes"]
    tags = {full.partition(".")[2]: cfg for full, cfg in get_arch_pretrained_cfgs(name).items()}
    return {
        "title": f"{name} of timm",
        "builder": f"timm:{name}",
        "layers": _layers(name, net),
        "parameters": sum(p.numel() for p in net.parameters()),
        "pretraining": {tag: _weights(tag, cfg) for tag, cfg in tags.items() if _usable(cfg, classes)}
        | {"scratch": {"preprocessing": _preprocessing(net.pretrained_cfg)}},
        # a network with a learnt place for each patch takes one size alone
        **({"input_settings": {"size": _side(net.default_cfg)}} if net.default_cfg["fixed_input_size"] else {}),
    }


def _layers(name: str, net: Any) -> dict[str, Any]:
    first, head = net.default_cfg["first_conv"], net.default_cfg["classifier"]
    classifier = net.get_submodule(head) if isinstance(head, str) else None
    if isinstance(classifier, nn.Linear):
        width = classifier.in_features
    elif isinstance(classifier, nn.Conv2d):
        width = classifier.in_channels
    else:
        raise CardError(f"timm/{name}: its head is not one layer")
    return {"head": head, "width": width} | ({"first": first} if isinstance(first, str) else {})


def _usable(cfg: Any, classes: int) -> bool:
    """Whether the weights are pinned, of the network as it is built, and prepared as our pictures are."""
    pinned = cfg.url and _HASHED.search(cfg.url)
    return bool(pinned) and cfg.num_classes == classes and cfg.crop_mode == "center"


def _weights(tag: str, cfg: Any) -> dict[str, Any]:
    found = _HASHED.search(cfg.url)
    assert found is not None
    return {
        "url": [cfg.url],
        "sha256": found[1],
        "licence": cfg.license or "unstated",
        "trained_on": [_SETS[part] for part in tag.split("_") if part in _SETS] or [tag],
        "preprocessing": _preprocessing(cfg.to_dict()),
    }


def _preprocessing(cfg: dict[str, Any]) -> dict[str, Any]:
    side = _side(cfg)
    return {
        "resize": math.floor(side / cfg["crop_pct"]),
        "crop": side,
        "mean": list(cfg["mean"]),
        "std": list(cfg["std"]),
        "interpolation": cfg["interpolation"] if cfg["interpolation"] in _INTERPOLATIONS else "bicubic",
    }


def _side(cfg: dict[str, Any]) -> int:
    side: int = cfg["input_size"][-1]
    return side
