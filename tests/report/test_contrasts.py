"""The pairs that a suite compares: a difference over groups, a test only where the groups allow one."""

import re

import numpy as np
import pytest

from faultboard.declare.catalogue import Catalogue
from faultboard.errors import CardError
from faultboard.report.contrasts import RULE, contrasts
from faultboard.report.markdown import markdown
from faultboard.report.paired import Difference, group_column
from faultboard.report.task_table import read_tables
from faultboard.report.write import render
from faultboard.run.suite import Suite
from support.repository import CARDS
from support.stored import FOREST, GOOD, LOGREG, POOR, store
from support.toy import FILES


def comparing(cards: Catalogue, edition: str = "cut", pair: str = f"{FOREST}, {LOGREG}") -> Catalogue:
    path = cards.root / "benchmarks/toy_suite.yaml"
    path.write_text(FILES["benchmarks/toy_suite.yaml"].lstrip() + f"compare: [[{pair}]]\n")
    return on(cards, edition)


def on(cards: Catalogue, edition: str) -> Catalogue:
    """The same cards with another name for the edition."""
    for name in ("datasets/toy.yaml", "benchmarks/toy_suite.yaml"):
        path = cards.root / name
        path.write_text(re.sub(r"(  |edition: )(sim|cut)\b", rf"\g<1>{edition}", path.read_text()))
    return Catalogue(cards.root, cards.builtin)


def section(cards: Catalogue) -> str:
    suite = Suite.of(cards, "toy_suite")
    (table,) = read_tables(suite)
    return markdown(contrasts(suite, table)).strip()


def lines(text: str) -> list[list[str]]:
    return [[c.strip() for c in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| `")]


def test_each_pair_stands_under_each_protocol_with_its_groups(cards: Catalogue) -> None:
    cards = comparing(cards)
    rights = {
        (FOREST, "grouped"): GOOD,
        (LOGREG, "grouped"): POOR,
        (FOREST, "published"): [4, 4],
        (LOGREG, "published"): [2, 2],
    }
    store(cards, rights)
    published, grouped = lines(section(cards))
    assert published[:2] == [f"`{FOREST}` - `{LOGREG}`", "published"]
    assert published[2].endswith("*")
    assert published[3].startswith("shaft s0 +0.")
    assert published[4:] == ["too few groups", "cannot be tested with 2 groups"]
    # all six agree, so the p is the least that six groups allow: 2 / 2^6
    assert grouped[5] == "p = 0.031"
    assert RULE in section(cards)


def test_generated_data_and_rows_that_did_not_run_are_not_contrasted(cards: Catalogue) -> None:
    cards = comparing(cards)
    store(cards, {(FOREST, "grouped"): GOOD})
    assert section(cards) == ""
    store(cards, {(FOREST, "grouped"): GOOD, (LOGREG, "grouped"): POOR})
    assert section(cards) != ""
    assert section(on(cards, "sim")) == ""


@pytest.mark.parametrize("groups", [2, 4, 5])
def test_few_groups_cannot_be_tested(groups: int) -> None:
    assert Difference("shaft", [], np.ones(groups), None).p is None


def test_p_is_uniform_where_nothing_differs() -> None:
    rng = np.random.default_rng(0)
    found = [Difference("shaft", [], rng.standard_normal(8), None).p for _ in range(300)]
    assert np.mean([p is not None and p <= 0.05 for p in found]) == pytest.approx(0.05, abs=0.03)


def test_a_misspelt_or_marked_row_is_an_error(cards: Catalogue) -> None:
    store(cards, {(FOREST, "grouped"): GOOD, (LOGREG, "grouped"): POOR})
    wrong = comparing(cards, pair=f"{FOREST}, tones.none.logrge")
    with pytest.raises(CardError, match=r"compare.0: no row 'tones.none.logrge' in this suite. Did you mean"):
        section(wrong)
    path = cards.root / "models/tones.yaml"
    path.write_text(path.read_text().replace("logreg: {}", "logreg: {as_published: scaled by the test}"))
    with pytest.raises(CardError, match="marked 'as published': nothing is compared with it"):
        section(comparing(cards))


def test_a_marked_row_is_shown_and_neither_first_nor_in_a_gap(cards: Catalogue) -> None:
    path = cards.root / "models/tones.yaml"
    path.write_text(path.read_text().replace("logreg: {}", "logreg: {as_published: scaled by the test}"))
    cards = comparing(cards, pair=f"{FOREST}, {FOREST}")
    rights = {
        (model, protocol): right
        for model, right in ((FOREST, POOR), (LOGREG, GOOD))
        for protocol in ("published", "grouped")
    }
    store(cards, rights)
    (table,) = read_tables(Suite.of(cards, "toy_suite"))
    gaps = {row.model: row.gap for row in table.rows if row.protocol == "grouped"}
    assert gaps == {FOREST: 0.0, LOGREG: None}
    page = render(Suite.of(cards, "toy_suite"))["shafts/toy.md"]
    assert f"{LOGREG} (as published)" in page
    assert f"{LOGREG}: as published: scaled by the test." in page
    assert f"- `grouped`: `{FOREST}`, hand-made features without any pretraining, is first" in page
    assert "repeat a mistake of their source" in page
    assert "is first" not in render(Suite.of(on(cards, "sim"), "toy_suite"))["shafts/toy.md"]


@pytest.mark.parametrize(
    ("task", "protocol", "by"),
    [
        ("polito_srb", "published", "speed"),  # one bearing a class: bearings would be the classes once more
        ("polito_srb", "by_load", "load"),
        ("soon_pemp", "published", "condition"),
        ("soon_pemp_recordings", "published", "recording"),
        ("thermal_bearings", "published", "machine"),
        ("mimii_fan", "published", "machine"),
        ("equipment_defects", "grouped", "part"),
        ("cwru", "published", "size"),
        ("motor_thermal", "published", "sequence"),  # neighbouring pictures are no trials
    ],
)
def test_both_sides_of_a_gap_rest_on_the_same_trials(task: str, protocol: str, by: str) -> None:
    card = CARDS.task(task)
    assert group_column(card, protocol, CARDS.dataset(card.dataset).unit) == by
