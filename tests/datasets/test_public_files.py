"""Lists of public files: they agree with the archives, and what is fetched prepares alike."""

from __future__ import annotations

import re
import struct
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from faultboard.data.edition import Edition
from faultboard.data.prepare import prepare
from faultboard.data.prepared import Prepared
from faultboard.data.raw.archive import find_archives
from faultboard.data.raw.fetch import fetch, order
from faultboard.data.raw.folder import provide
from faultboard.data.raw.public_files import public_files
from faultboard.data.raw.verify import compare
from faultboard.declare.code import code_of, load_function
from faultboard.errors import Unavailable
from support.repository import CARDS

PUBLIC = [
    (name, edition)
    for name in CARDS.paths["dataset"]
    for edition, source in CARDS.dataset(name).editions.items()
    if source.files
]
CUT = [name for name, edition in PUBLIC if edition == "cut"]
# lists hold files of labels beside those that are recordings
LABELS = ("labels.csv", "labels/", "module_metadata.json")
# files where a recording is a piece of one: pictures and their boxes
FILES = {"deeppcb@cut": 308, "deeppcb@full": 3000}
# sets of which no byte was changed: the archive holds the originals
WHOLE = ["bearing_irt", "deeppcb", "elpv", "kolektor", "magnetic_tile", "mimii_fan", "motor_thermal", "phone_motors"]


def members(dataset: str) -> dict[str, bytes]:
    card = CARDS.dataset(dataset)
    try:
        archives = find_archives(Edition(Path(), card, "cut"))
    except Unavailable as error:
        pytest.skip(str(error))
    packed: dict[str, bytes] = {}
    for archive in archives:
        with zipfile.ZipFile(archive) as zipped:
            packed |= {m.filename: zipped.read(m) for m in zipped.infolist() if not m.is_dir()}
    return packed


def change(name: str) -> Any:
    return load_function(*code_of(CARDS.dataset("cwru").path, f"cut.py:{name}", ""))


@pytest.mark.parametrize(("dataset", "edition"), PUBLIC)
def test_a_list_can_be_used_and_is_pinned(dataset: str, edition: str) -> None:
    card = CARDS.dataset(dataset)
    source = card.editions[edition]  # type: ignore[index]
    files = public_files(Edition(Path(), card, edition))
    recordings = [file for file in files if not file.path.startswith(LABELS)]
    assert len(recordings) == FILES.get(f"{dataset}@{edition}", source.expect.recordings)
    assert source.expect.prepared
    for file in files:
        # a branch may move under the list, a commit cannot
        assert re.match(r"https://raw\.githubusercontent\.com/[^/]+/[^/]+/[0-9a-f]{40}/", file.urls[0])


@pytest.mark.parametrize("dataset", CUT)
def test_a_list_holds_the_members_of_its_archive(dataset: str) -> None:
    card = CARDS.dataset(dataset)
    packed = members(dataset)
    # groups that the archive brings along, and the reader does not read
    for name in ("tile_groups.csv", "modules.csv", "items.csv"):
        packed.pop(name, None)
    files = {file.path: file for file in public_files(Edition(Path(), card, "cut"))}
    assert files.keys() == packed.keys()
    for path, content in packed.items():
        found = sha256(content).hexdigest()
        assert found in files[path].kept, path
        assert found != files[path].sha256 or len(content) == files[path].bytes
        assert files[path].kept_bytes == len(content)


@pytest.mark.parametrize("dataset", WHOLE)
def test_public_files_prepare_as_the_archive_does(
    dataset: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, httpserver: HTTPServer
) -> None:
    card = CARDS.dataset(dataset)
    contents = members(dataset)
    files = public_files(Edition(Path(), card, "cut"))
    assert not any(file.is_changed for file in files)
    served = {unquote(urlsplit(file.urls[0]).path): contents[file.path] for file in files}

    def answer(request: Request) -> Response:
        return Response(served[request.path])

    httpserver.expect_request(re.compile(".*")).respond_with_handler(answer)
    monkeypatch.setenv("FAULTBOARD_MIRROR", httpserver.url_for(""))
    monkeypatch.delenv("FAULTBOARD_DATA")
    wanted = order(Edition(tmp_path, card, "cut"))
    assert wanted is not None
    fetch(wanted, lambda count: None)
    assert compare(Edition(tmp_path, card, "cut")) == []
    assert Prepared(prepare(Edition(tmp_path, card, "cut"))).hash == card.editions["cut"].expect.prepared


