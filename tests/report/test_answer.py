"""One answer over all tasks: what enters a pool, what is chosen by what, and what cannot be told from the best."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from faultboard.declare.catalogue import Catalogue
from faultboard.errors import CardError
from faultboard.report.answer.best import best_of_task, best_of_tasks
from faultboard.report.answer.choice import chosen
from faultboard.report.answer.contrasts import contrasts_of, of_best, of_pairs
from faultboard.report.answer.lines import Line, answer_lines
from faultboard.report.answer.pool import pooled
from faultboard.report.jackknife import Printed
from faultboard.report.markdown import markdown
from faultboard.report.pages.answer import answer
from faultboard.report.task_table import read_tables
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
        protocols = {"grouped": SimpleNamespace(split="leave_one_out")}
        said = {"id": f"a/{self.name}", "dataset": dataset, "family": "a", "metrics": ["macro_f1"]}
        return SimpleNamespace(**said, honest="grouped", gap=self.gap, protocols=protocols)

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


def test_what_holds_out_no_unit_is_listed_and_not_pooled() -> None:
    tables = [task("x", 0.1), task("y", 0.2)]
    blocks = suite_of(tables)
    blocks.catalogue = SimpleNamespace(dataset=lambda _: SimpleNamespace(is_pictures=False, unit="machine"))
    lines = answer_lines(blocks, tables, [of_pairs("a - b", "probe", [("a", "b")])])  # type: ignore[arg-type]
    assert {line.task for line in lines} == {"a/x", "a/y"}
    assert {line.reason for line in lines if line.side == "honest"} == {"a unit is no unit of these data"}


def test_two_tasks_have_an_interval_and_no_test() -> None:
    pool = honest_pool([task("x", 0.1), task("y", 0.2)])
    assert pool.low is not None
    assert (pool.p, pool.p_holm, pool.reason) == (None, None, "2 tasks: fewer than 3")


def test_the_published_side_is_no_test_of_the_family() -> None:
    leaks = (0.20, 0.21, 0.22)
    pools = [
        line for line in lines_of([task(n, 0.1 + i / 50, leaky=leaks[i]) for i, n in enumerate("xyz")]) if not line.task
    ]
    assert [(line.side, line.p_holm is None) for line in pools] == [("published", True), ("honest", False)]
    assert pools[1].p_holm == pools[1].p


def test_the_suite_says_which_task_of_a_data_set_is_pooled() -> None:
    first, second = task("z_first", 0.1, dataset="x"), task("a_second", 0.5, dataset="x")
    pair = of_pairs("a - b", "probe", [("a", "b")])
    lines = answer_lines(suite_of([first, second]), [second, first], [pair])  # type: ignore[arg-type, list-item]
    assert {line.task for line in lines if line.side == "honest" and not line.reason} == {"a/z_first"}


def test_a_pool_has_a_published_side_where_each_of_its_tasks_has_one() -> None:
    tables = [task("x", 0.1), task("y", 0.2), task("z", 0.3, gap=None)]
    (pool,) = [line for line in lines_of(tables) if not line.task]
    assert (pool.side, pool.tasks, pool.survives) == ("honest", 3, None)


def test_a_row_that_has_one_side_alone_is_not_compared() -> None:
    table = task("x", 0.1)
    table.counts = lambda protocol, model: protocol == "grouped" or model == "a"  # type: ignore[method-assign]
    assert lines_of([table, task("y", 0.2)])[0].task == "a/y"


def test_the_best_of_each_kind_is_chosen_on_the_other_tasks() -> None:
    x = Table("x", {"a": [0.1] * 6, "b": [0.9] * 6, "c": [0.9] * 6, "d": [0.1] * 6})
    y = Table("y", {"a": [0.6] * 6, "b": [0.5] * 6, "c": [0.2] * 6, "d": [0.3] * 6})
    every: Any = [x, y]
    contrast = of_best("network", "probe", ["a", "b"], "hand-made", ["c", "d"])
    assert contrast.pairs(every[0], every, "macro_f1") == [("a", "d")]
    assert contrast.pairs(every[1], every, "macro_f1") == [("b", "c")]


def test_several_tasks_of_other_data_choose_as_one() -> None:
    """Two tasks of y outvote z, if each is a trial."""
    x = Table("x", {"a": [0.5] * 6, "b": [0.5] * 6})
    y, twin = (Table(n, {"a": [0.6] * 6, "b": [0.5] * 6}, dataset="y") for n in ("y", "twin"))
    z = Table("z", {"a": [0.3] * 6, "b": [0.45] * 6})
    every: Any = [x, y, twin, z]
    assert chosen(["a", "b"], every[0], every, "macro_f1") == "b"


def test_a_task_that_has_no_candidate_does_not_stop_the_choice() -> None:
    x = Table("x", {"a": [0.5] * 6, "b": [0.5] * 6})
    y, other = Table("y", {"a": [0.5] * 6, "b": [0.6] * 6}), Table("other", {"c": [0.5] * 6})
    every: Any = [x, y, other]
    assert chosen(["a", "b"], every[0], every, "macro_f1") == "b"


def test_one_side_of_the_test_counts() -> None:
    """Two rows: one comparison at 5 % of one side is 10 % of two."""
    noise = np.array([0.05, -0.08, 0.09, -0.02, 0.06, -0.07, 0.1, 0.01])
    rows = {"a": list(0.5 + 0.037 + noise), "b": [0.5] * 8}
    table: Any = Table("x", rows)
    p = (table.printed("grouped", "a", "") - table.printed("grouped", "b", "")).p
    assert 0.05 < p < 0.1
    found = best_of_task(table, "macro_f1")
    assert found is not None
    assert found.alike == ["a"]


def test_the_group_of_several_tasks_is_of_rows_that_all_of_them_have() -> None:
    rng = np.random.default_rng(0)

    def rows(**means: float) -> dict[str, list[float]]:
        return {name: list(mean + rng.normal(0, 0.01, 8)) for name, mean in means.items()}

    tables: Any = [
        Table("x", rows(a=0.9, b=0.5, only=0.99)),
        Table("y", rows(a=0.8, b=0.4)),
        Table("z", rows(a=0.85, b=0.45)),
    ]
    found = best_of_tasks(tables, "macro_f1")
    assert found is not None
    assert (found.alike, found.rows) == (["a"], 2)


def test_several_pairs_of_a_contrast_are_one_difference() -> None:
    noise = np.linspace(-0.1, 0.1, 8)
    rows = {"a": 0.7 + noise, "b": 0.5 + 0 * noise, "c": 0.8 - noise, "d": 0.4 + 0 * noise}
    table = Table("x", {name: list(values) for name, values in rows.items()})
    contrast = of_pairs("a - b", "probe", [("a", "b"), ("c", "d")])
    (honest,) = [
        line
        for line in answer_lines(suite_of([table]), [table], [contrast])  # type: ignore[list-item]
        if line.side == "honest"
    ]
    assert honest.difference == pytest.approx((0.2 + 0.4) / 2)
    assert (honest.first, honest.second) == ("a c", "b d")
    # what one pair loses on a unit the other gains: together nothing moves
    assert honest.reason.startswith("none of 8 units moves it") or (honest.high or 0) - (honest.low or 0) < 1e-6


def test_a_task_that_the_suite_has_dropped_is_in_no_answer() -> None:
    x, dropped = task("x", 0.1), task("dropped", 0.5)
    pair = of_pairs("a - b", "probe", [("a", "b")])
    lines = answer_lines(suite_of([x]), [x, dropped], [pair])  # type: ignore[list-item]
    assert {line.task for line in lines} == {"a/x"}


def said(*lines: Line) -> str:
    """What the page says of some lines."""
    card = SimpleNamespace(title="T", id="t", version=1)
    return markdown(answer(SimpleNamespace(card=card, edition=EDITION), [], list(lines)))  # type: ignore[arg-type]


def pool_line(difference: float, p_holm: float, side: str = "honest", tasks: int = 3, **more: Any) -> Line:
    line = Line("a - b", "probe", "signals", "bearing_vibration", side, "grouped", EDITION, "macro_f1")
    ends = {"low": difference - 0.1, "high": difference + 0.1}
    return replace(line, difference=difference, p=0.01, p_holm=p_holm, tasks=tasks, units=30, **ends, **more)


@pytest.mark.parametrize(
    ("honest", "words"),
    [
        (
            pool_line(0.2, 0.02),
            "**gain: +0.200 [+0.100, +0.300]** (3 tasks of bearing vibration, 30 units; p 0.010, 0.020 corrected",
        ),
        (pool_line(-0.2, 0.02), "**loss: -0.200 [-0.300, -0.100]**"),
        # below 0.05 by itself, not beside the others
        (pool_line(0.2, 0.09), "no difference is shown: +0.200 [+0.100, +0.300]"),
    ],
)
def test_a_verdict_is_holms(honest: Line, words: str) -> None:
    assert words in said(honest)


def test_a_sentence_says_what_survives_only_of_what_was_there() -> None:
    published = pool_line(0.4, 1.0, "published")
    assert "50 % of it survives" in said(published, pool_line(0.2, 0.02, survives=0.5))
    assert "none of it is shown to survive" in said(published, pool_line(0.05, 0.9, survives=0.125))
    assert "which zero is in" in said(published, pool_line(0.2, 0.02))


def test_a_task_on_which_it_holds_is_named_beside_a_pool_that_says_nothing() -> None:
    alone = replace(pool_line(0.3, 0.01, tasks=1), task="a/x")
    page = said(alone, pool_line(0.1, 0.5))
    assert "no difference is shown: +0.100" in page
    assert "On a task by itself it is shown on `a/x` +0.300 [+0.200, +0.400]." in page


def test_two_tasks_make_no_sentence() -> None:
    page = said(pool_line(0.2, 0.02, tasks=2))
    assert "No sentence where fewer than 3 tasks" in page
    assert "gain:" not in page


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


def test_a_pair_that_is_no_row_is_refused(cards: Catalogue) -> None:
    cards = real(cards, f"compare: [[{FOREST}, tones.none.logrge]]\n")
    with pytest.raises(CardError, match=r"no row 'tones.none.logrge' in this suite"):
        contrasts_of(Suite.of(cards, "toy_suite"))


@pytest.mark.parametrize(
    ("trained_on", "seen"),
    [("Toy", True), ("Toy shafts", True), ("toy-set 1", True), ("shafts", False), ("ImageNet-1k", False), ("-", False)],
)
def test_data_are_seen_under_any_of_their_names(cards: Catalogue, trained_on: str, seen: bool) -> None:
    for path, old, new in (
        ("models/tones.yaml", "none: {}", f"none: {{trained_on: ['{trained_on}']}}"),
        ("datasets/toy.yaml", "title: Toy shafts", "title: Toy shafts\nalso_known_as: [Toy set 1]"),
    ):
        file = cards.root / path
        file.write_text(file.read_text().replace(old, new))
    cards = Catalogue(cards.root, cards.builtin)
    assert cards.model(FOREST).has_seen(cards.dataset("toy")) is seen


def test_what_holds_nothing_out_is_not_honest(cards: Catalogue) -> None:
    """Also where it is the only protocol: it is listed as published, and chooses nothing."""
    path = cards.root / "tasks/shafts/toy.yaml"
    text = path.read_text()
    random = text[text.index("  published:") : text.index("  by_load:")]
    path.write_text(text[: text.index("  published:")] + random)
    cards = real(cards, f"compare: [[{FOREST}, {LOGREG}]]\n")
    store(cards, {key: right for key, right in RIGHTS.items() if key[1] == "published"})
    suite = Suite.of(cards, "toy_suite")
    (line,) = [line for line in answer_lines(suite, read_tables(suite), contrasts_of(suite)) if line.first == FOREST]
    assert (line.side, line.p, line.reason) == ("published", None, "nothing is held out")
    assert "| `shafts/toy` | no unit" in " ".join(render(suite)["answer.md"].split())


def test_the_sentence_is_of_all_families_together() -> None:
    of_family = replace(pool_line(-0.3, 0.02), family="machine_sound")
    page = said(pool_line(0.2, 0.02), of_family)
    assert "gain: +0.200" in page
    assert "loss" not in page


def test_a_gain_that_became_a_loss_does_not_survive() -> None:
    page = said(pool_line(0.4, 1.0, "published"), pool_line(-0.2, 0.02, survives=-0.5))
    assert "none of it is shown to survive" in page
