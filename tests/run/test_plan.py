"""Which cells a suite has."""

from __future__ import annotations

from collections import Counter

import pytest

from faultboard.declare.catalogue import Catalogue
from faultboard.run.suite import Suite
from faultboard.run.suite_run import SuiteRun


@pytest.mark.parametrize(("one_seed", "seeds"), [("", {0, 1, 2}), ('one_seed: ["*.forest"]\n', {0})])
def test_what_is_costly_is_computed_with_the_first_seed_alone(ready: Catalogue, one_seed: str, seeds: set[int]) -> None:
    suite = ready.root / "benchmarks/toy_suite.yaml"
    suite.write_text(suite.read_text().replace("seeds: [0, 1]", "seeds: [0, 1, 2]") + one_seed)
    cells = SuiteRun(Suite.of(Catalogue(ready.root, ready.builtin), "toy_suite")).plan.cells
    assert {c.seed for c in cells if c.model == "tones.none.forest"} == seeds
    assert {c.seed for c in cells if c.model == "tones.none.logreg"} == {0}, "it draws nothing"
    folds = Counter((c.protocol, c.model) for c in cells if c.seed == 0)
    assert set(folds.values()) == {3, 2}
