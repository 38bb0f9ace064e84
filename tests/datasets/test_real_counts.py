"""What the archives hold, against the cards and against counts that were made without the readers."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from faultboard.data.prepared import Prepared
from support.real_archives import prepared
from support.repository import CARDS

CUT = [name for name in CARDS.paths["dataset"] if "cut" in CARDS.dataset(name).editions]

# recordings a class, counted by file names alone, or by what lies beside the pictures
CLASSES = {
    "cwru": {"inner": 18, "ball": 17, "outer": 13, "normal": 1},
    "adi_cbm": dict.fromkeys(["healthy", "bent_shaft", "misaligned", "imbalance", "ball", "inner", "outer"], 10),
    "motor_thermal": {
        "A&B50": 38, "A&C&B10": 31, "A&C&B30": 42, "A&C10": 31, "A&C30": 38, "A10": 34, "A30": 37, "A50": 35,
        "Fan": 28, "Noload": 25, "Rotor-0": 30,
    },
    "bearing_irt": {"0": 28, "1": 28, "3": 28},
    "deeppcb": {"open": 199, "short": 156, "mousebite": 194, "spur": 143, "copper": 139, "pin_hole": 143},
    "ir_solar": {
        "No-Anomaly": 5000, "Cell": 947, "Vegetation": 839, "Diode": 824, "Cell-Multi": 643, "Shadowing": 856,
        "Cracking": 540, "Offline-Module": 525, "Hot-Spot": 249, "Hot-Spot-Multi": 246, "Soiling": 204,
        "Diode-Multi": 175,
    },
    "magnetic_tile": {"blowhole": 115, "break": 85, "crack": 57, "fray": 32, "uneven": 103, "free": 158},
    "elpv": {"0": 362, "1/3": 66, "2/3": 24, "1": 164},
    "kolektor": {"normal": 47, "defective": 50},
    "machine_sound_clips": {"normal": 72, "anomaly": 64},
    "mimii_fan": {"normal": 2, "abnormal": 2},
    "paderborn": {"healthy": 20, "outer": 20, "inner": 20},
    "phone_motors": {"healthy": 78, "unbalanced": 71, "bearing": 86, "rotor_bar": 36, "unstated": 5},
}  # fmt: skip
# values of the unit column
UNITS = {
    "cwru": 12,
    "elpv": 43,
    "deeppcb": 11,
    "kolektor": 47,
    "magnetic_tile": 89,
    "machine_sound_clips": 11,
    "mimii_fan": 1,
    "paderborn": 15,
    "phone_motors": 6,
}
# columns of which the card counts no value: they are looked up in a table, which tests of traps hold
LOOKED_UP = {"tile", "physical_module", "module", "item", "item_as_published"}
# columns of so many values that a card would be no card
LONG = {"picture", "block"}
# length and channels of every recording, dtype
FORM = {
    "adi_cbm": ({(20_000, 3)}, "float64"),
    "femto": ({(2560, 2)}, "float64"),
    "machine_sound_clips": ({(160_000, 1), (176_000, 1)}, "int16"),
    "mimii_fan": ({(160_000, 8)}, "int16"),
    "motor_thermal": ({(240, 320, 3)}, "uint8"),
    "elpv": ({(300, 300, 1)}, "uint8"),
    "bearing_irt": ({(480, 640, 3)}, "uint8"),
    "paderborn": ({(128_000, 1)}, "float64"),
    "deeppcb": ({(64, 64, 1)}, "uint8"),
    "ir_solar": ({(40, 24, 1)}, "uint8"),
}


def counts(found: Prepared, column: str) -> dict[str, int]:
    return dict(Counter(found.recordings[column]))


@pytest.mark.parametrize("dataset", CUT)
def test_an_archive_holds_what_its_card_expects(dataset: str) -> None:
    expect = CARDS.dataset(dataset).editions["cut"].expect
    found = prepared(dataset)
    assert len(found.recordings) == expect.recordings
    assert {column: counts(found, column) for column in expect.by} == expect.by


@pytest.mark.parametrize("dataset", CLASSES)
def test_classes_and_units_are_those_of_the_file_names(dataset: str) -> None:
    card = CARDS.dataset(dataset)
    found = prepared(dataset)
    (label,) = card.classes
    assert counts(found, label) == CLASSES[dataset]
    assert (len(set(found.recordings[card.unit])) if card.unit else None) == UNITS.get(dataset)


@pytest.mark.parametrize("dataset", CUT)
def test_every_column_but_those_looked_up_is_counted_by_its_card(dataset: str) -> None:
    """A column without counts could change and no one would notice."""
    card = CARDS.dataset(dataset)
    counted = set(card.editions["cut"].expect.by)
    assert {*card.classes, *card.groups} - counted <= LOOKED_UP | LONG


@pytest.mark.parametrize("dataset", FORM)
def test_samples_stay_as_they_were_recorded(dataset: str) -> None:
    found = prepared(dataset)
    rows = found.recordings
    shapes = {found.samples(i).shape for i in range(len(rows))}
    assert (shapes, str(found.samples(0).dtype)) == FORM[dataset]
    rate = CARDS.dataset(dataset).rate
    assert np.isnan(rows["rate"]).all() if rate is None else set(rows["rate"]) == {rate}


@pytest.mark.parametrize("dataset", CUT)
def test_files_are_read_in_order(dataset: str) -> None:
    rows = prepared(dataset).recordings
    # numbers that are sorted by class give an order that gives the class away: there names hide the numbers
    order = list(rows["id" if dataset == "ir_solar" else "source"])
    assert order == sorted(order)
