"""The claims table: every outcome, on groups and not on windows, and named rows that exist."""

from __future__ import annotations

import csv
import io
import re

import numpy as np
import pytest

from faultboard.declare.catalogue import Catalogue
from faultboard.errors import CardError
from faultboard.report.check import card_faults
from faultboard.report.claims import named
from faultboard.report.paired import MANY, by_group, difference
from faultboard.report.write import render
from faultboard.run.record import Record
from faultboard.run.store import Results, write_results
from faultboard.run.suite import Suite
from support.stored import FOREST, GOOD, LOGREG, POOR, store
from support.toy import FILES

ROWS = "rows: [tones.none.forest, tones.none.logreg]"
CLAIM = f"claims: [{{id: c, text: Trees win, source: 'a book, page 1', task: toy, {ROWS}"


def suite(cards: Catalogue, ending: str = "}]") -> Catalogue:
    path = cards.root / "benchmarks/toy_suite.yaml"
    path.write_text(FILES["benchmarks/toy_suite.yaml"].lstrip() + CLAIM + ending + "\n")
    return Catalogue(cards.root, cards.builtin)


def tables(cards: Catalogue) -> dict[str, str]:
    return render(Suite.of(cards, "toy_suite"))


def both(cards: Catalogue) -> tuple[dict[str, str], dict[str, str]]:
    published, honest = csv.DictReader(io.StringIO(tables(cards)["claims.csv"]))
    return published, honest


def test_a_golden_table(cards: Catalogue) -> None:
    cards = suite(cards, ", metric: accuracy}]")
    rights = {(FOREST, "published"): GOOD, (LOGREG, "published"): POOR}
    store(cards, rights | {(FOREST, "grouped"): POOR, (LOGREG, "grouped"): GOOD})
    each = (np.array(GOOD) - np.array(POOR)) / 4
    half = 2.570582 * each.std(ddof=1) / np.sqrt(6)  # t, 5 degrees of freedom
    # 23 and 8 windows of 24 are right
    low, high, apart = each.mean() - half, each.mean() + half, 15 / 24
    lines = tables(cards)["claims.csv"].splitlines()
    assert lines[0] == (
        "claim,text,source,task,edition,side,metric,first,direction,second,protocol,leaks,first_score,second_score,"
        "difference,low,high,groups,by,verdict,reason"
    )
    head = f'c,Trees win,"a book, page 1",shafts/toy,sim,{{}},accuracy,{FOREST},>,{LOGREG}'
    assert lines[1] == (
        f"{head.format('published')},published,recording shaft,0.958333,0.333333,{apart:.6f},{low:.6f},{high:.6f},"
        "6,shaft,holds,t over 6 shafts"
    )
    assert lines[2] == (
        f"{head.format('honest')},grouped,,0.333333,0.958333,{-apart:.6f},{-high:.6f},{-low:.6f},"
        "6,shaft,reversed,t over 6 shafts"
    )
    page = tables(cards)["claims.md"]
    assert page.index("Generated data") < page.index("Trees win")
    assert "**holds** under `published`: 0.958* against 0.333*" in page
    assert "**reversed** under `grouped`: 0.333 against 0.958, difference" in page


@pytest.mark.parametrize(
    ("first", "second", "verdict", "reason"),
    [
        (GOOD, POOR, "holds", "t over 6 shafts"),
        (POOR, GOOD, "reversed", "t over 6 shafts"),
        ([4, 1, 4, 1, 4, 2], [1, 4, 2, 4, 1, 4], "undecided", "t over 6 shafts"),
        (GOOD, GOOD, "undecided", "t over 6 shafts"),
        ([4, 4, 3], [1, 2, 1], "holds", "in each of 3 shafts"),
        ([1, 2], [4, 4], "reversed", "in each of 2 shafts"),
        ([4, 4, 1], [1, 2, 3], "undecided", "3 shafts, 2 for it: too few"),
        ([4], [0], "undecided", "1 shaft: too few"),
        (GOOD * 2, POOR * 2, "holds", "bootstrap over 12 shafts"),
    ],
)
def test_the_verdict_rests_on_groups(
    cards: Catalogue, first: list[int], second: list[int], verdict: str, reason: str
) -> None:
    cards = suite(cards)
    store(cards, {(FOREST, "grouped"): first, (LOGREG, "grouped"): second})
    published, honest = both(cards)
    assert (honest["verdict"], honest["reason"]) == (verdict, reason)
    assert (published["verdict"], published["reason"]) == ("not run", f"{FOREST}: no cell of it")


