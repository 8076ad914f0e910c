"""The last value carried forward, with ranges from past changes."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sufficiency.backtest.flat import chance_of_count, chance_of_share, flat


def luck() -> np.random.Generator:
    return np.random.default_rng(3)


def test_the_last_value_is_the_middle() -> None:
    futures = flat([90, 100], 1, chance_of_count(100), luck())
    assert np.median(futures) == pytest.approx(100, abs=2)


def test_it_is_as_wide_as_past_changes_and_one_by_chance() -> None:
    # changes 10 and -20, chance 16: variance (100 + 400 + 16) / 3 = 172 with 3 degrees of freedom,
    # whose quartile is 0.7649
    futures = np.concatenate([flat([500, 510, 490], 1, 16, luck()) for _ in range(40)])
    above = np.quantile(futures, 0.75) - 490
    assert above == pytest.approx(0.7649 * math.sqrt(172), rel=0.15)


def test_one_value_alone_has_the_width_of_chance() -> None:
    # one degree of freedom: the quartile of a Cauchy variable is 1
    wide = [np.quantile(flat([1000], 1, 25, np.random.default_rng(s)), 0.75) for s in range(40)]
    assert np.mean(wide) == pytest.approx(1005, abs=0.5)


def test_changes_add_up_as_those_of_a_random_walk() -> None:
    one = flat([500, 510, 490], 1, 16, luck()) - 490
    four = flat([500, 510, 490], 4, 16, luck()) - 490
    assert four == pytest.approx(2 * one)


def test_nothing_falls_below_nought() -> None:
    assert flat([30, 1], 2, chance_of_count(1), luck()).min() == 0


def test_chance_is_that_of_the_difference_of_two_counts() -> None:
    assert chance_of_count(50) == 100
    assert chance_of_count(0) == 2
    assert chance_of_share(0.1, 90) == pytest.approx(2 * 0.1 * 0.9 / 90)
