"""What is expensive is made once a run, by the worker that needs it first; the others wait for it and read it."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from filelock import FileLock

_FOLDER = "FAULTBOARD_TESTS_SHARED"
T = TypeVar("T")


@contextmanager
def open_folder() -> Iterator[None]:
    """A folder for one run, named in the environment, so that its workers find it.

    It is not one of pytest's own, of which it keeps three: this one is large.
    """
    with TemporaryDirectory(prefix="faultboard-tests-") as folder:
        os.environ[_FOLDER] = folder
        yield
        del os.environ[_FOLDER]


def folder() -> Path:
    """Root that all workers of this run share."""
    return Path(os.environ[_FOLDER])


def lock(name: str) -> FileLock:
    """Held by one worker at a time."""
    return FileLock(folder() / f"{name.replace('/', '.')}.lock")


def once(name: str, make: Callable[[], T]) -> T:
    """Whatever ``make`` gave to the first that asked."""
    path = folder() / f"{name.replace('/', '.')}.pickle"
    with lock(name):
        if not path.exists():
            path.write_bytes(pickle.dumps(make()))
    found: T = pickle.loads(path.read_bytes())
    return found
