"""Scores of sample paths against values worked out by hand or from a closed form."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from sufficiency.forecast.scores import QUANTILES, crps, pinball, scored


def test_crps_of_two_paths_is_mean_distance_less_half_the_distance_between_them() -> None:
    # |1 - 4| and |3 - 4|: 2 on average; the two are 2 apart, half of that is 1
    assert crps(np.array([[3], [1]]), np.array([4.0])) == pytest.approx([1.0])


def test_crps_of_three_paths_counts_every_pair_of_different_paths() -> None:
    # distances 5, 3, 1: 3 on average; pairs 2, 4, 2: 8/3 on average, half is 4/3
    assert crps(np.array([[0], [4], [2]]), np.array([5.0])) == pytest.approx([3 - 4 / 3])


def test_crps_of_paths_that_are_all_the_same_is_the_absolute_error() -> None:
    assert crps(np.full((9, 2), 6), np.array([6.0, 2.5])) == pytest.approx([0.0, 3.5])


def test_crps_of_many_normal_paths_is_the_closed_form_of_the_normal() -> None:
    z, spread = 0.7, 3.0  # observed 0.7 standard deviations above the mean
    closed = spread * (z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - 1 / np.sqrt(np.pi))
    # evenly spaced quantiles instead of random paths: no error of sampling
    paths = spread * norm.ppf((np.arange(20_000) + 0.5) / 20_000)[:, None]
    assert crps(paths, np.array([z * spread])) == pytest.approx([closed], abs=0.002)


def test_the_expected_crps_does_not_depend_on_the_number_of_paths() -> None:
    rng = np.random.default_rng(1)
    observed = rng.standard_normal(40_000)
    few = crps(rng.standard_normal((3, 40_000)), observed)
    expected = 1 / np.sqrt(np.pi)  # of a forecast that is right
    error = few.std(ddof=1) / np.sqrt(len(few))
    assert abs(few.mean() - expected) < 4 * error
    assert 4 * error < 0.05  # or the test could not fail


def test_one_path_has_no_score() -> None:
    with pytest.raises(ValueError, match="two paths"):
        crps(np.array([[1]]), np.array([1.0]))


def test_pinball_weighs_what_lies_above_a_quantile_by_its_level() -> None:
    quantiles = np.full((len(QUANTILES), 1), 10.0)
    assert pinball(quantiles, np.array([12.0])) == pytest.approx([2 * QUANTILES.mean()])
    assert pinball(quantiles, np.array([7.0])) == pytest.approx([3 * (1 - QUANTILES).mean()])


def test_the_ends_of_an_interval_belong_to_it_and_bias_is_forecast_less_observed() -> None:
    paths = np.arange(101.0)[:, None] * np.ones(4)  # 50%: 25 to 75; 80%: 10 to 90; 95%: 2.5 to 97.5
    found = scored(paths, np.array([25.0, 90.0, 97.0, 99.0]))
    assert found["cover50"] == pytest.approx(1 / 4)
    assert found["cover80"] == pytest.approx(2 / 4)
    assert found["cover95"] == pytest.approx(3 / 4)
    assert found["bias"] == pytest.approx(50 - (25 + 90 + 97 + 99) / 4)
