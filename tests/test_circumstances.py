"""What children are like and where it leads: ethnic group, disability, need, living alone, remand.

Also places with conditions: blocks, emergency beds, markets that grow, homes outside the area.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from corners import (
    ALWAYS,
    COMPLEX,
    NEVER,
    ONLY_AGENCIES,
    STANDARD,
    Entrant,
    bare,
    close,
    england,
    placements_of,
    run,
    run_timetable,
    steady,
    type_code,
)

from sufficiency.rows import ETHNICITIES, NEEDS, PATHWAYS, SAME_CARER, TYPES, Rows
from sufficiency.scenario import NEED_AGES, Scenario, entries_by_age, with_values
from sufficiency.stays import (
    YEAR,
    mean_remand_stay,
    mean_uasc_stay,
    reconcile,
    steady_state,
)

MANY = range(1, 41)
ONE_NEED = dict.fromkeys(NEED_AGES, STANDARD)


def periods(rows: Rows, name: str) -> Any:
    return rows.care_periods[name]


# ---- Who they are --------------------------------------------------------------------------------


@pytest.mark.slow
def test_ethnic_groups_come_in_their_shares_and_siblings_have_the_same() -> None:
    scenario = with_values(england(), {"years": 1.0})
    own, uasc = [], []
    for k in MANY:
        rows = run(scenario, k)
        group, entry = periods(rows, "ethnicity"), periods(rows, "group")
        own.append(np.bincount(group[entry < 5].astype(int), minlength=5) / (entry < 5).sum())
        uasc.append(np.bincount(group[entry >= 5].astype(int), minlength=5) / (entry >= 5).sum())
        family = periods(rows, "family")
        first = dict(zip(family, group, strict=True))
        assert all(first[f] == g for f, g in zip(family, group, strict=True))
    for found, shares in (
        (own, scenario.demand.ethnic_groups),
        (uasc, scenario.demand.uasc.ethnic_groups),
    ):
        for place, ethnicity in enumerate(ETHNICITIES):
            close(np.array(found)[:, place], shares[ethnicity.value])


@pytest.mark.slow
def test_disabled_children_have_needs_of_their_own() -> None:
    certain = {name: COMPLEX if name == "disabled" else STANDARD for name in NEED_AGES}
    scenario = with_values(
        england(), {"years": 1.0, "placement.need": certain, "placement.disabled_share": 0.1}
    )
    shares = []
    for k in MANY:
        rows = run(scenario, k)
        disabled, uasc = periods(rows, "disabled") == 1, periods(rows, "group") >= 5
        assert not (disabled & uasc).any()
        need = periods(rows, "need")
        assert (need[disabled] == NEEDS.index("complex")).all()
        assert (need[~disabled] == NEEDS.index("standard")).all()
        shares.append(disabled[~uasc].mean())
    close(shares, 0.1)


@pytest.mark.slow
def test_who_must_live_alone_depends_on_need() -> None:
    scenario = with_values(england(), {"years": 1.0})
    found: dict[int, list[float]] = {0: [], 1: [], 2: []}
    for k in MANY:
        rows = run(scenario, k)
        need, solo = periods(rows, "need"), periods(rows, "solo")
        for level, values in found.items():
            values.append(solo[need == level].mean())
    for level, name in enumerate(NEEDS):
        close(found[level], getattr(scenario.placement.solo, name.value))


# ---- Remand --------------------------------------------------------------------------------------


def remanded(values: dict[str, Any] | None = None) -> Scenario:
    """An authority with children on remand only."""
    return bare(
        {
            "authority.children_in_care": 400,
            "demand.entries_per_100_in_care": {"under_1": 1e-6, "1-4": 0, "5-9": 0, "10-15": 0,
                                               "16-17": 0},
            "demand.remand.per_100_in_care": 20.0,
            "demand.remand.days": {"distribution": "exponential", "mean_days": 90},
            "years": 4.0,
            **(values or {}),
        }
    )  # fmt: skip


@pytest.mark.slow
def test_remands_come_at_their_rate_stay_as_long_as_stated_and_need_no_search() -> None:
    scenario = with_values(england(), {"demand.remand.per_100_in_care": 20.0, "years": 4.0})
    entries, stays, secure, present = [], [], [], []
    for k in MANY:
        rows = run(scenario, k)
        pathway = periods(rows, "pathway") == PATHWAYS.index("remand")
        entered, left = periods(rows, "entered")[pathway], periods(rows, "left")[pathway]
        age = (entered - periods(rows, "born")[pathway]) / YEAR
        assert age.min() >= 10
        assert age.max() < 18
        new = entered >= 0
        entries.append(new.sum() / 4)
        stays.append((left - entered)[new].mean())
        present.append(((entered < 0) & (left > 0)).sum())
        who = set(periods(rows, "child")[pathway])
        theirs = np.isin(rows.placements["child"], list(who))
        kinds = rows.placements.code("type")[theirs]
        assert set(kinds) <= {type_code("secure"), type_code("other")}
        assert theirs.sum() == pathway.sum()  # one placement each: they never move
        secure.append((kinds == type_code("secure")).mean())
    close(entries, 0.20 * 457)
    close(stays, mean_remand_stay(scenario))
    close(present, 0.20 * 457 * mean_remand_stay(scenario) / YEAR)
    close(secure, scenario.demand.remand.secure_share)


def test_the_mean_of_a_remand_is_the_integral_of_its_survival() -> None:
    """Exponential with mean 90 days, cut at the 18th birthday, for entrants of 16 and 17."""
    scenario = with_values(england(), {"demand.remand.ages": {"10-15": 0.0, "16-17": 1.0}})
    to_18 = np.linspace(0, 2 * YEAR, 200_001)
    exact = (90 * (1 - np.exp(-to_18 / 90))).mean()
    assert mean_remand_stay(scenario) == pytest.approx(exact, rel=1e-3)


def test_children_on_remand_are_among_those_stated() -> None:
    scenario, _ = reconcile(with_values(england(), {"demand.remand.per_100_in_care": 10.0}))
    assert steady_state(scenario)["total"] == pytest.approx(457, rel=1e-3)
    for k in range(1, 6):
        rows = run(scenario, k)
        there = (periods(rows, "entered") < 0) & (periods(rows, "left") > 0)
        assert there.sum() == 457


# ---- Stock and flow, and unaccompanied children --------------------------------------------------


def test_where_uasc_are_stated_the_other_children_agree_with_their_own_entries() -> None:
    """2 of 457 are UASC, and 20 a year will come: the others stay 455, and the number rises."""
    joining = {
        "authority.uasc_in_care": 2,
        "demand.entries_per_year": 170.0,
        "demand.uasc.direct_per_year": 0.0,
        "demand.uasc.transfer_scheme.transfers_per_year": 20.0,
    }
    scenario, _ = reconcile(with_values(england(), joining))
    steady = steady_state(scenario)
    assert steady["non_uasc"] + steady["remand"] == pytest.approx(455, rel=1e-3)
    assert steady["uasc"] == pytest.approx(20 * mean_uasc_stay(scenario) / YEAR)


def test_an_option_that_takes_more_transfers_has_no_fewer_other_children() -> None:
    """Entries are published in all: 170, of whom 20 are UASC and some on remand in the baseline."""
    published = {
        "demand.entries_per_year": 170.0,
        "demand.uasc.direct_per_year": 5.0,
        "demand.uasc.transfer_scheme.transfers_per_year": 15.0,
        "years": 2.0,
    }
    base, _ = reconcile(with_values(england(), published))
    remand = 0.6 * 457 / 100
    assert sum(entries_by_age(base).values()) == pytest.approx(170 - 20 - remand)
    more = with_values(base, {"demand.uasc.transfer_scheme.transfers_per_year": 40.0})
    assert entries_by_age(more) == entries_by_age(base)
    one, two = run(base, 1), run(more, 1, baseline=base)
    theirs = [periods(rows, "child")[periods(rows, "group") < 5] for rows in (one, two)]
    np.testing.assert_array_equal(*theirs)
    uasc = [(periods(rows, "group") >= 5).sum() for rows in (one, two)]
    assert uasc[1] > uasc[0]
    # More of all entries: the published number less the same UASC.
    higher = with_values(base, {"demand.entries_per_year": 200.0})
    assert sum(entries_by_age(higher).values()) == pytest.approx(200 - 20 - remand)


# ---- Need that rises -----------------------------------------------------------------------------

BREAKING = {
    "years": 3.0,
    "moves.scale": 1.0,
    "moves.hazard_per_day": [0.01] * 8,
    "moves.causes": {"planned": 0.0, "breakdown": 1.0, "other": 0.0},
    "moves.to_home_after_breakdown": {"under_10": 0.0, "10-17": 0.0},
    **ONLY_AGENCIES,
}


def test_need_rises_after_a_breakdown_one_level_at_a_time_and_stays() -> None:
    always = {"moves.need_rises_after_breakdown": {"under_10": 1.0, "10-17": 1.0}}
    rows, numbers = run_timetable(
        bare({**BREAKING, **always, "placement.solo": {**NEVER, "complex": 1.0}}),
        [Entrant(1.0, 1000.0, 4.0)],
    )
    needs = placements_of(rows, numbers[0])[:, rows.placements.columns.index("need")]
    assert len(needs) > 4
    assert needs[:4].tolist() == [0, 1, 2, 2]
    assert (np.diff(needs) >= 0).all()


@pytest.mark.slow
def test_need_rises_as_often_as_stated() -> None:
    share = {"moves.need_rises_after_breakdown": {"under_10": 0.3, "10-17": 0.3}}
    rose = []
    for k in MANY:
        scenario = steady(
            200.0, {"distribution": "exponential", "mean_days": 400}, {**BREAKING, **share}
        )
        rows = run(scenario, k)
        child, need = rows.placements["child"], rows.placements["need"]
        order = np.lexsort((rows.placements["started"], child))
        same = child[order][1:] == child[order][:-1]
        at_first = need[order][:-1] == 0
        rose.append((np.diff(need[order])[same & at_first] > 0).mean())
    close(rose, 0.3)


# ---- Carers who go to an agency ------------------------------------------------------------------


@pytest.mark.slow
def test_as_many_households_that_stop_go_to_an_agency_as_stated() -> None:
    share = []
    for k in MANY:
        rows = run(with_values(england(), {"fostering.transfers_out_share": 0.4}), k)
        stopped = (rows.households["stopped"] > 0) & (rows.households["stopped"] < rows.until)
        share.append(rows.households["transferred"][stopped].mean())
    close(share, 0.4)


def test_children_stay_with_carers_who_go_to_an_agency() -> None:
    rows = run(with_values(england(), {"fostering.transfers_out_share": 1.0}), 1)
    table = rows.placements
    stayed = np.flatnonzero(table["cause"] == SAME_CARER)
    assert len(stayed) > 10
    for row in stayed[:50]:
        story = placements_of(rows, int(table["child"][row]))
        place = np.flatnonzero(story[:, table.columns.index("started")] == table["started"][row])
        now = dict(zip(table.columns, story[place[-1]], strict=True))
        before = dict(zip(table.columns, story[place[-1] - 1], strict=True))
        assert TYPES[int(before["type"])] == "in_house"
        assert TYPES[int(now["type"])] == "ifa"
        assert before["ended"] == now["started"]
        for kept in ("in_area", "over_20_miles", "planned", "same_ethnic_group", "need"):
            assert now[kept] == before[kept]


# ---- Places with conditions ----------------------------------------------------------------------


def test_an_emergency_bed_takes_the_ages_it_is_for() -> None:
    beds = {"emergency.beds": 1, "emergency.maximum_nights": 28.0, "emergency.oldest": 11}
    rows, numbers = run_timetable(bare(beds), [Entrant(1.0, 20.0, 12.0), Entrant(30.0, 50.0, 11.5)])
    first, second = (placements_of(rows, n)[:, 1].tolist() for n in numbers)
    assert first == [type_code("unregistered")]
    assert second == [type_code("emergency_bed")]


def test_a_home_outside_the_area_is_far_away_and_takes_its_ages() -> None:
    home = {"name": "A", "registered": 2, "usable": 2, "match_chance": 1.0, "in_area": False,
            "youngest": 10, "oldest": 14}  # fmt: skip
    plans = {group: {"home": 1.0} for group in bare().placement.plan_at_entry}
    scenario = bare({"homes": [home], "placement.plan_at_entry": plans})
    rows, numbers = run_timetable(scenario, [Entrant(1.0, 50.0, 12.0), Entrant(2.0, 50.0, 15.2)])
    table = rows.placements
    placed, refused = (placements_of(rows, n)[0] for n in numbers)
    at = table.columns.index
    assert placed[at("type")] == type_code("home_own")
    assert (placed[at("in_area")], placed[at("over_20_miles")]) == (0.0, 1.0)
    assert refused[at("type")] == type_code("unregistered")


@pytest.mark.slow
def test_a_market_that_grows_finds_a_place_more_often_each_year() -> None:
    """Chance 0.2 growing by half a year: 0.2 x 1.5^t, its mean over a year from calculus."""
    half = dict.fromkeys(("under_10", "10-15", "16-17"), dict.fromkeys(NEVER, 0.2))
    values = {"ifa.match": half, "ifa.market_growth_per_year": 0.5, "years": 3.0}
    scenario = steady(400.0, {"distribution": "exponential", "mean_days": 5}, values)
    found = []
    for k in MANY:
        table = run(scenario, k).searches
        year = np.floor(table["needed"] / YEAR).astype(int)
        got = table["got"] == type_code("ifa")
        found.append([got[year == y].mean() for y in range(3)])
    for y in range(3):
        exact = 0.2 * (1.5 ** (y + 1) - 1.5**y) / np.log(1.5)
        close(np.array(found)[:, y], exact)


@pytest.mark.parametrize("market", ["external_homes", "supported"])
def test_a_limit_on_a_market_grows(market: str) -> None:
    """Room for 20, a tenth more each year: 22 after one year, 24 after two (rounded down)."""
    kind, group = {"external_homes": ("home", "10-15"), "supported": ("supported", "16-17")}[market]
    plans = {g: {kind: 1.0} for g in bare().placement.plan_at_entry}
    values: dict[str, Any] = {
        "demand.entries_per_100_in_care": {**dict.fromkeys(
            ("under_1", "1-4", "5-9", "10-15", "16-17"), 0.0), group: 1.0},
        "demand.entries_per_year": 1_000.0,
        "stays.every_child": {"distribution": "exponential", "mean_days": 100},
        "placement.plan_at_entry": plans,
        f"{market}.places": 20,
        f"{market}.growth_per_year": 0.1,
        "external_homes.found_at_once": ALWAYS,
        "supported.spot": 1.0,
        "years": 3.0,
    }  # fmt: skip
    rows = run(bare(values), 1)
    table = rows.placements
    here = (table["type"] != type_code("unregistered")) & (table["started"] < rows.until)
    for years, most in ((0.9, 21), (1.9, 23), (2.9, 26)):
        times = np.linspace(30, years * YEAR, 500)
        filled = [((table["started"] <= t) & (table["ended"] > t) & here).sum() for t in times]
        assert max(filled) == most


@pytest.mark.slow
def test_the_transfer_scheme_starts_when_the_authority_joins() -> None:
    joins = {
        "demand.uasc.transfer_scheme.joins": date(2026, 4, 1),
        "demand.uasc.transfer_scheme.transfers_per_year": 30.0,
        "demand.uasc.direct_per_year": 0.0,
        "authority.uasc_in_care": 0,
        "years": 3.0,
    }
    entries = []
    for k in MANY:
        rows = run(with_values(england(), joins), k)
        entered = periods(rows, "entered")[periods(rows, "group") >= 5]
        assert entered.min() >= 365
        entries.append((entered < 365 + 365).sum())
    close(entries, 30.0)


def test_a_bed_that_must_be_left_sooner_finds_no_home_the_sooner() -> None:
    """What the search had not found when the child came to the bed, it has not when it must go.

    A home is found at once for one child in two, later for nobody: who got the bed for 7 nights is
    unregistered for 7 nights less, and no more.
    """
    plans = {group: {"home": 1.0} for group in bare().placement.plan_at_entry}
    half = dict.fromkeys(NEVER, 0.5)
    values = {"placement.plan_at_entry": plans, "external_homes.found_at_once": half}
    entrants = [Entrant(100.0 * i + 1, 100.0 * i + 40, 12.0) for i in range(40)]
    found = []
    for beds in (0, 1):
        beds_of = {"emergency.beds": beds, "emergency.maximum_nights": 7.0, "years": 12.0}
        rows, _ = run_timetable(bare({**values, **beds_of}), entrants)
        table = rows.placements
        nights = table["ended"] - table["started"]
        found.append(
            [nights[table["type"] == type_code(t)].sum() for t in ("unregistered", "emergency_bed")]
        )
    (without, _), (with_bed, slept) = found
    assert slept > 50
    assert without - with_bed == pytest.approx(slept)


@pytest.mark.slow
def test_an_authority_that_joins_later_has_nobody_by_transfer_before() -> None:
    """Entries are published in all: no transfer is among them, or in care, on the first day."""
    later = {
        "demand.entries_per_year": 170.0,
        "demand.uasc.direct_per_year": 2.0,
        "demand.uasc.transfer_scheme.transfers_per_year": 20.0,
        "demand.uasc.transfer_scheme.joins": date(2026, 4, 1),
        "years": 2.0,
    }
    scenario, _ = reconcile(with_values(england(), later))
    assert sum(entries_by_age(scenario).values()) == pytest.approx(170 - 2 - 0.6 * 457 / 100)
    assert steady_state(scenario)["uasc"] == pytest.approx(2 * mean_uasc_stay(scenario) / YEAR)
    first, second = [], []
    for k in range(1, 31):
        rows = run(with_values(scenario, {"demand.season_strength": 0.0}), k)
        entered = periods(rows, "entered")
        first.append(((entered >= 0) & (entered < 365)).sum())
        second.append(((entered >= 365) & (entered < 730)).sum())
    close(np.array(first) * YEAR / 365, 170.0)
    close(np.array(second) * YEAR / 365, 190.0)


def test_remands_leave_other_children_as_they_are_whatever_entries_are_stated_in() -> None:
    for stated in ({"demand.entries_per_10000_children": 25.0}, {"demand.entries_per_year": 170.0}):
        base, _ = reconcile(with_values(england(), stated))
        more = with_values(base, {"demand.remand.per_100_in_care": 6.0})
        assert entries_by_age(more) == entries_by_age(base)


def test_a_child_who_waits_is_offered_a_household_for_the_age_it_has_then() -> None:
    """10.9 years at entry; the only household takes 11 to 18 and is free again on day 200."""
    ages = [{"youngest": 11, "oldest": 18, "share": 1.0}]
    scenario = bare({"fostering.households": 1, "fostering.profile.age_ranges": ages})
    rows, numbers = run_timetable(scenario, [Entrant(1.0, 200.0, 12.0), Entrant(2.0, 300.0, 10.9)])
    stay = placements_of(rows, numbers[1])
    assert stay[:, 1].tolist() == [type_code("unregistered"), type_code("in_house")]
    assert stay[1, 3] == pytest.approx(200.0, abs=1e-6)


def test_before_the_first_day_every_household_that_leaves_is_replaced() -> None:
    """Many stop at once here; the number stated for the first day is there all the same."""
    leaving = {
        "fostering.leaving_per_year": 0.18,
        "fostering.winding_down_years": 2.2,
        "fostering.transfers_out_share": 0.25,
        "fostering.closing_at_once": 0.1,
        "fostering.households": 400,
        "authority.children_in_care": 1_900,
        "years": 0.1,
    }
    households = run(with_values(england(), leaving), 1).households
    there = (households["approved"] < 0) & (households["closed"] > 0)
    assert there.sum() == 400


def test_no_two_children_share_a_number_however_many_come() -> None:
    days = {"from": date(2025, 6, 1), "to": date(2025, 12, 31)}
    surge = {**days, "extra_children": 60, "stream": "non_uasc"}
    many = {"demand.remand.per_100_in_care": 60.0, "demand.surges": [surge], "years": 1.0}
    rows = run(with_values(england(), many), 1, baseline=with_values(england(), {"years": 1.0}))
    numbers = periods(rows, "child")
    assert len(np.unique(numbers)) == len(numbers)
