"""What is received for children, by hand."""

from __future__ import annotations

from typing import Any

import pytest
from by_hand import HOME_EXTERNAL, IFA, SUPPORTED, child, paid_in, places_of, stay

from sufficiency.periods import YEAR
from sufficiency.vocabulary import EntryGroup

FIRST, UASC = "2025-26", EntryGroup.UASC_16_17
GRANT: dict[str, Any] = {
    "weekly": {},
    "uasc_grant": {"nightly": 114.0, "nightly_from_threshold": 143.0, "threshold": 0.0002},
}
"""The rates of evidence/supply.md §3e; of 10,000 children the threshold is two."""


def test_every_night_is_paid_at_the_rate_that_the_number_of_the_night_gives() -> None:
    kids = [child(n, -5.0, age=16.1, group=UASC) for n in (1, 2)]
    placements = [stay(1, SUPPORTED, -5.0), stay(2, IFA, 100.0, 110.0)]
    found = paid_in(prices=GRANT, children=kids, placements=placements)
    expected = 355 * 114 + 10 * 2 * 143
    assert found("income", FIRST, "source=uasc") == found("income", FIRST) == expected
    assert found("net_cost", FIRST) == -expected
    assert found("net_cost", "2025-04") == -30 * 114
    # Days 91 to 121 are July: nine nights at one rate come before, and twelve after, the ten.
    assert found("net_cost", "2025-07") == -(21 * 114 + 10 * 2 * 143)


def test_one_child_more_than_the_threshold_or_at_it_is_the_same() -> None:
    kids = [child(n, -5.0, age=16.1, group=UASC) for n in (1, 2, 3)]
    placements = [stay(n, SUPPORTED, 0.0, 7.0) for n in (1, 2, 3)]
    for many in (2, 3):
        found = paid_in(prices=GRANT, children=kids[:many], placements=placements[:many])
        assert found("income", FIRST) == many * 7 * 143


def test_neither_adults_nor_other_children_count() -> None:
    adult = child(1, -5.0, group=UASC, born=10.5 - 18 * YEAR)
    kids = [adult, child(2, -5.0), child(3, -5.0, age=16.1, group=UASC)]
    placements = [stay(1, SUPPORTED, -5.0, 30.0), stay(2, IFA, -5.0), stay(3, IFA, 20.0, 27.0)]
    found = paid_in(prices=GRANT, children=kids, placements=placements)
    assert found("income", FIRST) == (10 + 7) * 114


def test_health_and_education_pay_their_share_of_the_price_and_not_of_empty_places() -> None:
    prices = {
        "weekly": {"home_external": 7000.0, "ifa": 700.0},
        "health_share": {"home_external": 0.2},
        "education_share": {"home_external": 0.1, "ifa": 0.5},
    }
    found = paid_in(
        prices=prices,
        children=[child(1, -5.0), child(2, -5.0)],
        placements=[stay(1, HOME_EXTERNAL, 0.0, 10.0, provider=0), stay(2, IFA, 0.0, 10.0)],
        beds=[places_of(HOME_EXTERNAL, 0, 0.0, 20.0, registered=1)],
    )
    assert found("cost", FIRST) == 20 * 1000 + 10 * 100
    assert found("income", FIRST, "source=health") == pytest.approx(2000)
    assert found("income", FIRST, "source=education") == pytest.approx(1000 + 500)
    assert found("net_cost", "2025-04") == 21_000 - 3500
