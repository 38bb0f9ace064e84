"""The pairs that a suite compares: a difference over groups, a test only where the groups allow one."""

import re

import pytest

from faultboard.declare.catalogue import Catalogue
from faultboard.errors import CardError
from faultboard.report.contrasts import RULE, contrasts
from faultboard.report.markdown import markdown
from faultboard.report.task_table import read_tables
from faultboard.report.write import render
from faultboard.run.suite import Suite
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
    assert published[3].startswith("folds +0.")
    assert published[4:] == ["", "", "", "no unit is held out"]
    low, high = (float(end) for end in grouped[3].split(" to "))
    assert 0 < low < high
    assert float(grouped[4] if grouped[4] != "< 0.001" else 0) < 0.05
    assert grouped[4] == grouped[5]  # of one test, corrected for one
    assert grouped[7] == "6 shafts"
    assert RULE in section(cards)


def test_generated_data_and_rows_that_did_not_run_are_not_contrasted(cards: Catalogue) -> None:
    cards = comparing(cards)
    store(cards, {(FOREST, "grouped"): GOOD})
    assert section(cards) == ""
    store(cards, {(FOREST, "grouped"): GOOD, (LOGREG, "grouped"): POOR})
    assert section(cards) != ""
    assert section(on(cards, "sim")) == ""


@pytest.mark.parametrize("shafts", [2, 5])
def test_few_units_cannot_be_tested(cards: Catalogue, shafts: int) -> None:
    cards = comparing(cards)
    store(cards, {(FOREST, "grouped"): GOOD[:shafts], (LOGREG, "grouped"): POOR[:shafts]})
    (grouped,) = lines(section(cards))
    assert grouped[4:] == ["", "", "", f"{shafts} shafts: fewer than 6"]


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
    cards = on(cards, "cut")
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
