"""A company's own cards, in a folder of its own, run by the installed engine in processes started by ``spawn``."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from support.repository import REPOSITORY


@pytest.mark.timeout(900)
def test_the_wheel_runs_cards_of_another_folder(root: Path, tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "dist")]
    subprocess.run(build, cwd=REPOSITORY, check=True, capture_output=True)
    with zipfile.ZipFile(next((tmp_path / "dist").iterdir())) as wheel:
        wheel.extractall(tmp_path / "site")
    env = {**os.environ, "PYTHONPATH": str(tmp_path / "site"), "COLUMNS": "200"}

    def faultboard(*words: str) -> str:
        call = [sys.executable, "-m", "faultboard", *words]
        done = subprocess.run(call, cwd=root, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    where = [sys.executable, "-c", "import faultboard; print(faultboard.__file__)"]
    assert (
        str(tmp_path / "site")
        in subprocess.run(where, cwd=root, env=env, capture_output=True, text=True, check=True).stdout
    )
    listed = faultboard("list", "tasks")
    assert "shafts/toy" in listed
    assert "bearing_vibration/cwru" in listed, "the built-in cards are there too"
    faultboard("prepare", "toy")
    assert "24 ok" in faultboard("run", "toy_suite", "--workers", "2", "--threads", "1")
    assert "tones.none.logreg" in faultboard("tables", "toy_suite")
