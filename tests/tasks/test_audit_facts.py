"""Trivial facts that give the label away are found without being told; what only marks a unit is not accused."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from faultboard.declare.catalogue import Catalogue
from faultboard.tasks.audit import Found, audit
from faultboard.tasks.audit.giveaways.findings import _of_use
from faultboard.tasks.audit.giveaways.formats import pure_formats
from faultboard.tasks.audit.giveaways.relabelling import Design, dealt, design
from faultboard.tasks.audit.giveaways.significance import Told, tells
from faultboard.tasks.task import Task
from support.planted import Row, bind, planted, sounds, unchanged
from support.real_archives import audited, prepared
from support.repository import REPOSITORY


def facts(task: Task) -> list[Found]:
    return [f for f in audit(task) if f.kind == "fact"]


@pytest.mark.parametrize("seed", range(10))
def test_clean_sets_of_few_units_are_not_accused(seed: int, tmp_path: Path) -> None:
    units, nested = [(4, False), (6, False), (10, True), (12, True), (4, True)][seed % 5]
    task = planted(tmp_path, sounds(seed, units, nested, unchanged))
    assert [f.what for f in facts(task)] == []


@pytest.mark.parametrize(
    ("name", "nested", "change"),
    [
        ("mean", False, lambda wave, unit, state: wave + 0.1 * state),
        ("mean", True, lambda wave, unit, state: wave + 0.4 * state),
        ("level", False, lambda wave, unit, state: wave * (1 + 0.8 * state * (unit == 2))),
        ("quantisation step", False, lambda wave, unit, state: np.round(wave * 100) / 100 if state else wave),
        ("band edge", False, lambda wave, unit, state: lowpassed(wave) if state else wave),
        ("mains hum", False, lambda wave, unit, state: wave + 0.1 * state * np.sin(np.pi * np.arange(4000) / 80)),
    ],
)
def test_what_is_planted_is_found(name: str, nested: bool, change: Callable, tmp_path: Path) -> None:
    rows = sounds(3, 12 if nested else 6, nested, change, each=15 if name == "level" else 6)
    found = facts(planted(tmp_path, rows, "{length: 4000}"))
    assert {f.protocol for f in found if f.what.startswith(f"{name} alone")} >= {"published"}
    if name == "level":
        assert any("by itself in m2 (1.00)" in f.what for f in found)


def lowpassed(wave: np.ndarray) -> np.ndarray:
    spectrum = np.fft.rfft(wave)
    spectrum[int(0.9 * len(spectrum)) :] = 0
    return np.fft.irfft(spectrum, len(wave))


def test_a_border_gives_pictures_away(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    rows: list[Row] = []
    for unit in range(6):
        for number in range(12):
            picture = rng.integers(60, 180, (48, 64, 3)).astype(np.uint8)
            if number % 2:
                picture[0] = 200
            rows.append((f"p{unit}", ("ok", "bad")[number % 2], picture, None))
    found = facts(planted(tmp_path, rows, "{whole: yes}", "photo"))
    assert {f.protocol for f in found} == {"published", "grouped"}
    assert all(f.what.startswith("border alone tells") for f in found if "border" in f.what)
    assert "grouped 1.00 (chance 0.50)" in found[0].what


def test_two_units_a_class_cannot_be_tested(tmp_path: Path) -> None:
    plan = design(planted(tmp_path, sounds(0, 4, True, unchanged)))
    assert (plan.items, plan.within, plan.relabelings) == ("unit", "", 6)
    assert plan.smallest_p == pytest.approx(1 / 3)


def test_recordings_are_exchanged_within_the_unit_that_holds_both_classes(tmp_path: Path) -> None:
    plan = design(planted(tmp_path, sounds(0, 4, False, unchanged)))
    assert (plan.items, plan.within) == ("recording", "unit")
    for row in dealt(plan)[:20]:
        for unit in range(4):
            assert Counter(row[plan.stratum == unit].tolist()) == {0: 6, 1: 6}


def test_few_relabelings_are_all_looked_at_once(tmp_path: Path) -> None:
    y = np.array([0, 0, 1, 1, 2, 2])
    plan = Design("day", "", np.arange(6), np.zeros(6, dtype=np.int64), [""], y)
    dealings = dealt(plan)
    assert len({tuple(row) for row in dealings.tolist()}) == len(dealings) == plan.relabelings == 90
    assert (dealings[0] == y).all()
    assert plan.smallest_p == pytest.approx(6 / 90)
    # a fact that parts the classes without fault reaches just that
    assert tells(plan, np.array([[0.0], [0.1], [5.0], [5.1], [100.0], [100.1]]), 0.01)[0].p >= plan.smallest_p - 1e-9


def test_chance_keeps_its_promise() -> None:
    """Under relabelings the p of noise is at most p, whatever the unit offsets."""
    rng = np.random.default_rng(0)
    stratum = np.repeat(np.arange(5), 8)
    y = np.tile([0, 1], 20)
    plan = Design("recording", "unit", np.arange(40), stratum, list("abcde"), y)
    alarms = [
        min(t.p for t in tells(plan, rng.standard_normal((40, 4)) + 3 * rng.standard_normal((5, 4))[stratum], 0.05))
        <= 0.05
        for _ in range(100)
    ]
    assert sum(alarms) <= 12


def test_a_fact_is_of_use_on_new_units_where_it_scores_well_above_chance_there(tmp_path: Path) -> None:
    task = planted(tmp_path, sounds(0, 4, False, unchanged))
    folds = {name: task.folds(name) for name in ("published", "grouped")}

    def named(score: float) -> list[str]:
        told = Told(0.001, 1, 0.9, {})
        return [f.protocol for f in _of_use(task, design(task), told, "mean", dict.fromkeys(folds, score), folds)]

    assert named(0.50) == []
    assert named(0.55) == ["published"]
    assert named(0.65) == ["published", "grouped"]


def rated(folder: Path, rate: Callable[[int, int], float]) -> dict[str, str]:
    """Formats that name a class, where machine and state decide the rate."""
    rng = np.random.default_rng(0)
    rows: list[Row] = []
    for unit in range(6):
        for state in (0, 1):
            wave = np.round(3000 * rng.standard_normal((2000, 1))).astype(np.int16)
            rows.append((f"m{unit}", ("ok", "bad")[state], wave, rate(unit, state)))
    return pure_formats(planted(folder, rows, "{length: 1000, rate: 4000}"))


@pytest.mark.parametrize(
    ("rate", "said"),
    [
        # a value that no other class has
        (lambda unit, state: 8000.0 - 2000 * state, "rate alone tells bad: 6000 Hz, the other classes have 8000 Hz"),
        # one class has two of its own, the other shares one of its two
        (lambda unit, state: 8000.0 - 2000 * (state and unit > 2), ""),
        # half as many rates as machines and more mark the machine
        (lambda unit, state: 8000.0 + 100 * (unit % 3) + 50 * state, ""),
    ],
)
def test_a_format_is_a_finding_where_a_class_shares_none_of_its_values(
    rate: Callable[[int, int], float], said: str, tmp_path: Path
) -> None:
    assert rated(tmp_path, rate).get("rate", "") == said


def test_a_stratum_of_one_class_tells_nothing() -> None:
    """A machine that was only ever sound can say nothing of the fault, however far off it lies."""
    stratum = np.repeat([0, 1], 6)
    y = np.array([0, 0, 0, 1, 1, 1, *[0] * 6])
    plan = Design("recording", "unit", np.arange(12), stratum, ["a", "b"], y)
    values = np.array([1.0, 2, 3, 4, 5, 6, 100, 101, 102, 103, 104, 105])[:, None]
    (told,) = tells(plan, values, 0.2)
    assert told.auc in (0, 1)
    assert told.p == pytest.approx(2 / 20)
    assert set(told.alone) == {"a"}


def test_a_wrong_rate_gives_the_label_away(tmp_path: Path) -> None:
    """Normal at 48 kHz beside faults at 12 kHz: the built-in task leaves normal out, and this is why."""
    table = prepared("cwru").recordings
    chosen = table["id"][(table["rate"] == 12000) | (table["fault"] == "normal")].tolist()
    (tmp_path / "tasks/mine").mkdir(parents=True)
    (tmp_path / "tasks/mine/state.yaml").write_text(f"""
