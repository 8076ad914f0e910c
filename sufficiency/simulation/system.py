"""One replication, assembled: the children and households to come, the state at the start, the run.

`simulate` is the only entrance. The run begins `warm_up_years` before the first day, from the
published mix of placements, under the baseline's rates; what happens then puts homes and carers
into a usual state, the same for every option.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import gammaincinv

from sufficiency.periods import run_days
from sufficiency.rows import (
    AGES,
    KINDS,
    TYPES,
    CarePeriod,
    Placement,
    Rows,
    Search,
    StayingPut,
    Table,
)
from sufficiency.rows import Beds as BedsRow
from sufficiency.rows import Household as HouseholdRow
from sufficiency.scenario import Scenario, winding_down_share
from sufficiency.simulation import journey
from sufficiency.simulation.clock import Clock, SimpyClock
from sufficiency.simulation.demand import (
    COLUMNS,
    FRAILTY,
    MIX,
    NEED,
    STAYING_PUT,
    Children,
    adoption_starts,
    children_of,
    life_draws,
    pair_columns,
)
from sufficiency.simulation.fostering import (
    APPROVED,
    AT_START,
    RECRUITED,
    REPLACED,
    WINDING,
    WOUND,
    Coming,
    coming_households,
    make_households,
)
from sufficiency.simulation.matching import compatible_masks
from sufficiency.simulation.provision import Households, OwnHome, own_homes
from sufficiency.simulation.rules import (
    ADOPTION,
    EMERGENCY_BED,
    FOSTER,
    HOME,
    HOME_EXTERNAL,
    HOME_OWN,
    IFA,
    IN_HOUSE,
    IN_SUPPORTED,
    NAMED,
    SUPPORTED,
    UNREGISTERED,
    rules_of,
)
from sufficiency.simulation.state import Child, State
from sufficiency.simulation.streams import Purpose, Streams
from sufficiency.simulation.timeline import Timeline, history_of, timeline
from sufficiency.stays import YEAR
from sufficiency.vocabulary import AGE_BAND_STARTS, EntryGroup, Pathway

__all__ = ["history_of", "simulate"]

Floats = npt.NDArray[np.float64]
EARLIER_PLACEMENTS = 64
_FIRST_UASC = list(EntryGroup).index(EntryGroup.UASC_UNDER_16)
_COURT = list(Pathway).index(Pathway.COURT)


def simulate(
    scenario: Scenario,
    *,
    history: Scenario,
    replication: int,
    clock: Callable[[float], Clock] = SimpyClock,
) -> Rows:
    """Run one replication of one option and return its rows.

    Args:
        scenario: The option (or the baseline), in force from the first day.
        history: What was in force before it: `history_of(option, baseline)`.
        replication: Which replication: with the seed, the luck that all options share.
        clock: The engine.
    """
    streams = Streams(scenario.seed, replication)
    line = timeline(scenario, history)
    since, until = -scenario.warm_up_years * YEAR, run_days(scenario.start, scenario.years)
    children, draws = _demand(line, streams, since, until)
    coming = coming_households(line, streams, since, until)
    state = _prepare(line, streams, clock(since), children, draws, coming, since, until)
    _begin(state, coming, children, since)
    state.clock.run(until)
    return _rows(state, children, coming)


class Draws(NamedTuple):
    """What is drawn for each child: as an array, and as the flat list that the events read."""

    block: Floats
    flat: list[float]


class _Shared(NamedTuple):
    """The demand of one replication, with what it follows from."""

    key: tuple[object, ...]
    children: Children
    draws: Draws


_latest: list[_Shared] = []


def _demand(
    line: Timeline, streams: Streams, since: float, until: float
) -> tuple[Children, Draws]:
    """All children of a replication and their numbers; made once for options with the same demand.

    Demand depends on nothing else (docs/decisions/0001), and a worker runs the options of one
    replication one after the other.
    """
    sections = tuple((s.authority, s.demand, s.stays, s.moves.adoption_stage) for s in line.scenarios)
    key = (streams.seed, streams.replication, since, until, line.days, sections)
    if not _latest or _latest[0].key != key:
        children = children_of(line, streams, since, until)
        block = life_draws(streams, children)
        _latest[:] = [_Shared(key, children, Draws(block, block.ravel().tolist()))]
    return _latest[0].children, _latest[0].draws


# ---- Assembling --------------------------------------------------------------------------------


def _prepare(
    line: Timeline,
    streams: Streams,
    clock: Clock,
    children: Children,
    draws: Draws,
    coming: Coming,
    since: float,
    until: float,
) -> State:
    """The state before the first event: everybody and everything that may take part, unplaced."""
    households = make_households(line, coming)
    homes = own_homes(line.scenarios[1], since)
    state = State(
        line, streams, clock, rules_of(line.scenarios[0]), Households(households), homes, until
    )
    state.when_due = partial(journey.due, state)
    state.when_leaving = partial(journey.leave_care, state)
    state.when_adopted = partial(journey.to_adoption, state)
    state.when_moving_on = partial(journey.move_on, state)
    state.when_arriving = partial(journey.arrive, state)
    state.draws = list(draws.flat)
    state.children = _make_children(line, children, draws.block)
    _pair(state, line, streams, children, coming)
    state.home_pairs = [_home_pairs(streams, home, children) for home in homes]
    return state


def _make_children(line: Timeline, children: Children, draws: Floats) -> list[Child]:
    """Children as objects, from their columns."""
    adoption = adoption_starts(line, children, draws)
    variance = line.scenarios[0].moves.frailty_variance
    frailty = (
        gammaincinv(1 / variance, draws[:, FRAILTY]) * variance
        if variance > 0
        else np.ones(len(children))
    )
    need = _needs(line.scenarios[0], children, draws[:, NEED])
    return list(
        map(
            Child,
            range(len(children)), children.number.tolist(), children.entered.tolist(),
            children.left.tolist(), children.born.tolist(), children.group.tolist(),
            children.reason.tolist(), (children.pathway == _COURT).tolist(),
            (children.group >= _FIRST_UASC).tolist(), need.tolist(), frailty.tolist(),
            draws[:, STAYING_PUT].tolist(), adoption.tolist(),
        )
    )  # fmt: skip


def _needs(scenario: Scenario, children: Children, u: Floats) -> npt.NDArray[np.int64]:
    """Need by age at entry, from the shares of the scenario."""
    age = (children.entered - children.born) / YEAR
    band = np.where(
        children.group >= _FIRST_UASC, 3, np.where(age < 5, 0, np.where(age < 10, 1, 2))
    )
    names = ("under_5", "5-9", "10-17", "uasc")
    shares = [scenario.placement.need[name] for name in names]  # type: ignore[index]
    first = np.array([n.standard for n in shares])
    second = first + np.array([n.enhanced for n in shares])
    return (u >= first[band]).astype(np.int64) + (u >= second[band])


def _pair(
    state: State, line: Timeline, streams: Streams, children: Children, coming: Coming
) -> None:
    """The number of each pair of household and child, and which pairs suit each other."""
    rows = (coming.origin * 1_000_000 + coming.number).tolist()
    chance = line.scenarios[0].fostering.match_chance
    state.pair_of = [(0, 0)] * len(children)
    for key, places, columns, width in pair_columns(line.scenarios[0], children, state.until):
        drawn = streams.rows_by_counter(Purpose.PAIRS, rows, width, key)
        stream = len(state.pair_streams)
        state.pair_streams.append((drawn, places))
        masks = compatible_masks(drawn[:, columns], chance)
        for place, column, mask in zip(places.tolist(), columns.tolist(), masks, strict=True):
            state.pair_of[place] = (stream, column)
            state.children[place].compatible = mask


def _home_pairs(streams: Streams, home: OwnHome, children: Children) -> list[float]:
    """The number of each pair of own home and child: by the child's number, the same everywhere."""
    bits = streams.generator(Purpose.HOMES, home.key).integers(1 << 63, size=2, dtype=np.uint64)
    mixed = (children.number.astype(np.uint64) + bits[0]) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= (mixed >> np.uint64(29)) ^ bits[1]
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(32)
    pairs: list[float] = (mixed / 2.0**64).tolist()
    return pairs


