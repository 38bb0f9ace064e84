"""Known defects of the real sets: each would make a wrong number look like a good one."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from support.real_archives import prepared, task
from support.repository import CARDS, REPOSITORY

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


def test_names_and_order_of_modules_say_nothing_of_their_numbers() -> None:
    """Numbers are sorted by class: a name, an order or a block that follows them gives the label away."""
    rows = prepared("ir_solar").recordings
    number = rows["source"].str.extract(r"(\d+)")[0].astype(int)
    sound = rows["anomaly"] == "No-Anomaly"
    assert number[~sound].max() < 10_000 <= number[sound].min()
    # chance is 0.01 of 11,048 names and 0.05 of 420 blocks
    assert abs(rows["id"].rank().corr(number)) < 0.04
    assert abs(rows["block"].rank().corr(number)) < 0.2


def equal_modules() -> list[pd.DataFrame]:
    rows = prepared("ir_solar").recordings
    return [twins for _, twins in rows[rows["sha256"].duplicated(keep=False)].groupby("sha256")]


def test_equal_modules_are_in_one_block() -> None:
    pairs = equal_modules()
    assert [len(twins) for twins in pairs] == [2] * 22
    assert all(twins["block"].nunique() == 1 for twins in pairs)


def test_equal_modules_of_two_labels_are_those_the_card_names() -> None:
    found = {
        frozenset(zip(twins["source"].str.removeprefix("images/"), twins["anomaly"], strict=True))
        for twins in equal_modules()
        if twins["anomaly"].nunique() > 1
    }
    named = " ".join(CARDS.dataset("ir_solar").caveats[3].what.split())
    assert len(found) == 6
    for pair in found:
        one, other = sorted((int(name.removesuffix(".jpg")), label) for name, label in pair)
        assert f"{one[0]} and {other[0]} ({one[1]}, {other[1]})" in named


def test_draws_are_whole_blocks_and_balanced() -> None:
    rows = prepared("ir_solar").recordings
    blocks = rows["source"].str.extract(r"(\d+)")[0].astype(int) // 25
    assert (rows.groupby(blocks)["draw"].nunique() == 1).all()
    sides = task("thermal_images/ir_solar")
    assert np.bincount(sides.y).tolist() == [1500, 1500]
    # seven blocks of Diode-Multi are all there are
    classes = np.bincount(task("thermal_images/ir_solar_classes").y)
    assert (classes.min(), classes.max()) == (173, 207)


def test_modules_of_neighbouring_numbers_are_alike() -> None:
    """Why random pictures are no test: the nearest of 5,000 is often one of the forty next to it."""
    modules = prepared("ir_solar")
    rows = modules.recordings
    chosen = np.flatnonzero(rows["anomaly"] == "No-Anomaly")
    number = rows["source"].str.extract(r"(\d+)")[0].astype(int).to_numpy()[chosen]
    pixels = np.stack([modules.samples(int(row)).ravel() for row in chosen]).astype(np.float32)
    squares = (pixels**2).sum(1)
    away = squares[None, :] - 2 * pixels @ pixels.T
    np.fill_diagonal(away, np.inf)
    near = np.abs(number[away.argmin(1)] - number) <= 20
    assert near.mean() > 0.1


def test_fourteen_pictures_show_pieces_of_each_board() -> None:
    rows = prepared("deeppcb").recordings
    assert rows.groupby("picture")["board"].nunique().max() == 1
    assert (rows.groupby("board")["picture"].nunique() == 14).all()


def test_surroundings_of_a_crop_tell_which_defect_it_can_be() -> None:
    """Why the task declares brightness: it is of the outermost pixels as well, where no defect is."""
    boards = prepared("deeppcb")
    around = np.ones((64, 64), dtype=bool)
    around[16:48, 16:48] = False
    level = np.array([boards.samples(i)[around].mean() for i in range(len(boards.recordings))])
    median = {name: np.median(level[own]) for name, own in boards.recordings.groupby("defect").indices.items()}
    assert median["pin_hole"] < 60 < 100 < median["spur"] < 200 < median["copper"]


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
