"""Raw files over a network: what comes is what the card pins."""

from __future__ import annotations

import threading

import pytest
from werkzeug import Request

from faultboard.data.edition import Edition
from faultboard.data.prepare import prepare
from faultboard.data.prepared import Prepared
from faultboard.data.raw.fetch import fetch, order
from faultboard.declare.catalogue import Catalogue
from faultboard.errors import Unavailable
from support.public_files import Source, faults, get, left


def test_public_files_give_the_same_prepared_data(source: Source) -> None:
    card = Catalogue(source.root, source.root).dataset("toy")
    with pytest.raises(Unavailable, match=r"not here: faultboard fetch toy@full$"):
        prepare(Edition(source.root, card, "full"))
    get(source)
    assert faults(source) == {}
    assert left(source) == []
    hashes = {Prepared(prepare(Edition(source.root, card, name))).hash for name in ("sim", "full")}
    assert len(hashes) == 1
    assert order(Edition(source.root, card, "full")) is None


def test_addresses_are_percent_encoded(source: Source) -> None:
    get(source)
    assert set(source.raw) == {f"/odd%20%40%26name/{name}" for name in source.contents}


def test_several_files_come_at_a_time(source: Source) -> None:
    together = threading.Barrier(3, timeout=20)

    def wait(name: str, time: int, request: Request) -> None:
        if name in list(source.contents)[:3]:
            together.wait()  # broken unless three are under way

    source.misbehave = wait
    get(source)
    assert not together.broken


def test_steps_add_up_to_the_size(source: Source) -> None:
    source.only_first(lambda name, request: source.dropped(name, 100))
    wanted = order(Edition(source.root, Catalogue(source.root, source.root).dataset("toy"), "full"))
    assert wanted is not None
    steps: list[int] = []
    fetch(wanted, steps.append)
    assert sum(steps) == wanted.bytes == sum(map(len, source.contents.values()))
