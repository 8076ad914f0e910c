"""Paths from yearly counts alone: their level, how much they vary, and their season."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from sufficiency.errors import SufficiencyError
from sufficiency.forecast.yearly import level_of, yearly_paths

FLAT = (1.0,) * 12
APRIL = date(2025, 4, 1)


def made(counts: dict[str, float], **settings: object) -> np.ndarray:
    asked = {"first": APRIL, "months": 12, "paths": 4000, "seed": 1, "season": FLAT, **settings}
    asked.setdefault("uasc_per_year", 0.0)
    return yearly_paths(counts, **asked)["non_uasc"]  # type: ignore[arg-type]  # settings of a test


def test_the_level_is_the_count_less_the_uasc_in_it() -> None:
    totals = made({"2024-25": 200}, uasc_per_year=30.0).sum(axis=1)
    assert abs(totals.mean() - 170) < 4 * totals.std() / np.sqrt(len(totals))


def test_a_known_level_varies_from_year_to_year_by_2_9_times_its_mean() -> None:
    # a hundred equal years of 20,000: nothing is in doubt about the level but a thousandth
    counts = {f"{year}-{(year + 1) % 100:02d}": 20_000.0 for year in range(1925, 2025)}
    totals = made(counts, drift=1e-6).sum(axis=1)
    doubt = 2.9 * 20_000 / 100  # variance of the level itself, in children a year
    expected = 2.9 * 20_000 + doubt
    # the variance of a sample variance of n normal values is 2 / n of its square
    assert totals.var() == pytest.approx(expected, rel=4 * np.sqrt(2 / len(totals)))


def test_one_count_doubles_the_variance_because_the_level_is_as_much_in_doubt() -> None:
    totals = made({"2024-25": 400}, drift=1e-6).sum(axis=1)
    assert totals.var() == pytest.approx(2 * 2.9 * 400, rel=0.12)


def test_a_mean_of_counts_weighs_them_alike_without_drift_and_the_last_most_with_it() -> None:
    counts = {"2022-23": 90.0, "2023-24": 100.0, "2024-25": 110.0}
    mean, variance, ago = level_of(counts, APRIL, 0.0, drift=1e-9)
    assert 98 < mean < 100  # weights are inverse to the counts' own variances
    assert variance == pytest.approx(2.9 / (1 / 90 + 1 / 100 + 1 / 110))
    assert ago == 0.5  # from October, the middle of the last year counted
    assert level_of(counts, APRIL, 0.0, drift=1.0)[0] > 106


def test_years_further_ahead_vary_more_because_the_level_drifts() -> None:
    paths = made({"2024-25": 2000}, months=60, drift=0.1)
    totals = paths.reshape(-1, 5, 12).sum(axis=2)
    assert totals[:, 4].var() > 1.5 * totals[:, 0].var()
    assert abs(totals[:, 4].mean() - 2000) < 4 * totals[:, 4].std() / np.sqrt(len(totals))


def test_each_month_has_its_factor_of_the_season_by_the_calendar() -> None:
    index = [0.5] * 6 + [1.5] * 6  # January to June, July to December
    paths = made({"2024-25": 1200}, season=index, first=date(2025, 10, 1))
    mean = paths.mean(axis=0)
    assert np.allclose(mean[:3], 150, rtol=0.03)  # October to December
    assert np.allclose(mean[3:9], 50, rtol=0.03)
    assert np.allclose(mean[9:], 150, rtol=0.03)


def test_the_same_seed_gives_the_same_paths() -> None:
    assert np.array_equal(made({"2024-25": 100}), made({"2024-25": 100}))
    assert not np.array_equal(made({"2024-25": 100}), made({"2024-25": 100}, seed=2))


def test_an_authority_where_all_who_entered_were_uasc_still_has_a_future() -> None:
    paths = made({"2024-25": 10}, uasc_per_year=12.0)
    assert paths.min() >= 0
    assert 0 < paths.sum(axis=1).mean() < 3


def test_no_count_at_all_is_the_users_mistake() -> None:
    with pytest.raises(SufficiencyError, match="at least one financial year"):
        made({})


def test_a_range_of_80_per_cent_holds_next_years_count_as_often_as_it_should() -> None:
    """Levels unlike England's; variance of this year and the next 2.9 times the mean at most."""
    rng, series, inside = np.random.default_rng(5), 300, 0
    for number in range(series):
        level = 120 * np.exp(0.4 * rng.standard_normal())
        past, came = rng.poisson(rng.gamma(level / 1.9, 1.9, size=2))
        totals = made({"2024-25": float(past)}, paths=300, seed=number).sum(axis=1)
        low, high = np.quantile(totals, [0.1, 0.9])
        inside += int(low <= came <= high)
    error = np.sqrt(0.8 * 0.2 / series)
    # the drift, of which this truth has none, widens the range by a little
    assert -4 * error < inside / series - 0.8 < 4 * error + 0.02
