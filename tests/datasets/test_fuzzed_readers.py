"""Every reader on damaged files: a recording or one line that names the file, never a traceback, a crash or a hang.

Each mutation is read in a child forked from this process, which has imported the reader: a decoder may kill Python,
and a child that is killed is a failure like any other. More of them: ``pytest -m slow tests/datasets``.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from faultboard.data import Recording
from faultboard.data.reading import files
from faultboard.data.user.files import open_file
from faultboard.errors import DataError
from support.encoded import column, counts, mat, paderborn, picture, record, table, telephone, wav
from support.real_archives import read as read_dataset
from support.repository import CARDS

TORINO = ("undamaged/127_0_0.mat", lambda: mat(2048, vibration=None, speed=127.0))
MAPPING = b"file,fault,speed,radial,axial,variable,column\nundamaged/127_0_0.mat,normal,127,0,0,vibration,1\n"
CELL = b"images/cell0005.png  1.0                 mono\n"
OUTLINE = b"0 0.992 0.46 0.99 0.461 0.986 0.4609"
MODULE = (
    "module_metadata.json",
    lambda: b'{"0": {"image_filepath": "images/0.jpg", "anomaly_class": "Offline-Module"}}',
)
# one whole file a reader and format: out of the archive of the `cut` edition where it is here, else of this making
WHOLE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "adi_cbm": ("0600_GoB_BS_BaLo_WA_00lb.Wfm.csv", table),
    "bearing_irt": ("0/60Hz/images/diagonal/IR20211103_2275.png", lambda: picture("PNG", "RGBA", 640, 480)),
    "cwru": ("12k_Drive_End_Bearing_Fault_Data/IR/007/105_0.mat", lambda: mat(X105_DE_time=None, X105RPM=1797.0)),
    "deeppcb": ("group00041/00041/00041003_test.jpg", lambda: picture("JPEG", "L", 640, 640)),
    # a name that no archive has: of a real file's boxes there are several
    "deeppcb boxes": ("group00041/00041_not/00041999.txt", lambda: b"10 20 40 60 3\n"),
    "dcase2020": ("fan/test/normal_id_00_00000000.wav", wav),
    "elpv": ("images/cell0005.png", lambda: picture("PNG", "L", 300, 300)),
    "elpv by its labels": ("labels.csv", lambda: CELL),
    "equipment_defects": ("defective/ground_017_v2.png", lambda: picture("PNG", "L", 64, 48)),
    "equipment_defects bmp": ("defective/1.bmp", lambda: picture("BMP", "P", 64, 48)),
    "femto": ("Learning_set/Bearing1_1/acc_00001.csv", record),
    "femto with semicolons": ("Full_Test_Set/Bearing1_4/acc_00001.csv", lambda: record(between=";")),
    "kolektor": ("images/train/005.jpg", lambda: picture("JPEG", "L", 500, 1240)),
    "kolektor by its label": ("labels/train/005.txt", lambda: OUTLINE),
    "ir_solar": ("images/0.jpg", lambda: picture("JPEG", "L", 24, 40)),
    "ir_solar metadata": MODULE,
    "machine_sound_clips": ("fan/normal_id_00_00000000.wav", wav),
    "magnetic_tile": ("MT_Blowhole/Imgs/exp1_num_108719.jpg", lambda: picture("JPEG", "L")),
    "mimii": ("0_dB_fan/fan/id_00/normal/00000000.wav", lambda: wav(channels=8)),
    "mimii_fan": ("fan/id_00/normal/00000018.wav", lambda: wav(20_000, 8)),
    "motor_thermal": ("A30/152.bmp", lambda: picture("BMP", "RGB")),
    "mvtec_ad": ("bottle/test/good/000.png", lambda: picture("PNG", "RGB", 64, 48)),
    "paderborn": ("K001/N15_M07_F10_K001_1.mat", lambda: paderborn("N15_M07_F10_K001_1")),
    "paderborn copy": ("Normal/N15_M07_F10_K001_1.csv", column),
    "phone_motors": ("Motor_3/Healthy/Motor3_Healthy_Yaxis_10Hz.dat", telephone),
    "polito_srb": TORINO,
    "polito_srb by a mapping": ("mapping.csv", lambda: MAPPING),
    "soon_pemp": ("01 - m1_half_shaft_speed_no_mechanical_load.csv", lambda: counts(200)),
    "thermal_bearings png": ("VALIDATION/HEALTHY/x.png", lambda: picture("PNG", "P", 64, 48)),
    "thermal_bearings": ("TRAINING/HEALTHY/m1_s03_007.jpg", lambda: picture("JPEG", "RGB", 64, 48)),
    # what nobody stated anything of
    "user csv": ("good/1.csv", lambda: counts(200)),
    "user csv with commas": ("good/1.csv", lambda: b"t;x\n" + b"".join(b"0,%03d;1,%d\n" % (i, i) for i in range(200))),
    "user flac": ("good/1.flac", lambda: wav(4000, form="FLAC")),
    "user mat": ("good/1.mat", lambda: mat(2048, x=None, t=np.arange(2048.0) / 1000)),
    "user ogg": ("good/1.ogg", lambda: wav(4000, subtype="VORBIS", form="OGG")),
    "user png": ("good/1.png", lambda: picture("PNG", "P", 64, 48)),
    "user wav": ("good/1.wav", lambda: wav(4000, 2, subtype="FLOAT")),
}
# what must lie beside it for the reader to go on
BESIDE = {
    "elpv": ("labels.csv", lambda: CELL),
    "elpv by its labels": WHOLE["elpv"],
    "kolektor": ("labels/train/005.txt", lambda: OUTLINE),
    "kolektor by its label": WHOLE["kolektor"],
    "deeppcb": ("group00041/00041_not/00041003.txt", lambda: b"10 20 40 60 3\n"),
    "deeppcb boxes": ("group00041/00041/00041999_test.jpg", lambda: picture("JPEG", "L", 640, 640)),
    "ir_solar": MODULE,
    "ir_solar metadata": ("images/0.jpg", lambda: picture("JPEG", "L", 24, 40)),
    "polito_srb by a mapping": TORINO,
}
SECONDS = 20
MEMORY = 4 << 30


def test_every_reader_is_fuzzed() -> None:
    assert {dataset_of(case) for case in WHOLE} == {*CARDS.paths["dataset"], "user"}


def read(case: str, folder: Path) -> list[Recording]:
    """Recordings by the card's reader; of a user's files what stands in them."""
    if dataset_of(case) != "user":
        return read_dataset(dataset_of(case), folder)
    found = [(name, open_file(path, name)) for name, path in files(folder)]
    # a signal has a rate, which --rate gives
    rates = [file.rate or (None if file.modality == "photo" else 1.0) for _, file in found]
    recordings = [Recording(n, file.samples, rate, {}, n) for (n, file), rate in zip(found, rates, strict=True)]
    assert all(np.isfinite(recording.samples).all() for recording in recordings)
    return recordings


def dataset_of(case: str) -> str:
    return case.partition(" ")[0]


@cache
def whole(case: str) -> bytes:
    name, made = WHOLE[case]
    known = dataset_of(case) in CARDS.paths["dataset"]
    cut = CARDS.dataset(dataset_of(case)).editions.get("cut") if known else None
    for packed in cut.packed if cut else []:
        archive = Path(os.environ.get("FAULTBOARD_DATA", "")) / packed.name
        if archive.is_file():
            with zipfile.ZipFile(archive) as zipped:
                if name in zipped.namelist():
                    return zipped.read(name)
    return made()


def cut_short(content: bytearray, rng: np.random.Generator) -> None:
    del content[int(rng.integers(0, len(content))) :]


def empty(content: bytearray, rng: np.random.Generator) -> None:
    content.clear()


def flips(content: bytearray, rng: np.random.Generator) -> None:
    for place in rng.integers(0, len(content), int(rng.integers(1, 17))):
        content[place] ^= 1 << int(rng.integers(0, 8))


def flips_in_the_head(content: bytearray, rng: np.random.Generator) -> None:
    for place in rng.integers(0, min(256, len(content)), int(rng.integers(1, 5))):
        content[place] = int(rng.integers(0, 256))


def flips_in_the_tail(content: bytearray, rng: np.random.Generator) -> None:
    for place in rng.integers(max(0, len(content) - 256), len(content), int(rng.integers(1, 5))):
        content[place] = int(rng.integers(0, 256))


def run_of_zeros(content: bytearray, rng: np.random.Generator) -> None:
    start = int(rng.integers(0, len(content)))
    run = min(int(rng.integers(1, 4096)), len(content) - start)
    content[start : start + run] = bytes(run)


def run_lost(content: bytearray, rng: np.random.Generator) -> None:
    start = int(rng.integers(0, len(content)))
    del content[start : start + int(rng.integers(1, 4096))]


def run_twice(content: bytearray, rng: np.random.Generator) -> None:
    start = int(rng.integers(0, len(content)))
    content[start:start] = content[start : start + int(rng.integers(1, 4096))]


def large_number(content: bytearray, rng: np.random.Generator) -> None:
    """A size in a header, of either byte order, that promises more than there is; or less than nothing."""
    place = int(rng.integers(0, min(512, max(1, len(content) - 4))))
    content[place : place + 4] = [b"\xff\xff\xff\xff", b"\x00\x00\x00\x80", b"\x7f\xff\xff\xff", b"\x00\x00\x00\x00"][
        int(rng.integers(0, 4))
    ]


def no_number(content: bytearray, rng: np.random.Generator) -> None:
    """NaN or infinity where a sample is: as a float of 8 or 4 bytes, and as a word in a text."""
    value = [np.nan, np.inf, -np.inf][int(rng.integers(0, 3))]
    written = [np.float64(value).tobytes(), np.float32(value).tobytes(), str(value).encode()][int(rng.integers(0, 3))]
    place = int(rng.integers(0, len(content))) // 8 * 8
    content[place : place + len(written)] = written


def other_format(content: bytearray, rng: np.random.Generator) -> None:
    others = sorted(WHOLE)
    content[:] = whole(others[int(rng.integers(0, len(others)))])


def no_text(content: bytearray, rng: np.random.Generator) -> None:
    place = int(rng.integers(0, len(content)))
    content[place:place] = [b"\xff\xfe", b"\x00", b"\r", "é".encode(), b"1e999", b"-"][int(rng.integers(0, 6))]


MUTATIONS = [
    cut_short, empty, flips, flips, flips_in_the_head, flips_in_the_head, flips_in_the_tail, run_of_zeros, run_lost,
    run_twice, large_number, no_number, no_number, other_format, no_text,
]  # fmt: skip


def said_by_a_child(case: str, folder: Path) -> str:
    """Read a folder in a child; what it said, or what became of it."""
    theirs, ours = os.pipe()
    child = os.fork()
    if not child:
        os.close(theirs)
        with os.fdopen(ours, "w") as pipe:
            json.dump(_reading(case, folder), pipe)
            pipe.flush()
            os._exit(0)
    os.close(ours)
    with os.fdopen(theirs) as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return f"killed by {signal.Signals(os.WTERMSIG(status)).name}"
    return str(json.loads(said)) if said else f"exit {status}"


def _reading(case: str, folder: Path) -> str:
    """In the child: an empty string is fine."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(SECONDS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        for recording in read(case, folder):
            samples = np.asarray(recording.samples)
            # NaN is refused by `prepare`, for every reader; a test there holds it to that
            if samples.dtype.kind not in "iuf" or samples.ndim != (3 if recording.rate is None else 2):
                return "" if recording.times is not None else f"gives {samples.dtype} of shape {samples.shape}"
            if not samples.size:
                return "gives no samples"
    except DataError as error:
        said = str(error)
        named = any(said.startswith(file) for file, _ in (WHOLE[case], BESIDE.get(case, WHOLE[case])))
        return "" if named and said.isprintable() and len(said) < 400 else f"says {said!r}"
    except BaseException as error:
        return f"raises {type(error).__name__}: {error}"
    return ""


