"""Places and nights paid for, from rows small enough to check with a pencil."""

from math import inf, isnan

import pytest
from by_hand import (
    EMERGENCY_BED,
    HOME_EXTERNAL,
    HOME_OWN,
    IFA,
    IN_HOUSE,
    SUPPORTED,
    UNREGISTERED,
    a_household,
    child,
    found_in,
    places_of,
    stay,
)

from sufficiency.rows import (
    StayingPut,
)
from sufficiency.vocabulary import (
    Kind,
)


def test_places_of_foster_households_approved_usable_filled_and_vacant() -> None:
    found = found_in(
        children=[child(1, -1.0), child(2, -1.0), child(3, -1.0)],
        placements=[
            stay(1, IN_HOUSE, -1.0, provider=10),
            stay(2, IN_HOUSE, -1.0, provider=12),
            stay(3, IFA, -1.0),
        ],
        households=[
            a_household(10, 3, blocked=1),  # one child, one blocked: 1 vacant
            a_household(11, 2),  # a young adult stays put: 1 vacant
            a_household(12, 2, stopped=50.0),  # winding down with one child: 0 vacant from then
            a_household(13, 1, approved=80.0, available=110.0),  # approved, cannot take a child yet
            a_household(14, 4, closed=91.0),  # closed the day after: 4 vacant on 30 June
            a_household(15, 4, closed=90.0),  # gone
        ],
        staying_put=[StayingPut(11, 99, -30.0, 120.0)],
    )
    june, september = "2025-06-30", "2025-09-30"
    assert found("places_approved", june, "type=in_house") == 3 + 2 + 2 + 1 + 4
    assert found("places_filled", june, "type=in_house") == 2
    assert found("places_vacant", june, "type=in_house") == 1 + 1 + 0 + 0 + 4
    assert found("places_usable", june, "type=in_house") == 8
    assert found("places_not_available", june, "type=in_house") == 4
    assert found("not_available_share_of_approved", june, "type=in_house") == pytest.approx(4 / 12)
    assert found("vacant_share_of_approved", june, "type=in_house") == 0.5
    assert found("occupancy", june, "type=in_house") == 0.25
    assert found("occupancy_of_approved", june, "type=in_house") == pytest.approx(2 / 12)
    assert found("places_approved", september, "type=in_house") == 8
    assert found("places_vacant", september, "type=in_house") == 1 + 2 + 0 + 1
    assert found("places_usable", june, "kind=foster") == 9
    assert found("places_usable", june, "type=ifa") == 1
    assert found("places_vacant", june, "type=ifa") == 0


def test_an_overfull_household_hides_no_vacancy_elsewhere() -> None:
    found = found_in(
        children=[child(1, -1.0), child(2, -1.0)],
        placements=[stay(i, IN_HOUSE, -1.0, provider=10) for i in (1, 2)],
        households=[a_household(10, 1), a_household(11, 1)],
    )
    assert found("places_vacant", "2025-06-30", "type=in_house") == 1


def test_places_of_homes_blocks_and_beds() -> None:
    found = found_in(
        children=[child(i, -1.0, age=16.0) for i in range(6)],
        placements=[
            stay(0, HOME_OWN, -1.0, provider=0),
            stay(1, HOME_EXTERNAL, -1.0),
            stay(2, SUPPORTED, -1.0, provider=0),  # in the block
            stay(3, SUPPORTED, -1.0),  # bought on the spot
            stay(4, SUPPORTED, -1.0),
            stay(5, EMERGENCY_BED, -1.0),
        ],
        beds=[
            places_of(HOME_OWN, 0, -1000.0, 91.0, registered=4, usable=3),
            places_of(HOME_OWN, 0, 91.0, inf, registered=4),  # a place comes into use on 1 July
            places_of(SUPPORTED, 0, -1000.0, inf, registered=3),
            places_of(EMERGENCY_BED, 0, -1000.0, inf, registered=2),
        ],
    )
    june, september = "2025-06-30", "2025-09-30"
    assert [found(f"places_{what}", june, "type=home_own") for what in WHATS] == [4, 3, 1, 2, 1]
    assert found("places_vacant", september, "type=home_own") == 3
    assert [found(f"places_{what}", june, "type=supported") for what in WHATS] == [5, 5, 3, 2, 0]
    assert [found(f"places_{what}", june, "type=home_external") for what in WHATS] == [
        1,
        1,
        1,
        0,
        0,
    ]
    assert [found(f"places_{what}", june, "type=emergency_bed") for what in WHATS] == [
        2,
        2,
        1,
        1,
        0,
    ]
    assert found("occupancy", june, "type=home_own") == pytest.approx(1 / 3)
    assert found("occupancy_of_approved", june, "type=home_own") == 0.25
    assert found("occupancy", june, "type=supported") == 0.6
    assert isnan(found("occupancy", june, "type=home_external"))  # nothing held: no occupancy
    assert isnan(found("occupancy_of_approved", june, "type=in_house"))


