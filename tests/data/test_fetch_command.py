"""`faultboard fetch` and `verify` as a person meets them: what is asked, what is said, what a kill leaves."""

from __future__ import annotations

import hashlib
import io
import os
import pty
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from support.command import Done, faultboard
from support.toy import FILES

CALL = [sys.executable, "-m", "faultboard"]


class Served:
    """A root whose toy files lie on a server, and how often each was asked for."""

    def __init__(self, server: HTTPServer, root: Path, size: int, licence: str) -> None:
        self.root, self.server = root, server
        self.asked: Counter[str] = Counter()
        self.slow = threading.Event()
        self.open = threading.Event()
        self.open.set()
        rng = np.random.default_rng(0)
        self.contents = {f"shaft{i}.bin": rng.bytes(size) for i in range(8)}
        rows = [f"{name},{len(c)},{hashlib.sha256(c).hexdigest()}" for name, c in self.contents.items()]
        (root / "datasets/toy_list.csv").write_text("\n".join(["path,bytes,sha256", *rows]) + "\n")
        text = FILES["datasets/toy.yaml"].lstrip().replace("CC0-1.0", licence)
        where = f'full: {{files: toy_list.csv, address: "{server.url_for("/{path}")}", expect: {{recordings: 12}}}}'
        (root / "datasets/toy.yaml").write_text(f"{text}  {where}\n")
        for name in self.contents:
            server.expect_request(f"/{name}").respond_with_handler(self.answer)

    def answer(self, request: Request) -> Response:
        name = request.path.removeprefix("/")
        self.asked[name] += 1
        self.open.wait(60)
        if self.slow.is_set() and sum(self.asked.values()) > 4:
            time.sleep(1)
        return Response(self.contents[name])

    def call(self, *words: str) -> Done:
        return faultboard(*words, root=self.root)

    def answered(self, answer: str, *words: str) -> tuple[int, str]:
        """Call in a terminal in which someone types an answer."""
        ours, theirs = pty.openpty()
        os.write(ours, answer.encode())
        with os.fdopen(theirs, encoding="utf-8") as terminal:
            done = faultboard(*words, root=self.root, stdin=terminal)
        os.close(ours)
        return done.returncode, done.stdout + done.stderr


@pytest.fixture
def served(root: Path, httpserver: HTTPServer) -> Served:
    return Served(httpserver, root, 100_000, "CC-BY-4.0")


def test_size_and_licence_come_first_and_a_no_fetches_nothing(served: Served) -> None:
    code, said = served.answered("n\n", "fetch", "toy@full")
    assert code == 1
    assert "toy@full: 8 of 8 files, 800.0 kB from localhost" in said
    assert "licence CC-BY-4.0, not to be redistributed" in said
    assert "Go on?" in said
    assert not served.asked


def test_a_yes_fetches_and_verify_agrees(served: Served) -> None:
    code, said = served.answered("y\n", "fetch", "toy@full")
    assert code == 0, said
    assert served.call("verify", "toy@full").stdout == "toy@full: every file is as the card pins it\n"
    (served.root / "data/raw/toy@full/shaft3.bin").write_bytes(b"damaged")
    done = served.call("verify", "toy@full")
    assert done.returncode == 3
    assert done.stdout == "shaft3.bin: truncated or altered: 7 of 100,000 bytes\n"
    assert served.answered("y\n", "fetch", "toy@full", "--again")[0] == 0
    assert served.asked == {name: 2 if name == "shaft3.bin" else 1 for name in served.contents}


def test_where_nobody_answers_little_is_fetched_and_much_is_not(served: Served) -> None:
    listed = served.root / "datasets/toy_list.csv"
    text = listed.read_text()
    listed.write_text(text.replace(",100000,", ",100000000,"))
    done = served.call("fetch", "toy@full")
    assert done.returncode == 1
    assert done.stderr == "error: toy@full: 800.0 MB, not fetched unasked: say --yes\n"
    assert not served.asked
    listed.write_text(text)
    assert served.call("fetch", "toy@full").returncode == 0


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGINT])
def test_the_next_call_goes_on_after_a_kill(served: Served, ending: int) -> None:
    served.slow.set()
    command = [*CALL, "fetch", "toy@full", "--yes", "--root", str(served.root)]
    # a shell that starts tests in the background lets its children ignore Ctrl-C
    listen = lambda: signal.signal(signal.SIGINT, signal.default_int_handler)  # noqa: E731
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=listen) as process:
        partial = served.root / "data/raw/.toy@full.partial"
        limit = time.monotonic() + 60
        while not (partial.is_dir() and list(partial.iterdir())):
            assert time.monotonic() < limit
            time.sleep(0.01)
        process.send_signal(ending)
        _, said = process.communicate(timeout=60)
    assert process.returncode
    assert "Traceback" not in said
    assert not (served.root / "data/raw/toy@full").exists()
    finished = {p.name for p in partial.iterdir()}
    served.slow.clear()
    served.asked.clear()
    done = served.call("fetch", "toy@full", "--yes")
    assert done.returncode == 0, done.stderr
    assert not finished & set(served.asked)
    assert served.call("verify", "toy@full").returncode == 0


