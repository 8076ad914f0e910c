"""What must hold in every run of every scenario: small authorities with random numbers in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import fields
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from corners import BARE, Floats, camden, england, run, type_code
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sufficiency.rows import CAUSES, ENTRY, REASONS, SAME_CARER, Placement, Rows, Table
from sufficiency.scenario import Scenario, with_values
from sufficiency.simulation.rules import rules_of
from sufficiency.simulation.system import history_of
from sufficiency.simulation.timeline import timeline
from sufficiency.stays import YEAR

MOMENT = 1e-6
"""Engines differ in the last digit of a time; events this close count as simultaneous."""
START = date(2025, 4, 1)

IN_HOUSE, IFA, HOME_OWN, HOME_EXTERNAL, SUPPORTED, EMERGENCY, UNREGISTERED = (
    type_code(name)
    for name in (
        "in_house", "ifa", "home_own", "home_external", "supported", "emergency_bed",
        "unregistered",
    )
)  # fmt: skip
BLOCK, SPOT = 0, -1

# ---- Scenarios ---------------------------------------------------------------------------------

SHARES = st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0])
DAYS = st.integers(-500, 1_500).map(lambda days: START + timedelta(days=days))


@st.composite
def own_homes(draw: st.DrawFn) -> list[dict[str, Any]]:
    homes = []
    for i in range(draw(st.integers(0, 3))):
        usable, spare = draw(st.integers(0, 3)), draw(st.integers(0, 2))
        home: dict[str, Any] = {
            "name": f"Home {i}",
            "registered": usable + spare,
            "usable": usable,
            "registration_delay_months": draw(st.sampled_from([0.0, 1.0, 9.0])),
            "ramp_months": draw(st.sampled_from([0.0, 3.0])),
            "youngest": draw(st.sampled_from([8, 12])),
            "match_chance": draw(SHARES),
        }
        if draw(st.booleans()):
            home["opens"] = draw(DAYS)
        else:
            home["awaiting_registration"] = spare
        if draw(st.booleans()):
            closes = draw(DAYS)
            delay = timedelta(days=31 * home["registration_delay_months"])
            if closes > home.get("opens", date(2000, 1, 1)) + delay:
                home["closes"] = closes
        homes.append(home)
    return homes


@st.composite
def surges(draw: st.DrawFn) -> list[dict[str, Any]]:
    out = []
    for _ in range(draw(st.integers(0, 2))):
        first = draw(st.integers(-100, 800))
        out.append(
            {
                "from": START + timedelta(days=first),
                "to": START + timedelta(days=first + draw(st.integers(0, 200))),
                "extra_children": draw(st.integers(0, 20).map(float)),
                "stream": draw(st.sampled_from(["non_uasc", "uasc"])),
                "ages": draw(st.sampled_from(["all", "10-15", "16-17"])),
            }
        )
    return out


CHANGES: dict[str, st.SearchStrategy[Any]] = {
    "fostering.leaving_per_year": st.sampled_from([0.0, 0.3, 5.0]),
    "fostering.match_chance": SHARES,
    "fostering.closing_at_once": SHARES,
    "ifa.places": st.integers(0, 30),
    "ifa.market": st.sampled_from([0.1, 1.0]),
    "external_homes.block_places": st.integers(0, 4),
    "external_homes.places": st.integers(0, 10),
    "supported.block_places": st.integers(0, 4),
    "emergency.beds": st.integers(0, 3),
    "moves.scale": st.sampled_from([0.0, 1.0, 3.0]),
    "demand.trend_per_year": st.sampled_from([-0.2, 0.3]),
    "placement.distant_ifa_under": st.sampled_from([0.0, 8.0]),
}


@st.composite
def dated_changes(draw: st.DrawFn) -> list[dict[str, Any]]:
    days = st.integers(1, 700).map(lambda days: START + timedelta(days=days))
    return [
        {"on": draw(days), "path": path, "to": draw(CHANGES[path])}
        for path in draw(st.lists(st.sampled_from(sorted(CHANGES)), max_size=3, unique=True))
    ]


NEEDS = [
    {"standard": 0.0, "enhanced": 0.0, "complex": 0.0},
    {"standard": 0.6, "enhanced": 0.3, "complex": 0.2},
    {"standard": 1.0, "enhanced": 1.0, "complex": 1.0},
]
SETTINGS: dict[str, st.SearchStrategy[Any]] = {
    "years": st.sampled_from([0.25, 1.0, 2.0]),
    "seed": st.integers(0, 2**63 - 1),
    "warm_up_years": st.sampled_from([0.0, 0.5, 2.0]),
    "authority.children_in_care": st.integers(0, 60),
    "authority.child_population": st.sampled_from([500.0, 8_000.0]),
    "demand.entries_per_year": st.one_of(st.none(), st.integers(0, 80).map(float)),
    "demand.trend_per_year": st.floats(-0.3, 0.5),
    "demand.season_strength": st.sampled_from([0.0, 1.0, 3.0]),
    "demand.yearly_variation": st.sampled_from([0.0, 0.1, 1.0]),
    "demand.sibling_groups": st.sampled_from(
        [{"1": 1.0}, {"4": 1.0}, {"1": 0.4, "2": 0.3, "3": 0.2, "4": 0.1}]
    ),
    "demand.surges": surges(),
    "demand.uasc.per_100_in_care": st.integers(0, 20).map(float),
    "demand.uasc.transfer_scheme.share_referred_on": SHARES,
    "stays.every_child": st.one_of(
        st.none(),
        st.just({"distribution": "exponential", "mean_days": 20.0}),
        st.just({"distribution": "empirical", "days": [0.0, 1.0, 40.0, 9_000.0]}),
        st.just({"distribution": "empirical", "days": [9_000.0]}),
    ),
    "placement.distant_ifa_under": st.sampled_from([0.0, 8.0, 18.0]),
    "placement.youngest_in_home": st.sampled_from([0.0, 8.0, 18.0]),
    "placement.acceptable": st.sampled_from(
        [{}, {"foster": ["home", "supported"], "home": ["supported", "foster"]}]
    ),
    "moves.scale": st.sampled_from([0.0, 1.0, 4.0]),
    "moves.frailty_variance": st.sampled_from([0.0, 0.5]),
    "moves.move_on_share": SHARES,
    "step_across.from_home": st.booleans(),
    "step_across.from_ifa": st.sampled_from(["bridging", "never", "always"]),
    "fostering.households": st.integers(0, 20),
    "fostering.approvals_per_year": st.integers(0, 10).map(float),
    "fostering.approved_places_per_household": st.floats(1, 4),
    "fostering.leaving_per_year": st.sampled_from([0.0, 0.14, 3.0]),
    "fostering.blocked_share": SHARES,
    "fostering.winding_down_years": st.sampled_from([0.0, 1.6, 8.0]),
    "fostering.winding_down_years_at_most": st.sampled_from([0.1, 4.0]),
    "fostering.closing_at_once": SHARES,
    "fostering.staying_put": st.sampled_from(
        [{"18": 0.0, "19": 0.0, "20": 0.0}, {"18": 1.0, "19": 1.0, "20": 0.5}]
    ),
    "fostering.match_chance": SHARES,
    "fostering.recruitment.number": st.integers(0, 10).map(float),
    "fostering.recruitment.unit": st.sampled_from(["households", "carers", "places"]),
    "fostering.recruitment.basis": st.sampled_from(["gross", "net"]),
    "fostering.recruitment.over_months": st.sampled_from([1.0, 12.0, 36.0]),
    "ifa.places": st.one_of(st.none(), st.integers(0, 30)),
    "ifa.growth_per_year": st.sampled_from([-0.5, 0.0, 0.2]),
    "ifa.match": st.sampled_from(NEEDS).map(
        lambda need: dict.fromkeys(("under_10", "10-15", "16-17"), need)
    ),
    "ifa.found_per_day": st.sampled_from([0.0, 0.01, 1.0]),
    "homes": own_homes(),
    "external_homes.found_at_once": st.sampled_from(NEEDS),
    "external_homes.found_per_day": st.sampled_from([0.0, 0.01, 1.0]),
    "external_homes.places": st.one_of(st.none(), st.integers(0, 8)),
    "external_homes.block_places": st.integers(0, 4),
    "external_homes.block_match": SHARES,
    "external_homes.closing_per_year": st.sampled_from([0.0, 0.05, 5.0]),
    "supported.block_places": st.integers(0, 4),
    "supported.block_match": SHARES,
    "supported.block_guaranteed": SHARES,
    "external_homes.block_guaranteed": SHARES,
    "supported.growth_per_year": st.sampled_from([-0.5, 0.0, 0.5]),
    "external_homes.growth_per_year": st.sampled_from([-0.5, 0.0, 0.5]),
    "ifa.market_growth_per_year": st.sampled_from([-0.5, 0.0, 0.5]),
    "external_homes.market_growth_per_year": st.sampled_from([-0.5, 0.0, 0.5]),
    "placement.solo": st.sampled_from(NEEDS),
    "placement.disabled_share": SHARES,
    "moves.need_rises_after_breakdown": SHARES.map(
        lambda share: {"under_10": share, "10-17": share}
    ),
    "demand.remand.per_100_in_care": st.sampled_from([0.0, 0.6, 40.0]),
    "demand.uasc.transfer_scheme.quota": st.one_of(st.none(), st.integers(0, 5)),
    "fostering.profile.solo": SHARES,
    "fostering.transfers_in_share": SHARES,
    "fostering.transfers_out_share": SHARES,
    "supported.spot": SHARES,
    "supported.places": st.one_of(st.none(), st.integers(0, 5)),
    "supported.found_per_day": st.sampled_from([0.0, 0.01]),
    "emergency.beds": st.integers(0, 3),
    "emergency.maximum_nights": st.sampled_from([1.0, 28.0]),
    "changes": dated_changes(),
}


@st.composite
def drawn_settings(draw: st.DrawFn) -> dict[str, Any]:
    chosen = draw(st.sets(st.sampled_from(sorted(SETTINGS)), min_size=5, max_size=30))
    return {path: draw(SETTINGS[path]) for path in sorted(chosen)}


def authority(bare: bool, values: dict[str, Any]) -> Scenario:
    """A small England, or the bare authority, with some settings drawn at random."""
    small = {"years": 1.0, "authority.children_in_care": 40, "fostering.households": 9,
             "fostering.places_mix": {"1": 0.3, "2": 0.4, "3": 0.2, "4": 0.1}}  # fmt: skip
    return with_values(england(), {**(BARE if bare else {}), **small, **values})


# ---- The invariants ----------------------------------------------------------------------------


def check(scenario: Scenario, rows: Rows) -> None:
    for invariant in INVARIANTS:
        invariant(scenario, rows)


def since_of(scenario: Scenario) -> float:
    return -scenario.warm_up_years * YEAR


def by_child(table: Table) -> dict[int, Floats]:
    found: dict[int, list[Floats]] = defaultdict(list)
    for row in table.values:
        found[int(row[0])].append(row)
    return {child: np.array(own) for child, own in found.items()}


def column(rows: Floats, name: str) -> Floats:
    return rows[:, PLACEMENT.index(name)]


PLACEMENT = Placement._fields


def every_child_is_in_one_placement_from_entry_to_leaving(scenario: Scenario, rows: Rows) -> None:
    assert rows.placements.columns == PLACEMENT
    since, until = since_of(scenario), rows.until
    placements = by_child(rows.placements)
    periods = rows.care_periods
    assert set(placements) == set(periods.code("child"))
    assert len(set(periods.code("child"))) == len(periods)
    for child, entered, left in zip(
        periods.code("child"), periods["entered"], periods["left"], strict=True
    ):
        own = placements[child]
        started, ended = column(own, "started"), column(own, "ended")
        assert np.abs(started[1:] - ended[:-1]).max(initial=0) < MOMENT
        assert (ended >= started).all()
        cause = column(own, "cause")
        assert cause[0] == ENTRY
        assert ((cause[1:] >= 0) | (cause[1:] == SAME_CARER)).all()
        assert (cause[1:] < len(CAUSES)).all()
        if entered >= since:
            assert abs(started[0] - entered) < MOMENT
        else:
            # Placed in the past, not before entry, and still there when the run begins.
            assert entered - MOMENT <= started[0] <= since + MOMENT
            assert ended[0] >= since
        if left < until - MOMENT:
            assert abs(ended[-1] - left) < MOMENT
        elif left > until + MOMENT:
            assert np.isinf(ended[-1])


def in_care_is_what_entered_less_what_left(scenario: Scenario, rows: Rows) -> None:
    periods, placements = rows.care_periods, rows.placements
    assert (periods["entered"] < rows.until).all()
    assert (periods["left"] >= periods["entered"]).all()
    assert (periods["left"] > since_of(scenario)).all()
    for day in np.linspace(since_of(scenario), rows.until, 23)[1:-1] + 0.4321:
        here = (periods["entered"] <= day) & (periods["left"] > day)
        placed = (placements["started"] <= day) & (placements["ended"] > day)
        assert here.sum() == placed.sum()
    stated = scenario.authority.children_in_care
    at_start = (periods["entered"] < 0) & (periods["left"] > 0)
    if _nobody_enters(scenario):  # then those stated may be of one stream only, or on remand
        assert at_start.sum() <= stated
    else:
        assert at_start.sum() == stated


def _nobody_enters(scenario: Scenario) -> bool:
    from sufficiency.scenario import entries_by_age, uasc_flows

    return sum(entries_by_age(scenario).values()) == 0 or sum(uasc_flows(scenario)) == 0


def nobody_is_in_care_past_18(scenario: Scenario, rows: Rows) -> None:
    periods = rows.care_periods
    assert (periods["left"] - periods["born"] <= 18 * YEAR + MOMENT).all()
    turned = periods.code("reason") == [r.value for r in REASONS].index("turned_18")
    age = (periods["left"] - periods["born"])[turned]
    assert np.abs(age - 18 * YEAR).max(initial=0) < MOMENT
    assert (periods["born"] <= periods["entered"]).all()


def nobody_under_16_is_in_supported_accommodation(scenario: Scenario, rows: Rows) -> None:
    _at_least(rows, (SUPPORTED,), 16.0)


def nobody_is_in_a_home_below_the_youngest_age(scenario: Scenario, rows: Rows) -> None:
    _at_least(rows, (HOME_OWN, HOME_EXTERNAL), int(scenario.placement.youngest_in_home))
    for place, home in enumerate(scenario.homes):
        _at_least(rows, (HOME_OWN,), home.youngest, provider=place)


def _at_least(rows: Rows, types: Iterable[int], age: float, provider: int | None = None) -> None:
    born = dict(zip(rows.care_periods["child"], rows.care_periods["born"], strict=True))
    table = rows.placements
    here = np.isin(table.code("type"), list(types))
    if provider is not None:
        here &= table["provider"] == provider
    ages = table["started"][here] - np.array([born[c] for c in table["child"][here]])
    assert (ages >= age * YEAR - MOMENT).all()


def no_household_is_above_its_usable_places(scenario: Scenario, rows: Rows) -> None:
    table, guests, since = rows.placements, rows.staying_put, since_of(scenario)
    households = {int(row[0]): row for row in rows.households.values}
    names = rows.households.columns
    held: dict[int, list[tuple[float, int]]] = defaultdict(list)
    here = table.code("type") == IN_HOUSE
    for row in table.values[here]:
        start, end = max(row[3], since), row[4]
        own = dict(zip(names, households[int(row[6])], strict=True))
        assert own["available"] - MOMENT <= start <= own["stopped"] + MOMENT
        assert min(end, rows.until) <= min(own["closed"], rows.until) + MOMENT
        held[int(row[6])] += [(start, 1), (end, -1)]
    for household, child, start, end in guests.values:
        own = dict(zip(names, households[int(household)], strict=True))
        assert start <= own["stopped"] + MOMENT
        assert end <= own["closed"] + MOMENT
        assert start <= end <= start + 3 * YEAR + MOMENT
        last = table.values[here & (table["child"] == child) & (table["provider"] == household)]
        assert np.abs(last[:, 4] - start).min() < MOMENT
        held[int(household)] += [(start, 1), (end, -1)]
    for household, events in held.items():
        own = dict(zip(names, households[household], strict=True))
        assert _most(events) <= own["places"] - own["blocked"]


def _most(events: list[tuple[float, int]]) -> int:
    """Most at the same time; an end comes before a start at the same moment."""
    number = most = 0
    for _, change in sorted((round(time / MOMENT) if np.isfinite(time) else 1e18, change)
                            for time, change in events):  # fmt: skip
        number += change
        most = max(most, number)
    return most


def no_own_home_is_above_its_usable_beds(scenario: Scenario, rows: Rows) -> None:
    table, beds = rows.placements, rows.beds
    since = since_of(scenario)
    for place, home in enumerate(scenario.homes):
        own = beds.values[(beds.code("type") == HOME_OWN) & (beds["provider"] == place)]
        own = own[np.argsort(own[:, 2])]
        assert (np.abs(own[1:, 2] - own[:-1, 3]) < MOMENT).all()
        assert (own[:, 5] <= own[:, 4]).all()
        assert (own[:, 4] <= home.registered).all()
        here = table.values[(table.code("type") == HOME_OWN) & (table["provider"] == place)]
        for start, end, usable in own[:, [2, 3, 5]]:
            inside = (here[:, 3] < end - MOMENT) & (here[:, 4] > start + MOMENT)
            events = [
                event
                for row in here[inside]
                for event in ((max(row[3], start), 1), (min(row[4], end), -1))
            ]
            assert _most(events) <= usable
        # Nobody lives there outside the times it has beds; a child may be placed on closing day.
        for row in here:
            start, end = max(row[3], since), min(row[4], rows.until)
            covered = np.clip(np.minimum(end, own[:, 3]) - np.maximum(start, own[:, 2]), 0, None)
            assert abs(covered.sum() - (end - start)) < MOMENT


Limit = Callable[[Any, float], float | None]


def no_market_or_block_takes_more_than_its_limit(scenario: Scenario, rows: Rows) -> None:
    """Who is there when the run begins, or stays when a limit falls, is above it; nobody new is."""
    limits: dict[tuple[int, int | None], Limit] = {
        (IFA, None): _market("ifa"),
        (HOME_EXTERNAL, BLOCK): lambda rules, _: rules.home_block,
        (HOME_EXTERNAL, SPOT): _market("external_homes"),
        (SUPPORTED, BLOCK): lambda rules, _: rules.supported_block,
        (SUPPORTED, SPOT): _market("supported"),
        (EMERGENCY, None): lambda rules, _: rules.emergency_beds,
    }
    line = timeline(scenario, history_of(scenario, scenario))
    table, since = rows.placements, since_of(scenario)
    for (kind, provider), limit in limits.items():
        here = table.code("type") == kind
        if provider is not None:
            here &= table["provider"] == provider
        own = table.values[here]
        own = own[np.argsort(own[:, 3], kind="stable")]
        new = (own[:, 3] > since + MOMENT) & (own[:, 9] == 0) & (own[:, 5] != SAME_CARER)
        for row in own[new]:
            start = row[3]
            rules = rules_of(line.at(start + MOMENT))
            most = limit(rules, start)
            if most is None:
                continue
            there = (own[:, 3] <= start) & (own[:, 4] > start + MOMENT)
            there &= ~((own[:, 3] == start) & (own[:, 9] == 1))
            # Those placed in the very same moment came one after the other; the last sees all
            # (and does not see who is sent far away, limit or not, after it).
            assert there.sum() <= most + MOMENT or _changed(line.days, start)


def _market(section: str) -> Limit:
    """The limit of a market at a time, which grows from the first day."""

    def most(rules: Any, time: float) -> float | None:
        market = getattr(rules.scenario, section)
        if market.places is None:
            return None
        return float(market.places * (1 + market.growth_per_year) ** (max(time, 0.0) / YEAR))

    return most


def who_must_live_alone_lives_with_siblings_at_most(scenario: Scenario, rows: Rows) -> None:
    table, guests = rows.placements, rows.staying_put
    family = dict(zip(rows.care_periods["child"], rows.care_periods["family"], strict=True))
    for row in table.values[table["solo"] == 1]:
        alone = dict(zip(PLACEMENT, row, strict=True))
        assert alone["type"] in (IN_HOUSE, HOME_OWN)
        beside = (table["type"] == alone["type"]) & (table["provider"] == alone["provider"])
        beside &= table["started"] < alone["ended"] - MOMENT
        beside &= table["ended"] > alone["started"] + MOMENT
        for child in table["child"][beside]:
            assert family[child] == family[alone["child"]]
        if alone["type"] == IN_HOUSE:
            there = guests["household"] == alone["provider"]
            there &= guests["started"] < alone["ended"] - MOMENT
            assert not (there & (guests["ended"] > alone["started"] + MOMENT)).any()


def children_stay_with_carers_who_go_to_an_agency(scenario: Scenario, rows: Rows) -> None:
    table, households = rows.placements, rows.households
    gone = households["closed"][households["transferred"] == 1]
    for row in table.values[table["cause"] == SAME_CARER]:
        now = dict(zip(PLACEMENT, row, strict=True))
        before = table.values[(table["child"] == now["child"]) & (table["ended"] == now["started"])]
        assert now["type"] == IFA
        assert np.abs(gone - now["started"]).min() < MOMENT
        assert (before[:, PLACEMENT.index("type")] == IN_HOUSE).any()


def blocks_pay_for_what_is_guaranteed(scenario: Scenario, rows: Rows) -> None:
    beds = rows.beds
    assert (beds["guaranteed"] <= beds["registered"]).all()
    assert (beds["usable"] <= beds["registered"]).all()


def _changed(days: tuple[float, ...], time: float) -> bool:
    return any(abs(time - day) < MOMENT for day in days)


def emergency_beds_are_left_in_time(scenario: Scenario, rows: Rows) -> None:
    table = rows.placements
    here = table.code("type") == EMERGENCY
    lengths = np.minimum(table["ended"], rows.until)[here] - table["started"][here]
    assert (lengths <= scenario.emergency.maximum_nights + MOMENT).all()


def nobody_returns_to_a_carer_or_home(scenario: Scenario, rows: Rows) -> None:
    table = rows.placements
    for kind in (IN_HOUSE, HOME_OWN):
        here = table.code("type") == kind
        pairs = list(zip(table["child"][here], table["provider"][here], strict=True))
        assert len(set(pairs)) == len(pairs)


def little_holds_in_every_pool(scenario: Scenario, rows: Rows) -> None:
    """Number by census x days = entries x mean days there, pool by pool."""
    table, since, until = rows.placements, since_of(scenario), rows.until
    started, ended = np.maximum(table["started"], since), np.minimum(table["ended"], until)
    for kind in np.unique(table.code("type")):
        here = table.code("type") == kind
        steps = np.concatenate([started[here], ended[here]])
        change = np.repeat([1.0, -1.0], here.sum())
        order = np.argsort(steps, kind="stable")
        number = np.cumsum(change[order])
        area = (number[:-1] * np.diff(steps[order])).sum()
        assert area == pytest.approx((ended - started)[here].sum(), abs=1e-5)
        assert number[-1] == 0


def searches_say_when_a_child_was_registered(scenario: Scenario, rows: Rows) -> None:
    searches = rows.searches
    placements = by_child(rows.placements)
    for child, needed, got, registered in zip(
        searches.code("child"), searches["needed"], searches.code("got"),
        searches["registered"], strict=True,
    ):  # fmt: skip
        own = placements[child]
        began = np.flatnonzero(np.abs(column(own, "started") - needed) < MOMENT)
        # (A place may be offered on, and taken up, in the same moment.)
        assert got in column(own, "type")[began].astype(int)
        if got != UNREGISTERED:
            assert registered == needed
            continue
        after = own[began[0] :]
        proper = after[column(after, "type") != UNREGISTERED]
        if len(proper):
            assert abs(registered - column(proper, "started")[0]) < MOMENT
        else:
            assert np.isinf(registered)
    sought = np.isin(rows.placements["cause"], (ENTRY, *range(5), 6, 7, 8))
    in_run = rows.placements["started"] > since_of(scenario)
    assert len(searches) == (sought & in_run).sum() + _searches_at_the_very_start(scenario, rows)


def _searches_at_the_very_start(scenario: Scenario, rows: Rows) -> int:
    table, since = rows.placements, since_of(scenario)
    return int(((table["started"] == since) & (table["cause"] >= 0) & (table["cause"] != 5)).sum())


def households_come_and_go_in_order(scenario: Scenario, rows: Rows) -> None:
    table = rows.households
    assert len(set(table["household"])) == len(table)
    assert (table["approved"] < rows.until).all()
    assert (table["available"] >= table["approved"]).all()
    assert (table["stopped"] >= table["approved"]).all()
    closed = np.isfinite(table["closed"])
    assert (table["closed"][closed] >= table["stopped"][closed] - MOMENT).all()
    assert (table["closed"][closed] < rows.until).all()
    assert (table["blocked"] < table["places"]).all()
    stopped = (table["stopped"] < rows.until - MOMENT) & ~closed
    filled = rows.placements
    open_ = (filled.code("type") == IN_HOUSE) & np.isinf(filled["ended"])
    assert set(table["household"][stopped]) <= set(filled["provider"][open_])


def times_are_finite_or_not_within_the_run(scenario: Scenario, rows: Rows) -> None:
    for field in fields(rows):
        table = getattr(rows, field.name)
        if isinstance(table, Table):
            unknown = np.isnan(table.values)
            if field.name == "placements":  # of carers who are not in-house
                unknown = unknown[:, :-1]
            assert not unknown.any(), field.name
    for table, names in (
        (rows.placements, ("ended",)),
        (rows.searches, ("registered",)),
        (rows.households, ("closed",)),
    ):
        for name in table.columns:
            finite = np.isfinite(table[name])
            if name in names:
                assert (table[name][finite] <= rows.until + MOMENT).all()
            elif name not in ("stopped", "same_ethnic_group"):
                assert finite.all(), name
    assert np.isfinite(rows.care_periods.values).all()
    assert np.isfinite(rows.beds.values).all()
    assert np.isfinite(rows.staying_put.values).all()


def siblings_are_apart_only_if_they_have_different_homes(scenario: Scenario, rows: Rows) -> None:
    periods = rows.care_periods
    assert (periods["siblings"] >= 1).all()
    table = rows.placements
    apart = (table["apart"] == 1).nonzero()[0]
    assert np.isin(table["cause"][apart], (ENTRY, SAME_CARER)).all()
    siblings = dict(zip(periods["child"], periods["siblings"], strict=True))
    assert all(siblings[c] > 1 for c in table["child"][apart])


INVARIANTS = (
    every_child_is_in_one_placement_from_entry_to_leaving,
    in_care_is_what_entered_less_what_left,
    nobody_is_in_care_past_18,
    nobody_under_16_is_in_supported_accommodation,
    nobody_is_in_a_home_below_the_youngest_age,
    no_household_is_above_its_usable_places,
    no_own_home_is_above_its_usable_beds,
    no_market_or_block_takes_more_than_its_limit,
    emergency_beds_are_left_in_time,
    nobody_returns_to_a_carer_or_home,
    little_holds_in_every_pool,
    searches_say_when_a_child_was_registered,
    households_come_and_go_in_order,
    times_are_finite_or_not_within_the_run,
    siblings_are_apart_only_if_they_have_different_homes,
    who_must_live_alone_lives_with_siblings_at_most,
    children_stay_with_carers_who_go_to_an_agency,
    blocks_pay_for_what_is_guaranteed,
)

# ---- The tests ---------------------------------------------------------------------------------


@given(st.booleans(), drawn_settings(), st.integers(0, 1_000))
@settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
def test_invariants_hold_in_random_scenarios(
    bare: bool, values: dict[str, Any], replication: int
) -> None:
    scenario = authority(bare, values)
    check(scenario, run(scenario, replication))


@pytest.mark.slow
@given(st.booleans(), drawn_settings(), st.integers(0, 1_000))
@settings(
    max_examples=3_000, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
def test_invariants_hold_in_many_random_scenarios(
    bare: bool, values: dict[str, Any], replication: int
) -> None:
    scenario = authority(bare, values)
    check(scenario, run(scenario, replication))


STRAINED = {
    "emergency.beds": 4,
    "emergency.maximum_nights": 14.0,
    "ifa.places": 60,
    "external_homes.places": 20,
    "external_homes.block_places": 10,
    "supported.block_places": 6,
    "supported.places": 10,
    "fostering.closing_at_once": 0.5,
}


@pytest.mark.parametrize("name", ["england", "camden", "strained"])
def test_invariants_hold_in_full_scenarios(name: str) -> None:
    scenario = camden() if name == "camden" else england()
    scenario = with_values(scenario, STRAINED) if name == "strained" else scenario
    for replication in (1, 2):
        check(scenario, run(scenario, replication))


@given(st.booleans(), drawn_settings(), st.integers(0, 1_000))
@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_the_same_seed_gives_the_same_rows(
    bare: bool, values: dict[str, Any], replication: int
) -> None:
    scenario = authority(bare, values)
    one, two = run(scenario, replication), run(scenario, replication)
    for field in fields(Rows):
        a, b = getattr(one, field.name), getattr(two, field.name)
        if isinstance(a, Table):
            a, b = a.values, b.values
        np.testing.assert_array_equal(a, b)
