"""Scores of sample forecasts, by hand and against what they should be on average."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sufficiency.backtest.scores import covered, crps, difference, interval, score, skill


def sample(*values: float) -> np.ndarray:
    return np.array(values, dtype=float)


def test_the_score_of_one_future_is_its_distance() -> None:
    assert crps(sample(12), 10) == 2


def test_the_score_of_two_futures_is_worked_out_by_hand() -> None:
    # distances 2 and 4 from 10: mean 3; the one pair is 2 apart: half of it is 1
    assert crps(sample(12, 14), 10) == pytest.approx(2)


def test_the_score_of_four_futures_is_worked_out_by_hand() -> None:
    # distances from 3: 2, 1, 1, 5, mean 9/4; the six pairs are 1, 3, 7, 2, 6, 4 apart, mean 23/6
    assert crps(sample(8, 1, 2, 4), 3) == pytest.approx(9 / 4 - 23 / 12)


@given(st.lists(st.integers(0, 50), min_size=2, max_size=12), st.integers(0, 50))
def test_the_score_equals_the_sum_over_every_pair(futures: list[int], observed: int) -> None:
    n = len(futures)
    away = sum(abs(x - observed) for x in futures) / n
    pairs = sum(abs(x - y) for x in futures for y in futures) / (n * (n - 1))
    assert crps(sample(*futures), observed) == pytest.approx(away - pairs / 2, abs=1e-9)


def test_a_small_number_of_futures_is_not_punished() -> None:
    # of two standard normal variables: E|X - Y| - E|X - X'| / 2 = (2 - 1) / sqrt(pi)
    luck = np.random.default_rng(1)
    few = [crps(luck.normal(size=3), luck.normal()) for _ in range(20_000)]
    expected = 1 / math.sqrt(math.pi)
    error = np.std(few) / math.sqrt(len(few))
    assert np.mean(few) == pytest.approx(expected, abs=4 * error)


def test_what_lies_in_the_middle_is_covered_and_what_lies_outside_is_not() -> None:
    futures = sample(*range(1, 20))
    assert covered(futures, 10.5, 0.8) == 1
    assert covered(futures, 0.5, 0.8) == 0
    assert covered(futures, 30, 0.8) == 0
    # nineteen futures cannot tell where the last fortieth begins: beyond them is half covered
    assert covered(futures, 30, 0.95) == pytest.approx(0.5)


def test_a_slot_that_the_end_of_a_range_cuts_counts_in_part() -> None:
    # three futures make four slots of 1/4; the middle half is from 1/4 to 3/4
    futures = sample(1, 2, 3)
    assert [covered(futures, x, 0.5) for x in (0.5, 1.5, 2.5, 3.5)] == [0, 1, 1, 0]
    # the middle 80% is from 0.1 to 0.9: of the first slot 0.15 of 0.25
    assert covered(futures, 0.5, 0.8) == pytest.approx(0.6)
    # equal to all three futures: anywhere from 0 to 1
    assert covered(sample(2, 2, 2), 2, 0.8) == pytest.approx(0.8)


@pytest.mark.parametrize("share", [0.5, 0.8, 0.95])
@pytest.mark.parametrize("mean", [0.3, 2.0, 40.0])
def test_true_forecasts_of_whole_numbers_are_covered_as_often_as_the_range_says(
    share: float, mean: float
) -> None:
    luck = np.random.default_rng(2)
    found = [covered(luck.poisson(mean, 20), luck.poisson(mean), share) for _ in range(8_000)]
    assert np.mean(found) == pytest.approx(share, abs=4 * np.std(found) / math.sqrt(len(found)))


def test_the_ends_of_a_range_are_futures_where_they_fall_on_one() -> None:
    # 19 futures make 20 slots: a tenth is 2 of them, the second future
    assert interval(sample(*range(1, 20)), 0.8) == pytest.approx((2, 18))
    assert interval(sample(5), 0.95) == (5, 5)


def test_a_score_holds_mean_median_and_ranges() -> None:
    found = score(sample(*range(1, 20)), 10)
    assert found[:4] == pytest.approx((10, 10, 2, 18))
    assert (found.cover50, found.cover80, found.cover95) == (1, 1, 1)


def test_a_mean_difference_has_the_error_of_the_pairs() -> None:
    found = difference([1, 2, 3, 4], [2, 2, 4, 6])
    # differences -1, 0, -1, -2: mean -1, variance 2/3, error sqrt(2/3/4)
    assert found.mean == -1
    assert found.se == pytest.approx(math.sqrt(1 / 6))
    # 2.4 errors; with three degrees of freedom it takes 3.18
    assert not found.clear
    assert difference([1, 2, 3, 4], [3, 5, 5, 7]).clear  # -2.5, error 0.29


def test_three_year_ends_are_too_few_to_call_anything_better() -> None:
    assert not difference([1, 1, 1], [9, 8, 9]).clear


def test_skill_is_the_part_of_the_other_error_that_is_gone() -> None:
    assert skill(3, 4) == 0.25
    assert skill(5, 4) == -0.25
    assert skill(0, 0) == 0
