"""What a plan says before anything is computed: which cells, which not and why, and what to type next."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from faultboard.declare.catalogue import Catalogue
from faultboard.errors import CardError, Unavailable
from faultboard.run.outlook import outlook
from faultboard.run.suite import Suite
from faultboard.run.suite_run import SuiteRun
from faultboard.tasks.task import Task
from support.command import faultboard
from support.toy import FILES

NETWORK = f"""
title: A network whose weights are elsewhere
builder: torchvision:resnet18
input: {{vibration: mel_image}}
layers: {{head: fc, width: 512}}
pretraining: {{imagenet: {{file: elsewhere.pt, sha256: {"0" * 64}}}}}
recipes: {{probe: {{}}}}
"""


def with_suite(cards: Catalogue, lines: str, models: str = '["tones.*"]') -> Catalogue:
    text = FILES["benchmarks/toy_suite.yaml"].lstrip().replace('["tones.*"]', models).replace("*/*", "shafts/*")
    (cards.root / "benchmarks/toy_suite.yaml").write_text(f"{text}{lines}\n", encoding="utf-8")
    return Catalogue(cards.root, cards.builtin)


def said(cards: Catalogue, *words: str) -> str:
    done = faultboard(*words, root=cards.root)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_plan_names_why_cells_are_unavailable(ready: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FAULTBOARD_WEIGHTS", raising=False)
    (ready.root / "models/network.yaml").write_text(NETWORK.lstrip(), encoding="utf-8")
    cards = with_suite(ready, "", '["tones.*", "network.*"]')
    found = outlook(SuiteRun(Suite.of(cards, "toy_suite")))
    # of eight folds, one seed: nothing of it is drawn
    ((reason, count),) = found.blocked.items()
    assert (count, found.todo, found.done) == (8, 24, 0)
    assert reason.startswith("weights elsewhere.pt: they have no public address")
    text = said(cards, "run", "toy_suite", "--plan")
    assert "32 cells: 0 done, 24 to run, 24 of them not timed before, 8 unavailable" in text
    assert "8 unavailable: weights elsewhere.pt" in text
    shutil.rmtree(cards.root / "data/prepared")
    text = said(cards, "run", "toy_suite", "--plan")
    assert "12 unavailable: toy@sim: not prepared: faultboard prepare toy@sim" in text


def test_some_models_may_stand_on_some_tasks_alone(ready: Catalogue) -> None:
    text = FILES["tasks/shafts/toy.yaml"].lstrip()
    (ready.root / "tasks/shafts/other.yaml").write_text(text, encoding="utf-8")
    plan = SuiteRun(Suite.of(with_suite(ready, "only: {'*.forest': [shafts/other]}"), "toy_suite")).plan
    assert {(cell.task, cell.model) for cell in plan.cells} == {
        ("shafts/toy", "tones.none.logreg"),
        ("shafts/other", "tones.none.logreg"),
        ("shafts/other", "tones.none.forest"),
    }
    for wrong, what in (("'*.forst': [shafts/toy]", "forst"), ("'*.forest': [shafts/ohter]", "ohter")):
        with pytest.raises(CardError, match=f"only: no .*{what}"):
            SuiteRun(Suite.of(with_suite(ready, f"only: {{{wrong}}}"), "toy_suite"))


def test_commands_that_follow_name_the_edition_that_ran(ready: Catalogue) -> None:
    data = ready.root / "datasets/toy.yaml"
    data.write_text(data.read_text() + "  cut: {simulate: {seed: 0}, expect: {recordings: 12}}\n")
    cards = with_suite(Catalogue(ready.root, ready.builtin), "")
    suite = cards.root / "benchmarks/toy_suite.yaml"
    suite.write_text(suite.read_text().replace("edition: sim", "edition: cut"))
    assert "tables: faultboard tables toy_suite --edition sim" in said(cards, "run", "toy_suite", "--edition", "sim")
    said(cards, "tables", "toy_suite", "--edition", "sim", "--quiet")
    assert "nothing to mend" in said(cards, "check", "toy_suite", "--edition", "sim")


def test_try_takes_an_edition_that_carries_the_protocol(root: Path, empty: Path) -> None:
    # the first edition has one shaft, so that none can be held out
    reader = root / "datasets/toy.py"
    reader.write_text(reader.read_text().replace("for shaft in range(6)", "for shaft in range(2 if seed == 7 else 6)"))
    data = root / "datasets/toy.yaml"
    few = "  cut: {simulate: {seed: 7}, expect: {recordings: 4}}\n  sim:"
    data.write_text(data.read_text().replace("  sim:", few))
    cards = Catalogue(root, empty)
    assert Task.find(cards, "toy").edition == "cut"
    assert Task.find(cards, "toy", protocol="grouped").edition == "sim"
    with pytest.raises(Unavailable, match="toy@cut cannot carry grouped: 3 folds by shaft, but there are 2 values"):
        Task.find(cards, "toy", "cut", "grouped")
