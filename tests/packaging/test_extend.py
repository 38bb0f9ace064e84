"""The examples of docs/extend.md, put into a copy of the engine as a reader would, and run on toy cards."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.in_memory import SMALL, SMALL_CARD
from support.repository import REPOSITORY
from support.toy import MODEL, SUITE, TASK, write_root

PAGE = (REPOSITORY / "docs" / "extend.md").read_text(encoding="utf-8")
FILES = re.findall(r"```python\n# (\S+)\n(.*?)```", PAGE, re.DOTALL)
CHANGES = re.findall(r"```diff\n# (\S+)\n(.*?)```", PAGE, re.DOTALL)
LINES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)

LATER = "  later: {split: last_part, test: 0.3, separates: [], leaks: [recording, shaft]}\ngap:"
CARDS = {
    "tasks/shafts/toy.yaml": TASK.replace("gap:", LATER) + "metrics: [cohen_kappa, accuracy]\n",
    "models/tones.yaml": MODEL.replace("{logreg: {}, ", "{lda: {}, "),
    "models/small.yaml": SMALL_CARD.replace(": raw", ": difference") + "  full: {epochs: 1}\n",
    "models/small.py": SMALL,
    "benchmarks/toy_suite.yaml": SUITE.replace('"tones.*"', "tones.none.lda, small.scratch.full").replace(", 1]", "]"),
}
# one process: what takes its time is importing torch
RUN = """
import sys
from faultboard.cli import app
for words in ("prepare toy@sim", "run toy_suite --executor threads --workers 2", "tables toy_suite", "check toy_suite"):
    print("$", words)
    try:
        app(words.split(), standalone_mode=False)
    except SystemExit as end:
        assert not end.code, words
"""


def test_every_vocabulary_has_an_example_of_moderate_length() -> None:
    rooms = "tasks/metrics tasks/splits models/regimes models/inputs report/writers run/executors"
    assert [str(Path(name).parent) for name, _ in FILES] == [f"src/faultboard/{room}" for room in rooms.split()]
    assert max(len(text.splitlines()) for _, text in FILES) < 45
    assert [name for name, _ in FILES if (REPOSITORY / name).exists()] == []


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results of the toy suite by an engine that knows the words of the page."""
    folder = tmp_path_factory.mktemp("extended")
    shutil.copytree(REPOSITORY / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    for name, text in FILES:
        (folder / name).write_text(text, encoding="utf-8")
    for name, change in CHANGES:
        before = "".join(line[1:] for line in change.splitlines(keepends=True) if line.startswith(" "))
        after = "".join(line[1:] for line in change.splitlines(keepends=True))
        text = (folder / name).read_text(encoding="utf-8")
        assert text.count(before) == 1, name
        (folder / name).write_text(text.replace(before, after), encoding="utf-8")
    root = write_root(folder / "root")
    for name, text in CARDS.items():
        (root / name).write_text(text.lstrip(), encoding="utf-8")
    env = os.environ | {"PYTHONPATH": str(folder / "src")}
    done = subprocess.run([sys.executable, "-c", RUN], cwd=root, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return root / "results" / "toy_suite"


def rows(results: Path, **wanted: str) -> list[dict[str, str]]:
    with (results / "leaderboard.csv").open(encoding="utf-8", newline="") as stream:
        return [row for row in csv.DictReader(stream) if all(row[name] == value for name, value in wanted.items())]


def test_everything_was_computed(results: Path) -> None:
    assert {(row["status"], row["reason"]) for row in rows(results)} == {("ok", "")}
    assert len(rows(results)) == 8


def test_the_metric_is_a_headline(results: Path) -> None:
    assert {row["headline"] for row in rows(results)} == {"cohen_kappa"}
    (row,) = rows(results, protocol="published", model="tones.none.lda")
    # two classes of one size: kappa is what accuracy is above one half, doubled
    assert float(row["headline_mean"]) == pytest.approx(2 * float(row["accuracy_mean"]) - 1, abs=0.02)
    assert "Scores are Cohen's kappa" in (results / "shafts" / "toy.md").read_text(encoding="utf-8")


def test_the_split_is_a_protocol(results: Path) -> None:
    assert {row["model"] for row in rows(results, protocol="later")} == {"tones.none.lda", "small.scratch.full"}
    said = (results / "shafts" / "toy.md").read_text(encoding="utf-8")
    assert "The last 30 % of each recording is tested." in said


def test_the_regime_learns(results: Path) -> None:
    (row,) = rows(results, protocol="published", regime="lda")
    assert float(row["accuracy_mean"]) > 0.9  # a tone more or less, on shafts that were met


def test_the_input_feeds_a_network(results: Path) -> None:
    assert len(rows(results, input="difference", regime="full")) == 4


def test_the_writer_writes_plain_text(results: Path) -> None:
    said = (results / "leaderboard.txt").read_text(encoding="utf-8")
    assert "tones.none.lda" in said
    assert "Generated data" in said
    assert not re.search(r"\*\*|\]\(|^#", said, re.MULTILINE)


def test_the_lines_of_the_pipeline_fit_it() -> None:
    """What stands there for a writer that exists has the form that the page shows."""
    text = (REPOSITORY / "dvc.yaml").read_text(encoding="utf-8")
    assert len(LINES) == 1
    assert LINES[0].replace("leaderboard.txt", "leaderboard.md") in text
