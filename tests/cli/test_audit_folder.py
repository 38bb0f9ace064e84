"""A user's own class folders: findings, and cards that work where they are put."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from support.command import faultboard, mistake


def sounds(folder: Path, rate_of_bad: int = 8000, suffix: str = ".wav") -> Path:
    """Six machines, sound and faulty clips of each."""
    rng = np.random.default_rng(0)
    for label in ("good", "bad"):
        (folder / label).mkdir(parents=True)
        for machine in range(6):
            for number in range(2):
                rate = rate_of_bad if label == "bad" else 8000
                wave = 0.1 * rng.standard_normal(rate // 2)
                soundfile.write(folder / label / f"m{machine}_{number}{suffix}", wave, rate)
    return folder


def placed(said: str, root: Path, recordings: Path) -> str:
    """Put the printed cards into a root, the files beside them; give the name of the task."""
    parts = re.split(r"^==> (.+) <==\n", said, flags=re.M)[1:]
    for name, text in zip(parts[::2], parts[1::2], strict=True):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    name = Path(parts[0]).stem
    shutil.copytree(recordings, root / f"data/raw/{name}@full")
    return name


def test_the_printed_cards_load_prepare_and_audit(tmp_path: Path) -> None:
    own = sounds(tmp_path / "Pump hall 3")
    (own / "good/notes.txt").write_text("m2 was loud")
    done = faultboard("audit", "--folder", str(own), "--group", "(m[0-9]+)_")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Left out, no recordings of a class: good/notes.txt" in done.stdout
    root = tmp_path / "root"
    name = placed(done.stdout, root, own)
    assert name == "my_pump_hall_3"
    assert "24 recordings" in faultboard("prepare", name, root=root).stdout
    again = faultboard("audit", name, root=root)
    assert again.returncode == 0, again.stdout + again.stderr
    assert "grouped     ok" in again.stdout
    assert again.stdout.splitlines()[0] == done.stdout.splitlines()[0]


def test_a_rate_that_names_the_class_is_found_and_so_is_a_copy(tmp_path: Path) -> None:
    own = sounds(tmp_path / "own", rate_of_bad=16000)
    shutil.copy(own / "good/m0_0.wav", own / "good/m3_9.wav")
    done = faultboard("audit", "--folder", str(own), "--group", "(m[0-9]+)_", "--json")
    assert done.returncode == 3, done.stderr
    said = json.loads(done.stdout)
    kinds = {(f["protocol"], f["kind"]) for f in said["findings"] if not f["declared"]}
    assert {("random", "fact"), ("grouped", "fact")} <= kinds
    assert any("rate alone tells" in f["what"] and f["remedy"] for f in said["findings"])
    assert any(f["kind"] == "identical" and "m3_9" in f["what"] for f in said["findings"])
    assert said["cannot_see"]


@pytest.mark.parametrize(
    "names",
    [
        ("yes", "no"),
        ("007", "7"),
        ('a: "b"', "c'd # {e}"),
        ("- x", "ünïcode [z]"),
        ("null", "~"),
        ("back\\slash", "per%cent $HOME"),
    ],
)
def test_hostile_names_stay_what_they_are(names: tuple[str, str], tmp_path: Path) -> None:
    own = tmp_path / "<b>own</b> & 'more'"
    rng = np.random.default_rng(0)
    for label in names:
        for number in range(3):
            path = own / label / f"unit-{number} [red]x[/red] {{0}} '\"#.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(rng.integers(0, 255, (20, 20, 3)).astype(np.uint8)).save(path)
    page = tmp_path / "page.html"
    done = faultboard("audit", "--folder", str(own), "--group", "unit-(?P<part>[0-9]+)", "--json", "-o", str(page))
    assert done.returncode in (0, 3), done.stderr
    assert not done.stderr
    assert "<script" not in page.read_text()
    root = tmp_path / "root"
    said = json.loads(done.stdout)
    name = placed("".join(f"==> {n} <==\n{t}" for n, t in said["cards"].items()), root, own)
    prepared = faultboard("prepare", name, root=root)
    assert "6 recordings" in prepared.stdout, prepared.stderr


@pytest.mark.parametrize("suffix", [".flac", ".csv", ".mat"])
def test_other_formats_are_read(suffix: str, tmp_path: Path) -> None:
    from scipy.io import savemat

    rng = np.random.default_rng(0)
    for label in ("good", "bad"):
        for number in range(3):
            path = tmp_path / "own" / label / f"{number}{suffix}"
            path.parent.mkdir(parents=True, exist_ok=True)
            wave = 0.1 * rng.standard_normal((1500, 2))
            if suffix == ".flac":
                soundfile.write(path, wave, 1000)
            elif suffix == ".csv":
                np.savetxt(path, wave, delimiter=",", header="x,y", comments="")
            else:
                savemat(path, {"wave": wave})
    words = ["audit", "--folder", str(tmp_path / "own")]
    if suffix != ".flac":
        assert "bad/0" in mistake(*words)
        assert "say --rate" in mistake(*words)
        words += ["--rate", "1000"]
    done = faultboard(*words)
    assert done.returncode in (0, 3), done.stderr
    assert "==> datasets/my_own.py <==" in done.stdout
    assert "cannot be carried" not in done.stdout


def test_folders_of_sides_are_the_users_own_split(tmp_path: Path) -> None:
    """Taken as classes, train and test would be told apart and nothing be said of the split."""
    whole = sounds(tmp_path / "whole")
    own = tmp_path / "own"
    for path in sorted(whole.rglob("*.wav")):
        # one clip of each machine on either side
        side = "train" if path.stem.endswith("_0") else "Test"
        (own / side / path.parent.name).mkdir(parents=True, exist_ok=True)
        path.rename(own / side / path.parent.name / path.name)
    done = faultboard("audit", "--folder", str(own), "--group", "(m[0-9]+)_")
    assert done.returncode == 3, done.stdout + done.stderr
    assert 'classes: {label: ["bad", "good"]}' in done.stdout
    assert re.search(r"as_given +LEAK +shared unit +unit m0, m1.* in train and test of fold Test", done.stdout)
    assert "random      declared" in done.stdout
    root = tmp_path / "root"
    name = placed(done.stdout, root, own)
    assert "24 recordings" in faultboard("prepare", name, root=root).stdout
    for path in sorted(own.rglob("*.wav")):
        path.rename(path.parents[1] / path.name)
    assert "sides of a split, and no classes" in mistake("audit", "--folder", str(own))


def test_one_short_file_does_not_set_the_window_for_all(tmp_path: Path) -> None:
    own = sounds(tmp_path / "own")
    soundfile.write(own / "good/m0_9.wav", np.zeros(5), 8000)
    done = faultboard("audit", "--folder", str(own), "--group", "(m[0-9]+)_")
    assert "window: {length: 4000}" in done.stdout
    assert "good/m0_9.wav: shorter than a window of 4,000 samples, and give none" in done.stdout


def test_what_is_no_channel_is_left_out_and_said(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for label in ("good", "bad"):
        (tmp_path / "own" / label).mkdir(parents=True)
        for number in range(4):
            rows = (f"{1876 * i};{v:.4f};{label == 'bad':d}" for i, v in enumerate(rng.standard_normal(1500)))
            text = "\n".join(["timestamp;x;label", *rows]).replace(".", ",") + "\n"
            (tmp_path / "own" / label / f"{number}.csv").write_text(text)
    words = ["audit", "--folder", str(tmp_path / "own")]
    said = mistake(*words)
    assert "bad/0.csv states no sampling rate (column 'timestamp' grows by 1876 and names no unit" in said
    assert said.endswith("say --rate")
    for rate in ("0", "inf"):
        assert "no sampling rate; say how many samples" in mistake(*words, "--rate", rate)
    done = faultboard(*words, "--rate", "533")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("column 'label' is no channel by its name: left out (8 of 8 files)") == 2


def test_a_mistake_is_one_line(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    words = ("audit", "--folder", str(own))
    assert "no recording. Put them into own/CLASS/" in mistake(*words)
    assert "is no folder" in mistake("audit", "--folder", str(tmp_path / "nowhere"))
    sounds(own)
    assert "bad/m0_0.wav: --group (x[0-9]) does not find a group" in mistake(*words, "--group", "(x[0-9])")
    assert "no regular expression" in mistake(*words, "--group", "(m")
    assert "put what names the unit in brackets" in mistake(*words, "--group", "m[0-9]")
    assert "'label' is a column already" in mistake(*words, "--group", "(?P<label>m)")
    (own / "bad/m1_0.wav").write_bytes(b"RIFF but no wave")
    assert "bad/m1_0.wav is no WAV file (16 bytes)" in mistake(*words)
    Image.new("L", (8, 8)).save(own / "bad/m1_0.png")
    (own / "bad/m1_0.wav").unlink()
    assert "bad/m1_0.png is photo, bad/m0_0.wav sound" in mistake(*words)
    shutil.rmtree(own / "bad")
    assert "one class only (good)" in mistake(*words)
    assert faultboard("audit").returncode == 2
    assert faultboard("audit", "toy", "--folder", str(own)).returncode == 2


@pytest.mark.skipif(os.name == "nt", reason="such names cannot be made")
def test_a_name_that_cannot_be_printed_is_refused(tmp_path: Path) -> None:
    own = sounds(tmp_path / "own")
    (own / "bad/m0_0.wav").rename(own / "bad/m0\n_0.wav")
    assert "rename the file" in mistake("audit", "--folder", str(own))


def test_the_page_holds_findings_leak_numbers_and_limits(root: Path, tmp_path: Path) -> None:
    page = tmp_path / "audit.html"
    assert faultboard("audit", "toy", "-o", str(page), root=root).returncode == 0
    text = page.read_text()
    for said in ("shared unit", "leak number", "<td>by_load</td>", "What this audit cannot see", "declare it (leaks"):
        assert said in text
    assert "http" not in text


def test_labels_dealt_anew(root: Path) -> None:
    done = faultboard("audit", "toy", "--permuted", "--json", root=root)
    assert done.returncode == 0, done.stderr
    control = {c["protocol"]: c for c in json.loads(done.stdout)}
    assert control["by_load"]["score"] > 0.9
    assert control["by_load"]["shared"] == "shaft"
    assert control["grouped"]["shared"] == ""