def test_two_at_once_do_not_write_over_each_other(served: Served) -> None:
    served.open.clear()
    command = [*CALL, "fetch", "toy@full", "--yes", "--root", str(served.root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as first:
        limit = time.monotonic() + 60
        while not served.asked:
            assert time.monotonic() < limit
            time.sleep(0.01)
        second = served.call("fetch", "toy@full", "--yes")
        served.open.set()
        first.communicate(timeout=60)
    assert second.returncode == 1
    assert "toy@full is being fetched or prepared by another process" in second.stderr
    assert first.returncode == 0
    assert served.call("verify", "toy@full").returncode == 0


def test_a_set_on_request_says_what_to_ask_and_which_folder_to_fill(served: Served) -> None:
    card = served.root / "datasets/toy.yaml"
    text = 'full: {ask: "Ask at https://example.org (an agreement)", expect: {recordings: 12}}\n'
    card.write_text(FILES["datasets/toy.yaml"].lstrip() + f"  {text}")
    done = served.call("fetch", "toy@full")
    assert done.returncode == 1
    assert f"Put them into {served.root}/data/raw/toy@full. Ask at https://example.org (an agreement)" in done.stderr
    assert "full (on request)" in served.call("list", "datasets", "--json").stdout


def test_archives_say_size_and_disk_first_and_what_pins_them(served: Served) -> None:
    """One archive with an MD5, one of which nobody has published anything: what came is printed, not trusted."""
    packed = {}
    for name, member in (("one.zip", "shaft0.bin"), ("two.zip", "shaft1.bin")):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as zipped:
            zipped.writestr(member, served.contents[member])
        packed[name] = stream.getvalue()
        served.server.expect_request(f"/record/{name}").respond_with_data(packed[name])
    card = served.root / "datasets/toy.yaml"
    md5 = hashlib.md5(packed["one.zip"]).hexdigest()
    edition = (
        f"  full:\n    archives:\n      - {{name: one.zip, md5: {md5}, into: a}}\n"
        f'      - {{name: two.zip}}\n    url: "{served.server.url_for("/record/{name}")}"\n    unpacked: 300000\n'
        "    expect: {recordings: 2}\n"
    )
    card.write_text(FILES["datasets/toy.yaml"].lstrip() + edition)
    code, said = served.answered("y\n", "fetch", "toy@full")
    assert code == 0, said
    size = sum(map(len, packed.values())) / 1000
    assert f"toy@full: 2 of 2 files, {size:.1f} kB (at most 300.0 kB unpacked) from localhost" in said
    assert f"{card}: sha256: {hashlib.sha256(packed['two.zip']).hexdigest()}" in said
    assert "two.zip: unverified" in said
    assert "one.zip: unverified" not in said
    raw = served.root / "data/raw/toy@full"
    assert sorted(p.relative_to(raw).as_posix() for p in raw.rglob("*.bin")) == ["a/shaft0.bin", "shaft1.bin"]
    assert served.call("verify", "toy@full").stdout == "toy@full: every file is as it was unpacked here\n"
    (raw / "a/shaft0.bin").write_bytes(b"damaged")
    (raw / "shaft1.bin").write_bytes(served.contents["shaft1.bin"][:-1] + b"~")
    done = served.call("verify", "toy@full")
    assert done.stdout.splitlines() == [
        "a/shaft0.bin: truncated or altered: 7 of 100,000 bytes",
        "shaft1.bin: altered: other content (100,000 bytes)",
    ]
    card.write_text(card.read_text().replace("{name: one.zip, md5: ", "{name: one.zip, md5: f"))
    assert "another file than the one that is pinned" in served.call("fetch", "toy@full", "--again", "--yes").stderr


def test_a_download_of_unknown_size_is_not_begun_unasked(served: Served) -> None:
    served.server.expect_request("/record/one.zip").respond_with_data("gone", 404)
    edition = (
        f'  full: {{archives: [{{name: one.zip}}], url: "{served.server.url_for("/record/{name}")}", unpacked: 9, '
    )
    card = served.root / "datasets/toy.yaml"
    card.write_text(FILES["datasets/toy.yaml"].lstrip() + edition + "expect: {recordings: 2}}\n")
    done = served.call("fetch", "toy@full")
    assert done.stderr == "error: toy@full: of a size that nobody states, not fetched unasked: say --yes\n"
    done = served.call("fetch", "toy@full", "--yes")
    assert "toy@full: one.zip cannot be fetched" in done.stderr
    assert "404" in done.stderr
