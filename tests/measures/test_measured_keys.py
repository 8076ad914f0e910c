"""Measures as a whole: which there are, their keys, and what nothing gives."""

from datetime import date
from math import isnan

import pytest
from by_hand import (
    APRIL,
    HOME_EXTERNAL,
    IFA,
    IN_HOUSE,
    MOVED,
    Found,
    a_scenario,
    child,
    stay,
    the_rows,
)

from sufficiency.costs import MEASURES as COST_MEASURES
from sufficiency.costs import cost_measures
from sufficiency.measures import MEASURES, keys, measure
from sufficiency.periods import run_days

WITHOUT_MONEY = """
children_in_care entries exits placements_started placements_needed places_approved places_usable
places_filled places_vacant occupancy occupancy_of_approved sufficiency_gap unmet_need
second_best_share ifa_for_want_of_in_house residential_for_want_of_carer in_house_share
in_area_share over_20_miles_share days_to_place unregistered_nights unregistered_children
unregistered_under_16 under_12_in_residential three_or_more_placements three_or_more_in_two_years
long_term_stability moves time_in_care siblings_together_share foster_households
foster_households_approved foster_households_left carers staying_put
same_ethnic_group_share placement_distance far_for_want_of_carer positive_moves_share
time_in_care_share foster_applications_withdrawn foster_households_net
foster_households_transferred_in foster_households_transferred_out foster_households_needed
foster_households_short void_nights
"""


def test_every_promised_measure_is_there_and_explained() -> None:
    assert set(WITHOUT_MONEY.split()) <= set(MEASURES)
    for info in (MEASURES | COST_MEASURES).values():
        assert info.unit
        assert info.better in ("up", "down", "")
        assert info.meaning.endswith(".")
        assert info.formula.endswith(".")
        assert info.source
        assert len(set(info.groups)) == len(info.groups)


def test_keys_depend_on_the_run_and_not_on_what_happened_in_it() -> None:
    nothing = measure(a_scenario(), the_rows())
    something = measure(
        a_scenario(), the_rows([child(1, 5.0, 40.0)], [stay(1, IFA, 5.0, 40.0)], until=365.0)
    )
    assert nothing.keys == something.keys == keys(APRIL, 1.0)
    assert len(set(nothing.keys)) == len(nothing.keys) == len(nothing.values)


def test_of_nothing_counts_are_zero_and_shares_are_not_a_number() -> None:
    nothing = measure(a_scenario(), the_rows())
    rates = {"share", "days", "moves a child-year"}
    for key, value in zip(nothing.keys, nothing.values, strict=True):
        ratio = MEASURES[key.measure].unit in rates or key.measure == "filled_per_household"
        assert isnan(value) if ratio else value == 0, key


@pytest.mark.parametrize(("start", "years"), [(date(2025, 4, 10), 0.1), (date(2025, 9, 15), 1.0)])
def test_a_run_without_a_financial_year_can_be_measured(start: date, years: float) -> None:
    rows = the_rows([child(1, -5.0)], [stay(1, IFA, -5.0)], until=run_days(start, years))
    found = measure(a_scenario(years, start), rows)
    assert len(found.keys) == len(found.values)
    spent = cost_measures(a_scenario(years, start), rows)[0]
    assert len(spent.keys) == len(spent.values)
    assert {key.measure for key in spent.keys} <= {
        "net_cost", "cost_run_rate", "high_cost_children", "high_cost_share",
    }  # fmt: skip


def test_cost_of_a_child_week_is_made_up_of_the_types_of_placement() -> None:
    rows = the_rows(
        [child(1, -50.0), child(2, 100.0, 200.0)],
        [
            stay(1, IN_HOUSE, -50.0, 10.0),
            stay(1, HOME_EXTERNAL, 10.0, cause=MOVED),
            stay(2, IFA, 100.0, 200.0),
        ],
    )
    found = Found(cost_measures(a_scenario(), rows)[0])
    in_house, home, ifa, nights = 10 * 100, 355 * 1000, 100 * 200, 465
    assert found("cost_per_child_week", "2025-26") == pytest.approx(
        (in_house + home + ifa) / nights * 7
    )
    assert found("cost_per_child_week", "2025-26", "type=ifa") == pytest.approx(ifa / nights * 7)
    assert found("cost_per_child_week", "2025-26", "type=kinship") == 0
