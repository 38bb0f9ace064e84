"""Tasks on the real recordings: folds hold what the cards declare."""

from __future__ import annotations

import numpy as np
import pytest

from support.real_archives import audited, task

# windows and recordings; folds of each protocol
TASKS = {
    "bearing_vibration/cwru": (1045, 36, {"published": 5, "by_load": 4, "grouped": 3}),
    "bearing_vibration/femto": (834, 834, {"published": 5, "grouped": 5, "by_condition": 3}),
    "bearing_vibration/paderborn_real": (
        900, 60, {"published": 5, "by_recording": 5, "by_setting": 4, "grouped": 5},
    ),
    "motor_accelerometer/adi_cbm": (350, 70, {"published": 5, "by_speed": 5, "by_load": 2}),
    "motor_accelerometer/phone_motors": (
        1640, 254, {"published": 5, "by_recording": 5, "by_speed": 5, "grouped": 2},
    ),
    "motor_accelerometer/phone_motors_faulty": (1762, 276, {"published": 5, "by_recording": 5, "grouped": 3}),
    "thermal_images/motor_thermal": (369, 369, {"published": 5, "blocks": 5}),
    "thermal_images/bearing_irt": (84, 84, {"published": 5, "by_view": 2}),
    "defect_images/elpv": (616, 616, {"published": 5, "grouped": 5}),
    "defect_images/elpv_levels": (616, 616, {"published": 5, "grouped": 5}),
    "defect_images/kolektor": (97, 97, {"published": 5, "grouped": 5}),
    "defect_images/magnetic_tile": (550, 550, {"published": 5, "grouped": 5}),
    "defect_images/magnetic_tile_binary": (550, 550, {"published": 5, "grouped": 5}),
    "defect_images/deeppcb": (974, 974, {"published": 5, "by_picture": 5, "grouped": 5}),
    "thermal_images/ir_solar": (3000, 3000, {"published": 5, "by_block": 5}),
    "thermal_images/ir_solar_classes": (2373, 2373, {"published": 5, "by_block": 5}),
    "machine_sound/machine_sound_clips": (680, 136, {"published": 5, "grouped": 11}),
}  # fmt: skip


@pytest.mark.parametrize("name", TASKS)
def test_windows_and_folds_are_as_many_as_the_recordings_give(name: str) -> None:
    windows, recordings, folds = TASKS[name]
    found = task(name)
    assert (len(found), len(found.recordings)) == (windows, recordings)
    assert {protocol: len(found.folds(protocol)) for protocol in found.card.protocols} == folds


@pytest.mark.parametrize("name", TASKS)
def test_no_protocol_leaks_what_its_card_does_not_declare(name: str) -> None:
    assert [f"{f.kind} {f.protocol}: {f.what}" for f in audited(name) if not f.declared] == []


@pytest.mark.parametrize("name", TASKS)
def test_a_declared_leak_is_there(name: str) -> None:
    """A mark that is not true would cry wolf."""
    found = task(name)
    for protocol, card in found.card.protocols.items():
        for column in card.leaks:
            values = found.column(column)
            folds = found.folds(protocol)
            assert any(len(np.intersect1d(values[fold.train], values[fold.test])) for fold in folds), (protocol, column)


def test_a_module_that_was_photographed_twice_stands_on_one_side() -> None:
    """By modules as published, cell1783 would be trained on and its other picture, cell2325, tested."""
    for name in ("defect_images/elpv", "defect_images/elpv_levels"):
        found = task(name)
        module = found.column("module")
        for fold in found.folds("grouped"):
            sides = [set(module[ids]) & {"m30", "m39"} for ids in (fold.train, fold.test)]
            assert set() in sides


def test_an_item_that_was_photographed_twice_stands_on_one_side() -> None:
    found = task("defect_images/kolektor")
    item = found.column("item_as_published")
    for fold in found.folds("grouped"):
        sides = [set(item[ids]) & {"kos30", "kos32"} for ids in (fold.train, fold.test)]
        assert set() in sides


def test_a_whole_tile_stands_on_one_side() -> None:
    """A tile in two folders is one tile in both tasks: its conflict of labels cannot become a leak."""
    for name in ("defect_images/magnetic_tile", "defect_images/magnetic_tile_binary"):
        found = task(name)
        tile = found.column("tile")
        for fold in found.folds("grouped"):
            assert not set(tile[fold.train]) & set(tile[fold.test])


def test_neighbours_of_a_heating_sequence_are_three_pictures_apart() -> None:
    found = task("thermal_images/motor_thermal")
    sequence, name = found.column("sequence"), found.column("recording")
    order = {r: i for s in set(sequence) for i, r in enumerate(sorted(name[sequence == s]))}
    place = np.array([order[n] for n in name])
    for fold in found.folds("blocks"):
        for each in np.unique(sequence):
            train, test = (place[ids[sequence[ids] == each]] for ids in (fold.train, fold.test))
            assert np.abs(train[:, None] - test[None, :]).min() > 3


def held_out(name: str, column: str) -> list[set[str]]:
    found = task(name)
    return [set(found.column(column)[fold.test]) for fold in found.folds("grouped")]


def test_a_fold_holds_out_one_bearing_of_each_class() -> None:
    sides = held_out("bearing_vibration/paderborn_real", "bearing")
    assert [sorted(bearing[:2] for bearing in side) for side in sides] == [["K0", "KA", "KI"]] * 5


def test_motors_of_one_class_are_tested_together() -> None:
    """Alone, such a motor is a fold of one class, whose score says nothing of the other."""
    assert held_out("motor_accelerometer/phone_motors_faulty", "motor") == [{"1"}, {"2"}, {"3", "4", "5", "6"}]


def test_early_records_of_a_bearing_are_on_no_side() -> None:
    found = task("bearing_vibration/femto")
    assert set(found.recordings["phase"]) == {"mid", "end"}
    assert len(found.prepared.recordings) - len(found.recordings) == 255
