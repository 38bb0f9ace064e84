"""Sets that are not here: a tiny tree in each one's official layout, and what its reader makes of it."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from faultboard.data.edition import Edition
from faultboard.data.prepare import prepare
from faultboard.data.prepared import Prepared
from faultboard.data.recording import Recording
from faultboard.errors import DataError, Unavailable
from faultboard.tasks.task import Task
from support.encoded import counts, mat, paderborn, picture, wav
from support.real_archives import read
from support.repository import CARDS, REPOSITORY

FULL = [name for name in CARDS.paths["dataset"] if "full" in CARDS.dataset(name).editions]
SOON = REPOSITORY / "datasets" / "soon_pemp_files.csv"


def put(folder: Path, tree: dict[str, bytes]) -> Path:
    for name, content in tree.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def rows(found: list[Recording], *columns: str) -> list[tuple[str, ...]]:
    return [tuple(r.columns[c] for c in columns) for r in found]


@pytest.mark.parametrize("dataset", FULL)
def test_a_set_that_is_not_here_says_where_it_is_had(
    dataset: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = CARDS.dataset(dataset)
    if not card.editions["full"].ask:
        pytest.skip("had without asking")
    monkeypatch.delenv("FAULTBOARD_DATA", raising=False)
    with pytest.raises(Unavailable, match=rf"{dataset}@full: .* Put them into .*{dataset}@full\.") as caught:
        prepare(Edition(tmp_path, card, "full"))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("dataset", FULL)
def test_counts_of_a_card_agree_with_each_other(dataset: str) -> None:
    expect = CARDS.dataset(dataset).editions["full"].expect
    assert {column: sum(by.values()) for column, by in expect.by.items()} == dict.fromkeys(expect.by, expect.recordings)


def test_the_thirty_files_of_soon_pemp_are_what_the_card_counts(tmp_path: Path) -> None:
    """Names alone say state, load and background; below a folder as the archive may hold them."""
    with SOON.open(encoding="utf-8", newline="") as stream:
        names = [row["file"] for row in csv.DictReader(stream)]
    found = read("soon_pemp", put(tmp_path, {f"SOON-pEMP/{name}": counts() for name in names}))
    expect = CARDS.dataset("soon_pemp").editions["full"].expect
    assert len(found) == expect.recordings
    assert {c: dict(Counter(r.columns[c] for r in found)) for c in expect.by} == expect.by
    assert found[0].samples.tolist()[0] == [-4, 2, 16384]
    assert found[0].times is not None
    assert found[0].times[1] - found[0].times[0] == pytest.approx(1877e-6)


def test_frames_of_a_video_are_one_sequence_on_both_sides(tmp_path: Path) -> None:
    frame = picture("PNG", "RGB", 8, 6)
    tree = {
        "TRAINING/HEALTHY/run_00001.png": frame,
        "VALIDATION/HEALTHY/run_00002.png": frame,
        "VALIDATION/HEALTHY/other_00002.png": frame,
        "demo/run.mp4": b"never decoded",
    }
    found = read("thermal_bearings", put(tmp_path, tree))
    assert rows(found, "folder", "sequence") == [
        ("TRAINING", "run"),
        ("VALIDATION", "other_00002"),
        ("VALIDATION", "run"),
    ]


def test_fans_have_eight_microphones_and_the_other_machines_the_first_of_them(tmp_path: Path) -> None:
    clip = wav(channels=8)
    (fan,) = read("mimii_fan", put(tmp_path / "a", {"fan/id_02/abnormal/00000007.wav": clip}))
    assert (fan.samples.shape, fan.columns) == ((160_000, 8), {"machine": "id_02", "label": "abnormal"})
    tree = {f"{snr}_dB_{kind}/{kind}/id_02/normal/00000007.wav": clip for snr, kind in ((-6, "pump"), (0, "fan"))}
    found = read("mimii", put(tmp_path / "b", tree))
    assert rows(found, "machine", "type", "snr") == [("pump_02", "pump", "-6"), ("fan_02", "fan", "0")]
    assert np.array_equal(found[0].samples, fan.samples[:, :1])


def test_dcase_counts_anew_in_train_and_test(tmp_path: Path) -> None:
    tree = {
        "fan/train/normal_id_00_00000000.wav": wav(),
        "fan/test/normal_id_00_00000000.wav": wav(),
        "ToyCar/test/anomaly_id_04_00000001.wav": wav(176_000),
    }
    found = read("dcase2020", put(tmp_path, tree))
    assert rows(found, "machine", "type", "folder", "label") == [
        ("ToyCar_04", "ToyCar", "test", "anomaly"),
        ("fan_00", "fan", "test", "normal"),
        ("fan_00", "fan", "train", "normal"),
    ]
    assert len({r.id for r in found}) == 3


def mvtec(tree: dict[str, bytes], category: str, good: int, defective: int, form: str = "RGB") -> None:
    # one picture serves for all: the reader looks at names
    content = picture("PNG", form, 4, 4)
    tree |= {f"{category}/test/good/{i:03d}.png": content for i in range(good)}
    tree |= {f"{category}/train/good/{i:03d}.png": content for i in range(2 * good)}
    for i in range(defective):
        tree[f"{category}/test/{'crack' if i % 2 else 'cut_lead'}/{i:03d}.png"] = content
        tree[f"{category}/ground_truth/crack/{i:03d}_mask.png"] = b"not read"


def test_mvtec_pools_all_good_test_pictures_and_a_tenth_of_the_defective(tmp_path: Path) -> None:
    tree: dict[str, bytes] = {"license.txt": b"", "bottle/readme.txt": b""}
    mvtec(tree, "bottle", 3, 20)
    mvtec(tree, "grid", 2, 11, "L")
    found = read("mvtec_ad", put(tmp_path, tree))
    assert Counter(rows(found, "category", "quality", "folder")) == {
        ("bottle", "good", "train"): 6, ("bottle", "good", "test"): 3, ("bottle", "defective", "test"): 20,
        ("grid", "good", "train"): 4, ("grid", "good", "test"): 2, ("grid", "defective", "test"): 11,
    }  # fmt: skip
    pooled = Counter(rows([r for r in found if r.columns["pooled"] == "test"], "category", "quality"))
    assert pooled == {("bottle", "good"): 3, ("grid", "good"): 2, ("bottle", "defective"): 2, ("grid", "defective"): 2}
    assert {r.columns["category"]: r.samples.shape for r in found} == {"bottle": (4, 4, 3), "grid": (4, 4, 1)}


# train good / test good / test defective, as the source states them
MVTEC = {
    "bottle": (209, 20, 63), "cable": (224, 58, 92), "capsule": (219, 23, 109), "carpet": (280, 28, 89),
    "grid": (264, 21, 57), "hazelnut": (391, 40, 70), "leather": (245, 32, 92), "metal_nut": (220, 22, 93),
    "pill": (267, 26, 141), "screw": (320, 41, 119), "tile": (230, 33, 84), "toothbrush": (60, 12, 30),
    "transistor": (213, 60, 40), "wood": (247, 19, 60), "zipper": (240, 32, 119),
}  # fmt: skip


def test_all_of_mvtec_is_prepared_and_split_as_the_document_splits_it(tmp_path: Path) -> None:
    """5,354 pictures of one pixel: the counts of the card, and the 467 + 126 of a confusion matrix."""
    content = picture("PNG", "L", 1, 1)
    tree = {}
    for category, (train, good, defective) in MVTEC.items():
        for place, count in (("train/good", train), ("test/good", good), ("test/crack", defective)):
            tree |= {f"{category}/{place}/{i:03d}.png": content for i in range(count)}
    put(tmp_path / "data" / "raw" / "mvtec_ad@full", tree)
    card = CARDS.dataset("mvtec_ad")
    edition = Edition(tmp_path, card, "full")
    task = Task(CARDS.task("mvtec_ad"), edition, Prepared(prepare(edition)))
    (pooled,) = task.folds("pooled")
    assert np.bincount(task.y[pooled.train]).tolist() == [3629, 1132]
    assert np.bincount(task.y[pooled.test]).tolist() == [467, 126]
    defective = Counter(task.column("category")[pooled.test][task.y[pooled.test] == 1])
    assert all(abs(defective[c] - bad / 10) < 1 for c, (_, _, bad) in MVTEC.items())
    assert [f.name for f in task.folds("by_category")] == sorted(MVTEC)


def test_paderborn_reads_one_channel_of_a_struct(tmp_path: Path) -> None:
    names = [
        "K001/N15_M07_F10_K001_1",
        "KA04/N09_M07_F10_KA04_20",
        "KB23/N15_M01_F10_KB23_3",
        "KI01/N15_M07_F04_KI01_2",
    ]
    tree = {f"{name}.mat": paderborn(name.partition("/")[2]) for name in names}
    # as published: a data sheet beside the recordings, and one file that nothing reads
    tree |= {"K001/K001.pdf": b"%PDF", "KA08/N15_M01_F10_KA08_2.mat": b"broken"}
    found = read("paderborn", put(tmp_path, tree))
    assert rows(found, "bearing", "fault", "origin", "setting") == [
        ("K001", "healthy", "none", "N15_M07_F10"),
        ("KA04", "outer", "real", "N09_M07_F10"),
        ("KB23", "both", "real", "N15_M01_F10"),
        ("KI01", "inner", "artificial", "N15_M07_F04"),
    ]
    assert np.array_equal(found[0].samples[:, 0], np.random.default_rng(0).standard_normal(256))
    assert found[0].rate == 64_000


def test_paderborn_sides_are_the_bearings_of_the_card() -> None:
    """Every bearing of artificial damage trains, every one of real damage tests, none of both rings does."""
    protocol = CARDS.task("paderborn").protocols["artificial_to_real"]
    bearings = CARDS.dataset("paderborn").editions["full"].expect.by["bearing"]
    assert protocol.train is not None
    assert protocol.test_on is not None
    assert sorted([*protocol.train, *protocol.test_on]) == [b for b in sorted(bearings) if not b.startswith("KB")]
    counted = [Counter(b[:2] for b in side) for side in (protocol.train, protocol.test_on)]
    assert counted == [{"K0": 3, "KA": 7, "KI": 5}, {"K0": 3, "KA": 5, "KI": 6}]


HEADER = "file,fault,speed,radial,axial,variable,column"


def torino(*lines: str) -> dict[str, bytes]:
    wave = np.arange(12.0).reshape(4, 3)
    return {
        "mapping.csv": "\n".join([HEADER, *lines, ""]).encode(),
        "Outer race/rec 7.mat": encoded_mat(acc=wave),
        "roller/rec 1.mat": b"not named, not read",
    }


def encoded_mat(**variables: np.ndarray) -> bytes:
    import io

    from scipy.io import savemat

    stream = io.BytesIO()
    savemat(stream, variables)
    return stream.getvalue()


def test_torino_is_read_by_its_mapping(tmp_path: Path) -> None:
    (found,) = read("polito_srb", put(tmp_path, torino("Outer race/rec 7.mat,outer,457,124.8,49,acc,2")))
    assert found.samples[:, 0].tolist() == [1.0, 4.0, 7.0, 10.0]
    assert found.columns == {"fault": "outer", "bearing": "outer", "speed": "457", "load": "124.8_49"}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (
            "Outer race/rec 8.mat,outer,457,64,0,acc,1",
            "mapping.csv, line 2: 'Outer race/rec 8.mat' is not in the folder",
        ),
        ("Outer race/rec 7.mat,roller,457,64,0,acc,1", "line 2: fault 'roller' is none of normal, inner, outer"),
        ("Outer race/rec 7.mat,outer,fast,64,0,acc,1", "line 2: speed, radial or axial is no plain number"),
        ("Outer race/rec 7.mat,outer,457,64,0,acc,x", "line 2: column 'x' is no number of a sensor"),
        ("Outer race/rec 7.mat,outer,457,64,0,a\x00c,1", "line 2: 'a\\x00c' is no name of a variable"),
        ("Outer race/rec 7.mat,outer,457,64,0,acc", "line 2: 6 fields, not 7"),
        ("Outer race/rec 7.mat,outer,457,64,0,acc,4", "Outer race/rec 7.mat has 3 sensors in acc, none of number 4"),
        ("Outer race/rec 7.mat,outer,457,64,0,vib,1", "variable vib not found"),
    ],
)
def test_a_wrong_mapping_is_one_line(tmp_path: Path, line: str, says: str) -> None:
    with pytest.raises(DataError) as caught:
        read("polito_srb", put(tmp_path, torino(line)))
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


# names that look like those of the set and are none, with content that would be read under a right name
FOREIGN: dict[str, tuple[str, Callable[[], bytes]]] = {
    "soon_pemp": ("31 - m1_half_shaft_speed.csv", counts),
    "thermal_bearings": ("TRAINING/SEAL_DEFECT/a.png", lambda: picture("PNG", "RGB", 4, 4)),
    "equipment_defects": ("good/a.png", lambda: picture("PNG", "RGB", 4, 4)),
    "mimii_fan": ("pump/id_00/normal/00000000.wav", lambda: wav(channels=8)),
    "mimii": ("6_dB_fan/pump/id_00/normal/00000000.wav", lambda: wav(channels=8)),
    "dcase2020": ("fan/train/anomaly_id_00_00000000.wav", wav),
    "mvtec_ad": ("bottle/train/crack/000.png", lambda: picture("PNG", "RGB", 4, 4)),
    "paderborn": ("KA02/N15_M07_F10_KA02_1.mat", lambda: paderborn("N15_M07_F10_KA02_1")),
    "polito_srb": ("roller/127_0_0.mat", lambda: mat(64, vibration=None)),
}


@pytest.mark.parametrize("dataset", FOREIGN)
def test_a_name_that_is_no_file_of_the_set_is_refused(tmp_path: Path, dataset: str) -> None:
    name, content = FOREIGN[dataset]
    with pytest.raises(DataError) as caught:
        read(dataset, put(tmp_path, {name: content()}))
    assert str(caught.value).startswith(f"{name} is no file of this set")
    assert "\n" not in str(caught.value)


DAMAGED: dict[str, tuple[str, str, Callable[[], bytes], str]] = {
    "mimii short": ("mimii", "0_dB_fan/fan/id_00/normal/00000000.wav", lambda: wav(159_999, 8), "159,999 of 160,000"),
    "mimii mono": ("mimii", "0_dB_fan/fan/id_00/normal/00000000.wav", wav, "1 channels, not 16-bit WAV"),
    "dcase 8 channels": ("dcase2020", "fan/test/normal_id_00_00000000.wav", lambda: wav(channels=8), "8 channels"),
    "mvtec 16 bit": ("mvtec_ad", "grid/test/good/000.png", lambda: picture("PNG", "I;16", 4, 4), "mode I;16, not"),
    "mvtec jpeg": ("mvtec_ad", "grid/test/good/000.png", lambda: picture("JPEG", "L", 4, 4), "no whole PNG picture"),
    "paderborn no vibration": (
        "paderborn", "K001/N15_M07_F10_K001_1.mat",
        lambda: paderborn("N15_M07_F10_K001_1", {"force": np.ones((1, 4))}), "0 channels vibration_1",
    ),
    "paderborn whole numbers": (
        "paderborn", "K001/N15_M07_F10_K001_1.mat",
        lambda: paderborn("N15_M07_F10_K001_1", {"a": 1.0, "vibration_1": np.ones((1, 4), np.int16)}), "has int16",
    ),
    "paderborn other bearing": (
        "paderborn", "K001/N15_M07_F10_K001_1.mat", lambda: paderborn("N15_M07_F10_K002_1"), "not found",
    ),
    "paderborn no struct": (
        "paderborn", "K001/N15_M07_F10_K001_1.mat", lambda: mat(64, N15_M07_F10_K001_1=None), "0 channels",
    ),
    "soon other header": (
        "soon_pemp", "01 - m1_half_shaft_speed_no_mechanical_load.csv", lambda: counts(header="t,x,y,z"), "starts with",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", DAMAGED)
def test_a_damaged_file_is_named(tmp_path: Path, case: str) -> None:
    dataset, name, content, fault = DAMAGED[case]
    with pytest.raises(DataError) as caught:
        read(dataset, put(tmp_path, {name: content()}))
    assert str(caught.value).startswith(f"{name} ")
    assert fault in str(caught.value)
    assert "\n" not in str(caught.value)
