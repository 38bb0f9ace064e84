"""A prepared form that is damaged is one line with the remedy, not a stack of calls or other samples."""

from __future__ import annotations

from pathlib import Path

import pytest

from faultboard.data.edition import Edition
from faultboard.data.prepare import note_unavailable
from faultboard.data.prepared import Prepared
from faultboard.declare.catalogue import Catalogue
from faultboard.errors import DataError, Unavailable


def edition(cards: Catalogue) -> Edition:
    return Edition(cards.root, cards.dataset("toy"), "sim")


@pytest.mark.parametrize("name", ["signals.npy", "recordings.parquet"])
def test_a_damaged_file_says_how_to_have_it_again(ready: Catalogue, name: str) -> None:
    file = edition(ready).prepared / name
    file.write_bytes(file.read_bytes()[:50])
    with pytest.raises(DataError, match=r"damaged \(.*Delete it and run: faultboard prepare toy@sim"):
        Prepared(edition(ready).prepared)


def test_a_meta_file_cut_short_is_to_be_prepared_again(ready: Catalogue) -> None:
    file = edition(ready).prepared / "meta.json"
    file.write_text(file.read_text()[:-5])
    with pytest.raises(DataError, match=r"meta\.json: cannot be read: .*Prepare it again"):
        Prepared(edition(ready).prepared)


def test_what_was_noted_as_unavailable_gives_its_reason(cards: Catalogue) -> None:
    folder: Path = note_unavailable(edition(cards), Unavailable("toy@sim: ask the author"))
    with pytest.raises(Unavailable, match="toy@sim: ask the author"):
        Prepared(folder)
