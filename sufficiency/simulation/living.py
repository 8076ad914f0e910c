"""Living in a home: moving in and out, waiting for the one that was planned, and what is due next.

Each placement leaves a row, and so does each search. Why a child moves is in `journey`.
"""

from __future__ import annotations

from sufficiency.rows import SAME_CARER
from sufficiency.simulation import luck
from sufficiency.simulation.provision import BLOCK, SPOT
from sufficiency.simulation.rules import (
    EMERGENCY_BED,
    FOSTER,
    HOME,
    HOME_EXTERNAL,
    HOME_OWN,
    IFA,
    IN_HOUSE,
    IN_SUPPORTED,
    KIND_OF,
    STOPGAPS,
    SUPPORTED,
    UNREGISTERED,
)
from sufficiency.simulation.search import LOOK, Offer
from sufficiency.simulation.state import (
    FAR_AWAY,
    IN_EMERGENCY_BED,
    IN_HOME_FOR_WANT,
    IN_STOPGAP,
    ON_A_BRIDGE,
    Child,
    State,
)

BY_HAZARD, BY_CLOSURE, BY_EXPIRY, BY_MARKET, TRY_AGAIN = range(5)
"""What is due next in a placement."""

NOT_KNOWN = float("nan")
_SEARCH_COLUMNS = 11
_REGISTERED = 4


# ---- Moving in and out -------------------------------------------------------------------------


def settle(
    s: State,
    child: Child,
    found: Offer,
    planned: int,
    cause: int,
    age: int,
    started: float | None = None,
) -> None:
    """The child moves in (or did, at the start of the run); what is due next is set."""
    child.type, child.provider, child.far, child.ifa_for_want = found
    child.planned = planned
    child.cause = cause
    child.need_here = child.need
    child.started = s.clock.now if started is None else started
    child.apart = 0.0
    _move_in(s, child)
    if child.type != IN_HOUSE and (
        planned == FOSTER or (child.type in STOPGAPS and planned in LOOK)
    ):
        wait(s, child)
    _set_due(s, child, age)


def _move_in(s: State, child: Child) -> None:
    """The child takes the place; where it is follows from the household, or from chance."""
    held = child.type
    if held == IN_HOUSE:
        household = s.households.all[child.provider]
        household.filled += 1
        household.children.append(child)
        child.alone = child.solo
        household.alone += child.alone
        s.households.refresh(household, s.clock.now)
        # A pair suits for ever: without this a child would move to the carer it lives with.
        child.was_with |= 1 << child.provider
        child.in_area, child.over_20_miles = household.in_area, household.over_20_miles
        child.same_ethnic_group = float(household.ethnicity == child.ethnicity)
        return
    child.same_ethnic_group = NOT_KNOWN
    if held == HOME_OWN:
        home = s.homes[child.provider]
        home.children.append(child)
        home.alone = child.alone = child.solo
        child.was_in |= 1 << home.place
        child.in_area, child.over_20_miles = float(home.in_area), float(not home.in_area)
        return
    if child.provider == BLOCK:
        s.filled.blocks[held] += 1
    else:
        s.filled.spot[held] += 1
    if child.far:
        child.in_area, child.over_20_miles = 0.0, 1.0
        return
    u = child.draws[child.at + luck.PLACE]
    child.in_area = 1.0 if u < s.rules.in_area[held] else 0.0
    child.over_20_miles = 1.0 if u > 1 - s.rules.over_20_miles[held] else 0.0


def _move_out(s: State, child: Child) -> None:
    """The child leaves the place it holds."""
    held = child.type
    if held == IN_HOUSE:
        household = s.households.all[child.provider]
        household.filled -= 1
        household.children.remove(child)
        household.alone -= child.alone
        child.alone = False
        s.households.refresh(household, s.clock.now)
        child.was_with |= 1 << child.provider
    elif held == HOME_OWN:
        home = s.homes[child.provider]
        home.children.remove(child)
        home.alone = child.alone = False
    elif child.provider == BLOCK:
        s.filled.blocks[held] -= 1
    else:
        s.filled.spot[held] -= 1


def vacate(s: State, child: Child) -> tuple[int, int]:
    """End the placement, if there is one, and say which place is empty now."""
    if child.type < 0:
        return -1, -1
    write_placement(s, child, s.clock.now)
    _move_out(s, child)
    if child.waiting_in is not None:
        del child.waiting_in[child]
        child.waiting_in = None
    child.version += 1
    return child.type, child.provider


def stay_with_carer(s: State, child: Child) -> None:
    """The carers go to another agency and the child stays with them: another type, no move."""
    now, where = s.clock.now, (child.in_area, child.over_20_miles, child.same_ethnic_group)
    write_placement(s, child, now)
    _move_out(s, child)
    child.type, child.provider, child.far, child.ifa_for_want = IFA, SPOT, 0.0, 0.0
    child.cause, child.started = SAME_CARER, now
    _move_in(s, child)
    child.in_area, child.over_20_miles, child.same_ethnic_group = where


