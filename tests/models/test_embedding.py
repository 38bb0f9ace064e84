"""`embed`: a user's own files in, one row a window out."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from PIL import Image
from scipy.io import savemat

from faultboard.data.user.files import open_file
from faultboard.errors import DataError
from support.command import faultboard, mistake

RATE = 12_000
T = np.arange(2 * RATE) / RATE
WAVE = np.sin(2 * np.pi * 700 * T)


def run(*arguments: object) -> str:
    done = faultboard("embed", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_signal_gives_the_same_row_from_every_kind_of_file(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", WAVE, RATE, subtype="FLOAT")
    soundfile.write(tmp_path / "b.flac", WAVE * 0.9, RATE, subtype="PCM_24")
    pd.DataFrame({"time": T, "x": WAVE}).to_csv(tmp_path / "c.csv", index=False)
    np.savetxt(tmp_path / "d.csv", WAVE)
    savemat(tmp_path / "e.mat", {"DE": WAVE[:, None], "rpm": 1797.0})
    files = sorted(tmp_path.iterdir())
    said = run("logspec.none", *files, "-o", tmp_path / "out.parquet", "--rate", RATE)
    found = pd.read_parquet(tmp_path / "out.parquet")
    assert "5 rows of" in said
    assert found["file"].tolist() == [str(f) for f in files]
    values = found.drop(columns=["file", "start"]).to_numpy()
    assert np.abs(values - values[0]).max() < 1e-2 * np.ptp(values[0])


def test_windows_and_files_keep_their_order(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "b.wav", WAVE[: RATE + 5], RATE)
    soundfile.write(tmp_path / "a.wav", WAVE, RATE)
    run("mn04.scratch", tmp_path / "b.wav", tmp_path / "a.wav", "-o", tmp_path / "o.npy", "--window", 0.5)
    assert np.load(tmp_path / "o.npy").shape == (6, 384)
    run("logspec.none", tmp_path / "b.wav", tmp_path / "a.wav", "-o", tmp_path / "o.parquet", "--window", 0.5)
    found = pd.read_parquet(tmp_path / "o.parquet")
    assert found["start"].tolist() == [0, 6000, 0, 6000, 12000, 18000]
    assert found["file"].str[-5].tolist() == list("bbaaaa")


def test_pictures_of_any_size(tmp_path: Path) -> None:
    for i, name in enumerate(("a.png", "b.jpg", "c.bmp")):
        Image.new("RGB", (40 + i, 30), (200, 10 * i, 0)).save(tmp_path / name)
    run("thumbnail.none", *sorted(tmp_path.iterdir()), "-o", tmp_path / "o.npy")
    assert len(np.load(tmp_path / "o.npy")) == 3


def test_mistakes_are_one_line(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("1")
    (tmp_path / "cut.wav").write_bytes(b"RIFF")
    np.savetxt(tmp_path / "d.csv", WAVE)
    Image.new("L", (4, 4)).save(tmp_path / "p.png")
    out = tmp_path / "o.npy"
    for model, file, said in (
        ("logspec.none", "x.txt", "no reader for '.txt'"),
        ("logspec.none", "cut.wav", "cut.wav cannot be read"),
        ("logspec.none", "d.csv", "does not state its sampling rate: say --rate"),
        ("logspec.none", "p.png", "is read as photo; logspec takes"),
        ("logspek.none", "d.csv", "Did you mean 'logspec'"),
    ):
        assert said in mistake("embed", model, tmp_path / file, "-o", out)
    assert "ends in .npy or .parquet" in mistake("embed", "logspec.none", tmp_path / "d.csv", "-o", tmp_path / "o.txt")
    # before anything is computed, not after
    said = mistake("embed", "logspec.none", tmp_path / "cut.wav", "-o", tmp_path / "nowhere" / "o.npy")
    assert re.search(r"o\.npy: there is no folder .*nowhere", said)
    said = mistake("embed", "logspec.none", tmp_path / "d.csv", "-o", out, "--rate", RATE, "--window", 3)
    assert "2 s are shorter than a window of 3 s" in said
    assert not out.exists()


@pytest.mark.parametrize("content", ["", "a,b\n", "x\nnan\n", "x\nword\n"])
def test_a_table_without_samples_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "x.csv").write_text(content)
    with pytest.raises(DataError, match=r"x\.csv"):
        open_file(tmp_path / "x.csv", "x.csv")
