"""The claims table: every outcome, on groups and not on windows, and named rows that exist."""

from __future__ import annotations

import csv
import io
import re

import numpy as np
import pytest
from scipy.stats import t

from faultboard.declare.catalogue import Catalogue
from faultboard.errors import CardError
from faultboard.report.check import card_faults
from faultboard.report.claims import named
from faultboard.report.jackknife import row_printed
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


def judged(first: list[int], second: list[int]) -> tuple[float, float, float]:
    """Difference of accuracies in one fold, its standard error and its p, each shaft left out once, by hand."""
    rights = np.array(first) - np.array(second)
    g = len(rights)
    without = (rights.sum() - rights) / (4 * (g - 1))
    error = np.sqrt((g - 1) / g * ((without - without.mean()) ** 2).sum())
    apart = rights.sum() / (4 * g)
    return apart, error, 2 * t.sf(abs(apart) / error, g - 1)


def test_a_golden_table(cards: Catalogue) -> None:
    cards = suite(cards, ", metric: accuracy}]")
    rights = {(FOREST, "published"): GOOD, (LOGREG, "published"): POOR}
    store(cards, rights | {(FOREST, "grouped"): POOR, (LOGREG, "grouped"): GOOD})
    apart, error, p = judged(POOR, GOOD)
    half, least = t.ppf(0.975, 5) * error, (t.ppf(0.975, 5) + t.ppf(0.8, 5)) * error
    lines = tables(cards)["claims.csv"].splitlines()
    assert lines[0] == (
        "claim,text,source,task,edition,side,metric,first,direction,second,protocol,leaks,first_score,second_score,"
        "difference,low,high,p,p_holm,smallest,units,by,verdict,reason"
    )
    head = f'c,Trees win,"a book, page 1",shafts/toy,sim,{{}},accuracy,{FOREST},>,{LOGREG}'
    # 23 and 8 windows of 24 are right
    assert lines[1] == (
        f"{head.format('published')},published,recording shaft,0.958333,0.333333,{15 / 24:.6f},,,,,,,,"
        "undecided,no unit is held out"
    )
    assert lines[2] == (
        f"{head.format('honest')},grouped,,0.333333,0.958333,{-15 / 24:.6f},{apart - half:.6f},{apart + half:.6f},"
        f"{p:.6f},{p:.6f},{least:.6f},6,shaft,reversed,t over 6 shafts"
    )
    page = tables(cards)["claims.md"]
    assert page.index("Generated data") < page.index("Trees win")
    assert "**undecided** under `published`: 0.958* against 0.333* (no unit is held out)" in page
    assert "**reversed** under `grouped`: 0.333 against 0.958, difference" in page


@pytest.mark.parametrize(
    ("first", "second", "verdict", "reason"),
    [
        (GOOD, POOR, "holds", "t over 6 shafts"),
        (POOR, GOOD, "reversed", "t over 6 shafts"),
        ([4, 1, 4, 1, 4, 2], [1, 4, 2, 4, 1, 4], "undecided", "t over 6 shafts"),
        (GOOD, GOOD, "undecided", "none of 6 shafts moves it"),
        ([4, 4, 3, 4, 4], [1, 2, 1, 1, 1], "undecided", "5 shafts: fewer than 6"),
        ([4], [0], "undecided", "1 shaft: fewer than 6"),
        (GOOD * 2, POOR * 2, "holds", "t over 12 shafts"),
    ],
)
def test_the_verdict_rests_on_units(
    cards: Catalogue, first: list[int], second: list[int], verdict: str, reason: str
) -> None:
    cards = suite(cards, ", metric: accuracy}]")
    store(cards, {(FOREST, "grouped"): first, (LOGREG, "grouped"): second})
    published, honest = both(cards)
    assert (honest["verdict"], honest["reason"]) == (verdict, reason)
    assert (published["verdict"], published["reason"]) == ("not run", f"{FOREST}: no cell of it")


