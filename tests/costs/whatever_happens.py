"""Prices and rows that could be anything: nobody asks how they came about."""

from __future__ import annotations

from datetime import date, timedelta
from math import inf
from random import Random
from typing import Any

from by_hand import a_household, a_scenario, child, places_of, stay, the_rows

from sufficiency.costs.spending import BLOCKS, RETAINED
from sufficiency.periods import run_days
from sufficiency.rows import AGES, NEEDS, TYPES, Rows, StayingPut
from sufficiency.scenario import Home, Scenario
from sufficiency.scenario.prices import Programme
from sufficiency.vocabulary import EntryGroup, PlacementType

UPLIFTED = (*(type_.value for type_ in TYPES), "recruitment", "staying_put")
ALLOWANCE_AGES = ("0-2", "3-4", "5-10", "11-15", "16-17")


def pounds(luck: Random, most: float) -> float:
    return luck.choice([0.0, round(luck.uniform(1, most), 2), float(luck.randint(1, int(most)))])


def rate(luck: Random) -> float:
    return luck.choice([0.0, round(luck.uniform(-0.05, 0.12), 3)])


def some(luck: Random, names: Any, value: Any) -> dict[str, Any]:
    return {str(name): value() for name in names if luck.random() < 0.5}


def some_prices(luck: Random, start: date) -> dict[str, Any]:
    """Everything that prices can say, about some types."""
    weekly: dict[str, float | None] = {t.value: pounds(luck, 9_000) for t in TYPES}
    with_allowance = some(luck, ("in_house", "kinship"), lambda: pounds(luck, 400))
    weekly |= dict.fromkeys(with_allowance)
    allowance = {
        "year": luck.choice(["2023-24", "2025-26"]),
        "weekly": {
            region: {age: pounds(luck, 300) for age in ALLOWANCE_AGES}
            for region in ("london", "rest_of_england")
        },
    }
    lines = {
        (
            luck.choice(TYPES).value,
            luck.choice([None, *(need.value for need in NEEDS)]),
            luck.choice([None, *(age.value for age in AGES)]),
        )
        for _ in range(luck.randint(0, 6))
    }
    return {
        "year": luck.choice(["2023-24", "2024-25", "2026-27"]),
        "weekly": weekly,
        "existing": some(
            luck, [t for t in TYPES if weekly[t] is not None], lambda: pounds(luck, 9_000)
        ),
        "table": [
            {
                "type": type_,
                "need": need,
                "age": age,
                "new": pounds(luck, 9_000),
                "existing": luck.choice([None, pounds(luck, 9_000)]),
            }
            for type_, need, age in sorted(lines, key=str)
        ],
        "factor": some(luck, TYPES, lambda: round(luck.uniform(0.5, 2), 3)),
        "spread": {"home_external": 0.5, "ifa": luck.choice([0.0, 0.1])},
        "high_cost_from": float(luck.randint(2_000, 9_000)),
        "allowance": allowance,
        "fee": with_allowance,
        "block": some(luck, BLOCKS, lambda: pounds(luck, 5_000)),
        "home_fixed_weekly_per_place": pounds(luck, 5_000),
        "retainer": some(luck, RETAINED, lambda: pounds(luck, 900)),
        "staying_put_weekly": pounds(luck, 400),
        "recruitment_per_approval": pounds(luck, 15_000),
        "uplift": some(
            luck,
            UPLIFTED,
            lambda: {
                "new": rate(luck),
                "existing": luck.choice([None, rate(luck)]),
                "at_most_cpi": luck.random() < 0.5,
                "month": luck.choice([1, 4, 4, 10]),
            },
        ),
        "cpi": 0.02,
        "rises": [
            {
                "from": start + timedelta(days=luck.randint(-30, 60) + 100 * place),
                "type": luck.choice(["in_house", "home_external", luck.choice(TYPES).value]),
                "weekly": round(luck.uniform(-300, 300), 2),
            }
            for place in range(luck.randint(0, 4))
        ],
        "uasc_grant": {"nightly": 114.0, "nightly_from_threshold": 143.0, "threshold": 0.0002},
        "health_share": some(luck, TYPES, lambda: round(luck.uniform(0, 0.5), 2)),
        "education_share": some(luck, TYPES, lambda: round(luck.uniform(0, 0.5), 2)),
    }


