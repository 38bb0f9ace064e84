"""Known defects of the real sets: each would make a wrong number look like a good one."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.ndimage import gaussian_filter

from faultboard.declare.code import load_function
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


def recall(name: str, protocol: str, classifier: Any, X: np.ndarray) -> float:
    """Balanced accuracy of a classifier on some features of all windows."""
    from sklearn.metrics import balanced_accuracy_score

    found = task(name)
    predicted = np.empty(len(found), dtype=int)
    for fold in found.folds(protocol):
        predicted[fold.test] = classifier.fit(X[fold.train], found.y[fold.train]).predict(X[fold.test])
    return float(balanced_accuracy_score(found.y, predicted))


def forest() -> Any:
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(50, random_state=0)


def offset_and_level(name: str) -> np.ndarray:
    found = task(name)
    windows = np.asarray(found.windows.batch(np.arange(len(found))))
    return np.hstack([windows.mean(1), windows.std(1)])


def test_a_phase_is_the_share_of_life_that_a_number_is_of() -> None:
    rows = prepared("femto").recordings
    lives = CARDS.dataset("femto").editions["full"].expect.by["bearing"]
    number = rows["source"].str[-9:-4].astype(int)
    share = number / rows["bearing"].map(lives)
    # a record may begin within a part and end behind it
    most = {"start": 0.022, "early": 0.144, "quarter": 0.292, "mid": 0.605, "end": 1.0}
    least = {"start": 0.0, "early": 0.10, "quarter": 0.25, "mid": 0.40, "end": 0.95}
    for phase, own in share.groupby(rows["phase"]):
        assert least[phase] < own.min() <= own.max() <= most[phase]
    counted = Counter(zip(rows["bearing"], rows["phase"], strict=True))
    assert {key: n for key, n in counted.items() if n != (25 if key[1] in ("mid", "end") else 5)} == {
        ("Bearing2_7", "end"): 12,
        ("Bearing3_3", "end"): 22,
    }


def test_phases_of_whole_lives_are_what_the_card_counts() -> None:
    """The records of the full set are not here; their numbers alone say their phase."""
    expect = CARDS.dataset("femto").editions["full"].expect
    phase = load_function(FOLDER / "femto.py", "phase")
    lives = expect.by["bearing"].values()
    assert dict(Counter(phase(n, life) for life in lives for n in range(1, life + 1))) == expect.by["phase"]


def test_records_in_order_are_not_in_the_order_of_their_class() -> None:
    from sklearn.metrics import roc_auc_score

    rows = task("bearing_vibration/femto").recordings
    assert rows["id"].str.fullmatch(r"Bearing\d_\d/[0-9a-f]{12}").all()
    is_end = rows["phase"] == "end"
    by_number = roc_auc_score(is_end, rows.groupby("bearing")["source"].rank())
    by_id = roc_auc_score(is_end, rows.groupby("bearing")["id"].rank())
    assert by_number > 0.95
    assert 0.4 < by_id < 0.6


def test_a_clipped_record_is_at_the_end_of_a_life() -> None:
    found = prepared("femto")
    rows = found.recordings
    clipped = rows[[np.abs(found.samples(i)).max() > 48 for i in range(len(rows))]]
    assert set(clipped["phase"]) == {"end"}
    assert dict(Counter(clipped["bearing"])) == {"Bearing1_4": 7, "Bearing2_3": 1}


def test_level_carries_over_to_unmet_bearings() -> None:
    """Why a network must beat two numbers."""
    from sklearn.linear_model import LogisticRegression

    level = np.log(offset_and_level("bearing_vibration/femto")[:, 2:])
    scores = {p: recall("bearing_vibration/femto", p, LogisticRegression(), level) for p in ("published", "grouped")}
    assert scores == {"published": pytest.approx(0.746, abs=0.02), "grouped": pytest.approx(0.729, abs=0.02)}


def test_a_bearing_of_paderborn_is_of_one_class() -> None:
    rows = prepared("paderborn").recordings
    assert (rows.groupby("bearing")[["fault", "origin"]].nunique() == 1).all(axis=None)
    assert set(rows["origin"]) == {"none", "real"}


def test_offset_and_level_know_a_bearing_again() -> None:
    name = "bearing_vibration/paderborn_real"
    scores = {p: recall(name, p, forest(), offset_and_level(name)) for p in ("published", "grouped")}
    assert scores["published"] > 0.75
    assert scores["grouped"] < 0.60


def test_gravity_knows_a_recording_again() -> None:
    """How the telephone lay: 0.9 at random, less than chance on the other motor."""
    name = "motor_accelerometer/phone_motors"
    scores = {p: recall(name, p, forest(), offset_and_level(name)) for p in ("published", "by_recording", "grouped")}
    assert scores["published"] > 0.8
    assert scores["published"] > scores["by_recording"] + 0.1
    assert scores["grouped"] < 0.3


def test_raw_axes_hold_gravity_where_the_name_says() -> None:
    """On motors 1 and 2; and no mark (999, 111) is among the samples, which end at 2 g."""
    found = prepared("phone_motors")
    mean = np.array([found.samples(i).mean(0) for i in range(len(found.recordings))])
    of_two = found.recordings["motor"].isin(["1", "2"]).to_numpy()
    assert ["XYZ"[i] for i in mean[of_two].argmax(1)] == list(found.recordings["orientation"][of_two])
    assert max(np.abs(found.samples(i)).max() for i in range(len(mean))) == pytest.approx(19.65, abs=0.01)


def test_motors_differ_in_what_they_hold() -> None:
    rows = prepared("phone_motors").recordings
    held = {str(motor): set(own) for motor, own in rows.groupby("motor")["fault"]}
    four = {"healthy", "unbalanced", "bearing", "rotor_bar"}
    assert held == {"1": four, "2": four, "3": {"healthy"}, "4": {"healthy"}, "5": {"healthy"}, "6": {"unstated"}}


def test_each_telephone_recording_has_a_rate_of_its_own() -> None:
    rows = prepared("phone_motors").recordings
    assert 98 <= rows["rate"].min() < rows["rate"].max() <= 100
    # rows are taken one by one, not resampled
    assert not task("motor_accelerometer/phone_motors").windows.resample


def test_the_telephone_has_one_step() -> None:
    """The audit tells classes by a step; it is that of rounded decimals."""
    found = prepared("phone_motors")
    for i in range(len(found.recordings)):
        gaps = np.diff(np.unique(found.samples(i)))
        assert np.median(gaps[gaps <= 1.5 * gaps.min()]) == pytest.approx(0.038457, abs=2e-5)