@pytest.mark.parametrize("shafts", [6, MANY])
def test_more_windows_of_the_same_shafts_make_nothing_surer(cards: Catalogue, shafts: int) -> None:
    first, second = ([4, 2, 3] * shafts)[:shafts], ([1, 2, 4] * shafts)[:shafts]
    found = []
    for copies in (1, 50):
        results = store(cards, {(FOREST, "grouped"): first, (LOGREG, "grouped"): second}, copies=copies)
        records = list(results.records.values())
        sides = [by_group(cards.task("toy"), results, [record], "shaft") for record in records]
        found.append(difference(sides[0], sides[1], "accuracy", "shaft").interval)
    assert found[0] == pytest.approx(found[1])
    assert found[0] is not None
    assert found[0][0] < 0 < found[0][1]


def test_the_bootstrap_agrees_with_t_where_both_may_be_used(cards: Catalogue) -> None:
    rng = np.random.default_rng(0)
    first, second = (rng.integers(0, 5, 60).tolist() for _ in range(2))
    results = store(cards, {(FOREST, "grouped"): first, (LOGREG, "grouped"): second})
    sides = [by_group(cards.task("toy"), results, [record], "shaft") for record in results.records.values()]
    found = difference(sides[0], sides[1], "accuracy", "shaft")
    half = 2.001 * found.each.std(ddof=1) / np.sqrt(60)
    assert found.method == "bootstrap"
    assert found.interval == pytest.approx((found.each.mean() - half, found.each.mean() + half), abs=0.2 * half)


def test_what_did_not_run_says_why(cards: Catalogue) -> None:
    cards = suite(cards)
    results = store(cards, {(FOREST, "grouped"): GOOD, (LOGREG, "grouped"): POOR})
    first, second = results.records.values()
    failed = Record(second.cell, "failed", "predictions are not finite")
    write_results(results.path, [first, failed], [results.rows(first.cell.key)])
    _, honest = both(cards)
    assert (honest["verdict"], honest["reason"]) == ("not run", f"{LOGREG}: failed: predictions are not finite")
    assert (honest["first_score"], honest["groups"]) == ("", "")


def test_a_task_without_an_honest_protocol_says_so(cards: Catalogue) -> None:
    path = cards.root / "tasks/shafts/toy.yaml"
    path.write_text(path.read_text().replace("gap: [published, grouped]\n", ""))
    cards = suite(cards)
    store(cards, {(FOREST, "published"): GOOD, (LOGREG, "published"): POOR})
    published, honest = both(cards)
    assert published["verdict"] == "holds"
    assert (honest["verdict"], honest["reason"]) == ("not run", "these data carry no honest protocol for this label")


@pytest.mark.parametrize(
    ("folds", "direction", "verdict", "reason"),
    [
        (2, "<", "reversed", "in 0 of 2 folds"),
        (2, ">", "holds", "in 2 of 2 folds"),
        (1, ">", "undecided", "1 fold: too few"),
    ],
)
def test_training_times_are_compared_fold_by_fold(
    cards: Catalogue, folds: int, direction: str, verdict: str, reason: str
) -> None:
    cards = suite(cards, f", metric: train_seconds, direction: '{direction}'}}]")
    store(cards, {(FOREST, "grouped"): GOOD, (LOGREG, "grouped"): POOR}, {FOREST: 9.0, LOGREG: 2.0}, folds=folds)
    _, honest = both(cards)
    assert (honest["verdict"], honest["reason"], honest["by"]) == (verdict, reason, "fold")
    assert f"**{verdict}** under `grouped`: 9.0 s against 2.0 s" in tables(cards)["claims.md"]


