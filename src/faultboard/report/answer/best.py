"""Rows that cannot be told from the best of a task, or of a family of tasks.

The best by score is not the best for certain, and what is compared with a winner is compared with its luck. So a row
leaves the group where *some* other row is ahead of it by more than chance, at a level divided by the number of others:
then the group holds the truly best row with at least 95 % [1]_.

References
----------
.. [1] S. S. Gupta, Technometrics 7 (1965) 225-245: a subset that contains the best; here with Bonferroni's bound.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import permutations

from faultboard.report.answer.pool import pooled
from faultboard.report.jackknife import LEVEL
from faultboard.report.task_table import TaskTable

# whether the first row is ahead of the second: their difference, and its p where there is one
_Test = Callable[[str, str], tuple[float, float | None]]


@dataclass(frozen=True)
class BestGroup:
    """Rows among which the best is.

    Attributes
    ----------
    alike, behind : list of str
        Rows that no other is ahead of, and the others, the highest score first.
    """

    alike: list[str]
    behind: list[str]

    @property
    def first(self) -> str:
        """Row with the highest score, which nothing is ahead of."""
        return self.alike[0]

    @property
    def rows(self) -> int:
        """How many there were."""
        return len(self.alike) + len(self.behind)


def best_of_task(table: TaskTable, metric: str) -> BestGroup | None:
    """Group of a task under its honest protocol; None where its units allow no test."""
    protocol = table.card.honest
    found = {m: table.printed(protocol, m, metric) for m in table.models if table.counts(protocol, m)}

    def test(first: str, second: str) -> tuple[float, float | None]:
        difference = found[first] - found[second]
        return difference.value, difference.p

    return _group({model: printed.value for model, printed in found.items()}, test)


def best_of_tasks(tables: list[TaskTable], metric: str) -> BestGroup | None:
    """Group of several tasks, among the rows that all of them have; None where there are none."""
    shared = [m for m in tables[0].models if all(table.counts(table.card.honest, m) for table in tables)]
    found = {m: [table.printed(table.card.honest, m, metric) for table in tables] for m in shared}

    def test(first: str, second: str) -> tuple[float, float | None]:
        differences = [one - other for one, other in zip(found[first], found[second], strict=True)]
        if any(difference.why_not for difference in differences):
            return 0.0, None
        mean = pooled([d.value for d in differences], [d.standard_error for d in differences])
        return mean.value, mean.p

    return _group({model: sum(p.value for p in printed) for model, printed in found.items()}, test)


def _group(scores: dict[str, float], test: _Test) -> BestGroup | None:
    ranked = sorted(scores, key=lambda model: -scores[model])
    tests = {pair: test(*pair) for pair in permutations(ranked, 2)}
    if all(p is None for _, p in tests.values()):
        return None
    # of a two-sided p one side counts
    level = 2 * LEVEL / (len(ranked) - 1)
    behind = {second for (_, second), (ahead, p) in tests.items() if p is not None and ahead > 0 and p < level}
    return BestGroup([m for m in ranked if m not in behind], [m for m in ranked if m in behind])
