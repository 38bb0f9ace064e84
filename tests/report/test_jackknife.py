"""What may be said of a printed number: by hand, and where nothing may be said."""

import numpy as np
import pytest
from scipy.stats import t

from faultboard.report.jackknife import FEW, Fold, Printed, holm, printed
from faultboard.tasks.metrics import METRICS, Predictions

ACCURACY = METRICS["accuracy"]


def fold(units: list[str], right: list[int], windows: int = 4) -> Fold:
    """Some windows of each unit, half of each class, so many of each unit right."""
    truth = np.tile(np.arange(windows) % 2, len(units))
    said = np.concatenate([np.where(np.arange(windows) < r, 0, 1) for r in right])
    chances = np.eye(2)[np.where(said == 0, truth, 1 - truth)]
    return Predictions(truth, chances), np.repeat(units, windows)


def row(right: list[int], per_fold: int = 1) -> Printed:
    names = [f"u{i}" for i in range(len(right))]
    folds = [fold(names[i : i + per_fold], right[i : i + per_fold]) for i in range(0, len(right), per_fold)]
    return printed([folds], ACCURACY, "unit")


def test_one_unit_a_fold_by_hand() -> None:
    """Then the printed number is the mean over units, and its jackknife their standard error."""
    right = [4, 3, 4, 1, 2, 4, 3]
    each = np.array(right) / 4
    found = row(right)
    error = each.std(ddof=1) / np.sqrt(7) * np.sqrt(1 + 7 / 6)
    half = t.ppf(0.975, 6) * error
    assert found.value == pytest.approx(each.mean())
    assert found.standard_error == pytest.approx(error)
    assert found.interval == pytest.approx((each.mean() - half, each.mean() + half))
    assert found.p == pytest.approx(2 * t.sf(each.mean() / error, 6))
    assert found.smallest == pytest.approx((t.ppf(0.975, 6) + t.ppf(0.8, 6)) * error)


def test_a_unit_leaves_its_fold_and_no_other() -> None:
    """Two folds of three units: without one of them its fold's score is over the two that stay."""
    right = [4, 3, 1, 2, 4, 0]
    found = row(right, per_fold=3)
    share = np.array(right) / 4
    without = [
        np.mean([np.delete(share[:3], i).mean() if i < 3 else share[:3].mean(),
                 np.delete(share[3:], i - 3).mean() if i >= 3 else share[3:].mean()])
        for i in range(6)
    ]  # fmt: skip
    assert found.without == pytest.approx(without)
    away = np.array(without) - np.mean(without)
    assert found.standard_error == pytest.approx(np.sqrt(5 / 6 * (away**2).sum()) * np.sqrt(1 + 2 / 1))


def test_one_split_is_not_corrected() -> None:
    names = [f"u{i}" for i in range(6)]
    assert printed([[fold(names, [4, 3, 1, 2, 4, 0])]], ACCURACY, "unit").factor == 1.0


def test_the_difference_of_two_rows_is_paired_by_unit() -> None:
    """Units that are hard for both rows say nothing of which is the better one."""
    first, second = row([4, 1, 3, 0, 4, 2]), row([3, 0, 2, 0, 3, 1])
    difference = first - second
    assert difference.value == pytest.approx(first.value - second.value)
    assert difference.standard_error < first.standard_error / 2
    assert difference.interval is not None
    assert difference.interval[0] > 0
    assert (difference.p or 1) < 0.05


@pytest.mark.parametrize("seed", range(20))
def test_interval_and_p_cannot_contradict_each_other(seed: int) -> None:
    rng = np.random.default_rng(seed)
    difference = row(rng.integers(0, 5, 8).tolist()) - row(rng.integers(0, 5, 8).tolist())
    assert difference.interval is not None
    low, high = difference.interval
    assert difference.p is not None
    assert (difference.p < 0.05) == (low > 0 or high < 0)


def test_seeds_are_no_units() -> None:
    folds = [fold([f"u{i}"], [r]) for i, r in enumerate([4, 3, 4, 1, 2, 4])]
    once, thrice = printed([folds], ACCURACY, "unit"), printed([folds] * 3, ACCURACY, "unit")
    assert thrice.interval == pytest.approx(once.interval)


def test_more_windows_of_the_same_units_make_nothing_surer() -> None:
    right = [4, 3, 4, 1, 2, 4]
    few = printed([[fold([f"u{i}"], [r]) for i, r in enumerate(right)]], ACCURACY, "unit")
    many = printed([[fold([f"u{i}"], [25 * r], 100) for i, r in enumerate(right)]], ACCURACY, "unit")
    assert many.interval == pytest.approx(few.interval)


