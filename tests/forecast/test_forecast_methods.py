"""Every candidate on series that real authorities have: low, empty, constant, broken, short."""

from __future__ import annotations

import numpy as np
import pytest

from sufficiency.forecast.candidates import (
    BRIEF,
    FULL,
    LEVEL,
    NAIVE,
    POOL,
    REGRESSION,
    SHORT,
    SMOOTHING,
    candidates,
    paths_of,
)
from sufficiency.forecast.series import Floats, Series, children, stabilised, waves, whole

FLAT = np.ones(12)
SUMMER = np.array([0.5, 0.5, 0.5, 1.0, 1.0, 1.5, 1.5, 1.5, 1.5, 1.0, 1.0, 0.5])


def series(counts: object, season: Floats = FLAT, first_month: int = 3) -> Series:
    return Series(np.asarray(counts, dtype=float), first_month, season)


def poisson(mean: float, months: int = 72, seed: int = 1) -> Floats:
    return np.random.default_rng(seed).poisson(mean, months).astype(float)


ODD = {
    "low": poisson(0.5),
    "empty": np.zeros(72),
    "constant": np.full(72, 5.0),
    "jump": np.r_[poisson(3, 60), poisson(200, 12)],
    "one child": np.eye(72)[60],
    "a burst at the end": np.r_[np.zeros(70), 50, 0],
}


@pytest.mark.parametrize("name", ODD)
def test_odd_series_give_whole_paths_or_a_failure_but_never_a_crash(name: str) -> None:
    made = paths_of(FULL, series(ODD[name]), 24, 50, (1,))
    for paths in made.values():
        assert paths is None or (paths.shape == (50, 24) and paths.dtype == np.int64)
        assert paths is None or paths.min() >= 0
    assert made[POOL] is not None  # the default bears all of them


def test_a_method_that_fails_on_a_series_is_a_failure_and_no_forecast() -> None:
    made = paths_of(FULL, series(np.zeros(72)), 12, 20, (1,))
    assert made[SMOOTHING] is None  # nothing to smooth: its likelihood is not a number


def test_the_same_key_gives_the_same_paths_whoever_competes() -> None:
    given = series(poisson(8, 36))
    alone = paths_of([LEVEL], given, 12, 30, (5, 0))[LEVEL]
    among = paths_of(FULL, given, 12, 30, (5, 0))[LEVEL]
    other = paths_of([LEVEL], given, 12, 30, (6, 0))[LEVEL]
    assert np.array_equal(alone, among)
    assert not np.array_equal(alone, other)


def test_the_pool_is_half_of_either_method() -> None:
    made = paths_of((POOL, LEVEL, REGRESSION), series(poisson(8)), 12, 40, (1,))
    pool, level, regression = made[POOL], made[LEVEL], made[REGRESSION]
    assert pool is not None
    assert level is not None
    assert regression is not None
    assert np.array_equal(pool[::2], level[::2])
    assert np.array_equal(pool[1::2], regression[1::2])


def test_a_series_of_three_years_has_all_candidates_and_a_shorter_one_the_method_for_it() -> None:
    assert candidates(series(np.ones(36))) == FULL
    assert candidates(series(np.ones(35))) == BRIEF
    assert BRIEF[0] == SHORT


@pytest.mark.parametrize("name", [LEVEL, REGRESSION])
def test_missing_months_are_left_out_and_not_taken_for_zeros(name: str) -> None:
    counts = poisson(20)
    counts[30:42] = np.nan
    paths = paths_of([name], series(counts), 12, 400, (1,))[name]
    assert paths is not None
    # a year of zeros among six would pull the level of 20 to below 17
    assert abs(paths.mean() - 20) < 2


def test_the_seasonal_naive_forecast_is_centred_on_the_same_months_of_last_year() -> None:
    counts = np.tile(np.arange(12.0) * 3, 6) + np.repeat([0, 1, 0, 1, 0, 1], 12)
    paths = paths_of([NAIVE], series(counts), 12, 500, (1,))[NAIVE]
    assert paths is not None
    # changes from year to year are +1 or -1, so the next year is one less or one more
    assert set(np.unique(paths[:, 5] - 16)) <= {-2, -1, 0, 1, 2}
    assert abs(paths[:, 5].mean() - 16) < 0.3


@pytest.mark.parametrize("name", [LEVEL, REGRESSION])
def test_a_season_in_the_counts_is_found_in_the_months_ahead(name: str) -> None:
    rng = np.random.default_rng(2)
    months = (3 + np.arange(72)) % 12
    counts = rng.poisson(20 * SUMMER[months])
    # 60 months later starts in the same calendar month; 7 months in, another
    paths = paths_of([name], series(counts[:67]), 12, 400, (1,))[name]
    assert paths is not None
    ahead = (3 + 67 + np.arange(12)) % 12
    assert np.corrcoef(paths.mean(axis=0), SUMMER[ahead])[0, 1] > 0.9


def test_under_a_year_the_season_is_that_of_the_base() -> None:
    paths = paths_of([SHORT], series(np.full(6, 10.0), SUMMER), 24, 4000, (1,))[SHORT]
    assert paths is not None
    ahead = (3 + 6 + np.arange(24)) % 12
    mean = paths.mean(axis=0)
    level = mean / SUMMER[ahead]
    assert level.max() / level.min() < 1.1  # only noise is left once the base's season is out


def test_own_season_and_base_season_weigh_the_same_at_a_hundred_children() -> None:
    # a whole year three times over, 100 children in all: a wave of 0.3 in the counts and none in
    # the base; n / (n + 100) leaves half of it (to first order)
    from sufficiency.forecast.regression import fitted

    months = np.arange(36)
    counts = 100 / 36 * (1 + 0.3 * np.cos(2 * np.pi * months / 12))
    found = fitted(series(counts, first_month=0))
    assert found.waves[0] == pytest.approx(0.15, abs=0.01)


def test_a_short_series_is_less_sure_of_a_year_than_a_long_one_of_the_same_level() -> None:
    counts = poisson(10, 72)
    long = paths_of([REGRESSION], series(counts), 12, 1000, (1,))[REGRESSION]
    short = paths_of([SHORT], series(counts[:10]), 12, 1000, (1,))[SHORT]
    assert long is not None
    assert short is not None
    assert short.sum(axis=1).std() > 1.3 * long.sum(axis=1).std()


def test_waves_follow_the_calendar_month_and_not_the_row() -> None:
    first = series(np.ones(5), first_month=10)
    assert np.array_equal(first.ahead(3), [3, 4, 5])
    assert np.allclose(waves(first.months, 2)[2], waves(np.array([0]), 2)[0])


def test_the_stabilised_scale_turns_back_into_the_same_children() -> None:
    counts = np.arange(50.0)
    assert np.array_equal(children(stabilised(counts)), counts)


def test_paths_without_bounds_are_a_failure() -> None:
    with pytest.raises(FloatingPointError):
        whole(np.array([1.0, np.inf]))
    with pytest.raises(FloatingPointError):
        whole(np.full(10, 1e9))
