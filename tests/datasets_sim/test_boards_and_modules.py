"""Printed boards and photovoltaic modules: generated ones, and what their readers refuse."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from faultboard.declare.code import load_function
from faultboard.errors import DataError
from faultboard.tasks.audit import audit
from support.encoded import picture
from support.generated import task
from support.real_archives import read
from support.repository import REPOSITORY

BOARD, BOXES = "group00041/00041/00041003_test.jpg", "group00041/00041_not/00041003.txt"
LABELS = "module_metadata.json"
TASKS = {
    "defect_images/deeppcb": (144, 6, "board"),
    "thermal_images/ir_solar": (440, 110, "block"),
    "thermal_images/ir_solar_classes": (252, 63, "block"),
}


@pytest.mark.parametrize("name", TASKS)
def test_a_generated_task_has_no_undeclared_leak(name: str) -> None:
    windows, groups, column = TASKS[name]
    found = task(name)
    assert (len(found), len(set(found.column(column)))) == (windows, groups)
    assert [f"{f.kind} {f.protocol}: {f.what}" for f in audit(found) if not f.declared] == []


@pytest.mark.parametrize(("dataset", "count"), [("deeppcb", 48), ("ir_solar", 110)])
def test_the_seed_decides(dataset: str, count: int, tmp_path: Path) -> None:
    def made(name: str, seed: int) -> dict[str, np.ndarray]:
        (tmp_path / name).mkdir()
        load_function(REPOSITORY / "datasets" / f"{dataset}.py", "simulate")(tmp_path / name, seed, None, count)
        return {recording.id: recording.samples for recording in read(dataset, tmp_path / name)}

    first, again, other = made("a", 3), made("b", 3), made("c", 4)
    assert len(first) == count
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert not any(np.array_equal(first[name], other[name]) for name in first)


# --- printed boards --------------------------------------------------------------------------------------


def boards(folder: Path, boxes: bytes, pixels: bytes = b"") -> Path:
    for name, content in ((BOARD, pixels or picture("JPEG", "L", 640, 640)), (BOXES, boxes)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def test_a_last_line_may_lack_its_end(tmp_path: Path) -> None:
    found = read("deeppcb", boards(tmp_path, b"100 100 140 120 1\n300 200 320 290 6"))
    assert [r.columns["defect"] for r in found] == ["open", "pin_hole"]
    assert [r.id for r in found] == ["00041003_01", "00041003_02"]


def test_a_crop_has_one_size_and_stays_inside(tmp_path: Path) -> None:
    """The size of a box would give its class away, and so would an edge that is filled up."""
    folder = boards(tmp_path, b"0 0 9 9 2\n300 300 310 400 3\n630 320 640 330 4\n")
    whole = np.asarray(Image.open(BytesIO((folder / BOARD).read_bytes())))
    corner, middle, edge = (r.samples[..., 0] for r in read("deeppcb", folder))
    assert np.array_equal(corner, whole[:64, :64])
    assert np.array_equal(middle, whole[318:382, 273:337])
    assert np.array_equal(edge, whole[293:357, 576:])


def test_a_board_in_colours_is_read_as_grey(tmp_path: Path) -> None:
    (found,) = read("deeppcb", boards(tmp_path, b"10 20 40 60 3\n", picture("JPEG", "RGB", 640, 640)))
    assert found.samples.shape == (64, 64, 1)


def test_templates_and_lists_beside_the_boards_are_left_alone(tmp_path: Path) -> None:
    folder = boards(tmp_path, b"10 20 40 60 3\n")
    (folder / "trainval.txt").write_text("not read")
    (folder / BOARD.replace("_test", "_temp")).write_bytes(b"not read")
    assert len(read("deeppcb", folder)) == 1


@pytest.mark.parametrize(
    ("boxes", "line"),
    [
        (b"", 1),
        (b"10 20 40 60\n", 1),
        (b"10 20 40 60 7\n", 1),
        (b"10 20 40 60 1\n\n10 20 40 60 1\n", 2),
        (b"10 20 40 60 1\r\n", 1),
        (b"40 20 10 60 1\n", 1),
        (b"10 20 40 641 1\n", 1),
        (b"10 20 40 60 1\n10,20,40,60,1\n", 2),
    ],
)
def test_a_line_that_is_no_box_is_named(boxes: bytes, line: int, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=rf"^{BOXES}: line {line} is no box in the picture"):
        read("deeppcb", boards(tmp_path, boxes))


def test_a_board_of_another_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=f"{BOARD} is 320 x 240, not 640 x 640"):
        read("deeppcb", boards(tmp_path, b"10 20 40 60 3\n", picture("JPEG", "L")))


# --- photovoltaic modules --------------------------------------------------------------------------------


def modules(folder: Path, classes: dict[int, str], pictures: dict[int, bytes]) -> Path:
    (folder / "images").mkdir()
    for number, content in pictures.items():
        (folder / "images" / f"{number}.jpg").write_bytes(content)
    entries = {str(n): {"image_filepath": f"images/{n}.jpg", "anomaly_class": kind} for n, kind in classes.items()}
    (folder / LABELS).write_text(json.dumps(entries))
    return folder


def module(grey: int) -> bytes:
    stream = BytesIO()
    Image.new("L", (24, 40), grey).save(stream, "JPEG")
    return stream.getvalue()


def test_equal_modules_join_their_blocks(tmp_path: Path) -> None:
    """Through a third block too: 0 is like 30, and 31 is like 60; 90 stands alone."""
    shades = {0: 10, 30: 10, 31: 50, 60: 50, 90: 90}
    classes = dict.fromkeys(shades, "Cell")
    found = read("ir_solar", modules(tmp_path, classes, {n: module(grey) for n, grey in shades.items()}))
    block = {r.source: r.columns["block"] for r in found}
    assert len({block[f"images/{n}.jpg"] for n in (0, 30, 31, 60)}) == 1
    assert block["images/90.jpg"] != block["images/0.jpg"]


def test_a_label_without_its_module_is_left_alone(tmp_path: Path) -> None:
    (found,) = read("ir_solar", modules(tmp_path, {1: "Diode", 2: "Cell"}, {1: module(9)}))
    assert found.columns["anomaly"] == "Diode"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("images/3.jpg", module(9), "images/3.jpg has no entry in module_metadata.json"),
        ("images/03.jpg", module(9), "images/03.jpg is no file of this set"),
        ("images/1.jpg", picture("JPEG", "L"), "images/1.jpg is 320 x 240, not 24 x 40"),
        ("images/1.jpg", picture("JPEG", "RGB", 24, 40), "images/1.jpg is a picture of mode RGB, not L"),
        ("images/1.jpg", module(9)[:300], "images/1.jpg is no whole JPEG picture"),
        (LABELS, b"{", "module_metadata.json cannot be read: JSONDecodeError"),
        (LABELS, b"[1]", "module_metadata.json cannot be read: AttributeError"),
        (LABELS, b'{"1": {"anomaly_class": "Cell"}}', "module_metadata.json cannot be read: KeyError"),
    ],
)
def test_a_damaged_or_foreign_file_is_named(name: str, content: bytes, said: str, tmp_path: Path) -> None:
    folder = modules(tmp_path, {1: "Cell"}, {1: module(9)})
    (folder / name).write_bytes(content)
    with pytest.raises(DataError) as caught:
        read("ir_solar", folder)
    assert str(caught.value).startswith(said)