def of_one_class(classes: str, right: list[int]) -> Printed:
    """Units of one class each, all in one fold."""
    truth = np.repeat([int(c) for c in classes], 4)
    said = np.concatenate([np.where(np.arange(4) < r, int(c), 1 - int(c)) for c, r in zip(classes, right, strict=True)])
    units = np.repeat([f"u{i}" for i in range(len(classes))], 4)
    return printed([[(Predictions(truth, np.eye(2)[said]), units)]], METRICS["macro_f1"], "motor")


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (row([4, 3, 2, 4, 3]), f"5 units: fewer than {FEW}"),
        (row([4] * 6), "none of 6 units moves it"),
        (of_one_class("000011", [4, 3, 4, 2, 3, 4]), "2 motors of a class: fewer than 3"),
        (printed([[fold(["a", "b"], [3, 4])]], ACCURACY, ""), "no unit is held out"),
    ],
)
def test_where_nothing_can_be_said_there_is_the_reason(found: Printed, said: str) -> None:
    assert found.why_not == said
    assert (found.interval, found.p, found.smallest) == (None, None, None)


def test_three_units_of_a_class_are_enough() -> None:
    assert of_one_class("000111", [4, 3, 4, 2, 3, 4]).interval is not None


def test_a_metric_that_a_left_out_unit_undoes_is_not_defined() -> None:
    """Without its only faulty unit a fold has no curve."""
    units = np.repeat([f"u{i}" for i in range(6)], 2)
    truth = np.array([0, 0] * 5 + [0, 1])
    found = printed([[(Predictions(truth, np.eye(2)[truth]), units)]], METRICS["auroc"], "motor")
    assert found.value == 1.0
    assert found.why_not == "not defined without each of 6 motors"


def test_folds_of_one_class_are_scored_together() -> None:
    """Two classes, a unit each a fold: macro-F1 is of all windows, not of one class at a time."""
    folds = [fold([f"u{i}"], [3]) for i in range(6)]
    folds = [
        (Predictions(np.full(4, i % 2), np.eye(2)[[i % 2] * 3 + [1 - i % 2]]), of) for i, (_, of) in enumerate(folds)
    ]
    found = printed([folds], METRICS["macro_f1"], "unit")
    assert found.value == pytest.approx(0.75)
    assert found.factor == pytest.approx(np.sqrt(1 + 6 / 5))


@pytest.mark.parametrize("units", [6, 8, 17])
def test_the_interval_covers_what_it_says(units: int) -> None:
    """Fixed predictions of units that differ in how easy they are, one split; the truth is that of ever more units."""
    covered = []
    for repeat in range(300):
        rng = np.random.default_rng([units, repeat])
        skill = rng.beta(4, 2, units)
        folds = [fold([f"u{i}" for i in range(units)], rng.binomial(40, skill).tolist(), 40)]
        low, high = printed([folds], ACCURACY, "unit").interval or (1.0, 0.0)
        covered.append(low <= 4 / 6 <= high)
    assert np.mean(covered) == pytest.approx(0.95, abs=0.04)


def test_holm_by_hand() -> None:
    assert holm([0.01, None, 0.04, 0.03]) == pytest.approx([0.03, None, 0.06, 0.06])
    assert holm([0.6, 0.7]) == [1.0, 1.0]
    assert holm([None, None]) == [None, None]


def mostly_of_one_class(classes: list[int], metric: str = "accuracy") -> Printed:
    """Units that hold one class each, four windows a unit, all but one right; -1 holds both classes."""
    truth = np.concatenate([np.tile([0, 1], 2) if c < 0 else np.full(4, c) for c in classes])
    chances = np.where(np.eye(2)[truth] == 1, 0.7, 0.3)
    chances[::7] = chances[::7, ::-1]
    units = np.repeat([f"u{i}" for i in range(len(classes))], 4)
    return printed([[(Predictions(truth, chances), units)]], METRICS[metric], "unit")


def test_three_units_of_a_class_are_asked_for_where_some_unit_holds_one() -> None:
    assert mostly_of_one_class([0, 0, 0, 0, 0, 0, 1, 1]).why_not == "2 units of a class: fewer than 3"
    assert mostly_of_one_class([0, 0, 0, 0, 0, 0, 1, -1]).why_not == "2 units of a class: fewer than 3"
    assert mostly_of_one_class([0, 0, 0, 0, 0, 1, 1, 1]).why_not == ""


def test_a_ranking_of_units_of_one_class_has_no_interval() -> None:
    """It is of how the levels of the units lie."""
    assert (
        mostly_of_one_class([0, 0, 0, 0, 1, 1, 1, 1], "auroc").why_not
        == "a ranking of units that hold one class: no interval holds"
    )
    assert mostly_of_one_class([-1] * 8, "auroc").why_not == ""


def test_units_that_move_nothing_but_the_last_digit_give_no_verdict() -> None:
    """Five of six right in every unit: sums of sixths differ by rounding alone."""
    units = [f"u{i}" for i in range(6)]
    folds = [fold([name], [5], windows=6) for name in units]
    other = [fold([name], [1], windows=6) for name in units]
    difference = printed([folds], METRICS["macro_f1"], "unit") - printed([other], METRICS["macro_f1"], "unit")
    assert difference.p is None
    assert difference.why_not == "none of 6 units moves it"
