"""A user's own files: read as they are meant, or refused in one line; never as something else without a word."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import soundfile
from scipy.io import savemat

from faultboard.data.user.files import UserFile, open_file
from faultboard.errors import DataError

WAVE = np.random.default_rng(0).standard_normal((200, 2)).round(6)


def opened(folder: Path, name: str, content: str | bytes) -> UserFile:
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return open_file(folder / name, name)


def refused(folder: Path, name: str, content: str | bytes, match: str) -> None:
    with pytest.raises(DataError, match=match) as caught:
        _ = opened(folder, name, content).samples
    assert str(caught.value).startswith(name)
    assert str(caught.value).isprintable()


def text(separator: str = ",", mark: str = ".", header: str = "x,y", end: str = "\n") -> str:
    rows = [separator.join(f"{v:.6f}".replace(".", mark) for v in row) for row in WAVE]
    return "\n".join([*([header.replace(",", separator)] if header else []), *rows]) + end


@pytest.mark.parametrize("header", ["x,y", ""])
@pytest.mark.parametrize("separator", [";", "\t", ",", " ", "  ", ", ", " ; "])
@pytest.mark.parametrize("mark", [".", ","])
def test_separator_and_decimal_mark_are_told_by_the_text(
    tmp_path: Path, separator: str, mark: str, header: str
) -> None:
    content = text(separator, mark, header)
    if mark == "," and "," in separator:
        refused(tmp_path, "a.csv", content, "has 4 fields|line 1 has 2" if header else "a decimal comma")
        return
    found = opened(tmp_path, "a.csv", content)
    assert np.allclose(found.samples, WAVE, atol=1e-6)
    assert found.rate is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "", "\n\n"])
def test_any_common_encoding_and_line_end(tmp_path: Path, encoding: str, end: str) -> None:
    content = (text(header="x (m/s²),y", end="") + end).encode(encoding)
    assert np.allclose(opened(tmp_path, "a.csv", content).samples, WAVE, atol=1e-6)


@pytest.mark.parametrize(
    ("content", "match"),
    [
        ("x\n0,1234\n0,2345\n", "line 2 has 2 fields, line 1 has 1. If the comma is a decimal mark"),
        ("0,0123\n0,1234\n", "numbers with a decimal comma"),
        ("x,y\n1,2\n3,4,5\n", "line 3 has 3 fields, line 1 has 2"),
        ("x,y\n1,2\n3\n", "line 3 has 1 fields"),
        ("x;y\n1,5;2\n1.5;2\n", "which of the two is the decimal mark"),
        ("x\n1\n\n2\n", "line 3 is blank"),
        ("x,y\n1,2\n,4\n", "line 3 holds nothing in column 'x'"),
        ("x\n1.5\nerr\n", "line 3 holds 'err', no number in column 'x'"),
        ("x\n1.5\nnan\n", "not finite"),
        ("x\n1.5\n1e300\n", "not finite"),
        ("x\n1.123456\n2.123456\n1.12", "ends in the middle of a number: '1.12'"),
        ("x,y\n1.123456,1.5\n2.123456,1.5\n3.123456,1.", "ends in the middle of a number"),
        ("word\nword\n", "no column is a signal"),
        ("index\n1\n2\n", "no column is a signal"),
        ("", "holds nothing"),
        ("x,y\n", "a header and no row"),
        (b"x\n1\n\0\0\0", "zero bytes"),
        ("t,x\n0.1,1\n0.1,2\n0.2,3\n", "stands still or runs backwards after 1 rows"),
        ("time,x\nnoon,1\nthen,2\n", "no time in seconds and no date"),
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(tmp_path: Path, content: str | bytes, match: str) -> None:
    refused(tmp_path, "a.csv", content, match)


@pytest.mark.parametrize("name", ["index", "Label", "", "t", "Time", "timestamp", "Unnamed: 0"])
def test_what_counts_labels_or_tells_the_time_is_no_channel(tmp_path: Path, name: str) -> None:
    """A label in the signal would be all that any model needs."""
    rows = "".join(f"{0.001 * i:.3f},{v:.6f}\n" for i, v in enumerate(WAVE[:, 0]))
    found = opened(tmp_path, "a.csv", f"{name},x\n{rows}")
    assert found.channels == 1
    assert np.allclose(found.samples, WAVE[:, :1], atol=1e-6)
    assert len(found.notes) == 1
    assert "left out" in found.notes[0]


@pytest.mark.parametrize(
    ("name", "step", "rate"),
    [
        ("t", 0.001, 1000.0),
        ("time_us", 1876, 533.05),
        ("Time [ms]", 0.5, 2000.0),
        ("timestamp (s)", 0.5, 2.0),
        ("timestamp", 1876, None),
        ("t", 0.5, None),
        ("time", 1, None),
    ],
)
def test_a_clock_without_a_unit_is_no_rate(tmp_path: Path, name: str, step: float, rate: float | None) -> None:
    rows = "".join(f"{step * i:.6g},{v}\n" for i, v in enumerate(WAVE[:, 0]))
    found = opened(tmp_path, "a.csv", f"{name},x\n{rows}")
    assert (found.rate, found.channels) == (rate, 1)
    assert any("names no unit" in note for note in found.notes) == (rate is None)


def test_a_rounded_clock_and_a_clock_of_dates_state_their_rate(tmp_path: Path) -> None:
    # 1 / 20480 s to the microsecond: its median step would be 20,408 Hz
    rows = "".join(f"{i / 20480:.6f},{v}\n" for i, v in enumerate(np.tile(WAVE[:, 0], 20)))
    assert opened(tmp_path, "a.csv", f"t,x\n{rows}").rate == pytest.approx(20480, rel=1e-3)
    rows = "".join(f"2024-05-01T10:00:{i / 100:06.3f},{v}\n" for i, v in enumerate(WAVE[:, 0]))
    assert opened(tmp_path, "b.csv", f"time,x\n{rows}").rate == 100


def test_a_counter_without_a_name_is_left_out_and_said(tmp_path: Path) -> None:
    rows = "".join(f"{i},{v}\n" for i, v in enumerate(WAVE[:, 0]))
    found = opened(tmp_path, "a.csv", rows)
    assert np.allclose(found.samples, WAVE[:, :1])
    assert "grows evenly" in found.notes[0]
    # columns that pandas numbered
    assert opened(tmp_path, "b.csv", "0,1\n0.5,0.25\n1.5,0.5\n").length == 2
    assert opened(tmp_path, "b.csv", "0,1\n5,7\n3,4\n").length == 3
    assert opened(tmp_path, "c.csv", ",0\n0,0.25\n1,0.5\n").samples.tolist() == [[0.25], [0.5]]


def test_of_a_mat_file_the_time_and_what_is_shorter_are_left_out(tmp_path: Path) -> None:
    stream = io.BytesIO()
    savemat(stream, {"t": np.arange(200) / 1000, "DE_time": WAVE, "RPM": 1797.0, "label": np.ones(200)})
    found = opened(tmp_path, "a.mat", stream.getvalue())
    assert np.allclose(found.samples, WAVE)
    assert found.rate == 1000
    said = " ".join(found.notes)
    assert all(name in said for name in ("'t'", "'label'", "RPM"))
    refused(tmp_path, "a.mat", stream.getvalue()[:-40], "ends after")


@pytest.mark.parametrize("form", ["wav", "flac", "ogg"])
@pytest.mark.parametrize("kept", [0.3, 0.9, 0.999])
def test_a_sound_cut_short_is_refused(tmp_path: Path, form: str, kept: float) -> None:
    path = tmp_path / f"whole.{form}"
    soundfile.write(path, np.random.default_rng(0).uniform(-0.5, 0.5, (16_000, 2)), 8000)
    content = path.read_bytes()
    assert opened(tmp_path, f"a.{form}", content).samples.shape == (16_000, 2)
    refused(tmp_path, f"a.{form}", content[: int(kept * len(content))], "ends|cannot be read|no WAV")


def test_a_wav_written_to_a_pipe_is_read(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "x.wav", WAVE / 10, 8000)
    content = bytearray((tmp_path / "x.wav").read_bytes())
    content[4:8] = b"\xff\xff\xff\xff"
    assert opened(tmp_path, "a.wav", bytes(content)).length == 200


def test_a_float_sound_that_is_not_finite_is_refused(tmp_path: Path) -> None:
    wave = WAVE.copy()
    wave[3] = np.nan
    soundfile.write(tmp_path / "x.wav", wave, 8000, subtype="FLOAT")
    refused(tmp_path, "a.wav", (tmp_path / "x.wav").read_bytes(), "not finite")


def test_a_mat_file_without_a_signal_is_refused(tmp_path: Path) -> None:
    stream = io.BytesIO()
    savemat(stream, {"RPM": 1797.0, "name": "pump"})
    refused(tmp_path, "a.mat", stream.getvalue(), "no variable is a signal")


@pytest.mark.parametrize("value", ["nan", "inf", "1e99"])
def test_a_table_that_is_not_finite_is_refused(tmp_path: Path, value: str) -> None:
    refused(tmp_path, "a.csv", f"x,y\n0.5,0.25\n{value},0.5\n0.5,1.5\n", "not finite")


@pytest.mark.parametrize("rows", ["0,0.5\n", "0,0.5\nnan,0.25\n0.2,0.5\n"])
def test_a_clock_without_steps_is_refused(tmp_path: Path, rows: str) -> None:
    refused(tmp_path, "a.csv", f"time,x\n{rows}", "column 'time' is no clock")
