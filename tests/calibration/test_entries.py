from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.stats import binom, gamma
from small_history import Life, Stay, history

from sufficiency.calibration.entries import entry_counts, entry_estimates, level_estimate
from sufficiency.calibration.estimates import Estimate
from sufficiency.calibration.seasons import (
    StreamCounts,
    month_factors,
    season_estimates,
    variation_estimate,
)
from sufficiency.history.tables import History
from sufficiency.scenario import Scenario
from sufficiency.scenario_file import load

AGES = ("under_1", "1-4", "5-9", "10-15", "16-17")


@pytest.fixture(scope="module")
def england() -> Scenario:
    return load("england").scenario


def entered(day: str, group: str = "10-15", born: str = "2012-01-01", **more: object) -> Life:
    return Life(born, group, (Stay("in_house", day),), **more)


def of(estimates: object, path: str) -> Estimate:
    return next(e for e in estimates if e.path == path)  # type: ignore[attr-defined]  # any iterable


def paths(history: History, base: Scenario) -> set[str]:
    return {e.path for e in entry_estimates(history, base, 100)}


# ---- Counting -----------------------------------------------------------------------------------


def test_entries_are_counted_by_month_and_group_without_remands_and_what_was_not_seen(
    england: Scenario,
) -> None:
    past = history(
        entered("2023-04-01"),
        entered("2023-04-30"),
        entered("2023-05-01", "uasc_16-17"),
        entered("2025-03-31", "under_1", "2025-03-20"),
        entered("2023-03-31"),  # before the window
        entered("2024-01-05", remand=True),
        entered("2023-04-02"),  # seen, but in care before anything is observed
    )
    assert past.care is not None
    past = replace(past, care=past.care.assign(dated=[*[True] * 6, False]))
    counts = entry_counts(past, england)

    assert counts is not None
    assert (len(counts.months), str(counts.months[0])) == (24, "2023-04")
    assert counts.entries["10-15"].tolist() == [2, *[0] * 23]
    assert counts.entries["uasc"].tolist() == [0, 1, *[0] * 22]
    assert counts.entries["under_1"].tolist() == [*[0] * 23, 1]


def test_months_of_gaps_are_missing_and_those_of_shocks_do_not_count(england: Scenario) -> None:
    shocks = pd.DataFrame(
        {"from": ["2023-05-01"], "to": ["2023-06-30"], "stream": ["uasc"], "note": ["hotel"]}
    )
    past = history(entered("2023-04-01"), shocks=shocks)
    past = replace(past, gaps=((date(2023, 10, 1), date(2024, 3, 31)),))
    counts = entry_counts(past, england)

    assert counts is not None
    assert len(counts.months) == 18
    assert counts.whole["non_uasc"].all()
    assert np.flatnonzero(~counts.whole["uasc"]).tolist() == [1, 2]


def test_siblings_who_enter_on_one_day_show_as_clumping(england: Scenario) -> None:
    days = [f"2023-{month:02d}-10" for month in range(4, 13)]
    lives = [entered(day, group) for day in days for group in ("10-15", "5-9")]
    counts = entry_counts(history(*lives), england)

    assert counts is not None
    # Always two: sum of squares over sum is 2, less the 18 a day over 245 days that chance brings.
    assert counts.clumping["non_uasc"] == pytest.approx(2 - 18 / 245, abs=1e-9)
    assert counts.clumping["10-15"] == 1


def monthly(count: float, *, months: int = 72, group: str = "all") -> pd.DataFrame:
    month = pd.date_range("2019-04-01", periods=months, freq="MS")
    return pd.DataFrame(
        {
            "month": month,
            "stream": "non_uasc",
            "age_group": group,
            "entries": count,
            "exits": np.nan,
        }
    )


