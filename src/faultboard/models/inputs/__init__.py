"""Front ends: what turns windows into the input that a backbone was trained on.

One file a front end. The table below says name, version and file without importing torch, since
keys need the version. A version is raised when a front end gives other numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from faultboard.declare.names import did_you_mean
from faultboard.errors import CardError

if TYPE_CHECKING:
    import torch

VERSIONS: dict[str, int] = {
    "samples": 1,
    "raw": 1,
    "mel_image": 1,
    "logmel_efficientat": 1,
    "picture": 1,
}


def version(name: str) -> int:
    """Version of a front end.

    Raises
    ------
    CardError
        There is no such front end.
    """
    if name not in VERSIONS:
        raise CardError(f"no input '{name}'.{did_you_mean(name, VERSIONS)}")
    return VERSIONS[name]


def front_end(name: str) -> Callable[..., torch.Tensor]:
    """Front end of this name: ``prepare(batch, rate, preprocessing, **settings) -> Tensor``."""
    version(name)
    found: Any = import_module(f"faultboard.models.inputs.{name}")
    prepare: Callable[..., torch.Tensor] = found.prepare
    return prepare