# ---- The start ---------------------------------------------------------------------------------


def _begin(state: State, coming: Coming, children: Children, since: float) -> None:
    """Set the first events: households, homes, children in care, arrivals, dated changes."""
    clock = state.clock
    _begin_households(state, since)
    for home in state.homes:
        for step, (day, _, _) in enumerate(home.steps):
            if since <= day < state.until:
                clock.at(day, lambda h, n: journey.open_places(state, h, n), home, step)
        if home.closes < state.until:
            clock.at(home.closes, lambda h, _: journey.close_home(state, h), home, 0)
    for day, scenario in zip(state.line.days[1:], state.line.scenarios[1:], strict=True):
        if day < state.until:
            clock.at(day, lambda rules, _: _change(state, rules), rules_of(scenario), 0)
    _open_at_once(state, since)
    _place_at_start(state, children, since)
    _begin_stopping(state, coming)
    _begin_arrivals(state, since)


def _begin_households(state: State, since: float) -> None:
    """Households there at the start can take children; the others come in their time."""
    for household in state.households.all:
        if household.origin == AT_START:
            household.approved = household.available = since
            state.households.refresh(household, since)
        elif household.origin == REPLACED:
            state.replacements.append(household.place)
        elif household.origin in (APPROVED, RECRUITED) and household.approved < state.until:
            state.clock.at(
                household.approved, lambda h, _: journey.approve(state, h), household, 0
            )


