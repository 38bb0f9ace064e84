"""Fetching weights: whole and checked, or not there."""

import hashlib
from pathlib import Path

import pytest

from faultboard.declare.catalogue import Model
from faultboard.errors import Unavailable
from faultboard.models.networks.weights import cache_folder, download, locate
from support.command import faultboard
from support.in_memory import SMALL_CARD, small

pytest_httpserver = pytest.importorskip("pytest_httpserver")
CONTENT = b"weights" * 1000


@pytest.fixture
def model(tmp_path: Path, httpserver: "pytest_httpserver.HTTPServer", monkeypatch: pytest.MonkeyPatch) -> Model:
    """A model whose weights a server on this machine has."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("FAULTBOARD_WEIGHTS", raising=False)
    weights = f"{{url: {httpserver.url_for('/w.pth')}, sha256: {hashlib.sha256(CONTENT).hexdigest()}}}"
    return small(tmp_path, "full:", card=SMALL_CARD.replace("{scratch: {}}", f"{{imagenet: {weights}}}"))


def test_a_file_is_fetched_once_and_then_found(model: Model, httpserver: "pytest_httpserver.HTTPServer") -> None:
    httpserver.expect_ordered_request("/w.pth").respond_with_data("busy", status=503)
    httpserver.expect_ordered_request("/w.pth").respond_with_data(CONTENT)
    with pytest.raises(Unavailable, match=r"^weights w\.pth: faultboard fetch small$"):
        locate(model)
    path = download(model)
    assert path == locate(model) == cache_folder() / "w.pth"
    assert path.read_bytes() == CONTENT


def test_a_file_that_is_another_leaves_nothing(model: Model, httpserver: "pytest_httpserver.HTTPServer") -> None:
    # half a download under the right name would be loaded by the next run
    httpserver.expect_request("/w.pth").respond_with_data(CONTENT[:100])
    with pytest.raises(
        Unavailable, match=r"weights of small\.imagenet cannot be fetched: .*w\.pth: another file"
    ) as caught:
        download(model)
    assert "\n" not in str(caught.value)
    assert list(cache_folder().glob("*")) == []
    assert len(httpserver.log) == 2


def test_weights_of_unknown_size_are_not_fetched_unasked(model: Model, tmp_path: Path) -> None:
    # VGGish is 288 MB, and its card cannot say so to the byte
    said = faultboard("fetch", "small", root=tmp_path)
    assert "small.imagenet: of a size that nobody states, licence unstated" in said.stdout
    assert said.stderr == "error: small.imagenet: of a size that nobody states, not fetched unasked: say --yes\n"
    assert not cache_folder().exists()


def test_weights_without_a_published_hash_are_not_used_until_the_card_has_one(
    tmp_path: Path, httpserver: "pytest_httpserver.HTTPServer", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("FAULTBOARD_WEIGHTS", raising=False)
    weights = f"{{url: {httpserver.url_for('/w.pth')}}}"
    unpinned = small(tmp_path, "full:", card=SMALL_CARD.replace("{scratch: {}}", f"{{imagenet: {weights}}}"))
    httpserver.expect_request("/w.pth").respond_with_data(CONTENT)
    said = faultboard("fetch", "small", "--yes", root=tmp_path).stdout
    pin = f"write 'sha256: {hashlib.sha256(CONTENT).hexdigest()}' below pretraining.imagenet of"
    assert pin in said
    with pytest.raises(Unavailable, match=f"unverified weights: {pin}"):
        locate(unpinned)
