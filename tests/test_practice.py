"""What a commissioner would expect, in the councils' own scenarios.

Each statement compares two plans on the same luck, replication by replication: the mean of the
differences is on its side of zero by `WITHIN` of its own standard errors or, where it is never to
rise beyond noise, not so far on the other side. Seeds are fixed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from corners import IFA_AGES, NEVER, WITHIN, Floats, close, mean_and_error, run, type_code
from test_invariants import check

from sufficiency.measures import MEASURES, measure
from sufficiency.measures.flows import SOUGHT
from sufficiency.periods import day_of
from sufficiency.rows import CAUSES, KINDS, REASONS, Rows
from sufficiency.scenario import Scenario, get_value, with_edits, with_values
from sufficiency.scenario_file import load
from sufficiency.simulation.arrivals import (
    BLOCK_SIZE,
    STREAMS,
    TRANSFERS,
    UASC_UNDER_16,
)
from sufficiency.simulation.in_care import uasc_on_first_day
from sufficiency.vocabulary import ExitReason, MoveCause

YEARS = 3.0
"""Long enough for a plan to show."""
SHARP = 0.05
"""A rise of this share of what there is would not pass for noise."""

RECRUITS = "fostering.recruitment.number"
PROFILE = "fostering.recruitment.profile"
STAYING_PUT = "fostering.staying_put"
BLOCK, GUARANTEED = "external_homes.block_places", "external_homes.block_guaranteed"
THRESHOLD = "demand.uasc.transfer_scheme.threshold"

PLANS: dict[str, Mapping[str, Any]] = {
    "10 households": {RECRUITS: 10.0},
    "40 households": {RECRUITS: 40.0},
    "20 households for teenagers": {RECRUITS: 20.0, PROFILE: {"teenagers": 1.0}},
    "20 households for young children": {RECRUITS: 20.0, PROFILE: {"teenagers": 0.0}},
    "nobody stays put": {STAYING_PUT: {"18": 0.0, "19": 0.0, "20": 0.0}},
    "everybody stays put": {STAYING_PUT: {"18": 1.0, "19": 1.0, "20": 1.0}},
    "8 places in homes, none kept": {BLOCK: 8, GUARANTEED: 0.0},
    "8 places in homes, half of them kept": {BLOCK: 8, GUARANTEED: 0.5},
    "8 places in homes, all kept": {BLOCK: 8, GUARANTEED: 1.0},
    "three e-beds": {"emergency.beds": 3},
    "joins in October": {"demand.uasc.transfer_scheme.joins": date(2024, 10, 1)},
}
"""Plans to compare, beside the options of the scenarios themselves."""

Found = Mapping[tuple[str, str], Mapping[str, float]]
"""What is measured in a run: by measure and group, then by period."""
Number = Callable[[Found], float]
"""One number of all that is measured."""


@cache
def baseline(council: str) -> Scenario:
    return with_values(load(council).scenario, {"years": YEARS})


@cache
def scenario_of(council: str, plan: str) -> Scenario:
    if plan in PLANS:
        return with_values(baseline(council), PLANS[plan])
    edits = {option.name: option.edits for option in load(council).options}
    return with_edits(baseline(council), edits[plan] if plan else ())


def rows_of(council: str, plan: str, replication: int) -> Rows:
    return run(scenario_of(council, plan), replication, baseline=baseline(council))


@cache
def measured(council: str, plan: str, replication: int) -> Found:
    return by_group(scenario_of(council, plan), rows_of(council, plan, replication))


def by_group(scenario: Scenario, rows: Rows) -> Found:
    measured = measure(scenario, rows)
    found: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for (name, group, period), value in zip(measured.keys, measured.values.tolist(), strict=True):
        found[name, group][period] = value
    return found


def on_average(name: str, *groups: str, dates: tuple[str, ...] = ()) -> Number:
    """A stock, over its groups, on average of the dates; without any: of all after the first."""

    def number(found: Found) -> float:
        whose = [found[name, group] for group in groups or ("",)]
        at = dates or tuple(whose[0])[1:]
        return sum(values[day] for values in whose for day in at) / len(at)

    return number


def in_all(name: str, group: str = "") -> Number:
    """A flow over all financial years."""
    return lambda found: sum(
        value for period, value in found[name, group].items() if "Q" not in period
    )


def differences(
    council: str, plan: str, number: Number, replications: int, against: str = ""
) -> Floats:
    """A plan less another (the baseline), on the same luck."""
    return np.array(
        [
            number(measured(council, plan, k)) - number(measured(council, against, k))
            for k in range(1, replications + 1)
        ]
    )


def lower(values: Floats) -> None:
    mean, error = mean_and_error(values)
    assert mean < -WITHIN * error, f"{mean:.3f} ± {error:.3f}"


def higher(values: Floats) -> None:
    lower(-values)


def never_higher(values: Floats, level: float) -> None:
    """Not beyond noise, and the noise is small enough to see a rise by `SHARP` of the level."""
    mean, error = mean_and_error(values)
    assert mean <= WITHIN * error, f"{mean:.3f} ± {error:.3f}"
    assert WITHIN * error < SHARP * level, f"noise of {error:.3f}, where there are {level:.3f}"


IN_HOMES = on_average("children_in_care", "type=home_own", "type=home_external")
FOR_WANT = on_average("residential_for_want_of_carer")
UNREGISTERED = in_all("unregistered_nights")

# ---- Foster carers -----------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("council", "plan"),
    [
        ("camden", "recruit_20_carers"),
        ("camden", "recruit_20_carers_by_profile"),
        ("camden", "recruit_20_households"),
        ("medway", "ten_households_net"),
    ],
)
def test_more_carers_never_raise_residential_use(council: str, plan: str) -> None:
    in_homes = IN_HOMES(measured(council, "", 1))
    never_higher(differences(council, plan, IN_HOMES, 36), in_homes)
    lower(differences(council, plan, FOR_WANT, 36))


@pytest.mark.slow
def test_each_further_ten_or_twenty_households_never_raise_residential_use() -> None:
    in_homes = IN_HOMES(measured("camden", "", 1))
    for before, after in pairwise(["", "10 households", "recruit_20_households", "40 households"]):
        never_higher(differences("camden", after, IN_HOMES, 32, against=before), in_homes)
    lower(differences("camden", "40 households", FOR_WANT, 32))


@pytest.mark.slow
def test_more_carers_bring_children_nearer_home() -> None:
    in_area = on_average("in_area_share")
    higher(differences("camden", "recruit_20_carers", in_area, 16))
    higher(differences("medway", "ten_households_net", in_area, 16))


@pytest.mark.slow
def test_recruits_for_teenagers_keep_more_children_out_of_homes() -> None:
    teenagers, young = (f"20 households for {whom}" for whom in ("teenagers", "young children"))
    lower(differences("camden", teenagers, FOR_WANT, 48, against=young))


def test_recruits_of_a_childs_ethnic_group_match_more_children() -> None:
    same = in_all("same_ethnic_group_share", "ethnicity=asian")
    higher(differences("harrow", "recruit_10_asian_households", same, 10))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("council", "few", "many"),
    [
        ("camden", "nobody stays put", "everybody stays put"),
        ("harrow", "", "more_staying_put"),
    ],
)
def test_more_staying_put_leaves_fewer_vacant_foster_places(
    council: str, few: str, many: str
) -> None:
    higher(differences(council, many, on_average("staying_put"), 40, against=few))
    vacant = on_average("places_vacant", "type=in_house")
    lower(differences(council, many, vacant, 40, against=few))


def test_a_kinship_offer_brings_children_to_kin_who_would_be_with_agencies() -> None:
    kin, agencies = (on_average("children_in_care", f"type={t}") for t in ("kinship", "ifa"))
    higher(differences("camden", "kinship_offer", kin, 24))
    lower(differences("camden", "kinship_offer", agencies, 24))


# ---- Homes, blocks, markets, the emergency bed -------------------------------------------------

MEANWHILE = ("2024-09-30", "2024-12-31", "2025-03-31", "2025-06-30")
"""Between the day on which Eden House opens and that a year later."""
AFTERWARDS = ("2026-03-31", "2026-06-30", "2026-09-30", "2026-12-31", "2027-03-31")
"""When it has been open for months either way."""
OUT_OF_AREA = ("distance=within_20_miles", "distance=over_20_miles")


@pytest.mark.slow
def test_a_years_delay_of_eden_house_raises_out_of_area_placements_meanwhile() -> None:
    def later(*dates: str) -> Floats:
        away = on_average("placement_distance", *OUT_OF_AREA, dates=dates)
        return differences("medway", "eden_house_a_year_late", away, 36)

    assert not later("2024-06-30").any()
    higher(later(*MEANWHILE))
    higher(later(*MEANWHILE) - later(*AFTERWARDS))


def test_a_home_that_closes_moves_its_children_that_day() -> None:
    closes = date(2026, 6, 15)
    closing = with_values(baseline("camden"), {"homes.0.closes": closes})
    day, moved_out = day_of(closing.start, closes), 0
    closed = CAUSES.index(MoveCause.HOME_CLOSED)
    for replication in range(1, 9):
        rows = run(closing, replication, baseline=baseline("camden"))
        placements = rows.placements
        at_home = placements.code("type") == type_code("home_own")
        assert placements["ended"][at_home].max() == day
        moved = (placements["started"] == day) & (placements["cause"] == closed)
        children = placements["child"][at_home & (placements["ended"] == day)]
        assert sorted(placements["child"][moved]) == sorted(children)
        moved_out += len(children)
    assert moved_out > 8


@pytest.mark.slow
def test_without_the_e_bed_there_are_more_unregistered_nights() -> None:
    higher(differences("medway", "no_e_bed", UNREGISTERED, 12))
    lower(differences("medway", "three e-beds", UNREGISTERED, 12))


@pytest.mark.slow
def test_a_wider_market_lowers_unregistered_nights() -> None:
    lower(differences("medway", "dynamic_purchasing", UNREGISTERED, 24))
    lower(differences("medway", "dynamic_purchasing", in_all("unregistered_children"), 24))


@pytest.mark.slow
def test_a_bigger_guaranteed_block_never_raises_unregistered_nights() -> None:
    nights = UNREGISTERED(measured("camden", "", 1))
    never_higher(differences("camden", "longer_supported_block", UNREGISTERED, 40), nights)
    none, half, all_ = (f"8 places in homes, {n} kept" for n in ("none", "half of them", "all"))
    lower(differences("camden", half, UNREGISTERED, 32, against=none))
    lower(differences("camden", all_, UNREGISTERED, 32, against=half))
    # What it costs is nights that are paid for and not slept.
    higher(differences("camden", all_, in_all("void_nights"), 32, against=half))


# ---- Unaccompanied children --------------------------------------------------------------------


def transferred(rows: Rows) -> Floats:
    """Days on which a child was transferred in."""
    periods = rows.care_periods
    return periods["entered"][periods.code("child") // BLOCK_SIZE % STREAMS == TRANSFERS]


def uasc_just_before(rows: Rows, times: Floats) -> Floats:
    """Unaccompanied children in care just before each of some times."""
    periods = rows.care_periods
    theirs = periods.code("group") >= UASC_UNDER_16
    entered, left = periods["entered"][theirs], periods["left"][theirs]
    return np.array([((entered < time) & (left > time)).sum() for time in times])


def test_a_threshold_at_todays_number_stops_transfers() -> None:
    medway = baseline("medway")
    today = uasc_on_first_day(medway)
    # Half a child below, so that no rounding decides whether today's number has reached it.
    full = with_values(medway, {THRESHOLD: (today - 0.5) / medway.authority.child_population})
    beyond = 0
    for replication in range(1, 9):
        before, after = (run(s, replication, baseline=medway) for s in (medway, full))
        numbers = uasc_just_before(after, transferred(after))
        assert uasc_just_before(after, np.array([1e-6])) == today
        assert (numbers < today).all()
        assert np.isin(transferred(after), transferred(before)).all()
        beyond += (uasc_just_before(before, transferred(before)) >= today).sum()
    assert beyond > 80  # (those whom the lower threshold stops)
    none = with_values(medway, {THRESHOLD: 0.0})
    assert len(transferred(run(none, baseline=medway))) == 0


def test_a_quota_is_filled_and_not_passed_by_transfers() -> None:
    most = 0
    quota = scenario_of("harrow", "uasc_up_to_quota").demand.uasc.transfer_scheme.quota
    assert quota is not None
    for replication in range(1, 5):
        rows = rows_of("harrow", "uasc_up_to_quota", replication)
        numbers = uasc_just_before(rows, transferred(rows)) + 1
        assert (numbers <= quota).all()
        most = max(most, int(numbers.max()))
    assert most == quota


@pytest.mark.slow
def test_out_of_the_transfer_scheme_uasc_fall_and_no_other_child_is_touched() -> None:
    plan = "out_of_the_transfer_scheme"
    uasc = on_average("children_in_care", "stream=uasc")
    lower(differences("medway", plan, uasc, 10))
    for replication in (1, 2):
        before, after = (rows_of("medway", p, replication) for p in ("", plan))
        assert len(transferred(before)) > 20
        assert len(transferred(after)) == 0
        others = before.care_periods.code("child") // BLOCK_SIZE % STREAMS != TRANSFERS
        np.testing.assert_array_equal(before.care_periods.values[others], after.care_periods.values)


def test_who_joins_later_has_fewer_uasc_that_year_and_the_same_after_it() -> None:
    for replication in (1, 2, 3):
        before, after = (
            transferred(rows_of("medway", plan, replication)) for plan in ("", "joins in October")
        )
        joins = day_of(baseline("medway").start, date(2024, 10, 1))
        assert len(before[before < joins]) > 0
        np.testing.assert_array_equal(before[before >= joins], after)


# ---- Extremes ----------------------------------------------------------------------------------

NO_CAPACITY: dict[str, Any] = {
    "fostering.households": 0,
    "fostering.approvals_per_year": 0.0,
    "ifa.match": dict.fromkeys(IFA_AGES, NEVER),
    "ifa.found_per_day": 0.0,
    "placement.distant_ifa_under": 0.0,
    "homes": [],
    "external_homes.found_at_once": NEVER,
    "external_homes.found_per_day": 0.0,
    "external_homes.block_places": 0,
    "supported.block_places": 0,
    "supported.spot": 0.0,
    "supported.found_per_day": 0.0,
    "emergency.beds": 0,
}
"""No household, home, block or bed, and no market finds anything."""
NO_EXITS: dict[str, Any] = {
    "stays.every_child": {"distribution": "empirical", "days": [18 * 366.0]},
    "stays.keep_stock_and_flow": False,
    "stays.uasc.age_assessed_18": 0.0,
    "stays.uasc.other": 0.0,
    "demand.uasc.transfer_scheme.share_referred_on": 0.0,
    "demand.remand.per_100_in_care": 0.0,
}
"""Everybody stays until 18."""
RATES = (
    "demand.entries_per_year",
    "demand.uasc_in_entries_per_year",
    "demand.uasc.per_100_in_care",
    "demand.uasc.direct_per_year",
    "demand.uasc.transfer_scheme.transfers_per_year",
    "demand.remand.per_100_in_care",
)
MAY_BE_NEGATIVE = {"sufficiency_gap", "foster_households_net"}


def double_demand(scenario: Scenario) -> dict[str, Any]:
    stated = {path: get_value(scenario, path) for path in RATES}
    return {path: 2.0 * rate for path, rate in stated.items() if rate is not None}


def extreme(council: str, which: str) -> Scenario:
    scenario = baseline(council)
    values = {
        "no capacity": NO_CAPACITY,
        "double demand": double_demand(scenario),
        "no exits": NO_EXITS,
        "all three": {**NO_CAPACITY, **double_demand(scenario), **NO_EXITS},
    }
    return with_values(scenario, values[which])


def possible(scenario: Scenario, rows: Rows) -> None:
    """What must always hold does, and everything can be measured."""
    check(scenario, rows)
    found = measure(scenario, rows)
    for key, value in zip(found.keys, found.values.tolist(), strict=True):
        if not np.isnan(value):  # (a share of nothing)
            assert value >= 0 or key.measure in MAY_BE_NEGATIVE, (key, value)
            assert value <= (1 if MEASURES[key.measure].unit == "share" else 1e6), (key, value)


@pytest.mark.parametrize("council", ["camden", "medway"])
@pytest.mark.parametrize("which", ["no capacity", "double demand", "no exits", "all three"])
def test_extremes_do_not_break_it(council: str, which: str) -> None:
    scenario = extreme(council, which)
    for replication in (1, 2):
        possible(scenario, run(scenario, replication))


def test_without_capacity_who_needs_a_home_is_unregistered() -> None:
    searches = run(extreme("camden", "no capacity")).searches
    sought = np.isin(searches.code("planned"), [KINDS.index(kind) for kind in SOUGHT])
    assert sought.sum() > 100
    assert set(searches.code("got")[sought]) == {type_code("unregistered")}


def test_without_exits_children_leave_at_18_only() -> None:
    periods = run(extreme("medway", "no exits")).care_periods
    reasons = {REASONS[code] for code in periods.code("reason")}
    assert reasons == {ExitReason.TURNED_18}


@pytest.mark.slow
def test_double_demand_is_twice_the_entries() -> None:
    entries = in_all("entries", "stream=non_uasc")
    double = extreme("camden", "double demand")
    beyond = []
    for replication in range(1, 13):
        twice = by_group(double, run(double, replication, baseline=baseline("camden")))
        beyond.append(entries(twice) - 2 * entries(measured("camden", "", replication)))
    close(beyond, 0.0)