def write_placement(s: State, child: Child, ended: float) -> None:
    """Leave the row of a placement."""
    s.placements.extend(
        (
            child.number, child.type, child.planned, child.started, ended, child.cause,
            child.provider, child.in_area, child.over_20_miles, child.far, child.ifa_for_want,
            child.apart, child.need_here, child.alone, child.same_ethnic_group,
        )
    )  # fmt: skip


# ---- Waiting for the home that was planned ------------------------------------------------------


def wait(s: State, child: Child) -> None:
    """Put the child on the list for the home that was planned, if it may still move there."""
    if child.planned == FOSTER:
        which = _waits_as(s, child)
        if which is not None:
            waiting = s.waiting[which]
            waiting[child] = None
            child.waiting_in = waiting
            child.waits_for = (
                s.households.admits_some_day(child.need, child.uasc)
                & child.compatible
                & ~child.was_with
            )
            if child.solo:
                child.waits_for &= s.households.takes_solo
    else:
        child.waiting_in = s.waiting_for_home if child.planned == HOME else s.waiting_for_block
        child.waiting_in[child] = None


def _waits_as(s: State, child: Child) -> int | None:
    """On which list a child waits for an in-house carer; None if settled."""
    if child.type == UNREGISTERED:
        return IN_STOPGAP
    if child.type == EMERGENCY_BED:
        return IN_EMERGENCY_BED
    if child.type in (HOME_OWN, HOME_EXTERNAL, IN_SUPPORTED):
        return IN_HOME_FOR_WANT if s.rules.step_from_home else None
    if child.type == IFA and child.far:
        return FAR_AWAY
    if child.type == IFA and child.draws[child.at + luck.BRIDGE] < s.rules.bridging_share:
        return ON_A_BRIDGE
    return None


# ---- What is due next --------------------------------------------------------------------------


def _set_due(s: State, child: Child, age: int) -> None:
    """Set the first of what may end this placement: a move, closure, expiry, or market's find."""
    now, rules = s.clock.now, s.rules
    draws, at = child.draws, child.at
    kind = KIND_OF[child.type]
    factor = rules.move_factor[kind][age] * child.frailty
    when = child.started + rules.placement_lasts(draws[at + luck.LASTS], factor)
    child.ends = float("inf")
    if child.type == HOME_EXTERNAL and rules.home_closing > 0:
        child.ends = now + draws[at + luck.CLOSES] / rules.home_closing
    elif child.type == EMERGENCY_BED:
        child.ends = now + rules.emergency_nights
    next_due(s, child, when, BY_HAZARD)


def next_due(s: State, child: Child, when: float, what: int) -> None:
    """A move is due, unless a closure, an expiry or a market's find comes first."""
    now = s.clock.now
    child.moves, child.moves_by = when, what
    child.due = what
    if child.ends < when:
        when, child.due = child.ends, BY_EXPIRY if child.type == EMERGENCY_BED else BY_CLOSURE
    if child.waiting_in is not None:
        rate = market_rate(s, child)[0]
        if rate > 0:
            finds = now + child.draws[child.at + luck.FOUND] / rate
            if finds < when:
                when, child.due = finds, BY_MARKET
    if when < child.left and when < s.until:
        s.clock.at(max(when, now), s.when_due, child, child.version)


def market_rate(s: State, child: Child) -> tuple[float, float]:
    """Chance a day that a market finds a home for a child who still waits; the agencies' part."""
    rules = s.rules
    ifa_found = rules.ifa_found * s.grown(rules.ifa_growth)
    home_found = rules.home_found * s.grown(rules.home_growth)
    if child.type in STOPGAPS:
        if child.planned == FOSTER:
            old_enough = child.age(s.clock.now) >= rules.youngest_in_home
            return ifa_found + (home_found if old_enough else 0.0), ifa_found
        supported_found = rules.supported_found * s.grown(rules.supported_growth)
        return (home_found if child.planned == HOME else supported_found), 0.0
    if (
        child.planned == FOSTER
        and KIND_OF[child.type] in (HOME, SUPPORTED)
        and rules.step_from_home
    ):
        return ifa_found, ifa_found
    return 0.0, 0.0


# ---- Searches ----------------------------------------------------------------------------------


def note_search(s: State, child: Child, planned: int, got: int, cause: int) -> None:
    """Every search leaves a row: what was planned, what was found, what was full."""
    now = s.clock.now
    registered = now
    if got == UNREGISTERED:
        registered = float("inf")
        child.unregistered_since += (len(s.searches) // _SEARCH_COLUMNS,)
    elif child.unregistered_since:
        now_registered(s, child)
    s.searches.extend((child.number, now, planned, got, registered, cause, *s.looked))


def now_registered(s: State, child: Child) -> None:
    """Searches that had left the child unregistered end here."""
    for row in child.unregistered_since:
        s.searches[row * _SEARCH_COLUMNS + _REGISTERED] = s.clock.now
    child.unregistered_since = ()
