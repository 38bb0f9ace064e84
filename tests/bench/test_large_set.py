"""Preparing a set of 3 GB beside bare loops over its files: `make bench` prints clips a second and peak memory."""

import resource
import shutil
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from support.repository import REPOSITORY

pytestmark = pytest.mark.slow

CLIPS = 1200
CARD = f"""
title: Clips in the layout of MIMII
licence: CC0-1.0
modality: sound
rate: 16000
classes: {{label: [normal, abnormal]}}
groups: {{machine: {{meaning: machine, unit: yes}}}}
reader: mimii_fan.py:read
editions:
  full: {{ask: nobody, expect: {{recordings: {CLIPS}}}}}
"""
READ = """
import sys, time, soundfile
from pathlib import Path
files = sorted(Path(sys.argv[1]).rglob("*.wav"))
begun = time.monotonic()
for file in files:
    soundfile.read(file, dtype="int16", always_2d=True)
print(time.monotonic() - begun)
"""
COPY = """
import sys, time, soundfile
from pathlib import Path
files = sorted(Path(sys.argv[1]).rglob("*.wav"))
begun = time.monotonic()
with (Path(sys.argv[1]).parent / "copy").open("wb") as stream:
    for file in files:
        stream.write(soundfile.read(file, dtype="int16", always_2d=True)[0].data)
print(time.monotonic() - begun)
"""
PREPARE = """
import sys, time
from pathlib import Path
from faultboard.data.edition import Edition
from faultboard.data.prepare import prepare
from faultboard.declare.catalogue import Catalogue
root = Path(sys.argv[1])
card = Catalogue(root, root).dataset("large")
begun = time.monotonic()
prepare(Edition(root, card, "full"))
print(time.monotonic() - begun)
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("large")
    (root / "datasets").mkdir()
    (root / "tasks").mkdir()
    (root / "datasets/large.yaml").write_text(textwrap.dedent(CARD))
    shutil.copy(REPOSITORY / "datasets/mimii_fan.py", root / "datasets")
    noise = np.random.default_rng(0).integers(-3000, 3000, (160_000, 8), dtype=np.int16)
    for number in range(CLIPS):
        label = "abnormal" if number % 4 == 0 else "normal"
        path = root / f"data/raw/large@full/fan/id_{2 * (number % 4):02d}/{label}/{number:08d}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, np.roll(noise, number, axis=0), 16_000, subtype="PCM_16")
    return root


def timed(code: str, argument: Path) -> tuple[float, float]:
    """Seconds of a child, and the largest memory of any child so far in GB."""
    said = subprocess.run([sys.executable, "-c", code, argument], check=True, capture_output=True, text=True)
    return float(said.stdout.split()[-1]), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6


def test_prepare_keeps_up_with_bare_loops(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    raw = root / "data/raw/large@full"
    size = sum(p.stat().st_size for p in raw.rglob("*.wav")) / 1e9
    begun = time.monotonic()
    read, _ = timed(READ, raw)
    ours, memory = timed(PREPARE, root)
    copied, _ = timed(COPY, raw)
    with capsys.disabled():
        print(
            f"\n{CLIPS} clips of 8 channels, {size:.1f} GB: prepare {CLIPS / ours:.0f} clips/s, a loop that reads "
            f"{CLIPS / read:.0f} (ratio {read / ours:.2f}), one that reads and writes {CLIPS / copied:.0f} "
            f"(ratio {copied / ours:.2f}), peak memory {memory:.2f} GB, {time.monotonic() - begun:.0f} s in all"
        )
    assert memory < 1.5