def fuzz(case: str, folder: Path, count: int) -> list[str]:
    """Failures of a reader on so many mutations, each with the seed that makes it again."""
    for name, made in {BESIDE.get(case, WHOLE[case]), WHOLE[case]}:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(made())
    path = folder / WHOLE[case][0]
    path.write_bytes(whole(case))
    # decoders are imported here, once, and found by every child
    assert len(read(case, folder)) == 1
    failures = []
    for seed in range(count):
        rng = np.random.default_rng([seed, *case.encode()])
        content = bytearray(whole(case))
        mutation = MUTATIONS[seed % len(MUTATIONS)]
        mutation(content, rng)
        path.write_bytes(content)
        if said := said_by_a_child(case, folder):
            failures.append(f"{case}, seed {seed}, {mutation.__name__}: {said[:300]}")
    return failures


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
@pytest.mark.parametrize("case", WHOLE)
def test_fifty_mutations_are_met_with_one_line(case: str, tmp_path: Path) -> None:
    assert fuzz(case, tmp_path, 50) == []


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
@pytest.mark.parametrize("case", WHOLE)
def test_a_thousand_mutations_are_met_with_one_line(case: str, tmp_path: Path) -> None:
    assert fuzz(case, tmp_path, 1000) == []


@pytest.mark.parametrize("case", WHOLE)
@pytest.mark.parametrize("stem", [b"\xff\xfe0", b"two\nlines"])
def test_a_name_that_cannot_be_printed_is_refused(case: str, stem: bytes, tmp_path: Path) -> None:
    """Such a name is no text: neither a table nor a terminal would take it."""
    name, _ = WHOLE[case]
    folder = (tmp_path / name).parent
    folder.mkdir(parents=True, exist_ok=True)
    place = os.path.join(os.fsencode(folder), stem + os.fsencode(Path(name).suffix))  # noqa: PTH118
    with open(place, "wb") as stream:  # noqa: PTH123
        stream.write(whole(case))
    with pytest.raises(DataError, match="that can be printed: rename the file") as caught:
        read(case, tmp_path)
    assert str(caught.value).isprintable()
