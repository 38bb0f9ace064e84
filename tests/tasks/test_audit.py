"""A leak that is planted is found; a clean split is not accused."""

from pathlib import Path

import numpy as np
import pytest

from faultboard.declare.catalogue import Catalogue
from faultboard.tasks.audit import audit
from faultboard.tasks.leak import neighbour_share
from support.audits import undeclared
from support.toy import FILES, bound


def test_what_is_declared_is_found_and_marked(ready: Catalogue) -> None:
    found = audit(bound(ready))
    assert {(f.protocol, f.kind) for f in found} == {
        ("published", "shared_recording"),
        ("published", "shared_unit"),
        ("by_load", "shared_unit"),
    }
    assert all(f.declared for f in found)


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("leaks: [recording, shaft]", "leaks: [recording]", "shared_unit"),
        ("leaks: [recording, shaft]", "leaks: [shaft]", "shared_recording"),
        ("separates: [load, recording], leaks: [shaft]", "separates: [load, recording, shaft]", "shared_unit"),
    ],
)
def test_a_leak_that_is_not_declared_is_said(ready: Catalogue, old: str, new: str, kind: str) -> None:
    text = FILES["tasks/shafts/toy.yaml"]
    assert old in text
    assert [f.kind for f in undeclared(bound(ready, text.replace(old, new)))] == [kind]


def test_overlapping_windows_on_two_sides_are_said(ready: Catalogue) -> None:
    found = undeclared(bound(ready, FILES["tasks/shafts/toy.yaml"].replace("{length: 200}", "{length: 200, hop: 100}")))
    assert [(f.protocol, f.kind) for f in found] == [("published", "overlap")]
    assert "share samples with a training window" in found[0].what


def test_a_copy_under_another_name_is_said_in_every_protocol_it_crosses(cards: Catalogue) -> None:
    copied = (
        "            np.save(",
        "            if (shaft, load) == (3, 1): wave = first\n"
        "            if (shaft, load) == (1, 0): first = wave\n            np.save(",
    )
    found = undeclared(bound(cards, reader=copied))
    assert {(f.protocol, f.kind) for f in found} >= {("by_load", "identical"), ("grouped", "identical")}
    assert any("shaft1_load0" in f.what and "shaft3_load1" in f.what for f in found)


def test_a_class_that_is_missing_from_a_side_is_said(ready: Catalogue) -> None:
    text = FILES["tasks/shafts/toy.yaml"].replace(
        "{split: k_fold, by: shaft, folds: 3,", "{split: leave_one_out, by: shaft,"
    )
    found = undeclared(bound(ready, text))
    assert [(f.protocol, f.kind) for f in found] == [("grouped", "missing_class")]


def test_a_dead_channel_is_said(cards: Catalogue) -> None:
    found = undeclared(bound(cards, reader=("np.save(", "wave = wave * (shaft != 4)\n            np.save(")))
    assert "dead" in {f.kind for f in found}
    assert any("shaft4_load0" in f.what for f in found)


def test_the_leak_number_is_one_where_the_unit_is_on_both_sides_and_nought_where_it_is_not(ready: Catalogue) -> None:
    task = bound(ready)
    by_load, grouped = (neighbour_share(task, task.folds(name)) for name in ("by_load", "grouped"))
    assert by_load is not None
    assert grouped is not None
    assert by_load[0] > 0.95
    assert by_load[1] == pytest.approx(1 / 6, abs=0.01)
    assert grouped == (0.0, 0.0)


def test_arrays_are_the_recorded_samples(ready: Catalogue) -> None:
    task = bound(ready)
    X, y = task.arrays(np.array([3]))
    raw = np.load(Path(ready.root) / "data/raw/toy@sim" / f"{task.column('recording')[3]}.npy")
    start = task.windows.start[3]
    assert np.array_equal(X[0], raw[start : start + 200].astype(np.float32))
    assert y[0] == 0
