"""Imports run one way, cost little, and card code sees the engine only through four doors."""

from __future__ import annotations

import ast
import importlib.util
import os
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from support.repository import REPOSITORY

HEAVY = ("joblib", "librosa", "matplotlib", "numpy", "pandas", "pyarrow", "scipy", "sklearn", "timm", "torch")
DOORS = ("faultboard.data", "faultboard.errors", "faultboard.models", "faultboard.simulation")
CARD_CODE = sorted([*REPOSITORY.glob("datasets/*.py"), *REPOSITORY.glob("models/*.py")])


@pytest.mark.parametrize("module", ["faultboard", "faultboard.cli", "faultboard.declare.catalogue"])
def test_nothing_heavy_is_imported(module: str) -> None:
    """`faultboard list` would take seconds."""
    code = f"import sys, {module}; print(*sorted({set(HEAVY)} & set(sys.modules)))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.split() == []


def test_imports_run_one_way(tmp_path: Path) -> None:
    call = "import sys; from importlinter.cli import lint_imports_command; lint_imports_command()"
    arguments = [
        sys.executable,
        "-c",
        call,
        "--config",
        str(REPOSITORY / "pyproject.toml"),
        "--cache-dir",
        str(tmp_path),
    ]
    said = subprocess.run(
        arguments, capture_output=True, text=True, check=False, cwd=REPOSITORY, env=os.environ | {"COLUMNS": "120"}
    )
    assert said.returncode == 0, said.stdout + said.stderr


def imported(path: Path) -> list[str]:
    """Modules that a file imports, anywhere in it; a relative import keeps its dots."""
    names = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module == "faultboard":
            names += [f"faultboard.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names.append("." * node.level + (node.module or ""))
    return names


def wrong_imports(path: Path, cards: set[str]) -> list[str]:
    """Imports that card code may not make: engine rooms without a door, and other cards."""
    wrong = []
    for name in imported(path):
        top = name.split(".")[0]
        through_a_door = any(name == door or name.startswith(f"{door}.") for door in DOORS)
        another_card = top in cards and importlib.util.find_spec(top) is None
        if (
            (top == "faultboard" and not through_a_door)
            or name.startswith(".")
            or top in ("datasets", "models")
            or another_card
        ):
            wrong.append(name)
    return wrong


@pytest.mark.parametrize("path", CARD_CODE, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_card_code_imports_no_other_card(path: Path) -> None:
    """A card that leans on another one's file could not be taken to another repository."""
    assert wrong_imports(path, {p.stem for p in CARD_CODE}) == []


@pytest.mark.parametrize(
    "line",
    [
        "from .mimii import read",
        "import mimii",
        "from faultboard.run.store import Store",
        "from faultboard import cli",
        "from datasets.mimii import read",
        "def read():\n    import faultboard.tasks.audit",
    ],
)
def test_a_wrong_import_is_seen(line: str, tmp_path: Path) -> None:
    (tmp_path / "card.py").write_text(line, encoding="utf-8")
    assert len(wrong_imports(tmp_path / "card.py", {"card", "mimii"})) == 1


def used() -> set[str]:
    """Distributions that the wheel's code imports, and those that a card takes weights from."""
    code = [*REPOSITORY.glob("src/**/*.py"), *REPOSITORY.glob("datasets/**/*.py"), *REPOSITORY.glob("models/**/*.py")]
    modules = {name.split(".")[0] for path in code for name in imported(path) if not name.startswith(".")}
    for card in REPOSITORY.glob("models/**/*.yaml"):
        sources = yaml.safe_load(card.read_text(encoding="utf-8")).get("pretraining") or {}
        modules |= {source["package"] for source in sources.values() if source and "package" in source}
    homes = packages_distributions()
    modules -= {"faultboard", *sys.stdlib_module_names}
    return {canonicalize_name(name) for module in modules for name in homes.get(module, [module])}


def test_every_dependency_is_imported_and_every_import_is_declared() -> None:
    """One that nobody uses can break an installation; one that is not declared breaks it for certain."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {canonicalize_name(Requirement(each).name) for each in project["dependencies"]}
    assert declared == used()
