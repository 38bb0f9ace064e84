"""Servers on this machine, and the toy files that one of them holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from faultboard.data.edition import Edition
from faultboard.data.raw.folder import provide
from faultboard.declare.catalogue import Catalogue
from faultboard.files import download as download_module
from support.public_files import Source, edition, sha256


@pytest.fixture(scope="module")
def make_httpserver() -> Iterator[HTTPServer]:
    """One that answers several requests at a time; pytest's own answers them in turn."""
    with HTTPServer(threaded=True) as server:
        yield server


@pytest.fixture
def source(cards: Catalogue, root: Path, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> Source:
    """The toy dataset with an edition ``full`` whose files are public."""
    monkeypatch.delenv("FAULTBOARD_DATA", raising=False)
    monkeypatch.setenv("FAULTBOARD_MIRROR", httpserver.url_for("/"))
    monkeypatch.setattr(download_module, "_PAUSE", 0.01)
    monkeypatch.setattr(download_module, "_PIECE", 100)
    drawn = provide(Edition(root, cards.dataset("toy"), "sim"))
    contents = {p.name: p.read_bytes() for p in sorted(drawn.iterdir())}
    edition(
        root, '  full: {files: toy_list.csv, address: "https://raw.githubusercontent.com/{place}/{path}", EXPECT}\n'
    )
    rows = [f"{name},odd @&name,{len(content)},{sha256(content)}" for name, content in contents.items()]
    (root / "datasets/toy_list.csv").write_text("\n".join(["path,place,bytes,sha256", *rows]) + "\n")
    return Source(httpserver, root, contents)
