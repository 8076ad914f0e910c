"""The start of a run: households, homes, children in care, and the first events.

Children in care when the run begins live where the published mix by age says, each in a placement
that began in the past; households there can take children, and a stationary share winds down.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sufficiency.periods import YEAR
from sufficiency.rows import AGES, ENTRY, KINDS, TYPES
from sufficiency.scenario import Scenario, winding_down_share
from sufficiency.simulation import luck, vacancies
from sufficiency.simulation.arrivals import LARGEST_FAMILY, Children
from sufficiency.simulation.fostering import (
    AT_START,
    REPLACED,
    WINDING,
    WOUND,
    Coming,
)
from sufficiency.simulation.given_placements import (
    EARLIER_PLACEMENTS,
    for_want_of_a_carer,
    latest_start,
    place_given,
)
from sufficiency.simulation.journey import expect_the_future
from sufficiency.simulation.living import settle
from sufficiency.simulation.matching import compatible_masks
from sufficiency.simulation.provision import BLOCK, SPOT
from sufficiency.simulation.rules import (
    ADOPTION,
    FOSTER,
    HOME,
    HOME_EXTERNAL,
    HOME_OWN,
    IFA,
    IN_HOUSE,
    IN_SUPPORTED,
    KIND_OF,
    NAMED,
    REMAND_ROUTE,
    SUPPORTED,
    UNREGISTERED,
    pick,
    rules_of,
)
from sufficiency.simulation.search import Offer, look_for_carer, possible_plan
from sufficiency.simulation.state import Child, State
from sufficiency.simulation.streams import Purpose
from sufficiency.vocabulary import AGE_BAND_STARTS

Floats = npt.NDArray[np.float64]


def begin(state: State, coming: Coming, children: Children, since: float) -> None:
    """Set the first events: households, homes, children in care, arrivals, dated changes."""
    clock = state.clock
    _begin_households(state, since)
    # A file says where children live on the first day: a place free then is taken an hour later.
    given = state.line.scenarios[0].authority.children is not None
    not_before = since + 1 / 24 if given else since
    for home in state.homes:
        for step, (day, _, _) in enumerate(home.steps):
            if since <= day < state.until:
                opens = max(day, not_before)
                clock.at(opens, lambda h, n: vacancies.open_places(state, h, n), home, step)
        if home.closes < state.until:
            clock.at(home.closes, lambda h, _: vacancies.close_home(state, h), home, 0)
    for day, scenario in zip(state.line.days[1:], state.line.scenarios[1:], strict=True):
        if day < state.until:
            clock.at(day, lambda rules, _: _change(state, rules), rules_of(scenario), 0)
    _open_at_once(state, since)
    _place_at_start(state, children, since)
    _begin_stopping(state, coming)
    _begin_arrivals(state, since)


def _begin_households(state: State, since: float) -> None:
    """Households there at the start can take children; the others come in their time."""
    # Without a warm-up the run begins with the first day, on which they are not approved.
    before = 1.0 if state.line.scenarios[0].authority.children is not None else 0.0
    for household in state.households.all:
        if household.origin == AT_START:
            household.approved = household.available = since - before
            state.households.refresh(household, since)
        elif household.origin == REPLACED:
            state.replacements.append(household.place)
        elif household.approved < state.until:
            state.clock.at(
                household.approved, lambda h, _: vacancies.approve(state, h), household, 0
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
            vacancies.wind_down(state, household, left)
        else:
            vacancies.expect_stop(state, household, household.stop_unit)


def _open_at_once(state: State, since: float) -> None:
    """Own homes that are open when the run begins can take children from the start."""
    for home in state.homes:
        if home.steps and home.steps[0][0] == since:
            _, home.registered, home.usable = home.steps[0]
            home.since = since


def _change(state: State, rules: object) -> None:
    """Other values come into force: the option's on the first day, then dated changes."""
    chance = state.rules.match_chance
    vacancies.new_rules(state, rules)
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
                admitted = state.households.admits_some_day(child.need, child.uasc)
                child.waits_for = admitted & mask & ~child.was_with
                if child.solo:
                    child.waits_for &= state.households.takes_solo


