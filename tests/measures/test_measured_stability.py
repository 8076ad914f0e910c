"""The national indicators on 31 March 2027 (day 730); its year begins on day 365."""

from math import isnan

import pytest
from by_hand import ADOPTION, IFA, IN_HOUSE, KINSHIP, MOVED, a_household, child, found_in, stay

from sufficiency.periods import YEAR
from sufficiency.rows import (
    SAME_CARER,
    CarePeriod,
    Placement,
)


def test_three_placements_in_the_year_count_one_begun_before_it() -> None:
    found = found_in(
        2.0,
        children=[child(i, 100.0) for i in (1, 2, 3)] + [child(4, 100.0, 500.0)],
        placements=[
            stay(1, IFA, 100.0, 400.0),  # begun before the year
            stay(1, IFA, 400.0, 500.0, cause=MOVED),
            stay(1, IFA, 500.0, cause=MOVED),
            stay(2, IFA, 100.0, 364.5),  # over before the year
            stay(2, IFA, 364.5, 500.0, cause=MOVED),
            stay(2, IFA, 500.0, cause=MOVED),
            stay(3, IFA, 100.0),
            *(stay(4, IFA, 100.0 + 100 * i, 200.0 + 100 * i) for i in range(4)),  # has left
        ],
    )
    assert found("three_or_more_placements", "2027-03-31") == pytest.approx(1 / 3)
    assert found("three_or_more_placements", "2026-03-31") == 0.25  # child 4, still in care


def test_three_placements_in_two_years_are_of_those_in_care_for_two_years() -> None:
    found = found_in(
        2.0,
        children=[child(1, -100.0), child(2, -100.0), child(3, 100.0)],
        placements=[
            stay(1, IFA, -100.0, 10.0),
            stay(1, IFA, 10.0, 400.0, cause=MOVED),
            stay(1, IFA, 400.0, cause=MOVED),
            stay(2, IFA, -100.0),
            stay(3, IFA, 100.0, 200.0),  # three placements, but in care for less than two years
            stay(3, IFA, 200.0, 300.0, cause=MOVED),
            stay(3, IFA, 300.0, cause=MOVED),
        ],
    )
    assert found("three_or_more_in_two_years", "2027-03-31") == 0.5


def test_with_the_same_carers_there_is_no_further_placement() -> None:
    found = found_in(
        2.0,
        children=[child(1, -100.0), child(2, -100.0)],
        placements=[
            stay(1, IFA, -100.0, 400.0),
            stay(1, IN_HOUSE, 400.0, 500.0, cause=MOVED, provider=1),
            stay(1, IFA, 500.0, cause=SAME_CARER),  # two placements in the year, not three
            stay(2, IN_HOUSE, -100.0, 360.0, provider=1),
            stay(2, IFA, 360.0, 370.0, cause=SAME_CARER),  # over in the year, the third of three
            stay(2, IFA, 370.0, 380.0, cause=MOVED),
            stay(2, IFA, 380.0, cause=MOVED),
        ],
        households=[a_household(1, 2)],
    )
    assert found("three_or_more_placements", "2027-03-31") == 0.5
    assert found("three_or_more_in_two_years", "2027-03-31") == 0.5


TWO_AND_A_HALF_YEARS_BEFORE = 730 - 2.5 * YEAR - 1


def stability(*cases: tuple[CarePeriod, list[Placement]]) -> float:
    found = found_in(
        2.0,
        children=[care for care, _ in cases],
        placements=[row for _, stays in cases for row in stays],
    )
    return found("long_term_stability", "2027-03-31")


def test_the_same_carer_for_two_years_is_stable_and_a_move_since_is_not() -> None:
    entered = TWO_AND_A_HALF_YEARS_BEFORE
    stable = (
        child(1, entered),
        [stay(1, KINSHIP, entered, -5.0), stay(1, IFA, -5.0, cause=MOVED)],
    )
    moved = (child(2, entered), [stay(2, IFA, entered, 10.0), stay(2, IFA, 10.0, cause=MOVED)])
    assert stability(stable) == 1
    assert stability(moved) == 0
    assert stability(stable, moved) == 0.5


def test_stability_leaves_out_who_is_16_or_in_care_for_less_than_two_and_a_half_years() -> None:
    entered = TWO_AND_A_HALF_YEARS_BEFORE
    sixteen = (child(1, entered, born=700.0 - 16 * YEAR), [stay(1, IFA, entered)])
    recent = (child(2, entered + 2), [stay(2, IFA, entered + 2)])
    assert isnan(stability(sixteen, recent))
    assert stability(sixteen, recent, (child(3, entered), [stay(3, IFA, entered)])) == 1


def test_placed_for_adoption_counts_with_the_placement_before_it_and_no_other() -> None:
    entered = TWO_AND_A_HALF_YEARS_BEFORE
    fostered_then_adopted = [
        stay(1, IN_HOUSE, entered, 600.0),
        stay(1, ADOPTION, 600.0, cause=MOVED),
    ]
    moved_before = [
        stay(2, IN_HOUSE, entered, 100.0),
        stay(2, IFA, 100.0, 600.0, cause=MOVED),
        stay(2, ADOPTION, 600.0, cause=MOVED),
    ]
    assert stability((child(1, entered), fostered_then_adopted)) == 1
    assert stability((child(1, entered), fostered_then_adopted[::-1])) == 1  # in any order
    assert stability((child(2, entered), moved_before)) == 0


def test_the_same_carer_with_another_agency_is_the_same_carer() -> None:
    entered = TWO_AND_A_HALF_YEARS_BEFORE
    same_carers = [
        stay(1, IN_HOUSE, entered, 300.0),
        stay(1, IFA, 300.0, cause=SAME_CARER),
    ]
    moved_then_same = [
        stay(2, IN_HOUSE, entered, 100.0),
        stay(2, IN_HOUSE, 100.0, 300.0, cause=MOVED),
        stay(2, IFA, 300.0, cause=SAME_CARER),
    ]
    moved_since = [
        *same_carers[:1],
        stay(1, IFA, 300.0, 650.0, cause=SAME_CARER),
        stay(1, IFA, 650.0, cause=MOVED),
    ]
    assert stability((child(1, entered), same_carers)) == 1
    assert stability((child(1, entered), same_carers[::-1])) == 1  # in any order
    assert stability((child(2, entered), moved_then_same)) == 0
    assert stability((child(1, entered), moved_since)) == 0


def test_placed_for_adoption_after_a_stay_with_the_same_carers_counts_all_of_it() -> None:
    entered = TWO_AND_A_HALF_YEARS_BEFORE
    rows = [
        stay(1, IN_HOUSE, entered, 300.0),
        stay(1, IFA, 300.0, 600.0, cause=SAME_CARER),
        stay(1, ADOPTION, 600.0, cause=MOVED),
    ]
    assert stability((child(1, entered), rows)) == 1
