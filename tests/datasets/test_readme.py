"""The example of datasets/README.md, taken out of it and run as a reader of that page would run it."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from support.command import faultboard, mistake
from support.repository import REPOSITORY

README = REPOSITORY / "datasets" / "README.md"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Root with the files of the page, and recordings in the place that it names."""
    import soundfile

    blocks = re.findall(r"```(?:yaml|python)\n# (\S+)\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert [name for name, _ in blocks] == [
        "datasets/gearboxes.yaml",
        "datasets/gearboxes.py",
        "tasks/bearing_vibration/gearboxes.yaml",
    ]
    for name, text in blocks:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    raw = tmp_path / "data" / "raw" / "gearboxes@full"
    raw.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for gearbox in range(1, 7):
        state = "worn" if gearbox % 2 else "sound"
        for load in (50, 100):
            t = np.arange(4000) / 2000
            wave = np.sin(2 * np.pi * (90 + gearbox) * t) + rng.standard_normal(4000) / 2
            wave += (state == "worn") * np.sin(2 * np.pi * 400 * t)
            soundfile.write(raw / f"g{gearbox}_{state}_{load}.wav", wave / 8, 2000, subtype="PCM_16")
    monkeypatch.delenv("FAULTBOARD_DATA", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_example_runs_as_it_stands(root: Path) -> None:
    said = {}
    for line in re.findall(r"^\$ faultboard (.*)$", README.read_text(encoding="utf-8"), re.MULTILINE):
        done = faultboard(*line.split())
        assert done.returncode == 0, f"{line}: {done.stderr}"
        said[line.split()[0]] = done.stdout
    assert list(said) == ["prepare", "audit", "try"]
    assert "12 recordings" in said["prepare"]
    assert "LEAK" not in said["audit"]
    # worn gearboxes have a tone that sound ones lack, on gearboxes never met
    assert re.search(r"macro[_-][fF]1\D*(1\.00|0\.9\d)", said["try"]), said["try"]


def test_the_example_refuses_what_it_says_it_refuses(root: Path) -> None:
    (root / "data/raw/gearboxes@full/notes.txt").write_text("winter")
    assert "notes.txt is no file of this set" in mistake("prepare", "gearboxes")


def test_the_example_is_short() -> None:
    """Three files of which the longest fits on a screen."""
    blocks = re.findall(r"```(?:yaml|python)\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert sum(len(block.splitlines()) for block in blocks) < 60
