"""The wheel as a user gets it: resolved without the lock, on the oldest and the newest Python that are tested."""

from __future__ import annotations

import os
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import uv
import yaml

REPOSITORY = Path(__file__).parents[2]
SUPPORTED = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]["classifiers"]
PYTHONS = sorted(
    (line.rpartition(" ")[2] for line in SUPPORTED if line.startswith("Programming Language :: Python :: 3.")),
    key=lambda version: int(version.partition(".")[2]),
)


def interpreter(python: str) -> str:
    """A Python of this version that starts: on the path, or one of pyenv's, whose names on the path may not."""
    kept = sorted(Path.home().glob(f".pyenv/versions/{python}.*/bin/python3"))
    for candidate in [shutil.which(f"python{python}"), *map(str, kept)]:
        if candidate and not subprocess.run([candidate, "--version"], capture_output=True, check=False).returncode:
            return candidate
    return ""


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("python", [PYTHONS[0], PYTHONS[-1]])
def test_every_network_of_sound_embeds_a_clip(python: str, tmp_path: Path) -> None:
    """It asks a package index, installs 6 GB and removes them."""
    found = interpreter(python)
    if not found:
        pytest.skip(f"there is no Python {python} here")
    try:
        call = [REPOSITORY / ".ci" / "wheel", found, tmp_path]
        env = os.environ | {"UV": uv.find_uv_bin()}
        done = subprocess.run(call, capture_output=True, text=True, check=False, env=env)
    finally:
        shutil.rmtree(tmp_path / "venv", ignore_errors=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"wheel: Python {python}" in done.stdout


def test_the_workflow_asks_for_the_same_pythons() -> None:
    jobs = yaml.safe_load((REPOSITORY / ".github/workflows/ci.yml").read_text(encoding="utf-8"))["jobs"]
    for name in ("run", "wheel"):
        assert jobs[name]["strategy"]["matrix"]["python"] == [PYTHONS[0], PYTHONS[-1]]
