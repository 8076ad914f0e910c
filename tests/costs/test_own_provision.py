"""What is paid beside the nights, by hand: homes, blocks, retainers, recruitment, staying put.

Weekly prices are £7 for each pound a night. Day 91 is 1 July 2025, day 183 is 1 October 2025.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from by_hand import (
    EMERGENCY_BED,
    HOME_EXTERNAL,
    HOME_OWN,
    IN_HOUSE,
    SUPPORTED,
    a_household,
    child,
    paid_in,
    places_of,
    stay,
)

from sufficiency.rows import StayingPut
from sufficiency.scenario import Home
from sufficiency.scenario.prices import Programme

FIRST, SECOND = "2025-26", "2026-27"
NOTHING: dict[str, Any] = {"weekly": {}}


def elm(**more: Any) -> tuple[Home, ...]:
    """A home of two places that costs £200 a night."""
    return (Home(**{"name": "Elm", "registered": 2, "usable": 2, "weekly_fixed": 1400.0} | more),)


# ---- Own homes ----------------------------------------------------------------------------------


def test_a_home_half_full_costs_the_whole_and_half_of_it_is_for_empty_places() -> None:
    found = paid_in(
        prices=NOTHING,
        homes=elm(),
        children=[child(1, -5.0)],
        placements=[stay(1, HOME_OWN, -5.0, provider=0)],
    )
    assert found("cost", FIRST) == found("cost", FIRST, "type=home_own") == 365 * 200
    assert found("own_homes_fixed_cost", FIRST) == 365 * 200
    assert found("void_cost", FIRST) == found("void_cost", FIRST, "type=home_own") == 365 * 100
    assert found("unit_cost", FIRST, "type=home_own") == pytest.approx(1400)
    assert found("section_251_cost", FIRST, "line=residential_care") == 365 * 200


def test_a_home_full_for_some_nights_has_empty_places_in_the_others() -> None:
    kids = [child(1, -5.0), child(2, 50.0)]
    placements = [stay(1, HOME_OWN, -5.0, provider=0), stay(2, HOME_OWN, 50.0, 60.0, provider=0)]
    found = paid_in(prices=NOTHING, homes=elm(), children=kids, placements=placements)
    assert found("void_cost", FIRST) == 355 * 100


def test_children_cost_what_they_cost_on_top_of_the_home() -> None:
    found = paid_in(
        prices={"weekly": {"home_own": 70.0}},
        homes=elm(),
        children=[child(1, -5.0)],
        placements=[stay(1, HOME_OWN, -5.0, provider=0)],
    )
    assert found("cost", FIRST) == 365 * 210
    assert found("own_homes_fixed_cost", FIRST) == 365 * 200


def test_a_home_that_does_not_say_its_cost_costs_so_much_a_registered_place() -> None:
    homes = elm(weekly_fixed=None, registered=3, awaiting_registration=1, usable=2,
                registration_delay_months=3.0)  # fmt: skip
    prices = NOTHING | {"home_fixed_weekly_per_place": 700.0}
    # Two places until the third is registered, after 3 x 30.4375 days: on day 91.
    assert paid_in(prices=prices, homes=homes)("cost", FIRST) == 91 * 200 + 274 * 300


def test_a_home_is_paid_from_when_its_staff_are_there_until_it_closes() -> None:
    # Usable on 1 October + 30.4375 days; staff 60.875 days before that: from day 152.
    homes = elm(
        opens=date(2025, 10, 1),
        registration_delay_months=1.0,
        staffed_months_before=2.0,
        closes=date(2026, 1, 1),
    )
    found = paid_in(prices=NOTHING, homes=homes)
    assert found("own_homes_fixed_cost", FIRST) == (275 - 152) * 200
    assert found("void_cost", FIRST) == (275 - 152) * 200
    assert found("net_cost", "2025-08") == 200
    assert found("net_cost", "2025-09") == 30 * 200
    assert found("net_cost", "2026-01") == 0


def test_a_home_that_is_open_is_not_paid_before_the_first_day() -> None:
    homes = elm(opens=date(2025, 4, 2))
    assert paid_in(prices=NOTHING, homes=homes)("cost", FIRST) == 365 * 200


def test_fixed_costs_grow_as_what_goes_on_and_have_the_factor_of_their_type() -> None:
    prices = NOTHING | {
        "uplift": {"home_own": {"new": 0.5, "existing": 0.1, "month": 10}},
        "factor": {"home_own": 2.0},
    }
    assert paid_in(prices=prices, homes=elm())("cost", FIRST) == 183 * 400 + 182 * 440


def test_capital_less_grants_is_shown_apart_in_the_year_of_opening() -> None:
    opening = date(2026, 5, 1)
    homes = elm(opens=opening, capital=500_000.0, capital_grant=200_000.0, weekly_fixed=0.0)
    found = paid_in(2.0, prices=NOTHING, homes=homes)
    assert found("capital", FIRST) == 0
    assert found("capital", SECOND) == 300_000
    assert found("cost", SECOND) == found("net_cost", SECOND) == 0
    there = elm(capital=500_000.0, weekly_fixed=0.0)
    assert paid_in(prices=NOTHING, homes=there)("capital", FIRST) == 0
    on_the_first_day = elm(opens=date(2025, 4, 1), capital=500_000.0, weekly_fixed=0.0)
    assert paid_in(prices=NOTHING, homes=on_the_first_day)("capital", FIRST) == 500_000


# ---- Blocks -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("children", "empty"), [(0, 2), (1, 1), (2, 0), (3, 0)])
def test_guaranteed_places_of_a_block_are_paid_for_filled_or_not(children: int, empty: int) -> None:
    prices = {"weekly": {"home_external": 9000.0}, "block": {"home_external": 700.0}}
    found = paid_in(
        prices=prices,
        children=[child(n, -5.0) for n in range(children)],
        placements=[stay(n, HOME_EXTERNAL, -5.0, provider=0) for n in range(children)],
        beds=[places_of(HOME_EXTERNAL, 0, -100.0, 365.0, registered=4, guaranteed=2)],
    )
    assert found("void_cost", FIRST, "type=home_external") == empty * 365 * 100
    assert found("cost", FIRST, "type=home_external") == (empty + children) * 365 * 100


def test_a_child_outside_the_block_does_not_fill_it() -> None:
    prices = {"weekly": {"supported": 1400.0}, "block": {"supported": 700.0}}
    found = paid_in(
        prices=prices,
        children=[child(1, -5.0)],
        placements=[stay(1, SUPPORTED, -5.0)],
        beds=[places_of(SUPPORTED, 0, -100.0, 365.0, registered=1)],
    )
    assert found("void_cost", FIRST) == 365 * 100
    assert found("cost", FIRST) == 365 * 300


def test_a_block_without_a_price_of_its_own_costs_what_the_type_does_and_grows_by_contract() -> (
    None
):
    prices = {
        "weekly": {"supported": 700.0},
        "existing": {"supported": 70.0},
        "uplift": {"supported": {"new": 0.5, "existing": 0.1, "month": 10}},
    }
    found = paid_in(
        prices=prices,
        children=[child(1, -5.0)],
        placements=[stay(1, SUPPORTED, -5.0, provider=0)],
        beds=[places_of(SUPPORTED, 0, -100.0, 365.0, registered=2)],
    )
    assert found("cost", FIRST) == 2 * (183 * 100 + 182 * 110)


def test_a_block_of_a_type_with_one_line_for_all_children_costs_what_the_line_says() -> None:
    lines = [
        {"type": "supported", "new": 700.0, "existing": 70.0},
        {"type": "supported", "need": "complex", "new": 7000.0},
    ]
    found = paid_in(
        prices={"weekly": {"supported": None}, "table": lines},
        children=[child(1, -5.0)],
        placements=[stay(1, SUPPORTED, -5.0, provider=0, need=2)],
        beds=[places_of(SUPPORTED, 0, -100.0, 365.0, registered=2)],
    )
    assert found("cost", FIRST) == 2 * 365 * 100


# ---- Retainers ----------------------------------------------------------------------------------


def test_an_emergency_bed_is_retained_while_it_is_empty() -> None:
    prices = {"weekly": {"emergency_bed": 1400.0}, "retainer": {"emergency_bed": 700.0}}
    found = paid_in(
        prices=prices,
        children=[child(1, 20.0)],
        placements=[stay(1, EMERGENCY_BED, 20.0, 30.0)],
        beds=[places_of(EMERGENCY_BED, 0, -100.0, 365.0, registered=2)],
    )
    assert found("cost", FIRST, "type=emergency_bed") == 10 * 200 + (2 * 365 - 10) * 100
    assert found("void_cost", FIRST, "type=emergency_bed") == (2 * 365 - 10) * 100


def test_a_foster_household_is_retained_while_it_could_take_a_child_and_has_none() -> None:
    households = [
        a_household(1, 2),
        a_household(2, 2, approved=10.0, available=91.5, stopped=183.5, closed=200.0),
        a_household(3, 2, closed=-1.0),
    ]
    kids = [child(n, -5.0) for n in (1, 2, 3)]
    placements = [
        stay(1, IN_HOUSE, -5.0, 50.0, provider=1),
        stay(2, IN_HOUSE, 40.0, 60.0, provider=1),
        stay(3, IN_HOUSE, 180.0, 199.0, provider=2),
    ]
    prices = {"weekly": {}, "retainer": {"in_house": 700.0}}
    found = paid_in(prices=prices, children=kids, placements=placements, households=households)
    # The first has children for 60 nights; the second none from day 91 to day 180.
    assert found("cost", FIRST, "type=in_house") == (365 - 60 + 180 - 91) * 100
    assert found("void_cost", FIRST) == 0


def test_a_young_adult_who_stays_put_is_no_child_in_placement() -> None:
    prices = {"weekly": {}, "retainer": {"in_house": 700.0}}
    guests = [StayingPut(1, 1, 0.0, 100.0)]
    found = paid_in(prices=prices, households=[a_household(1, 1)], staying_put=guests)
    assert found("cost", FIRST, "type=in_house") == 365 * 100


# ---- The rest -----------------------------------------------------------------------------------


def test_every_approval_is_paid_for_on_its_day_and_households_there_at_the_start_are_not() -> None:
    households = [
        a_household(1, 2, approved=0.0, origin=0),
        a_household(2, 2, approved=-3.0, origin=2),
        a_household(3, 2, approved=182.9, origin=2),
        a_household(4, 2, approved=183.2, origin=3),
        a_household(5, 2, approved=400.0, origin=4),
    ]
    prices = NOTHING | {
        "recruitment_per_approval": 12_000.0,
        "uplift": {"recruitment": {"new": 0.1, "month": 10}},
    }
    found = paid_in(2.0, prices=prices, households=households)
    assert found("cost", FIRST, "type=recruitment") == 12_000 + 13_200
    assert found("cost", SECOND, "type=recruitment") == 13_200
    assert found("net_cost", "2025-10") == 13_200
    assert found("section_251_cost", FIRST, "line=fostering_services") == 25_200


def test_carers_are_paid_for_young_adults_who_stay_put() -> None:
    prices = NOTHING | {
        "staying_put_weekly": 700.0,
        "uplift": {"staying_put": {"new": 0.1, "month": 10}},
    }
    guests = [StayingPut(1, 1, -50.0, 190.5), StayingPut(2, 2, 180.0, 186.0)]
    found = paid_in(prices=prices, staying_put=guests)
    assert found("cost", FIRST, "type=staying_put") == (183 + 3) * 100 + (7 + 3) * 110
    assert found("cost_per_child_week", FIRST) != found("cost_per_child_week", FIRST)
    assert found("section_251_cost", FIRST, "line=leaving_care_support") == 186 * 100 + 1100


def test_a_programme_is_spent_in_its_year_the_same_every_day() -> None:
    team = Programme(name="Team", year=SECOND, amount=36_500.0)
    found = paid_in(2.0, prices=NOTHING, programme=(team,))
    assert found("cost", FIRST) == 0
    assert found("cost", SECOND) == found("cost", SECOND, "type=programme") == 36_500
    assert found("net_cost", "2026-04") == 30 * 100