WHATS = ("approved", "usable", "filled", "vacant", "not_available")


def test_the_gap_is_need_less_places_usable() -> None:
    found = found_in(
        children=[child(i, -1.0) for i in range(4)],
        placements=[
            stay(0, IN_HOUSE, -1.0, provider=1),
            stay(1, IFA, -1.0),
            stay(2, HOME_EXTERNAL, -1.0, planned=Kind.FOSTER),
            stay(3, UNREGISTERED, -1.0, planned=Kind.HOME),
        ],
        households=[a_household(1, 2)],
        beds=[places_of(HOME_OWN, 0, -1.0, inf, registered=4, usable=3)],
    )
    june = "2025-06-30"
    assert found("sufficiency_gap", june, "kind=foster") == 3 - (2 + 1)
    assert found("sufficiency_gap", june, "kind=foster;type=in_house") == 3 - 2
    assert found("sufficiency_gap", june, "kind=home") == 1 - (3 + 1)
    assert found("sufficiency_gap", june, "kind=home;type=home_own") == 1 - 3
    assert found("sufficiency_gap", june, "kind=supported") == 0


# ---- a child with whom no other can live


def test_beside_a_child_who_must_live_alone_no_place_is_vacant() -> None:
    found = found_in(
        children=[child(i, -1.0) for i in range(5)],
        placements=[
            stay(0, IN_HOUSE, -1.0, 100.0, provider=1, solo=1),
            stay(1, IN_HOUSE, -1.0, provider=2),
            stay(2, HOME_OWN, -1.0, 100.0, provider=0, solo=1),
            stay(3, HOME_OWN, -1.0, provider=1),
            stay(4, SUPPORTED, -1.0, provider=0, solo=1),  # a block is not one home
        ],
        households=[a_household(1, 3), a_household(2, 3)],
        beds=[
            places_of(HOME_OWN, 0, -1000.0, inf, registered=4, usable=3),
            places_of(HOME_OWN, 1, -1000.0, inf, registered=3),
            places_of(SUPPORTED, 0, -1000.0, inf, registered=2),
        ],
    )
    june, september = "2025-06-30", "2025-09-30"
    assert [found(f"places_{what}", june, "type=in_house") for what in WHATS] == [6, 4, 2, 2, 2]
    assert [found(f"places_{what}", june, "type=home_own") for what in WHATS] == [7, 4, 2, 2, 3]
    assert [found(f"places_{what}", june, "type=supported") for what in WHATS] == [2, 2, 1, 1, 0]
    assert found("places_vacant", september, "type=in_house") == 3 + 2  # it has left
    assert found("places_vacant", september, "type=home_own") == 3 + 2
    assert found("occupancy", june, "type=home_own") == 0.5


def test_an_overfull_home_hides_no_vacancy_elsewhere() -> None:
    found = found_in(
        children=[child(1, -1.0), child(2, -1.0)],
        placements=[stay(i, HOME_OWN, -1.0, provider=0) for i in (1, 2)],
        beds=[places_of(HOME_OWN, home, -1.0, inf, registered=1) for home in (0, 1)],
    )
    assert found("places_vacant", "2025-06-30", "type=home_own") == 1


