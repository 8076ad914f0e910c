"""Rows written by hand, and what is measured of them.

Every run starts on 1 April 2025. Days to remember: 91 is 1 July 2025, 365 is 1 April 2026, 730 is
1 April 2027. Children are ten years old at entry unless the test says otherwise.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from math import inf, nan
from typing import Any

import numpy as np

from sufficiency.costs import cost_measures
from sufficiency.measures import measure
from sufficiency.periods import YEAR, run_days
from sufficiency.rows import (
    CAUSES,
    ENTRY,
    ETHNICITIES,
    GROUPS,
    KINDS,
    PATHWAYS,
    REASONS,
    TYPES,
    Beds,
    CarePeriod,
    Household,
    Key,
    Measured,
    Placement,
    Rows,
    Search,
    StayingPut,
    Table,
)
from sufficiency.scenario import Fostering, Prices, Scenario
from sufficiency.scenario.demand import Authority
from sufficiency.vocabulary import (
    KIND_OF_TYPE,
    EntryGroup,
    Ethnicity,
    ExitReason,
    Kind,
    MoveCause,
    Pathway,
    PlacementType,
)

APRIL = date(2025, 4, 1)
IN_HOUSE, IFA, KINSHIP = PlacementType.IN_HOUSE, PlacementType.IFA, PlacementType.KINSHIP
HOME_OWN, HOME_EXTERNAL = PlacementType.HOME_OWN, PlacementType.HOME_EXTERNAL
SUPPORTED, EMERGENCY_BED = PlacementType.SUPPORTED, PlacementType.EMERGENCY_BED
UNREGISTERED, ADOPTION = PlacementType.UNREGISTERED, PlacementType.ADOPTION
OTHER = PlacementType.OTHER
MOVED = CAUSES.index(MoveCause.BREAKDOWN)


def a_part(part: Any, **values: Any) -> Any:
    """A part of a scenario with the settings that measures read, and no others."""
    return part.model_construct(**values)


def a_price_list(weekly: Mapping[str, float | None] | None = None, **more: Any) -> Prices:
    """Prices of 2024-25 that do not grow; a type that is not named costs nothing."""
    named = {"in_house": 700.0, "home_external": 7000.0, "ifa": 1400.0}
    prices = {type_.value: 0.0 for type_ in TYPES} | dict(named if weekly is None else weekly)
    return Prices.model_validate({"weekly": prices} | more)


def a_scenario(years: float = 1.0, start: date = APRIL, **more: Any) -> Scenario:
    """A scenario with the settings that measures read; `prices` as `a_price_list` takes them."""
    prices, region = more.pop("prices", {}), more.pop("region", "rest_of_england")
    population = more.pop("child_population", 10_000.0)
    settings = {"homes": (), "programme": (), "budget": {}} | more
    scenario: Scenario = a_part(
        Scenario,
        start=start,
        years=years,
        authority=a_part(Authority, region=region, child_population=population),
        fostering=a_part(Fostering, carers_per_household=1.5, choice_margin=0.05),
        prices=a_price_list(**prices),
        **settings,
    )
    return scenario


def child(number: int, entered: float, left: float = 9999.0, **more: Any) -> CarePeriod:
    born = more.pop("born", entered - more.pop("age", 10.0) * YEAR)
    group = GROUPS.index(more.pop("group", EntryGroup.FROM_10_TO_15))
    reason = REASONS.index(more.pop("reason", ExitReason.RETURNED_HOME))
    return CarePeriod(
        child=number,
        entered=entered,
        left=left,
        born=born,
        group=group,
        pathway=PATHWAYS.index(more.pop("pathway", Pathway.SHORT)),
        reason=reason,
        need=0,
        family=number,
        siblings=more.pop("siblings", 1),
        ethnicity=ETHNICITIES.index(more.pop("ethnicity", Ethnicity.WHITE)),
        disabled=more.pop("disabled", 0),
        solo=0,
        dearness=more.pop("dearness", 0.5),
    )


def stay(
    number: int, type_: PlacementType, started: float, ended: float = inf, **more: Any
) -> Placement:
    plan = more.pop("planned", KIND_OF_TYPE[type_] or Kind.FOSTER)
    return Placement(
        child=number,
        type=TYPES.index(type_),
        planned=KINDS.index(plan),
        started=started,
        ended=ended,
        cause=more.pop("cause", ENTRY),
        provider=more.pop("provider", -1),
        **AS_USUAL | more,
    )


AS_USUAL = {
    "in_area": 1,
    "over_20_miles": 0,
    "far_for_want": 0,
    "ifa_for_want": 0,
    "apart": 0,
    "need": 0,
    "solo": 0,
    "same_ethnic_group": nan,
}


def a_search(number: int, needed: float, registered: float, planned: Kind = Kind.FOSTER) -> Search:
    got = TYPES.index(UNREGISTERED)
    return Search(number, needed, KINDS.index(planned), got, registered, ENTRY, 0, 1, 1, 0, 0)


def a_household(number: int, places: int, approved: float = -100.0, **more: Any) -> Household:
    return Household(
        household=number,
        origin=more.pop("origin", 0),
        places=places,
        blocked=more.pop("blocked", 0),
        approved=approved,
        available=more.pop("available", approved),
        stopped=more.pop("stopped", inf),
        closed=more.pop("closed", inf),
        youngest=0,
        oldest=18,
        highest_need=2,
        siblings=1,
        uasc=1,
        ethnicity=0,
        in_area=1,
        transferred=more.pop("transferred", 0),
    )


def places_of(
    type_: PlacementType, provider: int, started: float, ended: float, **more: float
) -> Beds:
    """Places of a home, a block or the emergency beds: all in use and paid for unless it says."""
    registered = more["registered"]
    return Beds(
        TYPES.index(type_),
        provider,
        started,
        ended,
        registered,
        more.get("usable", registered),
        more.get("guaranteed", registered),
    )


def table(columns: Any, rows: Iterable[Any]) -> Table:
    return Table(columns._fields, [value for row in rows for value in row])


def the_rows(
    children: Iterable[CarePeriod] = (),
    placements: Iterable[Placement] = (),
    searches: Iterable[Search] = (),
    households: Iterable[Household] = (),
    staying_put: Iterable[StayingPut] = (),
    beds: Iterable[Beds] = (),
    until: float = 365.0,
    enquiries: Iterable[float] = (),
    applications: Iterable[float] = (),
    withdrawals: Iterable[float] = (),
) -> Rows:
    return Rows(
        care_periods=table(CarePeriod, children),
        placements=table(Placement, placements),
        searches=table(Search, searches),
        households=table(Household, households),
        staying_put=table(StayingPut, staying_put),
        beds=table(Beds, beds),
        until=until,
        state_changes=0,
        enquiries=np.array(list(enquiries), dtype=np.float64),
        applications=np.array(list(applications), dtype=np.float64),
        withdrawals=np.array(list(withdrawals), dtype=np.float64),
    )


class Found:
    """What was measured, by name."""

    def __init__(self, measured: Measured) -> None:
        self.values: dict[Key, float] = dict(
            zip(measured.keys, measured.values.tolist(), strict=True)
        )

    def __call__(self, name: str, period: str, group: str = "") -> float:
        return self.values[Key(name, group, period)]


def found_in(years: float = 1.0, start: date = APRIL, **rows: Any) -> Found:
    until = rows.pop("until", run_days(start, years))
    return Found(measure(a_scenario(years, start), the_rows(until=until, **rows)))


def paid_in(years: float = 1.0, start: date = APRIL, **settings: Any) -> Found:
    """What is spent on rows written by hand: settings of rows, of prices and of the scenario."""
    rows = {name: settings.pop(name) for name in list(settings) if name in ROWS}
    until = run_days(start, years)
    scenario = a_scenario(years, start, **settings)
    return Found(cost_measures(scenario, the_rows(until=until, **rows))[0])


ROWS = ("children", "placements", "households", "staying_put", "beds")