def _begin_stopping(state: State, coming: Coming) -> None:
    """A stationary share of households winds down already; the others will decide one day.

    Only a household with children winds down (an empty one has closed), so the share is drawn among
    them, after the children have been placed; how long each has left is drawn evenly.
    """
    there = [h for h in state.households.all if h.origin == AT_START]
    share = winding_down_share(state.line.scenarios[0])
    in_order = sorted((h for h in there if h.filled), key=lambda h: coming.u[h.place, WINDING])
    winding = set(in_order[: round(share * len(there))])
    for household in there:
        if household in winding:
            household.stopped = state.clock.now
            state.households.refresh(household, state.clock.now)
            left = float(coming.u[household.place, WOUND]) * state.rules.winding_down_days
            journey.wind_down(state, household, left)
        else:
            journey.expect_stop(state, household, household.stop_unit)


def _open_at_once(state: State, since: float) -> None:
    """Own homes that are open when the run begins can take children from the start."""
    for home in state.homes:
        if home.steps and home.steps[0][0] == since:
            _, home.registered, home.usable = home.steps[0]
            home.since = since


def _change(state: State, rules: object) -> None:
    """Other values come into force: the option's on the first day, then dated changes."""
    chance = state.rules.match_chance
    journey.new_rules(state, rules)
    if state.rules.match_chance != chance:
        _suit_again(state)


def _suit_again(state: State) -> None:
    """The chance that a pair suits has changed: the same numbers are compared with it again."""
    chance = state.rules.match_chance
    for stream, (drawn, places) in enumerate(state.pair_streams):
        columns = [state.pair_of[place][1] for place in places.tolist()]
        for place, mask in zip(
            places.tolist(), compatible_masks(drawn[:, columns], chance), strict=True
        ):
            child = state.children[place]
            assert state.pair_of[place][0] == stream
            child.compatible = mask
            if child.waiting_in is not None:
                admitted = state.households.admits(
                    child.age(state.clock.now), child.need, child.uasc
                )
                child.waits_for = admitted & mask & ~child.was_with