def test_a_row_that_repeats_a_mistake_is_claimed_of_by_nobody(cards: Catalogue) -> None:
    path = cards.root / "models/tones.yaml"
    path.write_text(path.read_text().replace("logreg: {}", "logreg: {as_published: scaled by the test}"))
    store(cards, {(FOREST, "grouped"): GOOD})
    with pytest.raises(CardError, match=r"claims\.0 \(c\): 'tones.none.logreg' is marked 'as published'"):
        tables(suite(cards))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("task: toy", "task: toyy", "claims.0 (c): no task 'toyy' in this suite. Did you mean 'shafts/toy'?"),
        (
            "none.logreg",
            "none.logrge",
            f"claims.0 (c): no row 'tones.none.logrge' in this suite. Did you mean '{LOGREG}'?",
        ),
        ("toy, rows", "toy, metric: acuracy, rows", "claims.0 (c): no metric 'acuracy'. Did you mean 'accuracy'?"),
        ("toy, rows", "toy, metric: recall, rows", "claims.0 (c): 'recall' is no single number"),
        ("toy, rows", "toy, metric: confusion, rows", "claims.0 (c): 'confusion' is no single number"),
    ],
)
def test_a_misspelt_word_gives_the_nearest(cards: Catalogue, old: str, new: str, said: str) -> None:
    cards = suite(cards)
    path = cards.root / "benchmarks/toy_suite.yaml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    cards = Catalogue(cards.root, cards.builtin)
    with pytest.raises(CardError) as caught:
        named(Suite.of(cards, "toy_suite"))
    assert said in str(caught.value)
    assert f"{path}:7: " in str(caught.value)
    assert str(caught.value) in card_faults(cards)


@pytest.mark.parametrize(
    ("ending", "said"),
    [
        (", direction: '='}]", "claims.0.direction"),
        (", metrik: accuracy}]", "unknown key 'metrik'. Did you mean 'metric'?"),
        (
            f"}}, {{id: c, text: t, source: s, task: toy, {ROWS}}}]",
            "two claims are called 'c'",
        ),
    ],
)
def test_a_wrong_claim_is_one_line(cards: Catalogue, ending: str, said: str) -> None:
    with pytest.raises(CardError, match=r"^[^\n]*$") as caught:
        suite(cards, ending).suite("toy_suite")
    assert said in str(caught.value)


def test_a_metric_that_a_group_does_not_define_gives_no_verdict(cards: Catalogue) -> None:
    """Three shafts of four windows hold both classes; a fourth holds one, and has no curve."""
    cards = suite(cards, ", metric: auroc}]")
    results = store(cards, {(FOREST, "grouped"): GOOD, (LOGREG, "grouped"): POOR})
    frame = results.predictions
    lonely = frame["shaft"].eq("s0") & frame["truth"].eq(1)
    write_results(results.path, list(results.records.values()), [frame[~lonely].astype({"key": str})])
    _, honest = both(cards)
    assert (honest["verdict"], honest["reason"]) == ("undecided", "not defined in each shaft")
    assert not re.search(r"\bnan\b", tables(cards)["claims.csv"] + tables(cards)["claims.md"])


def test_a_metric_of_probabilities_is_never_drawn_from_counts(cards: Catalogue) -> None:
    """Counts hold no probabilities, so a bootstrap over them would be of another metric."""
    results = store(cards, {(FOREST, "grouped"): GOOD * 2, (LOGREG, "grouped"): POOR * 2})
    sides = [by_group(cards.task("toy"), results, [record], "shaft") for record in results.records.values()]
    assert difference(sides[0], sides[1], "auroc", "shaft").method == "t"
    assert difference(sides[0], sides[1], "accuracy", "shaft").method == "bootstrap"


def test_groups_are_of_what_a_level_takes_together(cards: Catalogue) -> None:
    """Of four windows of a recording the level makes one: a group has as many trials as recordings."""
    path = cards.root / "tasks/shafts/toy.yaml"
    path.write_text(path.read_text() + "level: recording by mean\n")
    cards = Catalogue(cards.root, cards.builtin)
    results = store(cards, {(FOREST, "grouped"): GOOD})
    frame = results.predictions.astype({"recording": str, "shaft": str})
    frame["recording"] = frame["shaft"] + "_" + frame["truth"].astype(str)
    frame["shaft"] = frame["shaft"].where(frame["shaft"] != "s0", "s1")
    write_results(results.path, list(results.records.values()), [frame])
    again = Results(results.path)
    groups = by_group(cards.task("toy"), again, list(again.records.values()), "shaft")
    assert {name: len(seeds[0].truth) for name, seeds in groups.items()} == {
        "s1": 4,
        "s2": 2,
        "s3": 2,
        "s4": 2,
        "s5": 2,
    }
    assert groups["s3"][0].truth.tolist() == [0, 1]


def test_a_suite_without_claims_has_no_table(cards: Catalogue) -> None:
    store(cards, {(FOREST, "grouped"): GOOD})
    assert not any("claims" in name for name in tables(cards))