title: All four states
dataset: cwru
where: {{recording: {json.dumps(chosen)}}}
label: fault
classes: [inner, ball, outer, normal]
window: {{length: 4096, rate: 12000}}
protocols:
  published: {{split: random, folds: 5, separates: [], leaks: [recording, bearing]}}
""")
    found = facts(Task.find(Catalogue(tmp_path, REPOSITORY), "state", "cut"))
    assert "rate alone tells normal: 48000 Hz, the other classes have 12000 Hz" in [f.what for f in found]
    assert not any(f.declared for f in found)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("machine_sound_clips", "by itself in fan_00 (1.00)"),
        ("adi_cbm", "mean alone knows the mounting again"),
        ("bearing_irt", "border alone knows the day again"),
        ("motor_thermal", "border alone knows the sequence again"),
    ],
)
def test_what_is_known_of_the_real_sets_is_found_without_being_told(name: str, said: str) -> None:
    found = [f for f in audited(name) if f.kind == "fact" and said in f.what]
    assert found
    assert all(f.declared for f in found)


def test_a_declared_fact_excuses_no_other(tmp_path: Path) -> None:
    rows = sounds(3, 6, False, lambda wave, unit, state: wave + 0.1 * state)
    task = planted(tmp_path, rows, "{length: 4000}")
    card = task.dataset.path.parents[1] / "tasks/toys/planted.yaml"
    finding = "findings: [{{kind: fact, protocols: [published, grouped], where: {}, why: known}}]\n"
    text = card.read_text()
    for where, declared in (("mean of the axis", True), ("level", False)):
        card.write_text(text + finding.format(where))
        found = [f for f in facts(bind(card.parents[2], tmp_path / "empty")) if f.what.startswith("mean alone")]
        assert found
        assert all(f.declared == declared for f in found)
