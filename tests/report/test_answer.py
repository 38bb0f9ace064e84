"""One answer over all tasks: what enters a pool, what is chosen by what, and what cannot be told from the best."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from faultboard.declare.catalogue import Catalogue
from faultboard.report.answer.best import best_of_task, best_of_tasks
from faultboard.report.answer.choice import chosen
from faultboard.report.answer.contrasts import contrasts_of, of_pairs
from faultboard.report.answer.lines import Line, answer_lines
from faultboard.report.answer.pool import pooled
from faultboard.report.jackknife import Printed
from faultboard.report.write import render
from faultboard.run.suite import Suite
from support.stored import FOREST, GOOD, LOGREG, POOR, store

EDITION = "cut"


@dataclass
class Table:
    """A task of which scores are given: of each row one a unit under `grouped`, and one under `published`."""

    name: str
    units: dict[str, list[float]]
    published: dict[str, float] = field(default_factory=dict)
    dataset: str = ""
    gap: list[str] | None = field(default_factory=lambda: ["published", "grouped"])

    @property
    def card(self) -> Any:
        dataset = self.dataset or self.name
        return SimpleNamespace(
            id=f"a/{self.name}", dataset=dataset, honest="grouped", gap=self.gap, family="a", metrics=["macro_f1"]
        )

    @property
    def models(self) -> list[str]:
        return list(self.units)

    def counts(self, protocol: str, model: str) -> bool:
        return model in self.units

    def printed(self, protocol: str, model: str, metric: str) -> Printed:
        each = np.array(self.units[model])
        if protocol == "published":
            return Printed(self.published.get(model, 0.0), "", [], np.zeros(0), 3)
        names = [str(i) for i in range(len(each))]
        without = np.array([np.delete(each, i).mean() for i in range(len(each))])
        return Printed(float(each.mean()), "unit", names, without, 1)


def suite_of(tables: list[Table]) -> Any:
    catalogue = SimpleNamespace(dataset=lambda _: SimpleNamespace(is_pictures=False, unit="unit"))
    return SimpleNamespace(tasks=[t.card.id for t in tables], catalogue=catalogue, edition=EDITION)


def lines_of(tables: list[Table]) -> list[Line]:
    pair = of_pairs("a - b", "probe", [("a", "b")])
    return answer_lines(suite_of(tables), tables, [pair])  # type: ignore[arg-type]


def task(name: str, ahead: float, units: int = 8, leaky: float = 0.2, **more: Any) -> Table:
    """A task on which row `a` is ahead of row `b` by about so much."""
    spread = np.linspace(-0.1, 0.1, units)
    b = np.full(units, 0.5)
    return Table(name, {"a": list(b + ahead + spread), "b": list(b)}, {"a": 0.7 + leaky, "b": 0.7}, **more)


def test_tasks_are_pooled_and_their_own_differences_stand_beside() -> None:
    tables = [task("x", 0.1), task("y", 0.2), task("z", 0.3)]
    lines = lines_of(tables)
    honest = [line for line in lines if line.side == "honest"]
    assert [line.task for line in honest] == ["a/x", "a/y", "a/z", ""]
    *each, pool = honest
    assert [line.difference for line in each] == pytest.approx([0.1, 0.2, 0.3])
    by_hand = pooled([0.1, 0.2, 0.3], [float(np.linspace(-0.1, 0.1, 8).std(ddof=1) / np.sqrt(8))] * 3)
    assert (pool.difference, pool.low, pool.high) == pytest.approx((by_hand.value, *(by_hand.interval or ())))
    assert (pool.tasks, pool.units) == (3, 24)


def honest_pool(tables: list[Table]) -> Line:
    (pool,) = [line for line in lines_of(tables) if not line.task and line.side == "honest"]
    return pool


def test_what_survives_is_said_where_the_leaky_gain_is_one() -> None:
    sure = [task(name, 0.1, leaky=leaky) for name, leaky in zip("xyz", (0.20, 0.21, 0.22), strict=True)]
    assert honest_pool(sure).survives == pytest.approx(0.1 / 0.21)
    unsure = [task(name, 0.1, leaky=leaky) for name, leaky in zip("xyz", (-0.4, 0.1, 0.5), strict=True)]
    assert honest_pool(unsure).survives is None


def test_a_data_set_enters_a_pool_once_and_few_units_never() -> None:
    tables = [task("x", 0.1), task("x_binary", 0.5, dataset="x"), task("few", 0.9, units=5), task("y", 0.2)]
    lines = lines_of(tables)
    reasons = {line.task: line.reason for line in lines if line.task and line.side == "honest"}
    assert reasons == {
        "a/x": "",
        "a/x_binary": "another task of these data is in the pool",
        "a/few": "5 units: fewer than 6",
        "a/y": "",
    }
    pool = next(line for line in lines if not line.task and line.side == "honest")
    assert (pool.tasks, pool.units) == (2, 16)
    assert pool.difference == pytest.approx(0.15)


def test_holm_corrects_tasks_for_tasks_and_pools_for_pools() -> None:
    lines = lines_of([task("x", 0.1), task("y", 0.01), task("z", 0.3)])
    tasks = [line for line in lines if line.task and line.p is not None]
    least = min(line.p or 1 for line in tasks)
    assert min(line.p_holm or 1 for line in tasks) == pytest.approx(3 * least)
    (pool,) = [line for line in lines if not line.task and line.side == "honest"]
    (leaky,) = [line for line in lines if not line.task and line.side == "published"]
    assert leaky.p is None or (pool.p_holm or 0) >= (pool.p or 0)


def test_the_task_at_hand_does_not_choose() -> None:
    """On x row b is far ahead; on the others it is behind: x itself is judged by the row that wins on the others."""
    x = Table("x", {"a": [0.1] * 6, "b": [0.9] * 6})
    y = Table("y", {"a": [0.6] * 6, "b": [0.5] * 6})
    z = Table("z", {"a": [0.6] * 6, "b": [0.5] * 6})
    every: Any = [x, y, z]
    assert chosen(["a", "b"], every[0], every, "macro_f1") == "a"
    assert chosen(["a", "b"], every[1], every, "macro_f1") == "b"  # x and z together


def test_other_tasks_of_the_same_data_do_not_choose() -> None:
    x = Table("x", {"a": [0.5] * 6, "b": [0.5] * 6})
    twin = Table("twin", {"a": [0.1] * 6, "b": [0.9] * 6}, dataset="x")
    y = Table("y", {"a": [0.6] * 6, "b": [0.5] * 6})
    every: Any = [x, twin, y]
    assert chosen(["a", "b"], every[0], every, "macro_f1") == "a"
    assert chosen(["a", "b"], every[0], every[:2], "macro_f1") is None


def test_a_row_that_lacks_a_task_is_no_candidate() -> None:
    """Its mean would be over other tasks."""
    x = Table("x", {"a": [0.5] * 6, "b": [0.5] * 6})
    y = Table("y", {"a": [0.3] * 6})
    z = Table("z", {"a": [0.3] * 6, "b": [0.9] * 6})
    every: Any = [x, y, z]
    assert chosen(["a", "b"], every[0], every, "macro_f1") == "a"


def test_the_group_of_the_best_holds_what_is_close_and_drops_what_is_behind() -> None:
    noise = np.linspace(-0.02, 0.02, 8)
    rows = {"best": list(0.9 + noise), "close": list(0.9 - noise), "behind": list(0.5 + noise[::-1] * 2)}
    table: Any = Table("x", rows)
    found = best_of_task(table, "macro_f1")
    assert found is not None
    assert (set(found.alike), found.rows) == ({"best", "close"}, 3)
    few: Any = Table("x", {name: values[:5] for name, values in rows.items()})
    assert best_of_task(few, "macro_f1") is None
    assert best_of_tasks([few, few, few], "macro_f1") is None


def test_the_truly_best_row_is_in_its_group() -> None:
    """Of rows that are all alike any may be called the best: it leaves its group in 5 % of draws at most."""
    left = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        units = rng.normal(0, 0.2, 8)
        table: Any = Table("x", {str(i): list(0.5 + units + rng.normal(0, 0.1, 8)) for i in range(6)})
        found = best_of_task(table, "macro_f1")
        assert found is not None
        left += "0" not in found.alike
    assert left / 200 <= 0.05


def real(cards: Catalogue, more: str = "") -> Catalogue:
    """The toy cards, their edition called a real one."""
    for name in ("datasets/toy.yaml", "benchmarks/toy_suite.yaml"):
        path = cards.root / name
        path.write_text(re.sub(r"(  |edition: )sim\b", rf"\g<1>{EDITION}", path.read_text()))
    path = cards.root / "benchmarks/toy_suite.yaml"
    path.write_text(path.read_text() + more)
    return Catalogue(cards.root, cards.builtin)


RIGHTS = {
    (FOREST, "grouped"): GOOD,
    (LOGREG, "grouped"): POOR,
    (FOREST, "published"): [4, 4],
    (LOGREG, "published"): [2, 2],
}


def test_the_page_says_what_one_task_cannot(cards: Catalogue) -> None:
    cards = real(cards, f"compare: [[{FOREST}, {LOGREG}]]\n")
    store(cards, RIGHTS)
    files = render(Suite.of(cards, "toy_suite"))
    assert f"`{FOREST.split('.')[1]}: forest - logreg` (forest - logreg) on signals (1)" in files["answer.md"]
    assert "6 shafts" in files["answer.md"]
    line = next(row for row in files["answer.csv"].splitlines() if ",honest," in row and "shafts/toy" in row)
    assert f",{FOREST},{LOGREG}," in line


def test_generated_data_have_no_answer(cards: Catalogue) -> None:
    store(cards, RIGHTS)
    assert "answer.md" not in render(Suite.of(cards, "toy_suite"))


def test_a_source_says_what_it_counts_as(cards: Catalogue) -> None:
    path = cards.root / "models/tones.yaml"
    sources = "{scratch: {}, imagenet_v9: {url: here, sha256: '01234567', counts_as: imagenet}, audioset: {url: there}}"
    path.write_text(path.read_text().replace("{none: {}}", sources))
    pairs = "[tones.imagenet_v9.forest, tones.scratch.forest], [tones.audioset.logreg, tones.scratch.logreg]"
    cards = real(cards, f"compare: [{pairs}]\n")
    names = [(c.name, c.regime) for c in contrasts_of(Suite.of(cards, "toy_suite"))]
    assert names[:2] == [("imagenet - scratch", "forest"), ("audioset - scratch", "logreg")]


def test_a_row_that_was_trained_on_the_data_is_in_nothing(cards: Catalogue) -> None:
    path = cards.root / "models/tones.yaml"
    path.write_text(path.read_text().replace("none: {}", "none: {trained_on: [Toy]}"))
    cards = real(cards, f"compare: [[{FOREST}, {LOGREG}]]\n")
    store(cards, RIGHTS)
    files = render(Suite.of(cards, "toy_suite"))
    page = files["shafts/toy.md"]
    assert f"{FOREST} (trained on these data)" in page
    assert "is first" not in page
    assert "## Differences" not in page
    assert "Nothing was compared." in files["answer.md"]
    header, *rows = (line.split(",") for line in files["leaderboard.csv"].splitlines())
    assert {row[header.index("gap")] for row in rows} == {""}
