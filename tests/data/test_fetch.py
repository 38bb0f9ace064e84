"""Raw files over a bad network: in the end they are whole and checked, or one line says why not."""

from __future__ import annotations

import errno
import hashlib
import shutil
import threading
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from faultboard.data.edition import Edition
from faultboard.data.prepare import prepare
from faultboard.data.prepared import Prepared
from faultboard.data.raw import fetch as module
from faultboard.data.raw.fetch import fetch, order
from faultboard.data.raw.folder import provide
from faultboard.data.raw.unpacked import unverified
from faultboard.data.raw.verify import compare
from faultboard.declare.catalogue import Catalogue
from faultboard.errors import CardError, DataError, Unavailable
from faultboard.files import download as download_module
from faultboard.files.checksum import file_hash
from support.toy import FILES

FIRST = "shaft0_load0.npy"
ADDRESS = "https://raw.githubusercontent.com/{place}/{path}"
CUT = """

def half(content):
    return content[: len(content) // 2]
"""


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class Source:
    """A server on this machine that holds the toy files below ``/odd @&name``, and misbehaves as it is told."""

    def __init__(self, server: HTTPServer, root: Path, contents: dict[str, bytes]) -> None:
        self.root, self.contents = root, contents
        self.asked: Counter[str] = Counter()
        self.ranges: list[str] = []
        self.raw: list[str] = []
        self.misbehave: Callable[[str, int, Request], Response | None] = lambda name, time, request: None
        self.url = server.url_for("")
        for name in contents:
            server.expect_request(f"/odd @&name/{name}").respond_with_handler(self.answer)

    def answer(self, request: Request) -> Response:
        name = request.path.rpartition("/")[2]
        self.asked[name] += 1
        self.raw.append(request.environ["RAW_URI"])
        if "Range" in request.headers:
            self.ranges.append(request.headers["Range"])
        return self.misbehave(name, self.asked[name], request) or self.whole(name, request)

    def whole(self, name: str, request: Request) -> Response:
        """The file, or the rest of it that was asked for."""
        content = self.contents[name]
        if "Range" not in request.headers:
            return Response(content)
        start = int(request.headers["Range"].removeprefix("bytes=").removesuffix("-"))
        if start >= len(content):
            return Response("", 416)
        span = f"bytes {start}-{len(content) - 1}/{len(content)}"
        return Response(content[start:], 206, {"Content-Range": span})

    def dropped(self, name: str, count: int) -> Response:
        """The first bytes of a file, after which the connection ends."""
        answer = Response(self.contents[name][:count])
        answer.headers["Content-Length"] = str(len(self.contents[name]))
        return answer

    def only_first(self, answer: Callable[[str, Request], Response], times: int = 1) -> None:
        """Misbehave for the first file alone, a number of times."""
        self.misbehave = lambda name, time, request: answer(name, request) if name == FIRST and time <= times else None


@pytest.fixture(scope="module")
def make_httpserver() -> Iterator[HTTPServer]:
    """One that answers several requests at a time; pytest's own answers them in turn."""
    with HTTPServer(threaded=True) as server:
        yield server