# ---- nights paid for and not used


def test_void_nights_of_a_home_count_what_is_registered() -> None:
    found = found_in(
        children=[child(1, 10.0)],
        placements=[stay(1, HOME_OWN, 10.5, 20.25, provider=0)],  # the nights of days 10 to 19
        beds=[places_of(HOME_OWN, 0, 0.0, 50.0, registered=3, usable=1)],
    )
    assert found("void_nights", "2025-Q1", "type=home_own") == 50 * 3 - 10
    assert found("void_nights", "2025-Q2", "type=home_own") == 0  # it has closed
    assert found("void_nights", "2025-26", "type=home_own") == 140
    assert found("void_nights", "2025-26") == 140
    assert found("void_nights", "2025-26", "type=supported") == 0


def test_void_nights_are_cut_at_the_edges_of_periods_and_of_the_run() -> None:
    found = found_in(
        beds=[places_of(EMERGENCY_BED, 0, -700.0, inf, registered=2)],
        children=[child(1, -5.0)],
        placements=[stay(1, EMERGENCY_BED, -5.0, 95.0)],
    )
    assert found("void_nights", "2025-Q1", "type=emergency_bed") == 91
    assert found("void_nights", "2025-Q2", "type=emergency_bed") == 4 + 2 * (92 - 4)
    assert found("void_nights", "2025-26", "type=emergency_bed") == 2 * 365 - 95


def test_void_nights_of_a_block_are_those_of_its_guaranteed_part() -> None:
    inside = [stay(i, SUPPORTED, 0.0, 10.0 * i, provider=0) for i in (1, 2, 3)]
    found = found_in(
        children=[child(i, 0.0, age=16.0) for i in range(5)],
        placements=[*inside, stay(4, SUPPORTED, 0.0)],  # the last bought on the spot
        beds=[places_of(SUPPORTED, 0, 0.0, inf, registered=4, guaranteed=2)],
    )
    # three inside for 10 days, two for 10, one for 10, then none: 2 paid for
    assert found("void_nights", "2025-Q1", "type=supported") == 0 + 0 + 10 + 2 * (91 - 30)


def test_a_full_home_pays_for_no_empty_bed_elsewhere() -> None:
    found = found_in(
        children=[child(i, 0.0) for i in (1, 2)],
        placements=[stay(i, HOME_OWN, 0.0, provider=0) for i in (1, 2)],  # more than it has
        beds=[places_of(HOME_OWN, home, 0.0, inf, registered=1) for home in (0, 1)],
    )
    assert found("void_nights", "2025-26", "type=home_own") == 365


def test_in_one_year_a_place_given_up_and_one_taken_over_are_both_counted() -> None:
    found = found_in(
        beds=[
            places_of(HOME_EXTERNAL, 0, -700.0, 100.0, registered=3),
            places_of(HOME_EXTERNAL, 0, 100.0, inf, registered=1),
        ]
    )
    assert found("void_nights", "2025-26", "type=home_external") == 3 * 100 + 265


def test_who_lived_in_a_block_that_shrinks_is_in_a_place_until_they_leave() -> None:
    """Three live in a block of three, of which one place is left from day 50; one leaves on 100."""
    found = found_in(
        children=[child(1, -1.0), child(2, -1.0), child(3, -1.0, 100.0)],
        placements=[
            stay(1, SUPPORTED, -1.0, provider=0),
            stay(2, SUPPORTED, -1.0, provider=0),
            stay(3, SUPPORTED, -1.0, 100.0, provider=0),
        ],
        beds=[
            places_of(SUPPORTED, 0, -100.0, 50.0, registered=3),
            places_of(SUPPORTED, 0, 50.0, inf, registered=1),
        ],
    )
    for date, there in (("2025-06-30", 3), ("2025-09-30", 2)):
        assert found("places_approved", date, "type=supported") == there
        assert found("places_not_available", date, "type=supported") == 0
        assert found("occupancy_of_approved", date, "type=supported") == 1
