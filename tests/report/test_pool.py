"""Pooling over tasks: by hand, and where nothing may be said."""

import numpy as np
import pytest
from scipy.stats import t

from faultboard.report.answer.pool import pooled


def test_tasks_without_errors_are_a_mean_of_numbers() -> None:
    values = [0.1, 0.3, -0.05, 0.2]
    found = pooled(values)
    half = t.ppf(0.975, 3) * np.std(values, ddof=1) / 2
    assert found.value == pytest.approx(np.mean(values))
    assert found.interval == pytest.approx((np.mean(values) - half, np.mean(values) + half))
    assert not found.excludes_zero


def test_of_like_errors_it_is_the_same_mean() -> None:
    values = [0.1, 0.3, -0.05, 0.2]
    assert pooled(values, [0.04] * 4).interval == pytest.approx(pooled(values).interval)


def test_a_sure_task_weighs_more_where_tasks_agree() -> None:
    """They scatter less than their errors: no variance between them is left, and weights are one over error squared."""
    values, errors = [0.10, 0.12, 0.09], [0.01, 0.10, 0.10]
    found = pooled(values, errors)
    assert found.value == pytest.approx(np.average(values, weights=1 / np.array(errors) ** 2))


def test_the_variance_between_tasks_is_where_they_scatter_as_they_should() -> None:
    values, errors = np.array([0.0, 0.4, 0.1, 0.6, -0.2]), np.array([0.05, 0.02, 0.08, 0.03, 0.05])
    found = pooled(values.tolist(), errors.tolist())
    # the between-task variance is not given: it is found again from the mean, which is that of its weights
    grid = np.linspace(0, 1, 200001)
    weights = 1 / (errors[:, None] ** 2 + grid)
    means = (weights * values[:, None]).sum(0) / weights.sum(0)
    q = (weights * (values[:, None] - means) ** 2).sum(0)
    assert found.value == pytest.approx(means[np.abs(q - 4).argmin()], abs=1e-4)


def test_one_task_has_no_interval() -> None:
    found = pooled([0.2], [0.1])
    assert found.value == pytest.approx(0.2)
    assert (found.interval, found.p) == (None, None)
    assert not found.excludes_zero


@pytest.mark.parametrize("seed", range(10))
def test_interval_and_p_agree(seed: int) -> None:
    rng = np.random.default_rng(seed)
    found = pooled(rng.normal(0.1, 0.1, 4).tolist(), rng.uniform(0.02, 0.1, 4).tolist())
    assert found.p is not None
    assert (found.p < 0.05) == found.excludes_zero


def test_a_loss_excludes_zero_as_a_gain_does() -> None:
    assert pooled([0.2, 0.21, 0.22]).excludes_zero
    assert pooled([-0.2, -0.21, -0.22]).excludes_zero
    # equal numbers have no width, and say nothing
    assert not pooled([0.2, 0.2]).excludes_zero
    assert pooled([0.2, 0.2, 0.2]).p is None


def test_tasks_that_agree_by_chance_are_no_surer_than_their_errors() -> None:
    values, error = [0.100, 0.101, 0.099], 0.1
    found = pooled(values, [error] * 3)
    half = t.ppf(0.975, 2) * error / np.sqrt(3)
    assert found.interval == pytest.approx((0.1 - half, 0.1 + half))
    assert not found.excludes_zero


def test_errors_that_are_next_to_nothing_end_in_a_number() -> None:
    assert np.isfinite(pooled([-0.00089739, -0.00239549], [5.66e-17, 1.9e-15]).value)