def _begin_arrivals(state: State, since: float) -> None:
    """Families in order of entry, siblings who enter together as one, the eldest first."""
    families: list[list[Child]] = []
    latest, entered = -1, since - 1.0
    for child in state.children:  # in order of entry, siblings next to one another
        family = child.number // LARGEST_FAMILY
        if family == latest and child.entered == entered:
            families[-1].append(child)
        else:
            families.append([child])
            latest, entered = family, child.entered
    for together in families:
        if len(together) > 1:
            together.sort(key=lambda child: child.born)
            for child in together:
                child.siblings = tuple(other for other in together if other is not child)
    state.families = [family for family in families if family[0].entered >= since]
    if state.families and state.families[0][0].entered < state.until:
        state.clock.at(state.families[0][0].entered, state.when_arriving, None, 0)


def _place_at_start(state: State, children: Children, since: float) -> None:
    """Children in care when the run begins live where the published mix by age says.

    Each placement began when the renewals of the move hazard since entry say, not on the first day:
    with a fresh placement for everybody, moves in the first week would be far too many. Where a
    file gives the children, it says where they live.
    """
    if state.line.scenarios[0].authority.children is not None:
        place_given(state, children)
        return
    there = np.flatnonzero((children.entered < since) & (children.left > since))
    if not len(there):
        return
    u = state.streams.block(Purpose.PLACEMENTS_AT_START, len(there), EARLIER_PLACEMENTS)
    units = (-np.log1p(-u)).tolist()
    plans = _plans_at_start(state, children, there, since)
    share = state.line.scenarios[0].placement.mix_at_start
    in_house = share.get("in_house", 0.0)
    fostered = in_house + share.get("ifa", 0.0)
    wants_in_house = (u[:, 0] * fostered < in_house).tolist()
    for row, place in enumerate(there.tolist()):
        child = state.children[place]
        state.next_search(child)
        found = _where_at_start(state, child, plans[row], wants_in_house[row])
        _settle_at_start(state, child, found, plans[row], units[row], since)
    _mark_siblings_apart(state, there.tolist())


def _mark_siblings_apart(state: State, there: list[int]) -> None:
    """Siblings still in their first placement: as many groups are apart as at entry."""
    share = state.line.scenarios[0].placement.apart_at_start
    families: dict[int, list[Child]] = {}
    for place in there:
        child = state.children[place]
        families.setdefault(child.number // LARGEST_FAMILY, []).append(child)
    for family in families.values():
        eldest = family[0]
        u = state.draws[eldest.place * luck.COLUMNS + luck.APART]
        if len(family) > 1 and u < share:
            for child in family:
                named = child.type in NAMED.values()
                child.apart = float(child.started == child.entered and not named)


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
        u = state.draws[place * luck.COLUMNS + luck.MIX]
        if child.adoption_at <= since:
            plans[row] = ADOPTION
        elif child.uasc or child.route == REMAND_ROUTE:
            ladder = rules.plan_at_entry[child.group][child.route]
            plans[row] = possible_plan(state, pick(ladder, u), child.age(since))
        else:
            others.append(row)
    kinds = [FOSTER, HOME, SUPPORTED, *(k for k in NAMED if k != ADOPTION), _UNREGISTERED_PLAN]
    age = (since - children.born[there]) / YEAR
    bands = np.searchsorted(AGE_BAND_STARTS, age, side="right") - 1
    table = _mix_by_age(scenario, plans, others, bands, kinds)
    ladders = np.cumsum(table, axis=1)
    mix = np.array([state.draws[p * luck.COLUMNS + luck.MIX] for p in there[others].tolist()])
    steps = (ladders[bands[others]] <= mix[:, None]).sum(axis=1) if others else []
    for row, step in zip(others, steps, strict=True):
        plan = kinds[min(int(step), len(kinds) - 1)]
        plans[row] = possible_plan(state, plan, int(age[row]))
    return plans


def _mix_by_age(
    scenario: Scenario,
    plans: list[int],
    others: list[int],
    bands: npt.NDArray[np.int64],
    kinds: list[int],
) -> Floats:
    """Share of each kind (columns) by age band (rows) of children whose kind is not known."""
    mix = {str(name): share for name, share in scenario.placement.mix_at_start.items()}
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
            max(sum(mix.get(n, 0.0) for n in names[k]) * len(plans) - known.count(k), 1e-6)
            for k in kinds
        ]
    )
    wanted *= counts.sum() / wanted.sum()
    table = np.array([_seed(scenario, band, kinds) for band in range(len(AGES))])
    for _ in range(20):
        table *= (counts / np.maximum(table.sum(axis=1), 1e-300))[:, None]
        table *= wanted / np.maximum(table.sum(axis=0), 1e-300)
    shares: Floats = table / np.maximum(table.sum(axis=1, keepdims=True), 1e-300)
    return shares


