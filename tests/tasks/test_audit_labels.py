"""What no split can part, and labels that contradict each other, are found without being told."""

from pathlib import Path

import numpy as np
import pytest

from faultboard.declare.catalogue import Catalogue
from faultboard.tasks.audit.labels import label_conflicts
from support.audits import undeclared
from support.planted import Row, planted
from support.real_archives import audited
from support.toy import FILES, bound

TASK = FILES["tasks/shafts/toy.yaml"]


def test_several_units_of_one_class_each_are_no_finding(ready: Catalogue) -> None:
    assert undeclared(bound(ready)) == []


@pytest.mark.parametrize("each", [1, 2])
def test_one_or_two_units_a_class_are(ready: Catalogue, each: int) -> None:
    """With three the toy task as it stands is a nested design that can be tested."""
    shafts = ", ".join(f"shaft{n}" for n in range(2 * each))
    found = undeclared(bound(ready, TASK.replace("label: fault", f"where: {{shaft: [{shafts}]}}\nlabel: fault")))
    assert ("published", "confounded") in {(f.protocol, f.kind) for f in found}
    said = f"0 of 1 pairs of classes meet in a shaft; a class has as few as {each}"
    assert any(said in f.what for f in found)


def test_the_same_samples_under_two_labels_are_a_conflict(ready: Catalogue) -> None:
    # the second recording of shaft0 (ok) is that of shaft1 (bad)
    swapped = "path.with_name(path.name.replace('shaft0_load1', 'shaft1_load1'))"
    change = ("np.load(path, allow_pickle=False)", f"np.load({swapped}, allow_pickle=False)")
    found = [f for f in undeclared(bound(ready, TASK, change)) if f.kind == "label_conflict"]
    assert {f.protocol for f in found} == {"published", "by_load", "grouped"}
    assert "shaft0_load1, shaft1_load1" in found[0].what


@pytest.mark.parametrize(("units", "said"), [(12, ["m00 (bad, ok)"]), (8, [])])
def test_among_few_units_one_of_several_classes_is_no_conflict(units: int, said: list[str], tmp_path: Path) -> None:
    """That a unit is of one class is told by many of them; a single one of eight may be meant so."""
    rng = np.random.default_rng(0)
    rows: list[Row] = []
    for unit in range(units):
        for number in range(4):
            wave = np.round(3000 * rng.standard_normal((2000, 1))).astype(np.int16)
            rows.append((f"m{unit:02d}", ("ok", "bad")[(unit + (unit == 0) * (number == 3)) % 2], wave, 8000.0))
    task = planted(tmp_path, rows)
    conflicts = label_conflicts(task, "published", np.arange(len(task)))
    assert [f.what.rpartition("classes: ")[2] for f in conflicts] == said


def test_the_seven_tiles_of_several_classes_are_named() -> None:
    found = [f for f in audited("magnetic_tile") if f.kind == "label_conflict"]
    for tile in ("009", "019", "020", "033", "034", "035", "048"):
        assert all(f"tile_{tile} (" in f.what for f in found)
    assert "7 of 89" in found[0].what


def test_a_machine_that_runs_sound_and_faulty_is_no_conflict() -> None:
    assert not [f for f in audited("machine_sound_clips") if f.kind in ("label_conflict", "confounded")]


def test_the_days_of_the_infrared_bearing_are_found_to_be_its_states() -> None:
    found = [f for f in audited("bearing_irt") if f.kind == "confounded"]
    assert any("meet in a day" in f.what for f in found)
    assert {f.protocol for f in found} == {"published", "by_view"}