@pytest.fixture
def source(cards: Catalogue, root: Path, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> Source:
    """The toy dataset with an edition ``full`` whose files are public."""
    monkeypatch.delenv("FAULTBOARD_DATA", raising=False)
    monkeypatch.setenv("FAULTBOARD_MIRROR", httpserver.url_for("/"))
    monkeypatch.setattr(download_module, "_PAUSE", 0.01)
    monkeypatch.setattr(download_module, "_PIECE", 100)
    drawn = provide(Edition(root, cards.dataset("toy"), "sim"))
    contents = {p.name: p.read_bytes() for p in sorted(drawn.iterdir())}
    edition(
        root, '  full: {files: toy_list.csv, address: "https://raw.githubusercontent.com/{place}/{path}", EXPECT}\n'
    )
    rows = [f"{name},odd @&name,{len(content)},{sha256(content)}" for name, content in contents.items()]
    (root / "datasets/toy_list.csv").write_text("\n".join(["path,place,bytes,sha256", *rows]) + "\n")
    return Source(httpserver, root, contents)


def edition(root: Path, text: str) -> None:
    (root / "datasets/toy.yaml").write_text(
        FILES["datasets/toy.yaml"].lstrip() + text.replace("EXPECT", "expect: {recordings: 12}")
    )


def get(source: Source, again: bool = False, name: str = "full") -> Path:
    wanted = order(Edition(source.root, Catalogue(source.root, source.root).dataset("toy"), name), again)
    assert wanted is not None
    return fetch(wanted, lambda count: None)


def faults(source: Source, name: str = "full") -> dict[str, str]:
    found = compare(Edition(source.root, Catalogue(source.root, source.root).dataset("toy"), name))
    return {f["file"]: f["fault"] for f in found}


def left(source: Source) -> list[str]:
    """What lies beside the raw folders."""
    return sorted(p.name for p in (source.root / "data/raw").iterdir() if p.name.startswith(".toy@full"))


# --- what comes ------------------------------------------------------------------------------------------


def test_public_files_give_the_same_prepared_data(source: Source) -> None:
    card = Catalogue(source.root, source.root).dataset("toy")
    with pytest.raises(Unavailable, match=r"not here: faultboard fetch toy@full$"):
        prepare(Edition(source.root, card, "full"))
    get(source)
    assert faults(source) == {}
    assert left(source) == []
    hashes = {Prepared(prepare(Edition(source.root, card, name))).hash for name in ("sim", "full")}
    assert len(hashes) == 1
    assert order(Edition(source.root, card, "full")) is None


def test_addresses_are_percent_encoded(source: Source) -> None:
    get(source)
    assert set(source.raw) == {f"/odd%20%40%26name/{name}" for name in source.contents}


def test_several_files_come_at_a_time(source: Source) -> None:
    together = threading.Barrier(3, timeout=20)

    def wait(name: str, time: int, request: Request) -> None:
        if name in list(source.contents)[:3]:
            together.wait()  # broken unless three are under way

    source.misbehave = wait
    get(source)
    assert not together.broken


def test_steps_add_up_to_the_size(source: Source) -> None:
    source.only_first(lambda name, request: source.dropped(name, 100))
    wanted = order(Edition(source.root, Catalogue(source.root, source.root).dataset("toy"), "full"))
    assert wanted is not None
    steps: list[int] = []
    fetch(wanted, steps.append)
    assert sum(steps) == wanted.bytes == sum(map(len, source.contents.values()))


# --- a bad network ---------------------------------------------------------------------------------------


def test_a_dropped_connection_is_taken_up_where_it_ended(source: Source) -> None:
    source.only_first(lambda name, request: source.dropped(name, 1000))
    get(source)
    assert source.ranges == ["bytes=1000-"]
    assert faults(source) == {}


def test_a_server_that_ignores_ranges_does_not_double_the_file(source: Source) -> None:
    def answer(name: str, request: Request) -> Response:
        return Response(source.contents[name]) if "Range" in request.headers else source.dropped(name, 1000)

    source.only_first(answer, times=9)
    get(source)
    assert source.ranges == ["bytes=1000-"]
    assert faults(source) == {}


def test_a_server_that_gives_another_range_is_asked_for_the_whole(source: Source) -> None:
    def answer(name: str, request: Request) -> Response | None:
        content = source.contents[name]
        if "Range" in request.headers:
            return Response(content[500:], 206, {"Content-Range": f"bytes 500-{len(content) - 1}/{len(content)}"})
        return source.dropped(name, 1000) if source.asked[name] == 1 else None

    source.only_first(answer, times=9)  # type: ignore[arg-type]
    get(source)
    assert source.asked[FIRST] == 3
    assert faults(source) == {}


def test_a_connection_that_always_drops_at_one_place_ends(source: Source) -> None:
    # a server without ranges that never gives more: begun anew, it would never end
    source.only_first(lambda name, request: source.dropped(name, 1000), times=99)
    with pytest.raises(Unavailable, match=rf"toy@full: {FIRST} cannot be fetched: "):
        get(source)
    assert source.asked[FIRST] == 4


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_again(source: Source, status: int) -> None:
    source.only_first(lambda name, request: Response("busy", status), times=3)
    get(source)
    assert source.asked[FIRST] == 4
    assert faults(source) == {}


@pytest.mark.parametrize("asked", ["1", "Wed, 21 Oct 2015 07:28:00 GMT", "nonsense"])
def test_retry_after_is_honoured(source: Source, monkeypatch: pytest.MonkeyPatch, asked: str) -> None:
    pauses: list[float] = []
    known = download_module._pause

    def pause(error: Any, failures: int) -> float:
        pauses.append(known(error, failures) or 0.0)
        return 0.0

    monkeypatch.setattr(download_module, "_pause", pause)
    source.only_first(lambda name, request: Response("busy", 503, {"Retry-After": asked}))
    get(source)
    assert pauses == [{"1": 1.0, "nonsense": 0.01}.get(asked, 0.0)]


def test_a_server_that_asks_for_an_hour_is_not_waited_for(source: Source) -> None:
    source.only_first(lambda name, request: Response("busy", 429, {"Retry-After": "3600"}), times=9)
    with pytest.raises(Unavailable, match="429"):
        get(source)
    assert source.asked[FIRST] == 1


def test_a_flipped_byte_is_found_and_the_file_asked_for_again(source: Source) -> None:
    flipped = bytearray(source.contents[FIRST])
    flipped[500] ^= 1
    source.only_first(lambda name, request: Response(bytes(flipped)))
    get(source)
    assert source.asked[FIRST] == 2
    assert faults(source) == {}


@pytest.mark.parametrize("content", [b"<html>not found</html>", b"\0" * 100_000])
def test_another_file_is_one_line_and_never_in_place(source: Source, content: bytes) -> None:
    source.only_first(lambda name, request: Response(content), times=9)
    with pytest.raises(Unavailable, match=rf"toy@full: {FIRST} cannot be fetched: .*another file") as caught:
        get(source)
    assert "\n" not in str(caught.value)
    assert str(caught.value).count("another file") == 1
    assert not (source.root / "data/raw/toy@full").exists()


def test_a_file_that_is_gone_is_not_asked_for_twice(source: Source) -> None:
    source.only_first(lambda name, request: Response("gone", 404), times=9)
    with pytest.raises(Unavailable, match="404"):
        get(source)
    assert source.asked[FIRST] == 1


def test_the_next_address_is_asked_where_the_first_fails(source: Source) -> None:
    text = '  full: {files: toy_list.csv, address: ["HOST/none/{path}", "HOST/{place}/{path}"], EXPECT}\n'
    edition(source.root, text.replace("HOST", source.url.rstrip("/")))
    get(source)
    assert faults(source) == {}


# --- what stays ------------------------------------------------------------------------------------------


def test_finished_files_are_not_fetched_twice(source: Source) -> None:
    last = max(source.contents)
    source.misbehave = lambda name, time, request: Response("gone", 404) if name == last and time == 1 else None
    with pytest.raises(Unavailable, match=r"\d+ of 12 files are kept: the same command goes on"):
        get(source)
    finished = {p.name for p in (source.root / "data/raw/.toy@full.partial").iterdir()}
    assert finished
    get(source)
    assert {name for name in source.contents if source.asked[name] == 1} >= finished
    assert left(source) == []


def test_ctrl_c_keeps_what_came(source: Source) -> None:
    def step(count: int) -> None:
        if sum(source.asked.values()) > 6:
            raise KeyboardInterrupt

    wanted = order(Edition(source.root, Catalogue(source.root, source.root).dataset("toy"), "full"))
    assert wanted is not None
    with pytest.raises(KeyboardInterrupt):
        fetch(wanted, step)
    assert not (source.root / "data/raw/toy@full").exists()
    finished = {p.name for p in (source.root / "data/raw/.toy@full.partial").iterdir()}
    assert finished
    source.asked.clear()
    get(source)
    assert not finished & set(source.asked)
    assert faults(source) == {}


def test_half_a_file_that_a_kill_left_is_taken_up(source: Source) -> None:
    part = source.root / f"data/raw/.toy@full.parts/{FIRST}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(source.contents[FIRST][:700])
    get(source)
    assert source.ranges == ["bytes=700-"]
    assert faults(source) == {}


def test_half_of_another_file_is_not_built_upon(source: Source) -> None:
    part = source.root / f"data/raw/.toy@full.parts/{FIRST}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"x" * 700)
    get(source)
    assert source.asked[FIRST] == 2
    assert faults(source) == {}


def test_more_than_there_is_to_fetch_is_begun_anew(source: Source) -> None:
    part = source.root / f"data/raw/.toy@full.parts/{FIRST}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"x" * 99_999)
    get(source)
    assert source.asked[FIRST] == 2
    assert faults(source) == {}


def test_what_does_not_belong_to_the_set_does_not_come_along(source: Source) -> None:
    partial = source.root / "data/raw/.toy@full.partial"
    partial.mkdir(parents=True)
    (partial / "of_an_older_list.npy").write_bytes(b"x")
    (partial / FIRST).write_bytes(b"damaged")
    get(source)
    assert faults(source) == {}


def test_again_fetches_what_is_damaged_and_nothing_else(source: Source) -> None:
    folder = get(source)
    (folder / FIRST).write_bytes(b"damaged")
    source.asked.clear()
    get(source, again=True)
    assert set(source.asked) == {FIRST}
    assert faults(source) == {}


def test_the_shared_folder_is_never_written_to(source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = tmp_path / "shared/toy@full"
    shared.mkdir(parents=True)
    (shared / "mine.txt").write_text("x")
    monkeypatch.setenv("FAULTBOARD_DATA", str(shared.parent))
    with pytest.raises(DataError, match="writes nothing there"):
        get(source, again=True)
    assert [p.name for p in shared.iterdir()] == ["mine.txt"]


# --- the disk --------------------------------------------------------------------------------------------


def test_a_disk_that_is_too_small_is_said_before_anything_comes(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(source.root)._replace(free=1000)
    monkeypatch.setattr(module.shutil, "disk_usage", lambda path: usage)
    with pytest.raises(DataError, match=r"toy@full: needs [\d,]+ bytes, and 1,000 are free in .*Nothing came"):
        get(source)
    assert not source.asked


def test_a_disk_that_fills_up_is_one_line(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = source.root / "data/raw/.toy@full.parts"
    parts.mkdir(parents=True)
    # every write to this device fails as on a full disk
    (parts / f"{FIRST}.part").symlink_to("/dev/full")
    with pytest.raises(DataError, match=r"the disk is full\. \d+ of 12 files are kept") as caught:
        get(source)
    assert "\n" not in str(caught.value)


def test_a_full_disk_is_not_taken_for_a_bad_network() -> None:
    from requests import RequestException

    assert not isinstance(OSError(errno.ENOSPC, "full"), RequestException)


# --- the change ------------------------------------------------------------------------------------------


@pytest.fixture
def halved(source: Source) -> Source:
    """An edition ``cut`` of two files: half of the first, the second whole."""
    edition(source.root, f'  cut: {{files: toy_list.csv, address: "{ADDRESS}", change: toy.py:half, EXPECT}}\n')
    with (source.root / "datasets/toy.py").open("a") as stream:
        stream.write(CUT)
    listed = source.root / "datasets/toy_list.csv"
    head, first, second, *others = listed.read_text().splitlines()
    content = source.contents[FIRST]
    kept = f"{first},{sha256(content[: len(content) // 2])}"
    listed.write_text("\n".join([f"{head},cut", kept, f"{second},same", *(f"{row}," for row in others)]) + "\n")
    return source


def test_an_edition_keeps_what_its_list_says(halved: Source) -> None:
    folder = get(halved, name="cut")
    found = {p.name: p.stat().st_size for p in folder.iterdir()}
    size = len(halved.contents[FIRST])
    assert found == {FIRST: size // 2, "shaft0_load1.npy": size}
    assert faults(halved, "cut") == {}
    (folder / FIRST).write_bytes(halved.contents[FIRST])
    assert list(faults(halved, "cut")) == [FIRST]


def test_a_change_that_gives_something_else_is_refused(halved: Source) -> None:
    code = halved.root / "datasets/toy.py"
    code.write_text(code.read_text().replace("// 2]", "// 3]"))
    with pytest.raises(DataError, match=rf"toy@cut: {FIRST}: the change gives another file"):
        get(halved, name="cut")


def test_a_change_that_fails_is_one_line(halved: Source) -> None:
    code = halved.root / "datasets/toy.py"
    code.write_text(code.read_text().replace("return content[", "return 1 / 0, content["))
    with pytest.raises(DataError, match=rf"toy@cut: {FIRST}: change failed: ZeroDivisionError"):
        get(halved, name="cut")


# --- an archive with an address --------------------------------------------------------------------------


def test_an_archive_is_fetched_and_unpacked(source: Source, httpserver: HTTPServer, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "toy.zip", "w") as zipped:
        for name, content in source.contents.items():
            zipped.writestr(name, content)
    packed = (tmp_path / "toy.zip").read_bytes()
    httpserver.expect_request("/toy.zip").respond_with_data(packed)
    size = sum(map(len, source.contents.values()))
    edition(
        source.root,
        f'  full: {{archive: toy.zip, url: "{source.url}toy.zip", sha256: {sha256(packed)}, bytes: {len(packed)}, '
        f"unpacked: {size}, EXPECT}}\n",
    )
    folder = get(source)
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == source.contents
    assert left(source) == [".toy@full.unpacked.json"]
    assert faults(source) == {}
    (folder / FIRST).write_bytes(b"damaged")
    assert list(faults(source)) == [FIRST]


def test_archives_together_unpack_to_no_more_than_the_card_says(
    source: Source, httpserver: HTTPServer, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        with zipfile.ZipFile(tmp_path / f"{name}.zip", "w") as zipped:
            zipped.writestr(name, b"\0" * 600)
        httpserver.expect_request(f"/{name}.zip").respond_with_data((tmp_path / f"{name}.zip").read_bytes())
    text = "  full: {archives: [{name: one.zip}, {name: two.zip}], url: ADDRESS, unpacked: 1000, EXPECT}\n"
    edition(source.root, text.replace("ADDRESS", f'"{source.url}{{name}}"'))
    with pytest.raises(DataError, match=r"two\.zip: unpacks to 600 bytes, the card declares 400"):
        get(source)
    assert not (source.root / "data/raw/toy@full").exists()
    edition(source.root, text.replace("1000", "1200").replace("ADDRESS", f'"{source.url}{{name}}"'))
    assert {p.name for p in get(source).iterdir()} == {"one", "two"}
    assert left(source) == [".toy@full.unpacked.json"]


def test_archives_in_the_shared_folder_are_taken_from_there(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = sorted(source.contents)
    for archive, members in (("one.zip", names[:6]), ("two.zip", names[6:])):
        with zipfile.ZipFile(tmp_path / archive, "w") as zipped:
            for name in members:
                zipped.writestr(name, source.contents[name])
    md5 = file_hash(tmp_path / "one.zip", "md5")
    edition(
        source.root,
        f'  full: {{archives: [{{name: one.zip, md5: {md5}}}, {{name: two.zip}}], url: "{source.url}{{name}}", '
        "unpacked: 1000000, EXPECT}\n",
    )
    monkeypatch.setenv("FAULTBOARD_DATA", str(tmp_path))
    card = Catalogue(source.root, source.root).dataset("toy")
    assert order(Edition(source.root, card, "full")) is None
    folder = provide(Edition(source.root, card, "full"))
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == source.contents
    assert unverified(folder) == {"two.zip": file_hash(tmp_path / "two.zip")}
    assert (
        Prepared(prepare(Edition(source.root, card, "full"))).hash
        == Prepared(prepare(Edition(source.root, card, "sim"))).hash
    )
    (tmp_path / "one.zip").write_bytes((tmp_path / "two.zip").read_bytes())
    with pytest.raises(DataError, match=r"one\.zip: damaged, or another file than the card pins"):
        provide(Edition(source.root, card, "full"), again=True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("archives: [{name: one.zip}]", "archives need url and unpacked"),
        ("url: x, unpacked: 1", "url is that of an archive"),
        ("archives: [{name: one.zip, md6: x}], url: x, unpacked: 1", "Did you mean 'md5'"),
    ],
)
def test_an_edition_of_archives_says_what_it_lacks(source: Source, text: str, said: str) -> None:
    edition(source.root, f"  full: {{{text}, ask: nobody, EXPECT}}\n")
    with pytest.raises(CardError, match=said):
        Catalogue(source.root, source.root).dataset("toy")


# --- verify ----------------------------------------------------------------------------------------------


def test_verify_needs_no_archive(source: Source) -> None:
    folder = get(source)
    (folder / FIRST).unlink()
    (folder / "deep").mkdir()
    (folder / "deep/more.txt").write_text("x")
    (folder / "shaft1_load0.npy").write_bytes(b"short")
    altered = folder / "shaft1_load1.npy"
    altered.write_bytes(altered.read_bytes()[:-1] + b"\x00")
    assert {file: fault.split(":")[0] for file, fault in faults(source).items()} == {
        FIRST: "missing",
        "deep/more.txt": "extra",
        "shaft1_load0.npy": "truncated or altered",
        "shaft1_load1.npy": "altered",
    }


def test_generated_files_are_held_against_what_was_drawn(source: Source) -> None:
    assert faults(source, "sim") == {}
    drawn = source.root / "data/raw/toy@sim" / FIRST
    drawn.write_bytes(drawn.read_bytes()[:-1] + b"\x00")
    assert list(faults(source, "sim")) == [FIRST]


# --- the list --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("path,place", "path,palce", "no column 'place'. Did you mean 'palce'?"),
        (f"{FIRST},odd", f"../{FIRST},odd", f"toy_list.csv:2: path '../{FIRST}' does not lie in the raw folder"),
        (f"{FIRST},odd", f"/etc/{FIRST},odd", "does not lie in the raw folder"),
        ("shaft0_load1.npy,odd", f"{FIRST},odd", f"toy_list.csv:3: {FIRST} is listed twice"),
        (",odd @&name,", ",odd @&name,many ", "is no number of bytes"),
        (f"{FIRST},odd @&name", FIRST, "toy_list.csv:2: not the 4 fields of the first line"),
    ],
)
def test_a_list_that_cannot_be_used_names_its_line(source: Source, old: str, new: str, said: str) -> None:
    listed = source.root / "datasets/toy_list.csv"
    text = listed.read_text()
    assert old in text
    listed.write_text(text.replace(old, new, 1))
    with pytest.raises(CardError) as caught:
        get(source)
    assert said in str(caught.value)
    assert not source.asked


def test_a_hash_of_nothing_is_refused(source: Source) -> None:
    listed = source.root / "datasets/toy_list.csv"
    listed.write_text(listed.read_text().replace(file_hash(source.root / "data/raw/toy@sim" / FIRST), "unknown"))
    with pytest.raises(CardError, match=r"toy_list\.csv:2: 'unknown' is no SHA-256"):
        get(source)


def test_a_part_of_a_file_needs_a_change_that_gives_it(source: Source) -> None:
    listed = source.root / "datasets/toy_list.csv"
    head, first, *others = listed.read_text().splitlines()
    rows = [f"{head},full", f"{first},{sha256(b'a part')}", *(f"{row},same" for row in others)]
    listed.write_text("\n".join(rows) + "\n")
    with pytest.raises(CardError, match=rf"toy_list\.csv:2: {FIRST} is not kept as published, and the card names no"):
        get(source)
    assert not source.asked


def test_a_list_lies_beside_its_card(source: Source) -> None:
    edition(source.root, '  full: {files: ../toy_list.csv, address: "https://x/{path}", EXPECT}\n')
    shutil.copy(source.root / "datasets/toy_list.csv", source.root)
    with pytest.raises(CardError, match="there is no list"):
        get(source)
