"""What counts as stored."""

from __future__ import annotations

from dataclasses import replace

from faultboard.declare.catalogue import Catalogue
from faultboard.run.store import Results, write_results
from support.stored import FOREST, GOOD, LOGREG, store


def test_a_cell_that_failed_is_not_stored_even_where_rows_of_it_are(cards: Catalogue) -> None:
    """It would be taken for done, and its rows for a score."""
    results = store(cards, {(FOREST, "grouped"): GOOD, (LOGREG, "grouped"): GOOD})
    first, second = results.records.values()
    write_results(results.path, [first, replace(second, status="failed")], map(results.rows, results.records))
    again = Results(results.path)
    assert (again.has(first.cell.key), again.has(second.cell.key), again.has("unknown")) == (True, False, False)
    assert len(again.rows(second.cell.key)) == 24
