"""A fetch that was broken off is taken up where it ended, and never builds upon another file."""

from __future__ import annotations

import pytest
from werkzeug import Request, Response

from faultboard.data.edition import Edition
from faultboard.data.raw.fetch import fetch, order
from faultboard.declare.catalogue import Catalogue
from faultboard.errors import Unavailable
from support.public_files import FIRST, Source, faults, get, left


def test_a_dropped_connection_is_taken_up_where_it_ended(source: Source) -> None:
    source.only_first(lambda name, request: source.dropped(name, 1000))
    get(source)
    assert source.ranges == ["bytes=1000-"]
    assert faults(source) == {}


def test_a_server_that_ignores_ranges_does_not_double_the_file(source: Source) -> None:
    def answer(name: str, request: Request) -> Response:
        return Response(source.contents[name]) if "Range" in request.headers else source.dropped(name, 1000)

    source.only_first(answer, times=9)
    get(source)
    assert source.ranges == ["bytes=1000-"]
    assert faults(source) == {}


def test_a_server_that_gives_another_range_is_asked_for_the_whole(source: Source) -> None:
    def answer(name: str, request: Request) -> Response | None:
        content = source.contents[name]
        if "Range" in request.headers:
            return Response(content[500:], 206, {"Content-Range": f"bytes 500-{len(content) - 1}/{len(content)}"})
        return source.dropped(name, 1000) if source.asked[name] == 1 else None

    source.only_first(answer, times=9)  # type: ignore[arg-type]
    get(source)
    assert source.asked[FIRST] == 3
    assert faults(source) == {}


def test_a_connection_that_always_drops_at_one_place_ends(source: Source) -> None:
    # a server without ranges that never gives more: begun anew, it would never end
    source.only_first(lambda name, request: source.dropped(name, 1000), times=99)
    with pytest.raises(Unavailable, match=rf"toy@full: {FIRST} cannot be fetched: "):
        get(source)
    assert source.asked[FIRST] == 4


def test_finished_files_are_not_fetched_twice(source: Source) -> None:
    last = max(source.contents)
    source.misbehave = lambda name, time, request: Response("gone", 404) if name == last and time == 1 else None
    with pytest.raises(Unavailable, match=r"\d+ of 12 files are kept: the same command goes on"):
        get(source)
    finished = {p.name for p in (source.root / "data/raw/.toy@full.partial").iterdir()}
    assert finished
    get(source)
    assert {name for name in source.contents if source.asked[name] == 1} >= finished
    assert left(source) == []


def test_ctrl_c_keeps_what_came(source: Source) -> None:
    def step(count: int) -> None:
        if sum(source.asked.values()) > 6:
            raise KeyboardInterrupt

    wanted = order(Edition(source.root, Catalogue(source.root, source.root).dataset("toy"), "full"))
    assert wanted is not None
    with pytest.raises(KeyboardInterrupt):
        fetch(wanted, step)
    assert not (source.root / "data/raw/toy@full").exists()
    finished = {p.name for p in (source.root / "data/raw/.toy@full.partial").iterdir()}
    assert finished
    source.asked.clear()
    get(source)
    assert not finished & set(source.asked)
    assert faults(source) == {}


def test_half_a_file_that_a_kill_left_is_taken_up(source: Source) -> None:
    part = source.root / f"data/raw/.toy@full.parts/{FIRST}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(source.contents[FIRST][:700])
    get(source)
    assert source.ranges == ["bytes=700-"]
    assert faults(source) == {}


def test_half_of_another_file_is_not_built_upon(source: Source) -> None:
    part = source.root / f"data/raw/.toy@full.parts/{FIRST}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"x" * 700)
    get(source)
    assert source.asked[FIRST] == 2
    assert faults(source) == {}


def test_more_than_there_is_to_fetch_is_begun_anew(source: Source) -> None:
    part = source.root / f"data/raw/.toy@full.parts/{FIRST}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"x" * 99_999)
    get(source)
    assert source.asked[FIRST] == 2
    assert faults(source) == {}
