"""`compare`: two rows over all tasks, own ones too."""

import json
import shutil

import pytest

from faultboard.declare.catalogue import Catalogue
from support.command import faultboard, mistake
from support.stored import FOREST, GOOD, LOGREG, POOR, store

RIGHTS = {
    (FOREST, "grouped"): GOOD,
    (LOGREG, "grouped"): POOR,
    (FOREST, "published"): [4, 4],
    (LOGREG, "published"): [2, 2],
}


@pytest.fixture
def stored(cards: Catalogue) -> Catalogue:
    store(cards, RIGHTS)
    return cards


def test_it_finds_the_suite_and_says_what_the_difference_rests_on(stored: Catalogue) -> None:
    said = faultboard("compare", FOREST, LOGREG, root=stored.root)
    assert said.returncode == 0, said.stderr
    assert "6 shafts" in " ".join(said.stdout.split())
    assert "Generated data" in said.stdout
    plain = json.loads(faultboard("compare", FOREST, LOGREG, "--json", root=stored.root).stdout)
    assert plain["suite"] == "toy_suite"
    published, honest = plain["lines"]
    assert (published["side"], published["low"], published["reason"]) == ("published", None, "no unit is held out")
    assert (honest["units"], honest["by"], honest["p"]) == (6, "shaft", honest["p_holm"])
    assert honest["low"] < honest["difference"] < honest["high"]


def test_the_other_way_round_is_the_same_with_the_other_sign(stored: Catalogue) -> None:
    way, back = (
        json.loads(faultboard("compare", *rows, "--json", root=stored.root).stdout)["lines"][1]
        for rows in ((FOREST, LOGREG), (LOGREG, FOREST))
    )
    assert (way["difference"], way["low"], way["p"]) == pytest.approx((-back["difference"], -back["high"], back["p"]))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((FOREST, "tones.none.logrge"), f"no suite has results of 'tones.none.logrge'. Did you mean '{LOGREG}'?"),
        ((FOREST, FOREST), "a row does not differ from itself"),
        ((FOREST, LOGREG, "--metric", "acuracy"), "Did you mean 'accuracy'?"),
        ((FOREST, LOGREG, "--metric", "confusion"), "is no single number"),
        ((FOREST, LOGREG, "--suite", "toy_siute"), "Did you mean 'toy_suite'?"),
        ((FOREST, "tones.none.logrge", "--suite", "toy_suite"), "toy_suite has no results of 'tones.none.logrge'."),
        ((FOREST, LOGREG, "--suite", "sample"), "sample has no results"),
    ],
)
def test_a_mistake_is_one_line(stored: Catalogue, words: tuple[str, ...], said: str) -> None:
    assert said in mistake("compare", *words, root=stored.root)


def test_a_row_of_several_suites_is_asked_about(stored: Catalogue) -> None:
    suite = stored.root / "benchmarks/toy_suite.yaml"
    (stored.root / "benchmarks/again.yaml").write_text(suite.read_text())
    shutil.copytree(stored.root / "results/toy_suite", stored.root / "results/again")
    said = mistake("compare", FOREST, LOGREG, root=stored.root)
    assert "--suite: again or toy_suite have results of both rows: say which" in said
    assert faultboard("compare", FOREST, LOGREG, "--suite", "again", root=stored.root).returncode == 0


def test_rows_without_a_common_task_are_one_line(cards: Catalogue) -> None:
    store(cards, {(FOREST, "grouped"): GOOD, (FOREST, "published"): GOOD, (LOGREG, "published"): POOR})
    said = mistake("compare", FOREST, LOGREG, root=cards.root)
    assert "toy_suite has no task on which both rows are whole and may be compared" in said