def test_counts_without_ages_are_divided_as_the_base_is_less_its_remands(
    england: Scenario,
) -> None:
    past = History(date(2019, 4, 1), date(2025, 3, 31), monthly=monthly(30.0))
    counts = entry_counts(past, england)

    assert counts is not None
    rates = england.demand.entries_per_100_in_care
    each = 30 / sum(rates.values())
    assert counts.entries["1-4"][0] == pytest.approx(rates["1-4"] * each)
    # 0.6 per 100 are remanded, four tenths of them at 10 to 15
    kept = rates["10-15"] / (rates["10-15"] + 0.24)
    assert counts.entries["10-15"][0] == pytest.approx(rates["10-15"] * each * kept)


# ---- Levels -------------------------------------------------------------------------------------


def test_a_level_shrinks_by_the_events_that_the_base_would_bring() -> None:
    # 46 expected in 2 years of 4 hundreds at 5.75; siblings in twos: as 23 independent events.
    found = level_estimate("x", 92, 8, 5.75, 23, clumping=2, between=0)

    assert (found.n, found.weight) == (23, 0.5)
    assert found.local == 11.5
    assert found.value == pytest.approx((11.5 + 5.75) / 2, rel=1e-3)
    # The posterior: a gamma of 23 + 92 / 2 events in 23 / 5.75 + 8 / 2 units of time.
    low, high = gamma.ppf((0.025, 0.975), 23 + 46, scale=1 / 8)
    assert found.low == pytest.approx(low, rel=1e-3)
    assert found.high == pytest.approx(high, rel=1e-3)


def test_the_level_is_per_hundred_children_in_care_on_the_last_day(england: Scenario) -> None:
    past = history(*[entered(f"2023-{m:02d}-{d:02d}") for m in range(4, 13) for d in (1, 11)])
    found = of(entry_estimates(past, england, 300), "demand.entries_per_100_in_care.10-15")

    # 18 in two years, of 3 hundreds; the season is not known to be any other than the base's
    assert found.local == pytest.approx(3.0, rel=0.01)
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.value < found.high


def test_a_level_that_the_base_states_in_another_way_is_taken_out(england: Scenario) -> None:
    demand = england.demand.model_copy(update={"entries_per_year": 150.0})
    base = england.model_copy(update={"demand": demand})
    found = of(entry_estimates(history(entered("2023-04-01")), base, 10), "demand.entries_per_year")
    assert found.value is None


def test_the_first_weeks_share_is_that_of_those_who_entered_under_1(england: Scenario) -> None:
    past = history(
        entered("2023-05-01", "under_1", "2023-04-04"),  # 27 days old
        entered("2023-05-01", "under_1", "2023-04-03"),  # 28
    )
    found = of(entry_estimates(past, england, 10), "demand.first_weeks_share")
    assert (found.local, found.n) == (0.5, 2)


# ---- Season and variation -----------------------------------------------------------------------


def stream(counts: np.ndarray, *, clumping: float = 1.0, variation: float = 0.01) -> StreamCounts:
    number = 591 + np.arange(len(counts))  # from April 2019
    return StreamCounts("demand", counts, number, clumping, np.ones(12), variation)


def test_the_season_is_that_of_a_poisson_regression_on_year_and_month() -> None:
    luck = np.random.default_rng(1)
    known = stream(luck.poisson(20, 68).astype(float))
    found = month_factors(known)

    month, year = known.number % 12, known.year
    design = np.hstack([np.eye(6)[year], np.eye(12)[month][:, 1:]])
    fit = sm.GLM(known.counts, design, family=sm.families.Poisson()).fit()
    theirs = np.exp(np.concatenate([[0], fit.params[6:]]))
    assert found == pytest.approx(theirs / theirs.mean(), rel=1e-6)


