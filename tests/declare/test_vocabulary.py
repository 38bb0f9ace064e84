"""Vocabularies: what lies in a folder is a word, whatever else lies there is none."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from faultboard.declare.vocabulary import Vocabulary
from faultboard.errors import CardError


@dataclass(frozen=True)
class Fruit:
    colour: str


FILES = {
    "__init__.py": "",
    "_shared.py": "",
    "notes.txt": "",
    "apple.py": "RED = Fruit('red')",
    "pear.py": "GREEN = Fruit('green')",
    "basket.py": "ONE, TWO = Fruit('red'), Fruit('green')",
    "stone.py": "",
    "rotten.py": "RED = Fruit('red'",
    "wild.py": "import a_library_that_is_not_here",
}


@pytest.fixture
def fruits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Vocabulary[Fruit]]:
    package = tmp_path / "orchard"
    package.mkdir()
    for name, text in FILES.items():
        (package / name).write_text(f"from {__name__} import Fruit\n{text}\n" if text else "", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setitem(sys.modules, __name__, sys.modules.get(__name__) or sys.modules[Fruit.__module__])
    yield Vocabulary("orchard", Fruit, "fruit")
    for name in [name for name in sys.modules if name.split(".")[0] == "orchard"]:
        del sys.modules[name]


def test_a_word_is_a_file_and_nothing_else_is(fruits: Vocabulary[Fruit]) -> None:
    assert list(fruits) == ["apple", "basket", "pear", "rotten", "stone", "wild"]
    assert "apple" in fruits
    assert "_shared" not in fruits
    assert not [name for name in sys.modules if name.startswith("orchard.")]


def test_an_entry_is_imported_once_when_it_is_asked_for(fruits: Vocabulary[Fruit]) -> None:
    assert fruits["apple"].colour == "red"
    assert fruits["apple"] is fruits["apple"]


def test_an_unknown_word_names_the_nearest(fruits: Vocabulary[Fruit]) -> None:
    with pytest.raises(CardError, match=r"no fruit 'aple'\. Did you mean 'apple'\?"):
        fruits["aple"]
    with pytest.raises(CardError, match=r"card\.yaml:3: fruits: no fruit 'aple'"):
        fruits.check("aple", "card.yaml:3: fruits")


@pytest.mark.parametrize(
    ("word", "said"), [("rotten", r"rotten\.py:2: .*never closed"), ("wild", "fruit 'wild' does not import: ModuleNot")]
)
def test_a_file_that_does_not_import_is_one_line(fruits: Vocabulary[Fruit], word: str, said: str) -> None:
    with pytest.raises(CardError, match=said):
        fruits[word]


@pytest.mark.parametrize(("word", "count"), [("basket", 2), ("stone", 0)])
def test_a_file_holds_one_entry(fruits: Vocabulary[Fruit], word: str, count: int) -> None:
    """Which of two is meant would be a guess."""
    with pytest.raises(CardError, match=rf"{word}\.py: holds {count} objects of Fruit: the file of a fruit makes"):
        fruits[word]
