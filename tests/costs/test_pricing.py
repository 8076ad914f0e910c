"""The price of a night, by hand: when it changes, for whom, and how nights are added up.

Weekly prices are £7 for each pound a night. Day 183 is 1 October 2025, day 365 is 1 April 2026.
"""

from __future__ import annotations

from datetime import date
from math import exp, log
from statistics import NormalDist
from typing import Any

import pytest
from by_hand import (
    HOME_EXTERNAL,
    IFA,
    IN_HOUSE,
    KINSHIP,
    SUPPORTED,
    a_scenario,
    child,
    paid_in,
    stay,
    the_rows,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from whatever_happens import anything

from sufficiency.costs import cost_measures, spending
from sufficiency.costs.definitions import COST_TYPES, LINES, SOURCES
from sufficiency.errors import SufficiencyError
from sufficiency.periods import YEAR
from sufficiency.rows import NEEDS, TYPES
from sufficiency.vocabulary import EntryGroup, Need

JULY = date(2025, 7, 1)
FIRST, SECOND = "2025-26", "2026-27"


def ifa(uplift: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """An agency's place at £100 a night in March 2025."""
    return {"weekly": {"ifa": 700.0}, "uplift": {"ifa": uplift} if uplift else {}} | more


def one_child(*stays: Any, **more: Any) -> dict[str, Any]:
    return {"children": [child(1, -50.0, **more)], "placements": stays}


# ---- When a price changes -----------------------------------------------------------------------


def test_nights_on_both_sides_of_31_march_are_each_paid_at_the_price_of_their_year() -> None:
    prices = ifa({"new": 0.1}, year="2025-26")
    found = paid_in(2.0, prices=prices, **one_child(stay(1, IFA, 355.9, 375.1)))
    assert found("cost", FIRST, "type=ifa") == 10 * 100
    assert found("cost", SECOND, "type=ifa") == 10 * 110


def test_prices_of_last_year_have_grown_once_by_the_first_day() -> None:
    found = paid_in(prices=ifa({"new": 0.1}), **one_child(stay(1, IFA, 10.0, 17.0)))
    assert found("cost", FIRST) == 770


def test_prices_of_a_later_year_are_taken_back() -> None:
    prices = ifa({"new": 0.1}, year="2026-27")
    found = paid_in(2.0, prices=prices, **one_child(stay(1, IFA, 358.0, 372.0)))
    assert found("cost", FIRST) == 636.36
    assert found("cost", SECOND) == 700


def test_a_contract_has_a_date_of_its_own() -> None:
    found = paid_in(prices=ifa({"new": 0.1, "month": 10}), **one_child(stay(1, IFA, -50.0)))
    assert found("cost", FIRST) == 183 * 100 + 182 * 110


def test_a_contract_that_follows_consumer_prices_grows_by_no_more() -> None:
    uplift = {"new": 0.1, "existing": 0.05, "at_most_cpi": True, "month": 10}
    found = paid_in(prices=ifa(uplift, cpi=0.02), **one_child(stay(1, IFA, -50.0)))
    assert found("cost", FIRST) == 183 * 100 + 182 * 102
    found = paid_in(prices=ifa(uplift, cpi=0.09), **one_child(stay(1, IFA, -50.0)))
    assert found("cost", FIRST) == 183 * 100 + 182 * 105


def test_a_placement_keeps_the_price_it_began_with_and_grows_by_its_contract() -> None:
    uplift = {"new": 0.1, "existing": 0.2, "month": 10}
    prices = ifa(uplift, existing={"ifa": 350.0})
    there = paid_in(prices=prices, **one_child(stay(1, IFA, -50.0)))
    assert there("cost", FIRST) == 183 * 50 + 182 * 60
    in_may = paid_in(prices=prices, **one_child(stay(1, IFA, 30.0)))
    assert in_may("cost", FIRST) == 153 * 100 + 182 * 120
    in_november = paid_in(prices=prices, **one_child(stay(1, IFA, 214.0)))
    assert in_november("cost", FIRST) == 151 * 110


def test_without_a_rate_for_contracts_all_placements_cost_the_same() -> None:
    prices = ifa({"new": 0.1, "month": 10})
    begun = [stay(n, IFA, day) for n, day in enumerate((-50.0, 30.0, 200.0))]
    children = [child(n, -50.0) for n in range(3)]
    found = paid_in(2.0, prices=prices, children=children, placements=begun)
    assert found("cost", SECOND) == 3 * (183 * 110 + 182 * 121)


def test_a_rise_is_paid_to_every_carer_from_its_date_and_does_not_grow() -> None:
    prices = ifa({"new": 0.1, "month": 10}, rises=[
        {"from": JULY, "type": "ifa", "weekly": 70.0},
        {"from": JULY, "type": "in_house", "weekly": 700.0},
    ])  # fmt: skip
    placements = [stay(1, IFA, -50.0), stay(2, IFA, 300.0)]
    children = [child(1, -50.0), child(2, 300.0)]
    found = paid_in(prices=prices, children=children, placements=placements)
    assert found("cost", FIRST) == 91 * 100 + 92 * 110 + 182 * 120 + 65 * 120


def test_a_cut_never_makes_a_price_less_than_nothing() -> None:
    prices = ifa(rises=[{"from": JULY, "type": "ifa", "weekly": -800.0}])
    assert paid_in(prices=prices, **one_child(stay(1, IFA, -50.0)))("cost", FIRST) == 91 * 100


def test_a_factor_is_on_all_prices_of_a_type() -> None:
    prices = ifa(factor={"ifa": 1.5}, table=[{"type": "ifa", "need": "complex", "new": 1400.0}])
    stays = [stay(1, IFA, 0.0, 7.0), stay(1, IFA, 7.0, 14.0, need=NEEDS.index(Need.COMPLEX))]
    assert paid_in(prices=prices, **one_child(*stays))("cost", FIRST) == 1050 + 2100


# ---- For whom -----------------------------------------------------------------------------------

MINIMUM = {
    "london": {"0-2": 198.0, "3-4": 201.0, "5-10": 225.0, "11-15": 257.0, "16-17": 299.0},
    "south_east": {"0-2": 189.0, "3-4": 196.0, "5-10": 216.0, "11-15": 247.0, "16-17": 288.0},
    "rest_of_england": {"0-2": 170.0, "3-4": 176.0, "5-10": 194.0, "11-15": 220.0, "16-17": 258.0},
}
"""The national minimum allowance of 2025-26 (evidence/supply.md §3b)."""


def carers(**more: Any) -> dict[str, Any]:
    return {
        "year": "2025-26",
        "weekly": {"in_house": None, "kinship": None},
        "allowance": {"year": "2025-26", "weekly": MINIMUM},
        "fee": {"in_house": 210.0, "kinship": 70.0},
    } | more


@pytest.mark.parametrize("region", MINIMUM)
@pytest.mark.parametrize(
    ("birthday", "before", "after"),
    [(3, "0-2", "3-4"), (5, "3-4", "5-10"), (11, "5-10", "11-15"), (16, "11-15", "16-17")],
)
def test_an_allowance_changes_on_the_birthday(
    region: str, birthday: int, before: str, after: str
) -> None:
    # The birthday falls on day 21, at noon: its night is the first at the new age.
    kids = [child(1, -50.0, born=21.5 - birthday * YEAR)]
    placements = [stay(1, IN_HOUSE, 14.0, 28.0), stay(1, KINSHIP, 14.0, 28.0)]
    found = paid_in(region=region, prices=carers(), children=kids, placements=placements)
    allowances = MINIMUM[region][before] + MINIMUM[region][after]
    assert found("cost", FIRST, "type=in_house") == allowances + 2 * 210
    assert found("cost", FIRST, "type=kinship") == allowances + 2 * 70


def test_an_allowance_and_a_fee_grow_alike_for_everybody_each_from_its_own_year() -> None:
    uplift = {"in_house": {"new": 0.1, "existing": 0.5}}
    prices = carers(uplift=uplift, fee={"in_house": 200.0, "kinship": 0.0}, year="2024-25")
    placements = [stay(1, IN_HOUSE, -9.0, 7.0), stay(1, IN_HOUSE, 365.0, 372.0)]
    found = paid_in(2.0, prices=prices, **one_child(*placements, age=8.0))
    assert found("cost", FIRST) == 194 + 220
    assert found("cost", SECOND) == pytest.approx(213.40 + 242)


LINES_OF_PRICES = [
    {"type": "ifa", "need": "complex", "age": "10-15", "new": 1400.0, "existing": 2100.0},
    {"type": "ifa", "need": "complex", "new": 1050.0},
    {"type": "ifa", "age": "10-15", "new": 840.0},
]


@pytest.mark.parametrize(
    ("need", "age", "began", "weekly"),
    [
        ("standard", 9, 10.0, 700),
        ("standard", 12, 10.0, 840),
        ("complex", 9, 10.0, 1050),
        ("complex", 9, -10.0, 1050),
        ("complex", 12, 10.0, 1400),
        ("complex", 12, -10.0, 2100),
        ("enhanced", 16, 10.0, 700),
    ],
)
def test_of_the_lines_for_a_child_the_one_that_says_most_decides(
    need: str, age: int, began: float, weekly: float
) -> None:
    who = NEEDS.index(Need(need))
    placed = stay(1, IFA, began, 17.0, need=who)
    found = paid_in(
        prices=ifa(table=LINES_OF_PRICES), **one_child(placed, born=-(age + 0.5) * YEAR)
    )
    assert found("unit_cost", FIRST, "type=ifa") == pytest.approx(weekly)


def test_a_price_by_age_changes_on_the_birthday() -> None:
    kids = one_child(stay(1, IFA, 0.0, 14.0), born=7.0 - 10 * YEAR)
    assert paid_in(prices=ifa(table=LINES_OF_PRICES), **kids)("cost", FIRST) == 700 + 840


# ---- The tail -----------------------------------------------------------------------------------


def test_dear_placements_are_as_many_as_the_distribution_says_and_the_mean_stays() -> None:
    many, spread, normal = 2000, 0.52, NormalDist()
    children = [child(n, 350.0, dearness=(n + 0.5) / many) for n in range(many)]
    placements = [stay(n, HOME_EXTERNAL, 358.0) for n in range(many)]
    prices = {"weekly": {"home_external": 6100.0}, "spread": {"home_external": spread}}
    found = paid_in(prices=prices, children=children, placements=placements)
    assert found("unit_cost", FIRST, "type=home_external") == pytest.approx(6100, rel=0.002)
    from_10_000 = 1 - normal.cdf((log(10_000 / 6100) + spread**2 / 2) / spread)
    assert found("high_cost_share", "2026-03-31") == pytest.approx(from_10_000, abs=1 / many)
    assert found("high_cost_children", "2026-03-31") == pytest.approx(many * from_10_000, abs=1)


def test_a_child_is_as_dear_in_every_placement_but_a_block() -> None:
    z = NormalDist().inv_cdf(0.9)
    prices = {
        "weekly": {"home_external": 7000.0, "unregistered": 7000.0},
        "block": {"home_external": 5000.0},
        "spread": {"home_external": 0.5},
    }
    placements = [
        stay(1, HOME_EXTERNAL, 0.0, 7.0),
        stay(1, HOME_EXTERNAL, 7.0, 14.0),
        stay(1, HOME_EXTERNAL, 14.0, 21.0, provider=0),
    ]
    found = paid_in(prices=prices, **one_child(*placements, dearness=0.9))
    dear = 7000 * exp(0.5 * z - 0.125)
    assert found("cost", FIRST) == pytest.approx(2 * dear + 5000, abs=0.02)


def test_a_high_cost_placement_is_one_at_the_price_of_the_day() -> None:
    prices = {"weekly": {"ifa": 9_500.0}, "uplift": {"ifa": {"new": 0.03, "month": 1}}}
    found = paid_in(2.0, prices=prices, **one_child(stay(1, IFA, 10.0)))
    assert found("high_cost_children", "2026-03-31") == 0
    assert found("high_cost_children", "2027-03-31") == 1
    assert found("high_cost_share", "2027-03-31") == 1


def test_a_placement_at_the_limit_is_a_high_cost_one() -> None:
    for limit, dear in ((700.0, 1), (700.01, 0)):
        found = paid_in(prices=ifa(high_cost_from=limit), **one_child(stay(1, IFA, 10.0)))
        assert found("high_cost_children", "2026-03-31") == dear


# ---- Sums ---------------------------------------------------------------------------------------


def test_nights_that_follow_from_the_year_before_are_those_of_placements_open_at_its_end() -> None:
    kids = [child(n, -5.0, age=12.0) for n in range(4)]
    placements = [
        stay(0, IFA, 265.0, 465.0),
        stay(1, IFA, 335.0, 365.0),  # the night of 31 March is its last
        stay(2, IFA, 300.0, 364.0),
        stay(3, IFA, 365.0, 500.0),
    ]
    rows = the_rows(kids, placements, until=730.0)
    found = spending(a_scenario(2.0, prices=ifa()), rows)
    of_type = found.full_year_nights.sum(axis=(1, 2))
    assert of_type[TYPES.index(IFA)].tolist() == [0, (100 - 100) + (0 - 30)]
    existing, new = found.nights.sum(axis=(1, 2))[TYPES.index(IFA)].tolist()
    assert existing == [0, 100]
    assert new == [100 + 30 + 64, 135]


def test_money_of_a_month_is_that_of_its_nights() -> None:
    found = paid_in(prices=ifa(), **one_child(stay(1, IFA, 20.0, 35.0)))
    assert found("net_cost", "2025-04") == 10 * 100
    assert found("net_cost", "2025-05") == 5 * 100
    assert found("net_cost", "2025-06") == 0
    assert found("net_cost", FIRST) == 15 * 100


def test_the_run_rate_is_a_year_of_the_placements_of_a_day_at_its_prices() -> None:
    prices = ifa({"new": 0.1, "month": 7})
    kids = one_child(stay(1, IFA, -50.0, 200.0), stay(1, SUPPORTED, 200.0))
    found = paid_in(prices=prices, **kids)
    assert found("cost_run_rate", "2025-04-01") == pytest.approx(36_500)
    assert found("cost_run_rate", "2025-06-30", "type=ifa") == pytest.approx(36_500)
    assert found("cost_run_rate", "2025-09-30", "type=ifa") == pytest.approx(40_150)
    assert found("cost_run_rate", "2025-12-31") == 0


def test_at_constant_prices_only_what_is_bought_counts() -> None:
    prices = ifa({"new": 0.1}, existing={"ifa": 70.0}, rises=[
        {"from": JULY, "type": "ifa", "weekly": 70.0}])  # fmt: skip
    found = paid_in(2.0, prices=prices, **one_child(stay(1, IFA, -50.0)))
    for year in (FIRST, SECOND):
        assert found("cost_per_child_week_constant_prices", year) == pytest.approx(700)


def test_children_on_average_are_nights_over_the_days_of_the_year() -> None:
    kids = one_child(stay(1, IFA, 0.0, 73.0), born=7.0 - 10 * YEAR)
    found = paid_in(prices=ifa(), **kids)
    assert found("average_children", FIRST) == pytest.approx(0.2)
    assert found("average_children", FIRST, "type=ifa") == pytest.approx(0.2)
    assert found("average_children", FIRST, "type=ifa;age=5-9") == pytest.approx(7 / 365)
    assert found("average_children", FIRST, "type=ifa;age=10-15") == pytest.approx(66 / 365)


def test_a_week_of_a_child_is_made_up_of_what_all_placements_cost() -> None:
    prices = {"weekly": {"ifa": 700.0, "home_external": 7000.0}}
    kids = one_child(stay(1, IFA, 0.0, 30.0), stay(1, HOME_EXTERNAL, 30.0, 40.0))
    found = paid_in(prices=prices, **kids)
    assert found("cost_per_child_week", FIRST) == pytest.approx((3000 + 10_000) / 40 * 7)
    assert found("cost_per_child_week", FIRST, "type=ifa") == pytest.approx(3000 / 40 * 7)
    assert found("unit_cost", FIRST, "type=home_external") == pytest.approx(7000)
    assert found("unit_cost", FIRST, "type=kinship") != found("unit_cost", FIRST, "type=kinship")


def test_unaccompanied_children_have_a_line_of_their_own_in_the_return() -> None:
    kids = [child(1, -5.0), child(2, -5.0, group=EntryGroup.UASC_16_17, age=16.5)]
    placements = [stay(1, IFA, -5.0, 10.0), stay(2, IFA, -5.0, 20.0)]
    found = paid_in(prices=ifa(), children=kids, placements=placements)
    assert found("section_251_cost", FIRST, "line=fostering_services") == 10 * 100
    assert found("section_251_cost", FIRST, "line=asylum_seeker_services_children") == 20 * 100


def test_net_cost_is_compared_with_the_budget_of_the_year() -> None:
    found = paid_in(2.0, prices=ifa(), budget={FIRST: 900.0}, **one_child(stay(1, IFA, 0.0, 10.0)))
    assert found("budget_variance", FIRST) == 100
    assert found("budget_variance", SECOND) != found("budget_variance", SECOND)


def test_the_baseline_differs_from_itself_in_nothing() -> None:
    scenario = a_scenario(2.0, prices=ifa())
    rows = the_rows(**one_child(stay(1, IFA, 0.0, 400.0)), until=730.0)
    measured, spent = cost_measures(scenario, rows)
    against_itself, _ = cost_measures(scenario, rows, spent)
    for found in (measured, against_itself):
        values = dict(zip(found.keys, found.values.tolist(), strict=True))
        parts = [value for key, value in values.items() if key.measure == "option_bridge"]
        assert set(parts) == {0.0}


@given(st.integers(0, 2**32))
@settings(max_examples=25, deadline=None)
def test_types_lines_months_and_sources_add_up_to_the_penny(seed: int) -> None:
    scenario, rows = anything(seed)
    measured, spent = cost_measures(scenario, rows)
    pence = {key: value * 100 for key, value in zip(*measured, strict=True)}

    def sums(name: str, year: str, groups: Any) -> int:
        return sum(whole(pence[name, group, year]) for group in groups)

    for year in spent.years:
        cost = whole(pence["cost", "", year])
        assert cost == sums("cost", year, (f"type={name}" for name in COST_TYPES))
        lines = sums("section_251_cost", year, (f"line={line}" for line in LINES))
        assert lines == cost
        income = sums("income", year, (f"source={source}" for source in SOURCES))
        assert whole(pence["income", "", year]) == income
        months = [f"{year[:4]}-{m:02d}" for m in range(4, 13)]
        months += [f"20{year[5:]}-{m:02d}" for m in range(1, 4)]
        net = sum(whole(pence["net_cost", "", month]) for month in months)
        assert whole(pence["net_cost", "", year]) == cost - income == net


def whole(pence: float) -> int:
    assert pence == pytest.approx(round(pence), abs=1e-4)
    return round(pence)


def test_prices_that_grow_beyond_counting_are_refused_not_counted_wrong() -> None:
    grown = ifa({"new": 1.0}, year="2004-05", factor={"ifa": 1000.0})  # £700,000, doubled 21 times
    with pytest.raises(SufficiencyError, match="a price is over £10,000 million in this run"):
        paid_in(prices=grown, **one_child(stay(1, IFA, 0.0, 300.0)))
