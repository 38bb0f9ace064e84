"""Code that a card names: ``FILE:function``, in the card's own folder, loaded by path.

Nothing is registered and nothing is put on ``sys.path``: a module gets a private name made of its
path, so that two roots may hold files of one name, and only paths cross a process.
"""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from faultboard.declare.names import did_you_mean
from faultboard.errors import CardError


def code_of(card: Path, named: str, function: str) -> tuple[Path, str]:
    """File and function that a card names; by default ``function`` of the .py of the card's own name.

    Raises
    ------
    CardError
        The file is outside the card's folder, or not there.
    """
    file, _, name = (named or f"{card.stem}.py:{function}").partition(":")
    path = (card.parent / file).resolve()
    if path.parent != card.parent.resolve():
        raise CardError(f"{card}: {file}: code lies in the folder of the card that names it")
    if not path.is_file():
        known = [p.name for p in card.parent.glob("*.py")]
        raise CardError(f"{card}: there is no {file} beside it.{did_you_mean(file, known)}")
    return path, name or function


def load_function(path: Path, name: str) -> Callable[..., Any]:
    """Load a function from a file.

    Raises
    ------
    CardError
        The file does not import, or has no such function.
    """
    module = _load(path)
    function = getattr(module, name, None)
    if not callable(function):
        known = [n for n, v in vars(module).items() if callable(v) and not n.startswith("_")]
        raise CardError(f"{path}: no function '{name}'.{did_you_mean(name, known)}")
    return function  # type: ignore[no-any-return]


def _load(path: Path) -> ModuleType:
    digest = hashlib.sha256(str(path).encode()).hexdigest()[:12]
    name = f"_faultboard_{digest}_{path.parent.name}_{path.stem}"
    written = code_hash(path)
    loaded = sys.modules.get(name)
    # a file that was edited meanwhile is another code: its key says so, and so must what runs
    if loaded is not None and vars(loaded)["__code_hash__"] == written:
        return loaded
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    vars(module)["__code_hash__"] = written
    # dataclasses and pickle look a module up by name while it is executed
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise CardError(f"{path}: does not import: {type(error).__name__}: {error}") from error
    return module


def code_hash(path: Path) -> str:
    """SHA-256 of a source file with line ends normalised, so that a checkout on any system agrees."""
    return hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()