def test_a_season_needs_four_years_and_shrinks_by_years() -> None:
    luck = np.random.default_rng(2)
    assert list(season_estimates(stream(luck.poisson(400, 47).astype(float)))) == []

    counts = luck.poisson(400, 72).astype(float)
    found = list(season_estimates(stream(counts)))
    assert [e.path for e in found[:2]] == ["demand.month_index.0", "demand.month_index.1"]
    assert found[0].weight == pytest.approx(6 / 10)
    assert found[-1].path == "demand.season_strength"
    few = np.tile([3.0, 5.0], 36)  # 4 a month: k is 1 / (0.15² x 4) years
    assert next(season_estimates(stream(few))).weight == pytest.approx(6 / (6 + 1 / 0.09))


def test_variation_is_what_years_vary_beyond_their_families() -> None:
    years = np.array([100, 140, 120, 80, 110, 110])
    found = variation_estimate(stream(np.repeat(years / 12, 12), clumping=2.0, variation=0.007))

    mean, spread = 110.0, 2000 / 5
    raw = (spread - 2 * mean) / mean**2
    assert found.local == pytest.approx(raw)
    assert found.weight == pytest.approx(6 / 16)
    assert found.value == pytest.approx(6 / 16 * raw + 10 / 16 * 0.007, rel=1e-3)


def test_variation_is_not_below_zero_where_years_hardly_differ() -> None:
    found = variation_estimate(stream(np.full(72, 10.0), clumping=2.0, variation=0.001))
    assert found.local is not None
    assert found.local < 0
    assert (found.value, found.low) == (0, 0)


def test_nothing_is_said_of_entries_that_are_not_known(england: Scenario) -> None:
    assert paths(History(date(2023, 4, 1), date(2025, 3, 31)), england) == set()


@pytest.mark.slow
def test_intervals_hold_the_truth_as_often_as_they_should(england: Scenario) -> None:
    luck, size = np.random.default_rng(3), 500
    usual = england.demand.entries_per_100_in_care
    inside = []
    for _ in range(60):
        rates = {age: usual[age] * luck.gamma(23, 1 / 23) for age in AGES}
        index = np.array(england.demand.month_index) * np.exp(0.15 * luck.standard_normal(12))
        index /= index.mean()
        table = simulated(luck, rates, index, 0.007 * luck.exponential(), size)
        past = History(date(2019, 4, 1), date(2025, 3, 31), care=table)
        truth = {f"demand.entries_per_100_in_care.{age}": rates[age] for age in AGES}
        truth |= {f"demand.month_index.{i}": index[i] for i in range(12)}
        for e in entry_estimates(past, england, size):
            if e.path in truth:
                assert e.low is not None
                assert e.high is not None
                inside.append(e.low <= truth[e.path] <= e.high)

    n = len(inside)
    assert n == 60 * 17
    assert binom.ppf(0.0005, n, 0.92) <= sum(inside) <= binom.ppf(0.9995, n, 0.98)


def simulated(
    luck: np.random.Generator, rates: dict[str, float], index: np.ndarray, alpha: float, size: int
) -> pd.DataFrame:
    """Six years of families, as the model has them: singles at 16 and 17, siblings below."""
    young = np.array([rates[age] for age in AGES[:4]])
    days, groups = [], []
    for month in range(72):
        if month % 12 == 0:
            factor = luck.gamma(1 / alpha, alpha)
        start = np.datetime64("2019-04") + month
        first, after = (m.astype("datetime64[D]") for m in (start, start + 1))
        length = int((after - first).astype(int))
        usual = factor * index[(3 + month) % 12] * size / 100 / 12
        for group, mean in ((None, young.sum() / 1.55), ("16-17", rates["16-17"])):
            for _ in range(luck.poisson(mean * usual)):
                day = first + int(luck.integers(length))
                n = 1 if group else int(luck.choice(4, p=(0.65, 0.2, 0.1, 0.05))) + 1
                own = [group] if group else luck.choice(AGES[:4], n, p=young / young.sum())
                days += [day] * n
                groups += list(own)
    return pd.DataFrame(
        {"entered": pd.Series(days).astype("datetime64[s]"), "entry_group": groups}
    ).assign(stream="non_uasc", remand=False, dated=True)
