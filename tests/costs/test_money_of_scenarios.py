"""Money of replications of random scenarios: every way of adding it up agrees to the penny."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from corners import BARE, england, run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_invariants import drawn_settings

from sufficiency.costs import cost_measures
from sufficiency.costs.definitions import COST_TYPES, LINES, PARTS, SOURCES
from sufficiency.rows import TYPES, Key, Measured
from sufficiency.scenario import Scenario, with_values

NAMES = [str(type_) for type_ in TYPES]
FLAT = 700.0
"""£ a week of every placement where all cost the same: £100 a night, so that nothing is rounded."""

# --- scenarios --------------------------------------------------------------------------------

GROWTH = st.sampled_from([-0.05, 0.0, 0.015, 0.04, 0.4])
MONEY = st.sampled_from([0.0, 1.0, 333.33, 6_100.0, 30_000.0])
UPLIFT = st.builds(
    lambda new, existing, at_most_cpi, month: {
        "new": new, "existing": existing, "at_most_cpi": at_most_cpi, "month": month
    },
    GROWTH, st.one_of(st.none(), GROWTH), st.booleans(), st.sampled_from([1, 4, 10]),
)  # fmt: skip
SHARES = st.sampled_from([0.0, 0.1, 0.5])


def some(names: list[str], values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(names), values, max_size=4)


LINE = st.builds(
    lambda of, new, existing: {"type": of[0], **of[1], "new": new, "existing": existing},
    st.tuples(
        st.sampled_from(["ifa", "home_external", "supported"]),
        st.sampled_from([{"need": "complex"}, {"age": "16-17"}]),
    ),
    MONEY,
    st.one_of(st.none(), MONEY),
)
PRICES: dict[str, st.SearchStrategy[Any]] = {
    "prices.existing": some(["ifa", "home_external", "supported"], MONEY),
    "prices.table": st.lists(
        LINE, max_size=3, unique_by=lambda line: (line["type"], "age" in line)
    ),
    "prices.factor": some(NAMES, st.sampled_from([0.5, 1.1])),
    "prices.spread": some(NAMES, st.sampled_from([0.0, 0.5, 1.0])),
    "prices.block": some(["home_external", "supported"], MONEY),
    "prices.retainer": some(["in_house", "emergency_bed"], MONEY),
    "prices.uplift": some([*NAMES, "recruitment", "staying_put"], UPLIFT),
    "prices.rises": st.lists(
        st.builds(
            lambda day, kind, weekly: {"from": day, "type": kind, "weekly": weekly},
            st.sampled_from([date(2025, 4, 1), date(2026, 7, 15)]),
            st.sampled_from(NAMES),
            st.sampled_from([-20.0, 55.5]),
        ),
        max_size=2,
        unique_by=lambda rise: (rise["type"], rise["from"]),
    ),
    "prices.health_share": some(NAMES, SHARES),
    "prices.education_share": some(NAMES, SHARES),
    "prices.home_fixed_weekly_per_place": MONEY,
    "prices.staying_put_weekly": MONEY,
    "prices.recruitment_per_approval": MONEY,
    "programme": st.lists(
        st.builds(
            lambda year, amount: {"name": "Team", "year": year, "amount": amount},
            st.sampled_from(["2025-26", "2026-27"]),
            MONEY,
        ),
        max_size=2,
    ),
}
EDITS: dict[str, st.SearchStrategy[Any]] = {
    "fostering.recruitment.number": st.sampled_from([3.0, 10.0]),
    "external_homes.block_places": st.sampled_from([0, 3]),
    "supported.block_places": st.sampled_from([0, 3]),
    "emergency.beds": st.sampled_from([0, 2]),
    "homes": st.sampled_from([[], [{"name": "New", "registered": 3, "usable": 2}]]),
    "fostering.leaving_per_year": st.sampled_from([0.0, 0.3]),
    "ifa.market": st.sampled_from([0.2, 1.0]),
}
"""What options do: to places, not to children."""


@st.composite
def some_of(draw: st.DrawFn, choices: Mapping[str, st.SearchStrategy[Any]]) -> dict[str, Any]:
    chosen = draw(st.sets(st.sampled_from(sorted(choices)), min_size=1))
    return {path: draw(choices[path]) for path in sorted(chosen)}


SMALL = {
    "authority.children_in_care": 40,
    "fostering.households": 9,
    "fostering.places_mix": {"1": 0.3, "2": 0.4, "3": 0.2, "4": 0.1},
}
TWO_YEARS = {"years": 2.0, "warm_up_years": 0.5}


def authority(bare: bool, values: Mapping[str, Any], prices: Mapping[str, Any]) -> Scenario:
    """A small authority for two financial years."""
    edits = {**(BARE if bare else {}), **SMALL, **values, **TWO_YEARS, **prices}
    return with_values(england(), edits)


# --- what holds -------------------------------------------------------------------------------


class Pence:
    """Measures by name, group and period, in whole pence."""

    def __init__(self, measured: Measured) -> None:
        values: list[float] = measured.values.tolist()
        self.values = dict(zip(measured.keys, values, strict=True))
        self.years = [key.period for key in measured.keys if key[:2] == ("cost", "")]
        periods = [key.period for key in measured.keys if key[:2] == ("net_cost", "")]
        self.months = [period for period in periods if period not in self.years]

    def __call__(self, measure: str, group: str, year: str) -> int:
        return round(100 * self.values[Key(measure, group, year)])

    def parts(self, measure: str, year: str) -> dict[str, int]:
        return {part: self(measure, f"part={part}", year) for part in PARTS}


def every_sum_agrees(found: Pence) -> None:
    assert found.years
    for year in found.years:
        cost, income = found("cost", "", year), found("income", "", year)
        assert sum(found("cost", f"type={name}", year) for name in COST_TYPES) == cost
        assert sum(found("section_251_cost", f"line={line}", year) for line in LINES) == cost
        assert sum(found("income", f"source={source}", year) for source in SOURCES) == income
        assert found("net_cost", "", year) == cost - income
    of_years = sum(found("net_cost", "", year) for year in found.years)
    assert sum(found("net_cost", "", month) for month in found.months) == of_years


def bridges_agree(found: Pence, baseline: Pence) -> None:
    for before, year in pairwise(found.years):
        change = found("net_cost", "", year) - found("net_cost", "", before)
        assert sum(found.parts("bridge", year).values()) == change
    for year in found.years:
        difference = found("net_cost", "", year) - baseline("net_cost", "", year)
        assert sum(found.parts("option_bridge", year).values()) == difference
        assert not any(baseline.parts("option_bridge", year).values())


def check(scenario: Scenario, edits: Mapping[str, Any], replication: int) -> None:
    rows = run(scenario, replication)
    measured, spent = cost_measures(scenario, rows)
    baseline = Pence(measured)
    every_sum_agrees(baseline)
    option = with_values(scenario, edits)
    rows_of_option = run(option, replication, baseline=scenario)
    found = Pence(cost_measures(option, rows_of_option, spent)[0])
    every_sum_agrees(found)
    bridges_agree(found, baseline)
    same = Pence(cost_measures(scenario, run(scenario, replication), spent)[0])
    assert all(not any(same.parts("option_bridge", year).values()) for year in same.years)


REPEATABLE = settings(
    deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), max_examples=8
)
CASES = (
    st.booleans(), drawn_settings(), some_of(PRICES), some_of(EDITS), st.integers(0, 1_000),
)  # fmt: skip


@given(*CASES)
@REPEATABLE
def test_money_adds_up_in_random_scenarios(
    bare: bool, values: dict[str, Any], prices: dict[str, Any], edits: dict[str, Any], number: int
) -> None:
    check(authority(bare, values, prices), edits, number)


@pytest.mark.slow
@given(*CASES)
@settings(REPEATABLE, max_examples=600)
def test_money_adds_up_in_many_random_scenarios(
    bare: bool, values: dict[str, Any], prices: dict[str, Any], edits: dict[str, Any], number: int
) -> None:
    check(authority(bare, values, prices), edits, number)


# --- all prices equal -------------------------------------------------------------------------

ALL_EQUAL: dict[str, Any] = {
    "prices.weekly": dict.fromkeys(NAMES, FLAT),
    "prices.existing": {}, "prices.table": [], "prices.factor": {}, "prices.spread": {},
    "prices.uplift": {}, "prices.allowance": None, "prices.fee": {}, "prices.rises": [],
    "prices.block": {}, "prices.health_share": {}, "prices.education_share": {},
}  # fmt: skip
BESIDE_NIGHTS = (
    "own_homes_fixed", "voids", "retainers", "recruitment", "staying_put", "programme",
)  # fmt: skip


def check_all_equal(scenario: Scenario, edits: Mapping[str, Any], replication: int) -> None:
    """With equal prices it does not matter where a child lives, only what is paid beside."""
    option = with_values(scenario, edits)
    measured, spent = cost_measures(scenario, run(scenario, replication))
    rows = run(option, replication, baseline=scenario)
    measured_of_option, spent_of_option = cost_measures(option, rows, spent)
    baseline, found = Pence(measured), Pence(measured_of_option)
    # Demand does not depend on supply: as many nights in care, whoever has the child.
    axes = (0, 1, 2, 3)
    assert spent.nights.sum(axis=axes).tolist() == spent_of_option.nights.sum(axis=axes).tolist()
    for year in found.years:
        parts = found.parts("option_bridge", year)
        assert {name for name, value in parts.items() if value} <= {*BESIDE_NIGHTS}
        difference = found("cost", "", year) - baseline("cost", "", year)
        assert difference == sum(parts[name] for name in BESIDE_NIGHTS)
        assert found("income", "", year) == baseline("income", "", year)
    for both in (spent, spent_of_option):
        assert (both.pence == both.nights * 100 * 100).all()


@given(*CASES)
@settings(REPEATABLE, max_examples=5)
def test_at_equal_prices_an_option_changes_only_what_is_paid_beside_nights(
    bare: bool, values: dict[str, Any], prices: dict[str, Any], edits: dict[str, Any], number: int
) -> None:
    check_all_equal(authority(bare, values, {**prices, **ALL_EQUAL}), edits, number)


@pytest.mark.slow
@given(*CASES)
@settings(REPEATABLE, max_examples=300)
def test_at_equal_prices_many_options_change_only_what_is_paid_beside_nights(
    bare: bool, values: dict[str, Any], prices: dict[str, Any], edits: dict[str, Any], number: int
) -> None:
    check_all_equal(authority(bare, values, {**prices, **ALL_EQUAL}), edits, number)


def test_bridges_of_a_usual_authority_have_every_part() -> None:
    """Else the tests above could hold of nothing."""
    values = {
        "external_homes.block_places": 12,
        "prices.retainer": {"in_house": 20.0},
        "homes": [{"name": "Elm", "registered": 3, "usable": 3}],
    }
    scenario = with_values(england(), {**TWO_YEARS, **values})
    _, spent = cost_measures(scenario, run(scenario, 1))
    edits = {
        "fostering.recruitment.number": 30.0,
        "homes": [],
        "external_homes.block_places": 20,
        "programme": [{"name": "Team", "year": "2026-27", "amount": 90_000.0}],
    }
    option = with_values(scenario, edits)
    found = Pence(cost_measures(option, run(option, 1, baseline=scenario), spent)[0])
    between_years, between_options = (
        {part for part, value in found.parts(name, "2026-27").items() if value}
        for name in ("bridge", "option_bridge")
    )
    assert between_years == {*PARTS} - {"own_homes_fixed"}
    assert between_options >= {"mix", *BESIDE_NIGHTS} - {"staying_put"}
    assert not between_options & {"volume", "full_year_effect"}
    assert np.isnan(found.values[Key("bridge", "part=mix", "2025-26")])
