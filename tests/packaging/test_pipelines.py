"""The DVC pipelines: what they forget, they never ask for again."""

from __future__ import annotations

import configparser
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from faultboard import versions
from faultboard.declare.catalogue import Catalogue
from faultboard.declare.code import code_of
from faultboard.report.write import render
from faultboard.report.writers import outputs
from faultboard.run.compute import Settings
from faultboard.run.suite import Suite
from faultboard.run.suite_run import SuiteRun
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
def test_what_writers_write_is_an_output_and_is_checked(suite: str, cards: Catalogue) -> None:
    """A writer's file that the pipeline does not name would be left behind by a branch switch, and never checked."""
    families = sorted({family for family, _ in suite_tasks(cards, suite)})
    wanted = {f"results/{suite}/{name}" for name in outputs(cards.suite(suite), families)}
    tables, check = stages(suite)["tables"], stages(suite)["check"]
    assert set(paths(tables["outs"])) == wanted
    assert wanted <= set(check["deps"])


def test_a_writer_writes_what_it_says(ready: Catalogue) -> None:
    work = SuiteRun(Suite.of(ready, "toy_suite"))
    work.run(Settings(1, "cpu"), 1, lambda *_: None)
    told = outputs(work.suite.card, ["shafts"])
    assert {path.split("/")[0] for path in render(work.suite)} == set(told)


# What of the engine each version speaks for: who changes it so that numbers move raises the version.
SPEAKS_FOR = {
    "PREPARED": ["data"],
    "INPUTS": ["models/inputs"],
    "FEATURES": ["models/frozen", "models/networks"],
    "HEADS": ["models/frozen", "models/regimes"],
    "TRAINING": ["models/training", "models/networks", "models/regimes"],
    "FOLDS": ["tasks/folds.py", "tasks/splits", "tasks/budget.py", "tasks/validation.py"],
    "AUDIT": ["tasks/audit", "tasks/leak.py", "tasks/description.py"],
    "METRICS": ["tasks/metrics", "tasks/levels", "tasks/scoring.py"],
}
# What moves no number: how cards are read, what is asked of whom, where it is stored.
SILENT = [
    "__init__.py", "api.py", "cli", "declare", "errors.py", "files", "run", "versions.py",
    "models/__init__.py", "models/card_words.py", "models/identity.py",
    "models/inputs/__init__.py", "models/patches.py", "models/windows.py",
    "tasks/__init__.py", "tasks/card_words.py", "tasks/facts.py", "tasks/task.py",
]  # fmt: skip
# What a stage imports of another part for its words alone.
FOR_WORDS = {
    "prepare": ["models/regimes/__init__.py"],
    "run": ["report/__init__.py", "report/words.py"],
    "tables": ["models/regimes", "tasks/folds.py"],
}
COMMANDS = {
    "prepare": ["prepare", "toy@sim", "--again"],
    "run": ["run", "toy_suite", "--fresh"],
    "tables": ["tables", "toy_suite", "--quiet"],
    "check": ["check", "toy_suite"],
}
SPY = """
import sys
from pathlib import Path
from faultboard import cli
try:
    cli.app(sys.argv[1:], standalone_mode=False)
except SystemExit:
    pass
room = Path(cli.__file__).parents[1]
for module in list(sys.modules.values()):
    file = getattr(module, "__file__", None)
    if file and Path(file).is_relative_to(room):
        print("seen", Path(file).relative_to(room).as_posix())
"""


def versions_of(stage: dict[str, Any]) -> set[str]:
    """Versions that a stage names among its parameters."""
    return {
        name
        for entry in stage.get("params", [])
        if isinstance(entry, dict)
        for name in entry.get("src/faultboard/versions.py") or []
    }


def test_every_version_speaks_for_something_that_is_there() -> None:
    assert set(SPEAKS_FOR) == {name for name in vars(versions) if name.isupper()}
    room = REPOSITORY / "src/faultboard"
    assert [place for places in [*SPEAKS_FOR.values(), SILENT] for place in places if not (room / place).exists()] == []


@pytest.fixture(scope="module")
def ran(prepared_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("pipeline") / "root"
    shutil.copytree(prepared_root, root)
    SuiteRun(Suite.of(Catalogue(root, root), "toy_suite")).run(Settings(1, "cpu"), 1, lambda *_: None)
    return root


@pytest.mark.parametrize("command", COMMANDS)
def test_a_stage_depends_on_all_that_its_command_computes_with(command: str, ran: Path) -> None:
    """What a command imports is declared by its stage, as files or by its version, or it moves no number."""
    call = [sys.executable, "-c", SPY, *COMMANDS[command]]
    said = subprocess.run(call, cwd=ran, capture_output=True, text=True, check=True).stdout
    seen = [line.removeprefix("seen ") for line in said.splitlines() if line.startswith("seen ")]
    assert len(seen) > 20
    for suite in PIPELINES:
        stage = stages(suite)[command]
        stage = stage.get("do", stage)
        files = [d.removeprefix("src/faultboard/") for d in stage["deps"] if d.startswith("src/faultboard/")]
        spoken = [place for name in versions_of(stage) for place in SPEAKS_FOR[name]]
        known = [*files, *spoken, *SILENT, *FOR_WORDS.get(command, [])]
        unknown = [m for m in seen if not any(m == place or m.startswith(f"{place}/") for place in known)]
        assert unknown == [], f"{suite}: {command}"


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
