"""Commutators and the outlines of their defects, one file beside each picture: generated ones, and damaged files."""

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

NORMAL, CRACKED = "images/train/000.jpg", "images/train/005.jpg"
OUTLINE = "0 0.992 0.46012759170653905 0.99 0.4609250398724083 0.986 0.46"


def put(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def strip(width: int = 500, mode: str = "L") -> bytes:
    return picture("JPEG", mode, width, 1240)


def labelled(name: str, content: bytes, outline: str) -> dict[str, bytes]:
    return {name: content, name.replace("images", "labels").replace("jpg", "txt"): outline.encode()}


def test_an_outline_is_a_defect_and_an_empty_label_none(tmp_path: Path) -> None:
    # item 19 as published is item 1, byte for byte; groups that came with an archive are not those of this card
    files = labelled(NORMAL, strip(), "") | labelled(CRACKED, strip(), f"{OUTLINE}\n{OUTLINE}\n")
    files |= labelled("images/train/148.jpg", strip(), OUTLINE) | {"items.csv": b"file,item\n"}
    found = {r.source: tuple(r.columns.values()) for r in read("kolektor", put(tmp_path, files))}
    assert found == {
        NORMAL: ("normal", "kos01", "kos01", "none"),
        CRACKED: ("defective", "kos01", "kos01", "none"),
        "images/train/148.jpg": ("defective", "kos01", "kos19", "copy"),
    }


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (labelled(CRACKED, strip()[:2000], OUTLINE), f"{CRACKED} is no whole JPEG picture"),
        (labelled(CRACKED, strip(mode="RGB"), OUTLINE), f"{CRACKED} is a picture of mode RGB, not L"),
        (labelled(CRACKED, strip(499), OUTLINE), f"{CRACKED} is 499 pixels wide, not 500"),
        ({CRACKED: strip()}, f"{CRACKED} has no label: labels/train/005.txt is not here"),
        ({"labels/train/005.txt": b""}, "labels/train/005.txt has no picture beside it: images/train/005.jpg"),
        # a label that lost its content would be a sound surface
        (labelled(CRACKED, strip(), ""), "labels/train/005.txt says normal, kolektor_items.csv defective"),
        (labelled(NORMAL, strip(), OUTLINE), "labels/train/000.txt says defective, kolektor_items.csv normal"),
        (labelled(CRACKED, strip(), OUTLINE[:-5]), "labels/train/005.txt, line 1, is no outline"),
        (labelled(CRACKED, strip(), f"{OUTLINE}\n1{OUTLINE}"), "labels/train/005.txt, line 2, is no outline"),
        (labelled(CRACKED, strip(), OUTLINE.replace("0.46", "7.46")), "labels/train/005.txt, line 1, is no outline"),
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, files: dict[str, bytes], said: str) -> None:
    with pytest.raises(DataError) as caught:
        read("kolektor", put(tmp_path, files))
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["images/train/320.jpg", "images/val/000.jpg", "images/train/005.png", "data.yaml"])
def test_a_stranger_is_named(tmp_path: Path, name: str) -> None:
    """Number 320 lies in val: a picture that was moved is not one of the list."""
    with pytest.raises(DataError, match=f"^{name} is no file of this set"):
        read("kolektor", put(tmp_path, labelled(name, strip(), "")))


def test_byte_copies_are_in_no_task() -> None:
    card = edition("kolektor").card
    expect = card.editions["full"].expect
    assert task("defect_images/kolektor").card.where == {"repeats": ["none", "reshot"]}
    assert expect.by["repeats"]["copy"] == 16


def test_generated_commutators_carry_the_task() -> None:
    found = task("defect_images/kolektor")
    assert {protocol: len(found.folds(protocol)) for protocol in found.card.protocols} == {"published": 5, "grouped": 5}
    assert [f"{f.kind} {f.protocol}: {f.what}" for f in audit(found) if not f.declared] == []
    rows = Prepared(edition("kolektor").prepared).recordings
    assert (rows.groupby(["item", "surface"]).size() == 1).all()


def test_the_seed_decides_and_a_crack_lies_in_its_outline(tmp_path: Path) -> None:
    made = []
    for place, seed in enumerate((3, 3, 4)):
        folder = tmp_path / str(place)
        folder.mkdir()
        load_function(REPOSITORY / "datasets" / "kolektor.py", "simulate")(folder, seed, None, 4)
        made.append(read("kolektor", folder))
    first, again, other = ([r.samples for r in each] for each in made)
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not any(np.array_equal(a, b) for a, b in zip(first, other, strict=True))
    cracked = next(r for r in made[0] if r.columns["surface"] == "defective")
    outline = next((tmp_path / "0" / "labels" / "train").glob(Path(cracked.source).stem + ".txt")).read_text().split()
    height, width = cracked.samples.shape[:2]
    xs, ys = np.array(outline[1::2], float) * width, np.array(outline[2::2], float) * height
    inside = cracked.samples[int(ys.min()) : int(ys.max()), int(xs.min()) : int(xs.max()), 0].astype(float)
    beside = np.delete(cracked.samples[..., 0].astype(float), np.s_[int(ys.min()) : int(ys.max())], axis=0)
    assert inside.min() < beside.min()
