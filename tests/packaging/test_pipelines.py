"""The DVC pipelines: what they forget, they never ask for again."""

from __future__ import annotations

import configparser
from typing import Any

import pytest
import yaml

from faultboard.declare.catalogue import Catalogue
from faultboard.declare.code import code_of
from support.repository import CARDS, REPOSITORY

PIPELINES = {
    "sample": REPOSITORY / "dvc.yaml",
    "open": REPOSITORY / "benchmarks" / "open" / "dvc.yaml",
    "papers": REPOSITORY / "benchmarks" / "papers" / "dvc.yaml",
}


def stages(suite: str) -> dict[str, Any]:
    return yaml.safe_load(PIPELINES[suite].read_text(encoding="utf-8"))["stages"]


def paths(entries: list[Any]) -> list[str]:
    """Names of deps or outs, with or without options."""
    return [next(iter(entry)) if isinstance(entry, dict) else entry for entry in entries]


def prepare_deps(suite: str, dataset: str) -> list[str]:
    """Dependencies of ``prepare@dataset``, filled in as DVC does."""
    prepare = stages(suite)["prepare"]
    item = prepare["foreach"][dataset]
    filled = []
    for path in prepare["do"]["deps"]:
        for name, value in {"key": dataset, **{f"item.{k}": v for k, v in item.items()}}.items():
            path = path.replace(f"${{{name}}}", value)
        filled.append(path)
    return filled


@pytest.fixture(scope="module")
def cards() -> Catalogue:
    return CARDS


def suite_tasks(cards: Catalogue, suite: str) -> list[tuple[str, str]]:
    """Task and dataset of everything that a suite takes."""
    card = cards.suite(suite)
    found = [cards.task(name) for name in cards.expand(card.tasks, list(cards.paths["task"]), "task", card.path)]
    return [(t.family, t.dataset) for t in found if card.edition in cards.dataset(t.dataset).editions]


@pytest.mark.parametrize("suite", PIPELINES)
def test_every_dataset_of_the_suite_is_prepared(suite: str, cards: Catalogue) -> None:
    """A dataset that is forgotten would stay `unavailable` under "up to date"."""
    assert set(stages(suite)["prepare"]["foreach"]) == {dataset for _, dataset in suite_tasks(cards, suite)}


@pytest.mark.parametrize("suite", PIPELINES)
def test_the_run_asks_again_when_a_dataset_changed(suite: str) -> None:
    edition = {"sample": "sim", "open": "cut", "papers": "full"}[suite]
    wanted = {f"data/prepared/{name}@{edition}/meta.json" for name in stages(suite)["prepare"]["foreach"]}
    assert wanted == {dep for dep in stages(suite)["run"]["deps"] if dep.startswith("data/prepared/")}


@pytest.mark.parametrize("suite", PIPELINES)
def test_a_dataset_is_prepared_again_when_its_card_code_or_table_changed(suite: str, cards: Catalogue) -> None:
    for name in stages(suite)["prepare"]["foreach"]:
        card = cards.dataset(name)
        wanted = {card.path, code_of(card.path, card.reader, "read")[0], *card.path.parent.glob(f"{name}*.csv")}
        if card.editions[cards.suite(suite).edition].simulate:
            wanted.add(code_of(card.path, "", "simulate")[0])
        named = {REPOSITORY / dep for dep in prepare_deps(suite, name)}
        assert wanted <= named, f"{name}: {sorted(str(p) for p in wanted - named)}"


@pytest.mark.parametrize("suite", PIPELINES)
def test_every_page_is_an_output_and_is_checked(suite: str, cards: Catalogue) -> None:
    families = {f"results/{suite}/{family}" for family, _ in suite_tasks(cards, suite)}
    tables, check = stages(suite)["tables"], stages(suite)["check"]
    names = ["leaderboard", *(["claims"] if cards.suite(suite).claims else [])]
    pages = {f"results/{suite}/{name}.{kind}" for name in names for kind in ("csv", "md")}
    assert set(paths(tables["outs"])) == families | pages
    assert set(paths(tables["outs"])) <= set(check["deps"])


def test_no_output_belongs_to_two_pipelines() -> None:
    """DVC refuses every command in a repository where one does."""
    outs = []
    for suite in PIPELINES:
        for stage in stages(suite).values():
            for item in stage.get("foreach", [""]):
                outs += [path.replace("${key}", item) for path in paths(stage.get("do", stage).get("outs", []))]
    assert len(outs) == len(set(outs))


@pytest.mark.parametrize("suite", PIPELINES)
def test_results_stay_in_git_and_out_of_the_cache(suite: str) -> None:
    """A cached result would be dropped by `dvc checkout`, and a run that is broken off must keep its cells."""
    for name in ("run", "tables"):
        for out in stages(suite)[name]["outs"]:
            options = next(iter(out.values()))
            assert options["cache"] is False
            assert options.get("persist", False) is (name == "run")


def test_dvc_tells_nobody_and_asks_for_no_update() -> None:
    config = configparser.ConfigParser()
    config.read_string("\n".join(line.strip() for line in (REPOSITORY / ".dvc/config").read_text().splitlines()))
    assert (config["core"]["analytics"], config["core"]["check_update"]) == ("false", "false")