@pytest.mark.parametrize("dataset", ["cwru", "machine_sound_clips", "magnetic_tile"])
def test_an_archive_passes_for_the_files_of_the_list(dataset: str, tmp_path: Path) -> None:
    # CWRU's is packed otherwise, the clips are in two, and the tiles' holds one file more
    members(dataset)
    card = CARDS.dataset(dataset)
    provide(Edition(tmp_path, card, "cut"))
    assert compare(Edition(tmp_path, card, "cut")) == []


@pytest.mark.parametrize("dataset", ["adi_cbm", "cwru", "paderborn"])
def test_a_cut_file_is_told_from_another_one(dataset: str, tmp_path: Path) -> None:
    name, content = next(iter(members(dataset).items()))
    card = CARDS.dataset(dataset)
    path = provide(Edition(tmp_path, card, "cut")) / name
    path.write_bytes(content[:1000])
    (fault,) = compare(Edition(tmp_path, card, "cut"))
    assert fault == {"file": name, "fault": f"truncated or altered: 1,000 of {len(content):,} bytes"}
    path.write_bytes(content[:-1] + b"~")
    (fault,) = compare(Edition(tmp_path, card, "cut"))
    assert fault["fault"].startswith("altered: other content")


# --- what a cut keeps ------------------------------------------------------------------------------------


def test_the_first_of_eight_channels_is_the_clip_of_the_archive() -> None:
    packed = members("machine_sound_clips")
    for name in ("ToyCar/anomaly_id_04_00000005.wav", "fan/normal_id_00_00000000.wav"):
        clip = packed[name]
        samples = np.frombuffer(clip[44:], "<i2")
        rng = np.random.default_rng(0)
        others = rng.integers(-9, 9, (len(samples), 7), dtype=np.int16)
        eight = np.column_stack([samples, others]).astype("<i2").tobytes()
        form = struct.pack("<HHIIHH", 1, 8, 16_000, 256_000, 16, 16)
        chunks = b"LIST\x03\0\0\0abc\0" + b"fmt \x10\0\0\0" + form + b"data" + struct.pack("<I", len(eight)) + eight
        original = b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks
        assert change("first_channel")(original) == clip


def test_the_first_lines_are_those_of_the_archive() -> None:
    content = next(iter(members("adi_cbm").values()))
    assert change("first_lines")(content + b"1;2 ;3 ;4 \r\n" * 20_000) == content


def test_the_first_two_seconds_are_those_of_the_archive() -> None:
    content = next(iter(members("paderborn").values()))
    assert change("first_two_seconds")(content + b"0.0015\n" * 130_000) == content


@pytest.fixture
def original(tmp_path: Path) -> Path:
    """A MATLAB 5 file as CWRU's: uncompressed, a channel of each end, the base, RPM, and a stray variable."""
    from scipy.io import savemat

    rng = np.random.default_rng(0)
    waves = {f"X105_{end}_time": rng.standard_normal((1001, 1)) for end in ("DE", "FE", "BA")}
    savemat(tmp_path / "105.mat", {**waves, "X105RPM": 1797.0, "i": 3.0})
    return tmp_path / "105.mat"


def test_the_drive_end_is_kept_to_the_last_bit(original: Path) -> None:
    from scipy.io import loadmat

    kept = original.with_name("kept.mat")
    kept.write_bytes(change("drive_end")(original.read_bytes()))
    before, after = loadmat(original), loadmat(kept)
    assert {name for name in after if not name.startswith("__")} == {"X105_DE_time", "X105RPM"}
    assert np.array_equal(before["X105_DE_time"], after["X105_DE_time"])
    assert after["X105RPM"] == 1797


@pytest.mark.parametrize("end", [129, 400, -1])
def test_a_cut_matlab_file_is_not_taken_for_a_whole_one(original: Path, end: int) -> None:
    with pytest.raises((ValueError, struct.error)):
        change("drive_end")(original.read_bytes()[:end])


@pytest.mark.parametrize("content", [b"", b"RIFF\0\0\0\0WAVE", b"not a sound"])
def test_what_is_no_sound_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="WAV file"):
        change("first_channel")(content)
