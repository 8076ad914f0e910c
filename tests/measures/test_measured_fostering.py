"""Foster households coming, there and needed, from rows to check with a pencil."""

from datetime import date
from math import inf, isnan
from typing import Any

import pytest
from by_hand import (
    HOME_EXTERNAL,
    IFA,
    IN_HOUSE,
    KINSHIP,
    UNREGISTERED,
    Found,
    a_household,
    child,
    found_in,
    stay,
)

from sufficiency.rows import (
    CarePeriod,
    Placement,
    StayingPut,
)
from sufficiency.vocabulary import (
    Kind,
)


def test_the_fostering_pipeline() -> None:
    found = found_in(
        households=[
            a_household(1, 2),
            a_household(2, 2, approved=30.0),
            a_household(3, 2, approved=40.0, closed=300.0),
            a_household(4, 2, approved=200.0, origin=4),  # from another agency
            a_household(5, 2, approved=-300.0, origin=4),  # before the first day
            a_household(6, 2, closed=100.0, transferred=1),  # to another agency
        ],
        enquiries=[-1.0, 1.0, 2.0, 100.0, 365.0],
        applications=[50.0],
        withdrawals=[-1.0, 10.0, 80.0, 91.0],
    )
    year = "2025-26"
    assert found("foster_enquiries", "2025-Q1") == 2
    assert found("foster_enquiries", year) == 3
    assert found("foster_applications", year) == 1
    assert found("foster_applications_withdrawn", "2025-Q1") == 2
    assert found("foster_applications_withdrawn", year) == 3
    assert found("foster_households_approved", year) == 3
    assert found("foster_households_transferred_in", year) == 1
    assert found("foster_households_transferred_in", "2025-Q3") == 1
    assert found("foster_households_left", "2025-Q4") == 1
    assert found("foster_households_left", year) == 2
    assert found("foster_households_transferred_out", year) == 1
    assert found("foster_households_transferred_out", "2025-Q2") == 1
    assert found("foster_households_net", "2025-Q1") == 2
    assert found("foster_households_net", "2025-Q4") == -1
    assert found("foster_households_net", year) == 1
    assert found("foster_households", "2026-03-31") == 4


def test_households_carers_children_and_those_who_stay_put() -> None:
    found = found_in(
        children=[child(1, -1.0), child(2, -1.0), child(3, -1.0)],
        placements=[
            stay(1, IN_HOUSE, -1.0, provider=10),
            stay(2, IN_HOUSE, -1.0, provider=12),
            stay(3, IFA, -1.0),
        ],
        households=[
            *(a_household(number, 2) for number in (10, 11, 12, 13)),
            a_household(14, 4, closed=91.0),  # closed the day after
            a_household(15, 4, closed=90.0),  # gone
        ],
        staying_put=[StayingPut(11, 99, -30.0, 120.0)],
    )
    june, september = "2025-06-30", "2025-09-30"
    assert found("foster_households", june) == 5
    assert found("carers", june) == 7.5
    assert found("filled_per_household", june) == 0.4
    assert found("staying_put", june) == 1
    assert found("staying_put", september) == 0


# ---- the benchmark, and the simulated need


def ten_households(*children: tuple[CarePeriod, Placement], **more: Any) -> Found:
    """Ten households, of whom five have a child all along and two leave in the first year."""
    settled = [child(100 + i, -50.0) for i in range(5)]
    homes = [stay(100 + i, IN_HOUSE, -50.0, provider=i) for i in range(5)]
    closed = [inf] * 8 + [100.0, 300.0]
    return found_in(
        2.0,
        children=[*settled, *(care for care, _ in children)],
        placements=[*homes, *(row for _, row in children)],
        households=[a_household(i, 2, closed=when) for i, when in enumerate(closed)],
        **more,
    )


def test_the_benchmark_adds_leavers_growth_and_choice() -> None:
    found = ten_households(
        (child(1, 50.0), stay(1, IFA, 50.0)),  # agencies are in the growth
        (child(2, 60.0), stay(2, IN_HOUSE, 60.0, provider=5)),
        (child(3, 60.0), stay(3, KINSHIP, 60.0)),  # kin are not
        (child(4, -9.0, 30.0), stay(4, IFA, -9.0, 30.0)),
    )
    name, year = "foster_households_needed", "2025-26"
    # 6 fostered on the first day, 7 at the end; 5 children in 10 households; a margin of 5%
    assert found(name, year, "part=leavers") == 2
    assert found(name, year, "part=growth") == pytest.approx(1 / 0.5)
    assert found(name, year, "part=choice") == pytest.approx(0.05 * 10)
    assert found(name, year) == pytest.approx(4.5)
    # the second year begins with 8 households, and nothing grows
    assert found(name, "2026-27", "part=leavers") == 0
    assert found(name, "2026-27", "part=growth") == 0
    assert found(name, "2026-27", "part=choice") == pytest.approx(0.4)


def test_the_benchmark_does_not_take_away_when_fewer_children_are_fostered() -> None:
    found = ten_households((child(1, -9.0, 30.0), stay(1, IFA, -9.0, 30.0)))
    assert found("foster_households_needed", "2025-26", "part=growth") == 0


def test_households_short_are_those_that_children_elsewhere_would_need() -> None:
    want = Kind.FOSTER
    found = ten_households(
        (child(1, -1.0), stay(1, IFA, -1.0, ifa_for_want=1, far_for_want=1)),  # once only
        (child(2, -1.0), stay(2, HOME_EXTERNAL, -1.0, planned=want)),
        (child(3, -1.0), stay(3, UNREGISTERED, -1.0, planned=want)),
        (child(4, -1.0), stay(4, IFA, -1.0, far_for_want=1)),
        (child(5, -1.0), stay(5, IFA, -1.0)),  # by choice, not for want
        (child(6, -1.0), stay(6, UNREGISTERED, -1.0, planned=Kind.HOME)),
        (child(7, -1.0), stay(7, IN_HOUSE, -1.0, provider=6, apart=1)),  # with a carer
        (child(8, -1.0), stay(8, IFA, -1.0, ifa_for_want=1, planned=Kind.HOME)),
    )
    # 5 children elsewhere; 6 children in 10 households
    assert found("foster_households_short", "2025-06-30") == pytest.approx(5 / 0.6)


def test_without_a_household_that_has_a_child_nobody_knows_how_many_are_short() -> None:
    found = found_in(children=[child(1, -1.0)], placements=[stay(1, IFA, -1.0, ifa_for_want=1)])
    assert isnan(found("foster_households_short", "2025-06-30"))
    nobody = found_in(households=[a_household(1, 2)])
    assert nobody("foster_households_short", "2025-06-30") == 0


def test_the_benchmark_of_a_run_that_starts_in_autumn_is_of_whole_financial_years() -> None:
    found = found_in(
        1.6,
        date(2025, 9, 1),  # 212 days to 1 April 2026, 365 more to 1 April 2027
        households=[a_household(i, 2, closed=when) for i, when in enumerate((100.0, 300.0, inf))],
        children=[child(1, -1.0), child(2, 250.0)],
        placements=[stay(1, IN_HOUSE, -1.0, provider=2), stay(2, IFA, 250.0)],
    )
    name = "foster_households_needed"
    assert found(name, "2026-27", "part=leavers") == 1
    assert found(name, "2026-27", "part=growth") == pytest.approx(2)  # one child, 1 in 2 homes
    assert found(name, "2026-27", "part=choice") == pytest.approx(0.1)
    assert not [key for key in found.values if key.measure == name and key.period != "2026-27"]
