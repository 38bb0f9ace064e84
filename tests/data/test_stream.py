"""A set larger than memory: read ahead by threads, in order; a kill loses nothing that was whole."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from faultboard.data.edition import Edition
from faultboard.data.prepare import prepare
from faultboard.data.prepared import Prepared
from faultboard.data.recording import Recording
from faultboard.data.stream import Stream, loaded
from faultboard.declare.catalogue import Catalogue
from faultboard.errors import DataError
from support.toy import FILES

# a toy reader whose samples are read later, slowly, and with a clock of their own
LATER = (
    FILES["datasets/toy.py"]
    .replace(
        "yield Recording(path.stem, wave[:, None].astype(np.float32), 1000.0, columns, path.name)",
        "yield Recording(path.stem, lambda p=path: slow(p), 1000.0, columns, path.name, np.arange(2000.0))",
    )
    .replace(
        "def read(folder):",
        "def slow(path):\n"
        "    import time\n"
        "    time.sleep(0.2)\n"
        "    with (path.parent.parent / 'reads.txt').open('a') as stream:\n"
        "        stream.write(path.stem + '\\n')\n"
        "    return np.load(path)[:, None].astype(np.float32)\n\n\ndef read(folder):",
    )
)
KILLED = """
import sys
from pathlib import Path
from faultboard.data.edition import Edition
from faultboard.data.prepare import prepare
from faultboard.declare.catalogue import Catalogue
root = Path(sys.argv[1])
prepare(Edition.of(Catalogue(root, root), "toy", "sim"))
"""


def test_recordings_come_in_order_whichever_thread_is_first() -> None:
    def late(number: int) -> np.ndarray:
        time.sleep(0.02 if number % 2 else 0)
        return np.full((4, 1), number, dtype=np.int16)

    given = [Recording(str(i), lambda i=i: late(i), 1.0, {}, f"{i}.wav") for i in range(40)]
    out = [(recording.id, int(samples[0, 0])) for recording, samples, _ in loaded(given, {"3"})]
    assert out == [(str(i), i) for i in range(40) if i != 3]


def test_reading_stays_a_few_recordings_ahead() -> None:
    asked: list[int] = []

    def recordings() -> object:
        for i in range(1000):
            asked.append(i)
            yield Recording(str(i), np.zeros((1, 1)), 1.0, {}, "")

    stream = loaded(recordings(), set())  # type: ignore[arg-type]
    next(stream)
    assert len(asked) < 50
    stream.close()


def test_big_endian_and_strided_samples_are_stored_little_endian() -> None:
    wave = np.arange(10, dtype=">i2").reshape(5, 2)[:, :1]
    (_, samples, _), *_ = loaded([Recording("a", wave, 1.0, {}, "")], set())
    assert samples.dtype.str == "<i2"
    assert samples.flags.c_contiguous
    assert samples[:, 0].tolist() == [0, 2, 4, 6, 8]


def test_a_kill_is_gone_on_with_and_gives_the_same_bytes(cards: Catalogue, root: Path, tmp_path: Path) -> None:
    (root / "datasets/toy.py").write_text(LATER)
    whole = tmp_path / "whole"
    subprocess.run(["cp", "-r", root, whole], check=True)
    subprocess.run([sys.executable, "-c", KILLED, whole], check=True)

    partial = root / "data/prepared/.toy@sim.partial"
    child = subprocess.Popen([sys.executable, "-c", KILLED, root])
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        journal = partial / "journal.jsonl"
        if journal.is_file() and journal.read_text().count("\n") >= 4:
            break
        time.sleep(0.02)
    child.send_signal(signal.SIGKILL)
    child.wait()
    stored = [json.loads(line)["id"] for line in (partial / "journal.jsonl").read_text().splitlines()[1:]]
    assert 3 <= len(stored) < 12
    with (partial / "signals.npy").open("ab") as stream:
        stream.write(b"half a recording")
    with (partial / "journal.jsonl").open("a") as stream:
        stream.write('{"id": "half a li')
    reads = root / "data/raw/reads.txt"
    reads.unlink()

    prepare(Edition(root, cards.dataset("toy"), "sim"))
    assert not set(reads.read_text().split()) & set(stored)
    assert not partial.exists()
    for name in ("signals.npy", "times.npy", "recordings.parquet", "meta.json"):
        one, two = (folder / "data/prepared/toy@sim" / name for folder in (root, whole))
        assert one.read_bytes() == two.read_bytes(), name
    assert np.load(root / "data/prepared/toy@sim/times.npy").shape == (12 * 2000,)
    assert Prepared(root / "data/prepared/toy@sim").samples(11).shape == (2000, 1)


def test_what_was_begun_from_other_files_is_begun_anew(tmp_path: Path) -> None:
    samples = np.ones((3, 1), dtype=np.int16)
    stream = Stream(tmp_path / "s", "one")
    stream.add({"id": "a"}, samples, None)
    assert [row["id"] for row in Stream(tmp_path / "s", "one").rows] == ["a"]
    assert Stream(tmp_path / "s", "two").rows == []


@pytest.mark.parametrize("damage", ["raise ValueError('no')", "raise OSError('gone')"])
def test_a_file_that_cannot_be_read_later_is_one_line_and_leaves_nothing(
    cards: Catalogue, root: Path, damage: str
) -> None:
    (root / "datasets/toy.py").write_text(LATER.replace("time.sleep(0.2)", damage))
    with pytest.raises(DataError, match=r"toy: toy.py failed: .*Fetch it again"):
        prepare(Edition(root, cards.dataset("toy"), "sim"))
    assert not list((root / "data/prepared").iterdir())