def test_the_verdict_is_the_one_of_all_claims_together(cards: Catalogue) -> None:
    """Of a hundred claims of nothing five hold at 5 %: twice as many claims need half the p."""
    first, second = [4, 4, 3, 4, 3, 4], [2, 4, 1, 3, 1, 4]
    _, _, p = judged(first, second)
    assert 0.05 / 3 < p < 0.05
    for count, verdict in ((1, "holds"), (3, "undecided")):
        more = "".join(
            f", {{id: d{i}, text: t, source: s, task: toy, metric: accuracy, {ROWS}}}" for i in range(1, count)
        )
        several = suite(cards, f", metric: accuracy}}{more}]")
        store(several, {(FOREST, "grouped"): first, (LOGREG, "grouped"): second})
        honest = [
            line for line in csv.DictReader(io.StringIO(tables(several)["claims.csv"])) if line["side"] == "honest"
        ]
        assert {line["verdict"] for line in honest} == {verdict}
        assert {line["p_holm"] for line in honest} == {f"{min(1, count * p):.6f}"}


def test_what_did_not_run_says_why(cards: Catalogue) -> None:
    cards = suite(cards)
    results = store(cards, {(FOREST, "grouped"): GOOD, (LOGREG, "grouped"): POOR})
    first, second = results.records.values()
    failed = Record(second.cell, "failed", "predictions are not finite")
    write_results(results.path, [first, failed], [results.rows(first.cell.key)])
    _, honest = both(cards)
    assert (honest["verdict"], honest["reason"]) == ("not run", f"{LOGREG}: failed: predictions are not finite")
    assert (honest["first_score"], honest["units"]) == ("", "")


def test_a_task_without_an_honest_protocol_says_so(cards: Catalogue) -> None:
    path = cards.root / "tasks/shafts/toy.yaml"
    path.write_text(path.read_text().replace("gap: [published, grouped]\n", ""))
    cards = suite(cards)
    store(cards, {(FOREST, "published"): GOOD, (LOGREG, "published"): POOR})
    published, honest = both(cards)
    assert (published["verdict"], published["reason"]) == ("undecided", "no unit is held out")
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


def test_a_metric_that_a_unit_left_out_undoes_gives_no_verdict(cards: Catalogue) -> None:
    """One shaft alone holds the second class: without it there is no curve."""
    cards = suite(cards, ", metric: auroc}]")
    results = store(cards, {(FOREST, "grouped"): GOOD, (LOGREG, "grouped"): POOR})
    frame = results.predictions
    lonely = frame["shaft"].ne("s0") & frame["truth"].eq(1)
    write_results(results.path, list(results.records.values()), [frame[~lonely].astype({"key": str})])
    _, honest = both(cards)
    assert (honest["verdict"], honest["reason"]) == ("undecided", "not defined without each of 6 shafts")
    assert not re.search(r"\bnan\b", tables(cards)["claims.csv"] + tables(cards)["claims.md"])


def test_units_are_of_what_a_level_takes_together(cards: Catalogue) -> None:
    """Of two windows of a recording the level makes one, which is of the recording's shaft."""
    path = cards.root / "tasks/shafts/toy.yaml"
    path.write_text(path.read_text() + "level: recording by mean\n")
    cards = Catalogue(cards.root, cards.builtin)
    results = store(cards, {(FOREST, "grouped"): GOOD})
    frame = results.predictions.astype({"recording": str, "shaft": str})
    frame["recording"] = frame["shaft"] + "_" + frame["truth"].astype(str)
    write_results(results.path, list(results.records.values()), [frame])
    again = Results(results.path)
    (record,) = again.records.values()
    windows = again.windows(record.cell.key)
    assert windows.column_at("shaft", "recording by mean").tolist() == [f"s{i // 2}" for i in range(12)]
    assert windows.at(cards.task("toy"), "recording by mean").truth.tolist() == [0, 1] * 6
    assert row_printed(again, cards.task("toy"), "grouped", FOREST, "accuracy").units == [f"s{i}" for i in range(6)]


def test_a_suite_without_claims_has_no_table(cards: Catalogue) -> None:
    store(cards, {(FOREST, "grouped"): GOOD})
    assert not any("claims" in name for name in tables(cards))
