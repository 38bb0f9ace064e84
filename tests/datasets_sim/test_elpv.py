"""Cells and their labels, which lie in one file beside them: generated ones, and damaged files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from faultboard.data.prepared import Prepared
from faultboard.declare.code import load_function
from faultboard.errors import DataError
from faultboard.tasks.audit import audit
from support.encoded import picture
from support.generated import edition, task
from support.real_archives import read
from support.repository import REPOSITORY

CELL = "images/cell0005.png"
LINE = f"{CELL}  0.3333333333333333  mono\n"


def put(folder: Path, content: bytes, labels: str, name: str = CELL) -> Path:
    (folder / "images").mkdir()
    (folder / name).write_bytes(content)
    if labels:
        (folder / "labels.csv").write_text(labels)
    return folder


def cell(width: int = 300, height: int = 300, mode: str = "L") -> bytes:
    return picture("PNG", mode, width, height)


def test_a_cell_has_its_label_and_its_module(tmp_path: Path) -> None:
    """Lines of cells of other editions are passed over, and so are groups that came with an archive."""
    folder = put(tmp_path, cell(), f"images/cell0001.png 1.0 mono\n{LINE}")
    (folder / "modules.csv").write_text(f"file,module\n{CELL},m99\n")
    (recording,) = read("elpv", folder)
    assert recording.columns == {"probability": "1/3", "physical_module": "m01", "module": "m01", "type": "mono"}
    assert (recording.samples.shape, recording.id) == ((300, 300, 1), "images/cell0005")


@pytest.mark.parametrize(
    ("content", "labels", "said"),
    [
        (cell()[:2000], LINE, f"{CELL} is no whole PNG picture"),
        (cell(mode="RGB"), LINE, f"{CELL} is a picture of mode RGB, not L"),
        (cell(300, 299), LINE, f"{CELL} is 300 x 299, not 300 x 300"),
        (cell(), "", f"{CELL} has no line in labels.csv, which is not here"),
        (cell(), "images/cell0001.png 1.0 mono\n", f"{CELL} has no line in labels.csv"),
        (cell(), LINE + LINE, "labels.csv, line 2: 'images/cell0005.png' is listed twice"),
        (cell(), LINE[:-5] + "\n", "labels.csv, line 1: "),
        (cell(), LINE.replace("0.3333333333333333", "0.33"), "labels.csv, line 1: "),
        (cell(), LINE.replace("mono", "both"), "labels.csv, line 1: "),
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes, labels: str, said: str) -> None:
    with pytest.raises(DataError) as caught:
        read("elpv", put(tmp_path, content, labels))
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["images/cell9999.png", "images/cell0005.jpg", "cell0005.png"])
def test_a_stranger_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match=f"^{name} is no file of this set"):
        read("elpv", put(tmp_path, cell(), LINE, name))


@pytest.mark.parametrize("name", ["defect_images/elpv", "defect_images/elpv_levels"])
def test_generated_cells_carry_the_task(name: str) -> None:
    found = task(name)
    assert {protocol: len(found.folds(protocol)) for protocol in found.card.protocols} == {"published": 5, "grouped": 5}
    assert [f"{f.kind} {f.protocol}: {f.what}" for f in audit(found) if not f.declared] == []


def test_every_generated_module_has_every_level() -> None:
    rows = Prepared(edition("elpv").prepared).recordings
    assert (rows.groupby(["physical_module", "probability"]).size() == 2).all()
    assert rows["physical_module"].nunique() == 12
    assert (rows.groupby("physical_module")["type"].nunique() == 1).all()


def test_the_seed_decides(tmp_path: Path) -> None:
    made = []
    for place, seed in enumerate((3, 3, 4)):
        folder = tmp_path / str(place)
        folder.mkdir()
        load_function(REPOSITORY / "datasets" / "elpv.py", "simulate")(folder, seed, None, 16)
        made.append(read("elpv", folder))
    first, again, other = ([(r.columns["probability"], r.samples) for r in each] for each in made)
    assert len(first) == 16
    assert all(a[0] == b[0] and np.array_equal(a[1], b[1]) for a, b in zip(first, again, strict=True))
    assert not any(np.array_equal(a[1], b[1]) for a, b in zip(first, other, strict=True))