def _begin_arrivals(state: State, since: float) -> None:
    """Families in order of entry, siblings who enter together as one, the eldest first."""
    families: dict[tuple[int, float], list[Child]] = {}
    for child in state.children:
        families.setdefault((child.number // 4, child.entered), []).append(child)
    for family in families.values():
        if len(family) > 1:
            family.sort(key=lambda child: child.born)
            for child in family:
                child.siblings = tuple(other for other in family if other is not child)
    # Children stand in order of entry, and so do families.
    state.families = [family for family in families.values() if family[0].entered >= since]
    if state.families and state.families[0][0].entered < state.until:
        state.clock.at(state.families[0][0].entered, state.when_arriving, None, 0)


def _place_at_start(state: State, children: Children, since: float) -> None:
    """Children in care when the run begins live where the published mix by age says.

    Each placement began when the renewals of the move hazard since entry say, not on the first day:
    with a fresh placement for everybody, moves in the first week would be far too many.
    """
    there = np.flatnonzero((children.entered < since) & (children.left > since))
    if not len(there):
        return
    u = state.streams.block(Purpose.PLACEMENTS_AT_START, len(there), EARLIER_PLACEMENTS)
    units = -np.log1p(-u)
    plans = _plans_at_start(state, children, there, since)
    share = state.line.scenarios[0].placement.mix_at_start
    in_house = share.get("in_house", 0.0)
    fostered = in_house + share.get("ifa", 0.0)
    for row, place in enumerate(there.tolist()):
        child = state.children[place]
        state.next_search(child)
        wants_in_house = u[row, 0] * fostered < in_house
        found = _where_at_start(state, child, plans[row], wants_in_house)
        _settle_at_start(state, child, found, plans[row], units[row].tolist(), since)


_UNREGISTERED_PLAN = -1


def _plans_at_start(
    state: State, children: Children, there: npt.NDArray[np.int64], since: float
) -> list[int]:
    """Kind of home of each child in care at the start: UASC as at entry, the rest by mix and age.

    The published mix has no ages. Shares by age are those planned at entry, scaled in turn by age
    and by kind until both add up (iterative proportional fitting).
    """
    rules, scenario = state.rules, state.line.scenarios[0]
    plans = [FOSTER] * len(there)
    others: list[int] = []
    for row, place in enumerate(there.tolist()):
        child = state.children[place]
        u = state.draws[place * COLUMNS + MIX]
        if child.adoption_at <= since:
            plans[row] = ADOPTION
        elif child.uasc:
            ladder = rules.plan_at_entry[child.group][0]
            plans[row] = journey.possible_plan(state, child, journey.pick(ladder, u))
        else:
            others.append(row)
    kinds = [FOSTER, HOME, SUPPORTED, *(k for k in NAMED if k != ADOPTION), _UNREGISTERED_PLAN]
    age = (since - children.born[there]) / YEAR
    bands = np.searchsorted(AGE_BAND_STARTS, age, side="right") - 1
    table = _mix_by_age(scenario, plans, others, bands, kinds)
    ladders = np.cumsum(table, axis=1)
    for row in others:
        u = state.draws[int(there[row]) * COLUMNS + MIX]
        step = int(np.searchsorted(ladders[bands[row]], u, side="right"))
        plan = kinds[min(step, len(kinds) - 1)]
        plans[row] = journey.possible_plan(state, state.children[int(there[row])], plan)
    return plans


def _mix_by_age(
    scenario: Scenario,
    plans: list[int],
    others: list[int],
    bands: npt.NDArray[np.int64],
    kinds: list[int],
) -> Floats:
    """Share of each kind (columns) by age band (rows) of children whose kind is not known."""
    mix = scenario.placement.mix_at_start
    names = {
        FOSTER: ("in_house", "ifa"),
        HOME: ("home_own", "home_external", "emergency_bed"),
        SUPPORTED: ("supported",),
        _UNREGISTERED_PLAN: ("unregistered",),
        **{kind: (TYPES[t].value,) for kind, t in NAMED.items()},
    }
    counts = np.bincount(bands[others], minlength=len(AGES)).astype(float)
    unknown = set(others)
    known = [plan for row, plan in enumerate(plans) if row not in unknown]
    wanted = np.array(
        [
            max(sum(mix.get(n, 0.0) for n in names[k]) * len(plans) - known.count(k), 1e-6)  # type: ignore[call-overload]
            for k in kinds
        ]
    )
    wanted *= counts.sum() / wanted.sum()
    table = np.array([_seed(scenario, band, kinds) for band in range(len(AGES))])
    for _ in range(50):
        table *= (counts / np.maximum(table.sum(axis=1), 1e-300))[:, None]
        table *= wanted / np.maximum(table.sum(axis=0), 1e-300)
    return table / np.maximum(table.sum(axis=1, keepdims=True), 1e-300)  # type: ignore[no-any-return]


def _seed(scenario: Scenario, band: int, kinds: list[int]) -> list[float]:
    """Relative shares by kind at one age, as planned at entry; a child in a stopgap needs a home."""
    planned = scenario.placement.plan_at_entry[AGES[band].value]
    home = planned.get("home", 0.0)
    return [
        (home if k == _UNREGISTERED_PLAN else planned.get(KINDS[k].value, 0.0)) + 1e-9  # type: ignore[call-overload]
        for k in kinds
    ]


def _where_at_start(
    state: State, child: Child, plan: int, wants_in_house: bool
) -> journey.Offer:
    """A place for a child in care at the start, of the kind that the mix says."""
    age = child.age(state.clock.now)
    if plan in NAMED:
        return NAMED[plan], -1, 0.0, 0.0
    if plan == _UNREGISTERED_PLAN:
        return UNREGISTERED, -1, 0.0, 0.0
    if plan == SUPPORTED:
        block = state.filled.supported_block < state.rules.supported_block
        return IN_SUPPORTED, journey.BLOCK if block else journey.SPOT, 0.0, 0.0
    if plan == HOME:
        home = next((h for h in state.homes if h.vacancies() > 0 and age >= h.youngest), None)
        if home is not None:
            return HOME_OWN, home.place, 0.0, 0.0
        return HOME_EXTERNAL, journey.SPOT, 0.0, 0.0
    if wants_in_house:
        found = journey._look_for_carer(state, child, age)
        if found is not None and found[0] == IN_HOUSE:
            return found
    return IFA, -1, 0.0, 1.0


def _settle_at_start(
    state: State,
    child: Child,
    found: journey.Offer,
    plan: int,
    units: list[float],
    since: float,
) -> None:
    """Move the child in as of a date in the past, with the rest of the placement's luck."""
    rules = state.rules
    planned = plan if plan != _UNREGISTERED_PLAN else journey.possible_plan(state, child, HOME)
    kind = journey.KIND_OF[found[0]]
    youngest = {IN_SUPPORTED: 16.0, HOME_EXTERNAL: rules.youngest_in_home}.get(found[0], 0.0)
    if found[0] == HOME_OWN:
        youngest = state.homes[found[1]].youngest
    started, unit = max(child.entered, child.born + youngest * YEAR), units[1]
    factor = rules.move_factor[kind][child.age(since)] * child.frailty
    for unit in units[1:]:
        ends = started + rules.placement_lasts(unit, factor)
        if ends > since:
            break
        started = ends
    if plan == ADOPTION:
        started = child.adoption_at
    child.draws[child.at + journey.LASTS] = unit
    journey.settle(state, child, found, planned, journey.ENTRY, started=started)
    journey._expect_the_future(state, child)


# ---- Rows --------------------------------------------------------------------------------------


def _rows(state: State, children: Children, coming: Coming) -> Rows:
    """The tables, with what is still open at the end of the run written as open."""
    until, inf = state.until, float("inf")
    for child in state.children:
        if child.type >= 0:
            journey.write_placement(state, child, inf)
    for home in state.homes:
        journey.write_beds(state, home)
    _write_blocks(state)
    family, size = children.family, np.bincount(np.unique(children.family, return_inverse=True)[1])
    periods = np.column_stack(
        [
            children.number, children.entered, children.left, children.born, children.group,
            children.pathway, children.reason, [c.need for c in state.children], family,
            size[np.unique(family, return_inverse=True)[1]] if len(family) else family,
        ]
    )  # fmt: skip
    return Rows(
        care_periods=Table(CarePeriod._fields, periods.ravel()),
        placements=Table(Placement._fields, state.placements),
        searches=Table(Search._fields, state.searches),
        households=Table(HouseholdRow._fields, _household_rows(state, until)),
        staying_put=Table(StayingPut._fields, state.staying_put),
        beds=Table(BedsRow._fields, state.beds),
        until=until,
        state_changes=state.state_changes,
        enquiries=coming.enquiries,
        applications=coming.applications,
    )


def _household_rows(state: State, until: float) -> list[float]:
    flat: list[float] = []
    for h in state.households.all:
        if h.approved < until:
            flat.extend(
                (
                    h.place, h.origin, h.places, h.blocked, h.approved, h.available, h.stopped,
                    h.closed, h.youngest, h.oldest, h.highest_need, h.siblings, h.uasc,
                )
            )  # fmt: skip
    return flat


def _write_blocks(state: State) -> None:
    """Blocks and emergency beds: so many places while each scenario was in force."""
    days = [-state.line.scenarios[1].warm_up_years * YEAR, *state.line.days[1:], state.until]
    for since, until, scenario in zip(days, days[1:], state.line.scenarios, strict=False):
        rules, until = rules_of(scenario), min(until, state.until)
        for kind, places in (
            (IN_SUPPORTED, rules.supported_block),
            (HOME_EXTERNAL, rules.home_block),
            (EMERGENCY_BED, rules.emergency_beds),
        ):
            if places and until > since:
                state.beds.extend((kind, journey.BLOCK, since, until, places, places))
