"""What pages say of places: links lead somewhere, and files, functions, rooms and versions that they name exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from faultboard import versions
from faultboard.cli.words import VOCABULARIES
from support.repository import REPOSITORY

ENGINE = REPOSITORY / "src" / "faultboard"
PAGES = sorted([*REPOSITORY.glob("*.md"), *REPOSITORY.glob("*/*.md")])
ARCHITECTURE = (REPOSITORY / "docs" / "architecture.md").read_text(encoding="utf-8")
DRAWING = (REPOSITORY / "docs" / "architecture.svg").read_text(encoding="utf-8")


def anchors(page: Path) -> set[str]:
    """Places on a page that a link may name, as GitHub does."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(REPOSITORY).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, place = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), link
        assert not place or place in anchors(target), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(REPOSITORY).as_posix())
def test_files_that_a_page_names_are_there(page: Path) -> None:
    """Of the engine and the tests; a page about adding a file names some that are not there yet."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for name in re.findall(r"`((?:src/faultboard|tests|docs)/[\w./]+)`", text):
        assert (REPOSITORY / name).exists(), name
    for name in re.findall(r"`((?:cli|report|run|models|tasks|data|declare)/[\w/]+\.py)[:`]", text):
        assert (ENGINE / name).is_file() or (REPOSITORY / name).is_file(), name


@pytest.mark.parametrize("text", [ARCHITECTURE, DRAWING], ids=["page", "drawing"])
def test_every_arrow_of_the_data_is_where_the_page_says(text: str) -> None:
    named = set(re.findall(r"((?:\w+/)+\w+\.py):(\w+)", text))
    assert len(named) > 8
    for file, function in named:
        code = ast.parse((ENGINE / file).read_text(encoding="utf-8"))
        assert function in {n.name for n in code.body if isinstance(n, ast.FunctionDef | ast.ClassDef)}, file


def section(title: str) -> str:
    return ARCHITECTURE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def first_cells(title: str) -> list[str]:
    rows = re.findall(r"^\| (.+?) \|", section(title), re.MULTILINE)
    return [name.strip("`") for row in rows[1:] for name in row.split(", ")]


def test_every_room_version_and_vocabulary_is_named() -> None:
    rooms = {p.name for p in ENGINE.iterdir() if (p / "__init__.py").is_file()} | {"errors", "versions"}
    assert set(first_cells("Rooms")) == rooms
    assert set(first_cells("Keys and versions")) == {name for name in vars(versions) if name.isupper()}
    assert set(first_cells("Vocabularies")) == {*VOCABULARIES, "inputs"}
    assert all(f">{room}</text>" in DRAWING for room in rooms)
