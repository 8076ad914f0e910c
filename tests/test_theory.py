"""The simulation against results known on paper.

A simulated mean may miss the exact one by four of its own standard errors: see `corners.close`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from corners import (
    ALWAYS,
    ONLY_AGENCIES,
    bare,
    close,
    england,
    erlang_b,
    flat_england,
    in_care_at,
    in_type_at,
    mean_and_error,
    run,
    steady,
    type_code,
)

from sufficiency.rows import Rows
from sufficiency.scenario import Scenario, with_values
from sufficiency.stays import YEAR

EXPONENTIAL = {"distribution": "exponential", "mean_days": 200.0}
LOGNORMAL = {"distribution": "lognormal", "mean_days": 200.0, "sigma": 1.0}
SETTLED = 6 * YEAR
"""By then an empty start is forgotten: eleven mean stays."""
LONG = {"years": 25.0}


def passed_on(rows: Rows, types: set[str]) -> float:
    """Share of those who entered after the run had settled whom the given places could not take."""
    searches = rows.searches
    settled = searches["needed"] > SETTLED
    taken = np.isin(searches.code("got")[settled], [type_code(name) for name in types])
    return float(1 - taken.mean())


# ---- Ample places ------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("stay", [EXPONENTIAL, LOGNORMAL], ids=["exponential", "lognormal"])
def test_with_ample_places_the_number_in_care_is_poisson(stay: dict[str, Any]) -> None:
    load = 30.0
    scenario = steady(load / 200 * YEAR, stay, {**ONLY_AGENCIES, **LONG})
    dates = np.arange(SETTLED, 25 * YEAR, YEAR)
    counts = np.array([in_care_at(run(scenario, k), dates) for k in range(1, 41)])
    close(counts.mean(axis=1), load)
    # Around a known mean, the squared distance of a Poisson number has that mean.
    close(((counts - load) ** 2 / load).mean(axis=1), 1.0)


def test_from_an_empty_start_the_number_grows_as_the_stay_says() -> None:
    load = 60.0
    scenario = steady(load / 200 * YEAR, LOGNORMAL, {**ONLY_AGENCIES, "years": 2.0})
    dates = np.array([30.0, 100.0, 200.0, 400.0, 700.0])
    counts = np.array([in_care_at(run(scenario, k), dates) for k in range(1, 41)])
    for place, day in enumerate(dates):
        exact = load / 200 * _integral_of_survival(day)
        close(counts[:, place], exact)
        close((counts[:, place] - exact) ** 2 / exact, 1.0)


def _integral_of_survival(until: float) -> float:
    """Days a lognormal stay of mean 200 and sigma 1 has on average before `until`."""
    mu = math.log(200) - 0.5
    days = np.linspace(0, until, 20_001)[1:] - until / 40_000
    survival = [0.5 * math.erfc((math.log(day) - mu) / math.sqrt(2)) for day in days]
    return float(np.mean(survival) * until)


def test_children_in_care_at_the_start_have_the_rest_of_a_stay_before_them() -> None:
    """The classic error is a fresh stay for everybody. The rest of a stay falls off more slowly.

    From the renewal theorem: the share of a stationary population still there after t days is the
    integral of the survival function from t, over the mean.
    """
    values = {
        **ONLY_AGENCIES,
        "years": 2.0,
        "authority.children_in_care": 60,
        "authority.uasc_in_care": 0,
        "placement.mix_at_start": {"ifa": 1.0},
    }
    scenario = steady(60 / 200 * YEAR, LOGNORMAL, values)
    dates = np.array([0.0, 50.0, 200.0, 500.0])
    left = []
    for k in range(1, 41):
        periods = run(scenario, k).care_periods
        there = (periods["entered"] < 0) & (periods["left"] > 0)
        left.append([(there & (periods["left"] > day)).sum() for day in dates])
    counts = np.array(left)
    assert (counts[:, 0] == 60).all()
    for place, day in enumerate(dates[1:], start=1):
        close(counts[:, place], 60 * (1 - _integral_of_survival(day) / 200))


# ---- Places that run out -----------------------------------------------------------------------


@pytest.mark.parametrize("stay", [EXPONENTIAL, LOGNORMAL], ids=["exponential", "lognormal"])
def test_one_pool_turns_away_what_erlang_b_says(stay: dict[str, Any]) -> None:
    """20 places, an offered load of 20: 15.9% find them full, however stays are distributed."""
    values = {**ONLY_AGENCIES, **LONG, "ifa.places": 20}
    scenario = steady(20 / 200 * YEAR, stay, values)
    assert erlang_b(20, 20.0) == pytest.approx(0.1589, abs=5e-5)
    close([passed_on(run(scenario, k), {"ifa"}) for k in range(1, 41)], erlang_b(20, 20.0))


def test_places_one_after_the_other_turn_away_what_erlang_b_says_of_their_sum() -> None:
    """An agency with 12 places, a block with 6, a market with 6, and nothing after it."""
    load = 20.0
    values = {
        **ONLY_AGENCIES,
        **LONG,
        "ifa.places": 12,
        "placement.acceptable": {"foster": ["home"]},
        "placement.youngest_in_home": 0.0,
        "external_homes.block_places": 6,
        "external_homes.found_at_once": ALWAYS,
        "external_homes.places": 6,
    }
    scenario = steady(load / 200 * YEAR, LOGNORMAL, values)
    shares = []
    for k in range(1, 41):
        rows = run(scenario, k)
        settled = rows.placements["started"] > SETTLED
        kind = rows.placements.code("type")[settled]
        block = rows.placements["provider"][settled] == 0
        agency, home = kind == type_code("ifa"), kind == type_code("home_external")
        first, second = agency.mean(), (agency | (home & block)).mean()
        shares.append((1 - first, 1 - second, 1 - (agency | home).mean()))
    for place, places in enumerate((12, 18, 24)):
        close(np.array(shares)[:, place], erlang_b(places, load))


def test_households_of_one_place_turn_away_what_erlang_b_says() -> None:
    """15 households that take everybody, then agencies without limit."""
    values = {**ONLY_AGENCIES, **LONG, "fostering.households": 15}
    scenario = steady(20 / 200 * YEAR, LOGNORMAL, values)
    close([passed_on(run(scenario, k), {"in_house"}) for k in range(1, 41)], erlang_b(15, 20.0))


def test_households_are_never_empty_while_somebody_waits() -> None:
    """With nothing else to go to, those beyond 15 places wait: in-house is min(in care, 15)."""
    scenario = steady(20 / 200 * YEAR, LOGNORMAL, {"fostering.households": 15, "years": 10.0})
    times = np.linspace(1.0, 3600.0, 5_000)
    for k in (1, 2, 3):
        rows = run(scenario, k)
        number = in_care_at(rows, times)
        assert (in_type_at(rows, "in_house", times) == np.minimum(number, 15)).all()
        assert number.max() > 20


def test_a_place_is_not_a_match() -> None:
    """One chance in eight for each pair: a search among n free households fails (7/8)^n times."""
    households = 12
    values = {
        **ONLY_AGENCIES,
        "years": 25.0,
        "fostering.households": households,
        "fostering.match_chance": 0.125,
    }
    # A stay of a day and one entry a fortnight: every search finds all of them free.
    stay = {"distribution": "exponential", "mean_days": 0.01}
    scenario = steady(26.0, stay, values)
    shares = []
    for k in range(1, 41):
        searches = run(scenario, k).searches
        free = searches["in_house_vacancies"] == households
        shares.append(searches["no_in_house"][free].mean())
    close(shares, 0.875**households)


# ---- A search that goes on ---------------------------------------------------------------------


def test_a_market_finds_a_home_after_an_exponential_time() -> None:
    """At 0.01 a day, against an exponential stay of 200 days: 2 in 3 are found one, in 67 days."""
    values = {"ifa.found_per_day": 0.01, "years": 10.0}
    scenario = steady(60.0, EXPONENTIAL, values)
    found, days = [], []
    for k in range(1, 31):
        searches = run(scenario, k).searches
        early = searches["needed"] < 3_000
        waited = (searches["registered"] - searches["needed"])[early]
        found.append(np.isfinite(waited).mean())
        days.append(waited[np.isfinite(waited)].mean())
    close(found, 0.01 / (0.01 + 1 / 200))
    close(days, 1 / (0.01 + 1 / 200))


def test_the_first_of_two_markets_finds_a_home() -> None:
    """Agencies at 0.01 a day and homes at 0.03: a quarter goes to an agency, in 25 days."""
    values = {
        "ifa.found_per_day": 0.01,
        "external_homes.found_per_day": 0.03,
        "placement.youngest_in_home": 0.0,
        "years": 10.0,
    }
    scenario = steady(60.0, {"distribution": "empirical", "days": [2_000.0]}, values)
    agencies, days = [], []
    for k in range(1, 31):
        placements = run(scenario, k).placements
        second = placements["cause"] >= 0
        agencies.append((placements.code("type")[second] == type_code("ifa")).mean())
        first = ~second & np.isfinite(placements["ended"]) & (placements["started"] < 3_000)
        days.append((placements["ended"] - placements["started"])[first].mean())
    close(agencies, 0.25)
    close(days, 25.0)


@pytest.mark.slow
def test_a_market_without_room_changes_nothing_else_about_the_wait() -> None:
    """Attempts that fail must neither move the child nor put off what is due."""
    values = {
        "ifa.found_per_day": 0.05,
        "ifa.places": 0,
        "emergency.beds": 1_000,
        "emergency.maximum_nights": 28.0,
        "moves.scale": 0.3,
        "moves.causes": {"breakdown": 1.0},
        "moves.to_home_after_breakdown": {"under_10": 0.0, "10-17": 0.0},
        "years": 10.0,
    }
    stay = {"distribution": "exponential", "mean_days": 1_000.0}
    with_attempts = steady(20.0, stay, values)
    without = with_values(with_attempts, {"ifa.found_per_day": 0.0})
    moved = [[], []]
    for k in range(1, 31):
        for place, scenario in enumerate((with_attempts, without)):
            placements = run(scenario, k).placements
            lengths = placements["ended"] - placements["started"]
            bed = placements.code("type") == type_code("emergency_bed")
            assert lengths[bed & np.isfinite(lengths)].max() <= 28 + 1e-9
            moved[place].append((placements["cause"] >= 0).sum())
    close(np.array(moved[0]) - np.array(moved[1]), 0.0)


# ---- Moves -------------------------------------------------------------------------------------


def test_moves_come_at_the_hazard_and_as_often_as_the_frailty_says() -> None:
    """With one rate all through, moves are Poisson for each child, more varied over children."""
    rate, variance = 1.2 / YEAR, 0.5
    values = {
        **ONLY_AGENCIES,
        "years": 12.0,
        "moves.scale": 1.0,
        "moves.hazard_per_day": [rate] * 8,
        "moves.frailty_variance": variance,
        "moves.age_factor": dict.fromkeys(("under_5", "5-9", "10-15", "16-17"), 1.0),
        "moves.kind_factor": {"foster": 1.0},
        "moves.causes": {"other": 1.0},
        "placement.plan_after_move": {
            "foster": {age: {"foster": 1.0} for age in ("under_5", "5-9", "10-15", "16-17")}
        },
    }
    stay = {"distribution": "empirical", "days": [3 * YEAR]}
    scenario = steady(20.0, stay, values)
    means, variances = [], []
    for k in range(1, 31):
        rows = run(scenario, k)
        whole = rows.care_periods["left"] < rows.until
        placements = rows.placements
        counts = np.array(
            [
                (placements["child"] == child).sum() - 1
                for child in rows.care_periods["child"][whole]
            ]
        )
        means.append(counts.mean())
        variances.append(counts.var(ddof=1))
    expected = rate * 3 * YEAR
    close(means, expected)
    close(variances, expected + variance * expected**2)


@pytest.mark.slow
@pytest.mark.parametrize("warm_up", [0.0, 2.0])
def test_moves_in_the_first_weeks_are_not_inflated_on_day_0(warm_up: float) -> None:
    """Placements at the start began in the past: moves come at their usual rate from the first day.

    With a fresh placement for everybody they would be several times as many. (Without a warm-up the
    kinds of home are not in equilibrium either, which leaves a little more.)
    """
    scenario = with_values(england(), {"warm_up_years": warm_up, "years": 1.0})
    early, at_once, later = [], [], []
    for k in range(1, 41):
        rows = run(scenario, k)
        by_hazard = np.isin(rows.placements["cause"], (0, 1, 2))
        moved = rows.placements["started"][by_hazard & (rows.placements["started"] >= 0)]
        at_once.append((moved < 0.01).sum())
        early.append((moved < 14).sum() / 14)
        later.append((moved >= 100).sum() / (rows.until - 100))
    ratio, error = mean_and_error(np.array(early) / np.mean(later))
    assert abs(ratio - 1) <= 0.1 + 2 * error, f"{ratio:.2f} ± {error:.2f}"
    assert sum(at_once) <= 3


# ---- England -----------------------------------------------------------------------------------


def test_children_start_where_the_published_mix_says() -> None:
    """Without a warm-up the mix of day 0 is the published one, by kind of home."""
    scenario = with_values(england(), {"warm_up_years": 0.0, "years": 0.1})
    mix = scenario.placement.mix_at_start
    kinds = {
        "fostered": ("in_house", "ifa"),
        "kin": ("kinship",),
        "homes": ("home_own", "home_external"),
        "supported": ("supported",),
        "parents": ("parents",),
    }
    found: dict[str, list[float]] = {kind: [] for kind in kinds}
    for k in range(1, 41):
        rows = run(scenario, k)
        for kind, types in kinds.items():
            found[kind].append(sum(in_type_at(rows, name, [0.0])[0] for name in types) / 457)
    for kind, types in kinds.items():
        mean, error = mean_and_error(found[kind])
        assert abs(mean - sum(mix[name] for name in types)) < 0.01 + 2 * error, kind


def drift(scenario: Scenario, replications: int, dates: list[float]) -> dict[str, Any]:
    """Children in care by type on some dates, one row per replication."""
    names = ("in_house", "ifa", "kinship", "supported", "parents", "adoption", "unregistered")
    out: dict[str, list[Any]] = {"total": [], "homes": [], **{name: [] for name in names}}
    for k in range(1, replications + 1):
        rows = run(scenario, k)
        out["total"].append(in_care_at(rows, dates))
        for name in names:
            out[name].append(in_type_at(rows, name, dates))
        own, external = (in_type_at(rows, f"home_{who}", dates) for who in ("own", "external"))
        out["homes"].append(own + external)
    return {name: np.array(values) for name, values in out.items()}


@pytest.mark.slow
def test_stated_stock_and_flow_agree_so_the_number_in_care_stays() -> None:
    """M(t)/G/infinity: entries x mean stay is the stated number, so it is flat on average."""
    dates = [0.0, YEAR, 5 * YEAR - 1]
    counts = drift(flat_england(), 40, dates)
    assert (counts["total"][:, 0] == 457).all()
    for place in (1, 2):
        assert counts["total"][:, place].mean() == pytest.approx(457, rel=0.02)
    for name in ("in_house", "ifa", "kinship", "homes", "supported"):
        _no_drift(counts[name][:, 1] - counts[name][:, 0], counts[name][:, 0], 0.05)
        _no_drift(counts[name][:, 2] - counts[name][:, 1], counts[name][:, 1], 0.05)
    for name in ("parents", "adoption", "unregistered"):
        _no_drift(counts[name][:, 1] - counts[name][:, 0], counts[name][:, 0], 0.05, least=2.0)
        _no_drift(counts[name][:, 2] - counts[name][:, 1], counts[name][:, 1], 0.05, least=2.0)


def _no_drift(change: Any, before: Any, share: float, least: float = 0.0) -> None:
    """The change is within a share of the number, as far as so many replications can tell."""
    mean, error = mean_and_error(change)
    assert abs(mean) <= max(share * before.mean(), least) + 2 * error


def test_bare_is_bare() -> None:
    rows = run(bare())
    assert len(rows.care_periods) == 0
    assert len(rows.placements) == 0
    assert rows.state_changes == 0


@pytest.mark.slow
def test_a_small_and_a_large_authority_use_their_carers_alike() -> None:
    """Published vacancies are per household: the size of the authority must not decide them."""
    filled = {}
    for size in (205, 457, 1_000):
        base = with_values(england(), {"authority.children_in_care": size, "years": 1.0})
        base = with_values(base, {"authority.child_population": 150.0 * size})
        per_household = []
        for k in range(1, 13):
            rows = run(base, k)
            there = rows.households["approved"] <= 0
            there &= rows.households["closed"] > 0
            started, ended = rows.placements["started"], rows.placements["ended"]
            in_house = rows.placements.code("type") == 0
            living = in_house & (started <= 0) & (ended > 0)
            per_household.append(living.sum() / there.sum())
        filled[size] = np.mean(per_household)
    assert all(abs(value - 1.26) <= 0.12 for value in filled.values()), filled
