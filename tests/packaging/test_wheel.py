"""The wheel: the four folders are in it, under one roof, and it lists cards in an almost empty environment."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
import uv
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from support.repository import REPOSITORY

CARDS = ("benchmarks", "datasets", "models", "tasks")
# all that `faultboard list` may need
LIGHT = ("pydantic", "pyyaml", "rich", "typer")


def build(target: str, source: Path, out: Path) -> Path:
    call = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(out)]
    subprocess.run(call, cwd=source, check=True, capture_output=True, text=True)
    return next(out.iterdir())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", REPOSITORY, tmp_path_factory.mktemp("wheel"))


def names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as opened:
        return opened.namelist()


@pytest.mark.parametrize("folder", CARDS)
def test_the_cards_are_in_the_wheel(wheel: Path, folder: str) -> None:
    inside = {name for name in names(wheel) if name.endswith((".yaml", ".py", ".csv"))}
    written = [p.relative_to(REPOSITORY).as_posix() for p in (REPOSITORY / folder).rglob("*.yaml")]
    assert written
    assert {f"faultboard/cards/{name}" for name in written} <= inside


def test_the_wheel_says_that_it_is_typed(wheel: Path) -> None:
    assert "faultboard/py.typed" in names(wheel)


def test_nothing_else_lies_at_top_level(wheel: Path) -> None:
    """A package called `datasets` or `models` would hide another one of that name, or be hidden by it."""
    top = {name.split("/")[0] for name in names(wheel)}
    assert top == {"faultboard", next(name for name in top if name.endswith(".dist-info"))}


def test_a_wheel_made_from_the_sdist_is_the_same(wheel: Path, tmp_path: Path) -> None:
    sdist = build("sdist", REPOSITORY, tmp_path / "sdist")
    with tarfile.open(sdist) as opened:
        opened.extractall(tmp_path / "unpacked", filter="data")
    assert names(build("wheel", next((tmp_path / "unpacked").iterdir()), tmp_path / "again")) == names(wheel)


def needed(roots: tuple[str, ...]) -> Iterator[Distribution]:
    """The named distributions and what they need, from the running environment."""
    seen: set[str] = set()
    todo = list(roots)
    while todo:
        name = canonicalize_name(todo.pop())
        if name not in seen:
            seen.add(name)
            found = distribution(name)
            yield found
            wanted = [Requirement(each) for each in found.requires or []]
            todo += [each.name for each in wanted if each.marker is None or each.marker.evaluate({"extra": ""})]


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Environment with the wheel and `LIGHT` alone; no index is asked."""
    place = tmp_path_factory.mktemp("environment") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True)
    site = next(place.glob("lib/python*/site-packages"))
    for each in needed(LIGHT):
        for file in each.files or []:
            if ".." not in file.parts and "__pycache__" not in file.parts:
                (site / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(each.locate_file(file), site / file)
    call = [
        uv.find_uv_bin(),
        "pip",
        "install",
        "--offline",
        "--no-deps",
        "--no-config",
        "--python",
        str(place),
        str(wheel),
    ]
    subprocess.run(call, check=True, capture_output=True, text=True)
    return place


@pytest.mark.parametrize("kind", ["tasks", "datasets", "models", "suites"])
def test_the_installed_command_lists_cards(installed: Path, kind: str, tmp_path: Path) -> None:
    """From any folder, and without numpy, pandas, scikit-learn or torch."""
    call = [str(installed / "bin" / "faultboard"), "list", kind, "--json"]
    said = subprocess.run(
        call, cwd=tmp_path, capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin"}
    )
    assert said.returncode == 0, said.stderr
    folder = {"suites": "benchmarks"}.get(kind, kind)
    card = next(p for p in sorted((REPOSITORY / folder).rglob("*.yaml")) if p.name != "dvc.yaml")
    assert re.search(rf'"{card.relative_to(REPOSITORY / folder).with_suffix("").as_posix()}\b', said.stdout)


def test_no_module_of_a_card_folder_is_importable(installed: Path, tmp_path: Path) -> None:
    code = f"import importlib.util as u; print([n for n in {CARDS} if u.find_spec(n)])"
    said = subprocess.run(
        [str(installed / "bin" / "python"), "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == "[]"
