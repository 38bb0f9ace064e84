"""Roots of one's own for every test; what is plain data or a plain function is in `support`."""

from __future__ import annotations

import os

# two processes of several threads on few cores wait for each other more than they compute
os.environ.setdefault("OMP_NUM_THREADS", "1")

import shutil
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from faultboard.data.edition import Edition
from faultboard.declare.catalogue import Catalogue
from support import shared
from support.toy import write_root


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # not in a worker of pytest-xdist, which inherits it
        folder = ExitStack()
        folder.enter_context(shared.open_folder())
        config.add_cleanup(folder.close)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Root with the toy cards, nothing prepared."""
    return write_root(tmp_path / "root")


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """Stand-in for the built-in cards: none."""
    (tmp_path / "empty").mkdir()
    return tmp_path / "empty"


@pytest.fixture
def cards(root: Path, empty: Path) -> Catalogue:
    """Toy cards alone."""
    return Catalogue(root, empty)


@pytest.fixture(scope="session")
def prepared_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Toy root with its data prepared once; copy it before writing to it."""
    from faultboard.data.prepare import prepare

    folder = write_root(tmp_path_factory.mktemp("toy") / "root")
    catalogue = Catalogue(folder, folder)
    prepare(Edition(folder, catalogue.dataset("toy"), "sim"))
    return folder


@pytest.fixture
def ready(prepared_root: Path, tmp_path: Path, empty: Path) -> Catalogue:
    """Toy cards with prepared data, in a root of their own."""
    shutil.copytree(prepared_root, tmp_path / "ready")
    return Catalogue(tmp_path / "ready", empty)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)
