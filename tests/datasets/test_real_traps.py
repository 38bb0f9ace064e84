"""Known defects of the real sets: each would make a wrong number look like a good one."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from support.real_archives import prepared, task
from support.repository import REPOSITORY

FOLDER = REPOSITORY / "datasets"


def row(dataset: str, name: str) -> dict[str, object]:
    """Row of the only recording whose file is called so."""
    rows = prepared(dataset).recordings
    found = rows[rows["source"].str.endswith(f"/{name}")]
    assert len(found) == 1
    return dict(found.iloc[0])


def test_normal_at_48_khz_is_in_no_task() -> None:
    normal = row("cwru", "97_Normal_0.mat")
    assert (normal["rate"], normal["fault"]) == (48_000, "normal")
    taken = task("bearing_vibration/cwru").recordings
    assert set(taken["rate"]) == {12_000}
    assert set(taken["fault"]) == {"inner", "ball", "outer"}


@pytest.mark.parametrize(("name", "samples", "rate"), [("174_0.mat", 63_788, 48_000), ("3001_0.mat", 120_801, 12_000)])
def test_a_variable_of_another_number_is_found(name: str, samples: int, rate: int) -> None:
    found = row("cwru", name)
    assert (found["length"], found["rate"]) == (samples, rate)


def test_a_second_rate_is_the_same_bearing() -> None:
    assert {row("cwru", name)["bearing"] for name in ("105_0.mat", "109_0.mat")} == {"inner_007"}


def test_a_bearing_has_one_fault_and_size() -> None:
    rows = prepared("cwru").recordings
    assert (rows.groupby("bearing")[["fault", "size", "end"]].nunique() == 1).all(axis=None)


def test_the_table_of_cwru_agrees_with_the_paths() -> None:
    """The table is looked up for labels: a shifted row would relabel a recording in silence."""
    faults = {"IR": "inner", "B": "ball", "OR": "outer"}
    with (FOLDER / "cwru_files.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 119
    for line in rows:
        series, *rest = line["path"].split("/")
        assert line["load"] == line["path"].removesuffix(".mat")[-1]
        assert line["rate"] == {"12k": "12000", "48k": "48000", "Nor": "48000"}[series[:3]]
        if series != "Normal":
            assert (line["fault"], line["size"]) == (faults[rest[0]], rest[1])
            assert line["end"] == ("fan" if "Fan_End" in series else "drive")
        if "@" in line["path"]:
            assert f"@{line['position']}" in line["path"]


def test_one_pair_of_motor_pictures_is_equal() -> None:
    rows = prepared("motor_thermal").recordings
    twins = rows[rows["sha256"].duplicated(keep=False)]
    assert list(twins["id"]) == ["A30/152", "A30/153"]


def test_a_day_names_the_state_of_the_infrared_bearing() -> None:
    rows = prepared("bearing_irt").recordings
    assert (rows.groupby("day")["state"].nunique() == 1).all()
    undated = rows[rows["day"] == "unknown"]
    assert set(undated["sequence"]) == {"1_lateral"}
    assert len(undated) == 14


def test_tiles_of_several_classes_are_those_the_card_names() -> None:
    rows = prepared("magnetic_tile").recordings
    classes = rows.groupby("tile")["defect"].agg(lambda values: "/".join(sorted(set(values))))
    assert classes[classes.str.contains("/")].to_dict() == {
        "tile_009": "blowhole/free",
        "tile_019": "blowhole/fray/free",
        "tile_020": "break/free",
        "tile_033": "break/crack",
        "tile_034": "break/free",
        "tile_035": "break/fray",
        "tile_048": "fray/free",
    }


def test_every_picture_of_the_full_set_has_a_tile() -> None:
    tiles: dict[str, list[str]] = defaultdict(list)
    with (FOLDER / "magnetic_tile_groups.csv").open(encoding="utf-8", newline="") as stream:
        for line in csv.DictReader(stream):
            tiles[line["tile"]].append(line["file"])
    files = [file for members in tiles.values() for file in members]
    assert len(files) == len(set(files)) == 1344
    assert (len(tiles), sum(len(members) == 6 for members in tiles.values())) == (221, 208)


def table(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def own_detail(pictures: list[np.ndarray]) -> np.ndarray:
    """What is fine in each picture and not in the others: light, blur and busbars left out, to unit length."""
    grey = [picture[..., 0].astype(float) for picture in pictures]
    fine = np.array([(gaussian_filter(g, 2) - gaussian_filter(g, 12))[20:-20, 20:-20].ravel() for g in grey])
    own = fine - np.median(fine, axis=0)
    return own / np.linalg.norm(own, axis=1, keepdims=True)


def test_a_module_was_photographed_twice() -> None:
    """Both pictures of a cell carry one physical module; other cells of it have nothing in common but their make."""
    cells = prepared("elpv")
    rows = cells.recordings
    assert set(rows.loc[rows["module"].isin(["m30", "m39"]), "physical_module"]) == {"m39"}
    partner = {line["file"]: line["repeats_cell"] for line in table("elpv_modules.csv") if line["repeats_cell"]}
    assert len(partner) == 50
    place = {source: i for i, source in enumerate(rows["source"])}
    ours = {place[one]: place[other] for one, other in partner.items() if one in place and other in place}
    assert [rows["id"][i] for i in ours] == ["images/cell1759", "images/cell1760", "images/cell1762"]
    one, other = (list(rows.index[rows["module"] == module]) for module in ("m30", "m39"))
    like = own_detail([cells.samples(i) for i in one]) @ own_detail([cells.samples(i) for i in other]).T
    assert all(like[one.index(i), other.index(j)] > 0.7 for i, j in ours.items())
    assert abs(np.median(like)) < 0.1


def test_every_cell_of_the_full_set_has_a_module() -> None:
    rows = table("elpv_modules.csv")
    assert [line["file"] for line in rows] == [f"images/cell{i:04d}.png" for i in range(1, 2625)]
    assert len({line["physical_module"] for line in rows}) == 43
    # runs of one module in file order, of these sizes
    runs = [len(list(run)) for _, run in groupby(line["module"] for line in rows)]
    assert Counter(runs) == {60: 40, 54: 1, 50: 1, 72: 1, 48: 1}


def test_a_module_is_of_one_type_and_some_hold_no_defective_cell() -> None:
    rows = prepared("elpv").recordings
    assert (rows.groupby("physical_module")["type"].nunique() == 1).all()
    assert set(rows["module"].value_counts()) == {14}
    defective = rows["probability"].isin(["2/3", "1"]).groupby(rows["physical_module"]).mean()
    assert list(defective.index[defective == 0]) == ["m23", "m26", "m27", "m36", "m38", "m42", "m44"]
    assert list(defective.index[defective == 1]) == ["m07"]


def test_three_commutators_were_counted_twice() -> None:
    rows = table("kolektor_items.csv")
    items = {(line["item_as_published"], line["item"]) for line in rows if line["item"] != line["item_as_published"]}
    assert items == {("kos19", "kos01"), ("kos29", "kos13"), ("kos32", "kos30")}
    assert Counter(Counter(line["item_as_published"] for line in rows).values()) == {8: 49, 7: 1}
    # the defects of each item: one, of two of them two, as the source counts 52
    bad = Counter(line["item_as_published"] for line in rows if line["label"] == "defective")
    assert sorted(bad.values()) == [1] * 48 + [2] * 2


def test_byte_copies_of_a_commutator_have_one_hash_in_the_list() -> None:
    with (FOLDER / "files" / "kolektor.csv").open(encoding="utf-8", newline="") as stream:
        files = {line["path"]: line["sha256"] for line in csv.DictReader(stream)}
    copies = {line["file"]: line["byte_copy_of"] for line in table("kolektor_items.csv") if line["byte_copy_of"]}
    assert {name: files[name] for name in copies} == {name: files[other] for name, other in copies.items()}
    pictures = [sha256 for path, sha256 in files.items() if path.endswith(".jpg")]
    assert len(pictures) - len(set(pictures)) == len(copies) == 16


def test_a_commutator_photographed_again_stands_under_its_item() -> None:
    rows = prepared("kolektor").recordings
    again = rows[rows["repeats"] == "reshot"]
    assert list(again["source"]) == ["images/train/252.jpg", "images/train/254.jpg"]
    assert set(rows.loc[rows["item"] == "kos30", "item_as_published"]) == {"kos30", "kos32"}
    assert not rows["sha256"].duplicated().any()


def test_loudness_alone_separates_a_fan() -> None:
    """Why the card warns: a model that sees the level needs no ear."""
    clips = prepared("machine_sound_clips")
    rows = clips.recordings
    level = np.array([np.std(clips.samples(i).astype(float)) for i in range(len(rows))])
    fan = (rows["machine"] == "fan_00").to_numpy()
    normal, anomaly = (level[fan & (rows["label"] == label).to_numpy()] for label in ("normal", "anomaly"))
    assert len(normal) == len(anomaly) == 14
    assert normal.max() < anomaly.min() or anomaly.max() < normal.min()


def test_installation_values_of_the_first_row_are_not_read() -> None:
    first = prepared("adi_cbm").samples(0)[0]
    assert Path(str(prepared("adi_cbm").recordings["source"].iloc[0])).name == "0600_GoB_BS_BaLo_WA_00lb.Wfm.csv"
    assert list(first) == [0.88896352, 0.9082635, 0.8902815]
