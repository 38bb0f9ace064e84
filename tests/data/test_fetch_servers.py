"""Servers that are busy, wrong or gone: asked again, or elsewhere, or one line says why not."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug import Response

from faultboard.errors import Unavailable
from faultboard.files import download as download_module
from support.public_files import FIRST, Source, edition, faults, get


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_again(source: Source, status: int) -> None:
    source.only_first(lambda name, request: Response("busy", status), times=3)
    get(source)
    assert source.asked[FIRST] == 4
    assert faults(source) == {}


@pytest.mark.parametrize("asked", ["1", "Wed, 21 Oct 2015 07:28:00 GMT", "nonsense"])
def test_retry_after_is_honoured(source: Source, monkeypatch: pytest.MonkeyPatch, asked: str) -> None:
    pauses: list[float] = []
    known = download_module._pause

    def pause(error: Any, failures: int) -> float:
        pauses.append(known(error, failures) or 0.0)
        return 0.0

    monkeypatch.setattr(download_module, "_pause", pause)
    source.only_first(lambda name, request: Response("busy", 503, {"Retry-After": asked}))
    get(source)
    assert pauses == [{"1": 1.0, "nonsense": 0.01}.get(asked, 0.0)]


def test_a_server_that_asks_for_an_hour_is_not_waited_for(source: Source) -> None:
    source.only_first(lambda name, request: Response("busy", 429, {"Retry-After": "3600"}), times=9)
    with pytest.raises(Unavailable, match="429"):
        get(source)
    assert source.asked[FIRST] == 1


def test_a_flipped_byte_is_found_and_the_file_asked_for_again(source: Source) -> None:
    flipped = bytearray(source.contents[FIRST])
    flipped[500] ^= 1
    source.only_first(lambda name, request: Response(bytes(flipped)))
    get(source)
    assert source.asked[FIRST] == 2
    assert faults(source) == {}


@pytest.mark.parametrize("content", [b"<html>not found</html>", b"\0" * 100_000])
def test_another_file_is_one_line_and_never_in_place(source: Source, content: bytes) -> None:
    source.only_first(lambda name, request: Response(content), times=9)
    with pytest.raises(Unavailable, match=rf"toy@full: {FIRST} cannot be fetched: .*another file") as caught:
        get(source)
    assert "\n" not in str(caught.value)
    assert str(caught.value).count("another file") == 1
    assert not (source.root / "data/raw/toy@full").exists()


def test_a_file_that_is_gone_is_not_asked_for_twice(source: Source) -> None:
    source.only_first(lambda name, request: Response("gone", 404), times=9)
    with pytest.raises(Unavailable, match="404"):
        get(source)
    assert source.asked[FIRST] == 1


def test_the_next_address_is_asked_where_the_first_fails(source: Source) -> None:
    text = '  full: {files: toy_list.csv, address: ["HOST/none/{path}", "HOST/{place}/{path}"], EXPECT}\n'
    edition(source.root, text.replace("HOST", source.url.rstrip("/")))
    get(source)
    assert faults(source) == {}
