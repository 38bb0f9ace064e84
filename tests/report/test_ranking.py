"""What a page says below its scores: who is first, and which networks two numbers are not behind."""

import pytest

from faultboard.declare.catalogue import Catalogue
from faultboard.report.answer.kinds import TRIVIAL
from faultboard.report.document import Section
from faultboard.report.markdown import markdown
from faultboard.report.pages.ranking import ranking
from faultboard.report.task_table import read_tables
from faultboard.run.suite import Suite
from support.stored import GOOD, POOR, store
from support.toy import FILES

FAIR = [3, 3, 3, 2, 3, 3]
FIRST, SECOND = "tones.scratch.forest", "tones.scratch.logreg"


def said(cards: Catalogue, rights: dict[str, list[int]]) -> str:
    """The lines of the toy task, its edition called real and its model a network."""
    for name in ("tones", "trivial"):
        text = FILES["models/tones.yaml"].lstrip().replace("{none: {}}", "{none: {}, scratch: {}}")
        (cards.root / f"models/{name}.yaml").write_text(text)
    for name in ("datasets/toy.yaml", "benchmarks/toy_suite.yaml"):
        path = cards.root / name
        path.write_text(path.read_text().replace("  sim:", "  cut:").replace("edition: sim", "edition: cut"))
    cards = Catalogue(cards.root, cards.builtin)
    store(cards, {(model, "grouped"): right for model, right in rights.items()})
    (table,) = read_tables(Suite.of(cards, "toy_suite"))
    return markdown([Section("Scores", 2, ranking(table))])


@pytest.mark.parametrize(
    ("rights", "line"),
    [
        ({TRIVIAL: POOR, FIRST: FAIR, SECOND: GOOD}, "has 0.250; each of 2 networks beats it."),
        ({TRIVIAL: FAIR, FIRST: POOR, SECOND: GOOD}, f"1 of 2 networks do not beat it: `{FIRST}`."),
        # as good is not better
        ({TRIVIAL: GOOD, FIRST: GOOD, SECOND: POOR}, f"2 of 2 networks do not beat it: `{FIRST}`, `{SECOND}`."),
    ],
)
def test_networks_are_held_against_two_numbers(cards: Catalogue, rights: dict[str, list[int]], line: str) -> None:
    assert f"`grouped`: `{TRIVIAL}` has " in said(cards, rights)
    assert line in said(cards, rights)


def test_hand_made_rows_are_no_networks(cards: Catalogue) -> None:
    text = said(cards, {TRIVIAL: GOOD, "tones.none.forest": POOR})
    assert "beat" not in text
    assert f"`{TRIVIAL}`, hand-made features without any pretraining, is first with" in text