def a_home(luck: Random, number: int, start: date) -> Home:
    opens = luck.choice([None, start + timedelta(days=luck.randint(-50, 500))])
    return Home(
        name=f"Home {number}",
        registered=4,
        usable=2,
        opens=opens,
        registration_delay_months=luck.choice([0.0, 2.5]),
        awaiting_registration=luck.choice([0, 1]) if opens is None else 0,
        closes=luck.choice([None, (opens or start) + timedelta(days=luck.randint(100, 500))]),
        weekly_fixed=luck.choice([None, pounds(luck, 20_000)]),
        staffed_months_before=luck.choice([0.0, 3.0]),
        capital=500_000.0,
        capital_grant=luck.choice([0.0, 123_456.78]),
    )


def a_time(luck: Random, since: float, until: float) -> float:
    return luck.choice([luck.uniform(since, until), float(luck.randint(int(since), int(until)))])


def some_rows(luck: Random, days: float, homes: int) -> Rows:
    """Children, their placements, and the places there are; nobody asks how that came about."""
    children, placements = [], []
    for number in range(luck.randint(1, 5)):
        entered = luck.choice([0.0, a_time(luck, -400, days * 0.8)])
        group = luck.choice([EntryGroup.FROM_10_TO_15, EntryGroup.UASC_16_17])
        # Almost any age: what is not possible for a real child is no exception here.
        age = luck.uniform(0.0, 18.2)
        children.append(child(number, entered, group=group, age=age, dearness=luck.random()))
        for _ in range(luck.randint(1, 3)):
            ended = luck.choice([inf, a_time(luck, entered, days + 20)])
            type_ = luck.choice([*TYPES, *(PlacementType(t) for t in BLOCKS)])
            provider = luck.choice([-1, 0, 1])
            if type_ == PlacementType.HOME_OWN:
                provider = luck.randrange(homes) if homes else -1
            if type_ == PlacementType.EMERGENCY_BED:
                provider = -1
            need = luck.randrange(len(NEEDS))
            placements.append(stay(number, type_, entered, ended, provider=provider, need=need))
            if ended == inf:
                break
            entered = ended
    households = [
        a_household(
            number,
            2,
            approved=(approved := a_time(luck, -100, days + 50)),
            available=approved + luck.choice([0.0, 20.5]),
            stopped=luck.choice([inf, approved + 100.5]),
            closed=luck.choice([inf, approved + 150.0]),
            origin=luck.randrange(5),
        )
        for number in range(luck.randint(0, 3))
    ]
    guests = [
        StayingPut(0, 0, since, luck.choice([inf, since + 90.5]))
        for since in [a_time(luck, -50, days) for _ in range(luck.randint(0, 2))]
    ]
    beds = [
        places_of(type_, provider, since, until, registered=3, guaranteed=luck.choice([0, 1, 3]))
        for type_ in (
            PlacementType.HOME_EXTERNAL,
            PlacementType.SUPPORTED,
            PlacementType.EMERGENCY_BED,
        )
        for provider in (0, 1)
        for since, until in [(-730.0, 100.0), (100.0, days)]
        if luck.random() < 0.4
    ]
    return the_rows(
        children,
        placements,
        households=households,
        staying_put=guests,
        beds=beds,
        until=days,
    )


def anything(seed: int) -> tuple[Scenario, Rows]:
    luck = Random(seed)
    start = luck.choice([date(2025, 4, 1), date(2025, 10, 1), date(2026, 1, 15)])
    years = luck.choice([1.0, 1.5, 2.25])
    homes = tuple(a_home(luck, number, start) for number in range(luck.randint(0, 2)))
    programme = (Programme(name="Team", year="2026-27", amount=pounds(luck, 90_000)),)
    scenario = a_scenario(
        years,
        start,
        prices=some_prices(luck, start),
        homes=homes,
        programme=programme,
        region=luck.choice(["london", "rest_of_england"]),
    )
    return scenario, some_rows(luck, run_days(start, years), len(homes))