def _seed(scenario: Scenario, band: int, kinds: list[int]) -> list[float]:
    """Relative shares by kind at one age, as planned at entry; a stopgap is for want of a home."""
    planned = scenario.placement.plan_at_entry[AGES[band].value]
    home = planned.get("home", 0.0)
    return [
        (home if k == _UNREGISTERED_PLAN else planned.get(KINDS[k].value, 0.0)) + 1e-9
        for k in kinds
    ]


def _where_at_start(state: State, child: Child, plan: int, wants_in_house: bool) -> Offer:
    """A place for a child in care at the start, of the kind that the mix says."""
    age = child.age(state.clock.now)
    if plan in NAMED:
        return NAMED[plan], -1, 0.0, 0.0
    if plan == _UNREGISTERED_PLAN:
        return UNREGISTERED, -1, 0.0, 0.0
    if plan == SUPPORTED:
        block = state.filled.blocks[IN_SUPPORTED] < state.rules.supported_block
        return IN_SUPPORTED, BLOCK if block else SPOT, 0.0, 0.0
    if plan == HOME:
        home = next(
            (
                h
                for h in state.homes
                if h.vacancies() > 0
                and h.youngest <= age <= h.oldest
                and not (child.solo and h.children)
            ),
            None,
        )
        if home is not None:
            return HOME_OWN, home.place, 0.0, 0.0
        block = state.filled.blocks[HOME_EXTERNAL] < state.rules.home_block
        return HOME_EXTERNAL, BLOCK if block else SPOT, 0.0, 0.0
    if wants_in_house:
        found = look_for_carer(state, child, age)
        if found is not None and found[0] == IN_HOUSE:
            return found
    return IFA, -1, 0.0, 1.0


def _settle_at_start(
    state: State,
    child: Child,
    found: Offer,
    plan: int,
    units: list[float],
    since: float,
) -> None:
    """Move the child in as of a date in the past, with the rest of the placement's luck."""
    rules, age = state.rules, child.age(since)
    planned = plan if plan != _UNREGISTERED_PLAN else possible_plan(state, HOME, age)
    if plan == HOME and for_want_of_a_carer(state, child):
        planned = FOSTER
    kind = KIND_OF[found[0]]
    youngest = {IN_SUPPORTED: 16.0, HOME_EXTERNAL: rules.youngest_in_home}.get(found[0], 0.0)
    if found[0] == HOME_OWN:
        youngest = max(state.homes[found[1]].youngest, rules.youngest_in_home)
    factor = rules.move_factor[kind][age] * child.frailty
    first = max(child.entered, child.born + youngest * YEAR)
    started, unit = latest_start(rules, first, since, factor, units[1:])
    if plan == ADOPTION:
        started = child.adoption_at
    child.draws[child.at + luck.LASTS] = unit
    settle(state, child, found, planned, ENTRY, age, started)
    expect_the_future(state, child)
