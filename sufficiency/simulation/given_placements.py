"""Where children in care on the first day live, where a file gives them: as it says.

Each lives in the type of placement of the file, since the day it says; a placement that has lasted
so long is more likely to go on. Who cares for a child in-house is not in the file: a household that
would suit, else one that would take the child, else any with a place, last one that was to be kept
free. A child for whom there is none goes to an agency (in an own home or emergency bed: to another
provider's home), of which loading warns.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from sufficiency.periods import YEAR
from sufficiency.rows import ENTRY
from sufficiency.scenario import NOT_KNOWN
from sufficiency.simulation import luck
from sufficiency.simulation.arrivals import Children
from sufficiency.simulation.given_children import days_of, place_in_file
from sufficiency.simulation.journey import expect_the_future
from sufficiency.simulation.living import settle
from sufficiency.simulation.matching import best_household
from sufficiency.simulation.provision import BLOCK, SPOT, OwnHome
from sufficiency.simulation.rules import (
    EMERGENCY_BED,
    FOSTER,
    HOME,
    HOME_EXTERNAL,
    HOME_OWN,
    IFA,
    IN_HOUSE,
    IN_SECURE,
    IN_SUPPORTED,
    KIND_OF,
    NAMED,
    STOPGAPS,
    SUPPORTED,
    WITH_ADOPTERS,
    WITH_PARENTS,
    Rules,
)
from sufficiency.simulation.search import Offer, possible_plan
from sufficiency.simulation.state import Child, State
from sufficiency.simulation.streams import Purpose

EARLIER_PLACEMENTS = 64
_NEVER_MOVE_ON = (IN_SUPPORTED, WITH_PARENTS, WITH_ADOPTERS, IN_SECURE)
"""Types of placement that say nothing of whether a day of moving on has passed."""
_KIND_OF_NAMED = {held: kind for kind, held in NAMED.items()}
_PLANS = {
    IN_HOUSE: FOSTER, IFA: FOSTER, HOME_OWN: HOME, HOME_EXTERNAL: HOME, IN_SUPPORTED: SUPPORTED,
    **_KIND_OF_NAMED,
}  # fmt: skip
"""Kind of home planned for children in each type; those in a stopgap apart."""


def place_given(state: State, children: Children) -> None:
    """Place all children of the file, those whose place is not in question first."""
    scenario = state.line.scenarios[0]
    assert scenario.authority.children is not None
    types = scenario.authority.children.file.columns["type"]
    there = np.flatnonzero((children.entered < 0) & (children.left > 0))
    rows = place_in_file(children.number[there])
    in_house = []
    for place, row in zip(there.tolist(), rows.tolist(), strict=True):
        child, held = state.children[place], int(types[row])
        state.next_search(child)
        if held == IN_HOUSE:
            in_house.append((child, row))
        else:
            _settle(state, child, row, _place_in(state, child, held))
    for choose in (_who_suit, _who_take, _who_have_room):
        in_house = _with_carers(state, in_house, choose)
    for child, row in in_house:
        kept_free = _with_a_place_kept_free(state, child)
        _settle(state, child, row, (IFA, SPOT, 0.0, 1.0) if kept_free < 0 else _with(kept_free))


def _place_in(state: State, child: Child, held: int) -> Offer:
    """A place of the type that the file says, other than with in-house carers."""
    if held == HOME_OWN:
        home = _own_home(state, child)
        if home is not None:
            for other in (child, *home.children) if home.children else ():
                _live_with_others(other)
            home.alone = False
            return HOME_OWN, home.place, 0.0, 0.0
        held = HOME_EXTERNAL
    if held == EMERGENCY_BED and state.filled.spot[held] >= state.rules.emergency_beds:
        held = HOME_EXTERNAL
    block = {IN_SUPPORTED: state.rules.supported_block, HOME_EXTERNAL: state.rules.home_block}
    in_block = state.filled.blocks[held] < block.get(held, 0)
    return held, BLOCK if in_block else SPOT, 0.0, float(held == IFA)


def _live_with_others(child: Child) -> None:
    """That the child lives with others says that it need not live alone."""
    child.solo = child.solo_at_entry = child.alone = False


def _own_home(state: State, child: Child) -> OwnHome | None:
    """An own home with a place: for the child's age if there is one.

    Last comes one in which a child would have lived alone: the file says that it does not.
    """
    age = child.age(state.clock.now)
    there = [home for home in state.homes if home.usable > len(home.children)]
    free = [home for home in there if home.vacancies() > 0]
    of_age = [home for home in free if home.youngest <= age <= home.oldest]
    alone = [home for home in of_age if not home.children]
    for homes in (alone if child.solo else of_age, of_age, free, there):
        if homes:
            return homes[0]
    return None


# ---- In-house ----------------------------------------------------------------------------------


def _who_suit(state: State, child: Child) -> int:
    """Households that suit the child, as a search would find them, as bits."""
    return _who_take(state, child) & child.compatible


def _who_take(state: State, child: Child) -> int:
    """Households with a place whose rules admit the child, as bits."""
    households = state.households
    age = child.age(state.clock.now)
    taking = households.open & households.admits(age, child.need, child.uasc)
    return taking & households.suits_alone() if child.solo else taking


def _who_have_room(state: State, child: Child) -> int:
    """Households with a place, as bits."""
    return state.households.open


def _with_carers(
    state: State,
    waiting: list[tuple[Child, int]],
    choose: Callable[[State, Child], int],
) -> list[tuple[Child, int]]:
    """Place the children for whom there is a household; those that are left."""
    left = []
    for child, row in waiting:
        suited = choose(state, child)
        if suited:
            pair = partial(state.pair, child)
            chosen = best_household(suited, state.households.all, pair, 0, child.ethnicity)
            if chosen.filled:
                _live_with_others(child)
            _settle(state, child, row, _with(chosen.place))
        else:
            left.append((child, row))
    return left


def _with_a_place_kept_free(state: State, child: Child) -> int:
    """A place that is blocked, or beside a child who must live alone: the file says it is none."""
    now = state.clock.now
    for household in state.households.all:
        here = household.available <= now < household.stopped
        if here and household.filled + household.staying < household.places:
            household.blocked = min(
                household.blocked, household.places - household.filled - household.staying - 1
            )
            for other in (child, *household.children) if household.filled else ():
                _live_with_others(other)
            household.alone = 0
            return household.place
    return -1


def _with(household: int) -> Offer:
    return IN_HOUSE, household, 0.0, 0.0


# ---- Since when --------------------------------------------------------------------------------


def _settle(state: State, child: Child, row: int, found: Offer) -> None:
    """The child lives there, since the day of the file and with the rest of the luck."""
    rules = state.rules
    started = _since(state, child, row, found[0])
    age = child.age(started)
    factor = rules.move_factor[KIND_OF[found[0]]][age]
    hazard = rules.hazard_until(-started) * factor
    if _is_known(state, row):
        # That there was no move so far says that the child is less likely to move than others.
        child.frailty /= 1 + state.line.scenarios[0].moves.frailty_variance * hazard
    child.draws[child.at + luck.LASTS] += hazard * child.frailty
    settle(state, child, found, _planned(state, child, found[0]), ENTRY, age, started)
    _where(state, child, row)
    _not_moved_on(state, child)
    expect_the_future(state, child)


def _not_moved_on(state: State, child: Child) -> None:
    """A child of 16 or 17 who lives elsewhere has not moved on to supported accommodation so far.

    The day of it, if there is one, is among those to come: of all who were in care at 16 the share
    moves on, of those who have not so far a part of it that depends on the time passed.
    """
    sixteen = child.born + 16 * YEAR
    passed = (state.clock.now - sixteen) / (2 * YEAR)
    if child.entered > sixteen or not 0 < passed < 1 or child.type in _NEVER_MOVE_ON:
        return
    share = state.line.scenarios[0].moves.move_on_share
    at = child.place * luck.COLUMNS
    state.draws[at + luck.MOVE_ON] *= (1 - share * passed) / (1 - passed)
    state.draws[at + luck.MOVE_ON_WHEN] *= 1 - passed
    state.draws[at + luck.MOVE_ON_WHEN] += passed


def _is_known(state: State, row: int) -> bool:
    """Whether the file says when the placement began."""
    given = state.line.scenarios[0].authority.children
    return given is not None and given.file.columns["placement_started"][row] != NOT_KNOWN


def _since(state: State, child: Child, row: int, held: int) -> float:
    """When the placement began: as the file says, else by the renewals of the hazard of a move."""
    scenario, rules = state.line.scenarios[0], state.rules
    if _is_known(state, row):
        return float(days_of(scenario, "placement_started")[row])
    u = state.streams.block(Purpose.PLACEMENTS_AT_START, 1, EARLIER_PLACEMENTS, row + 1)[0]
    factor = rules.move_factor[KIND_OF[held]][child.age(0.0)] * child.frailty
    units = (-np.log1p(-u)).tolist()
    return latest_start(rules, child.entered, 0.0, factor, units)[0]


def latest_start(
    rules: Rules, entered: float, since: float, factor: float, units: list[float]
) -> tuple[float, float]:
    """Start of the placement at a time, and its luck: one after the other from entry."""
    started, unit = entered, units[0]
    for unit in units:
        ends = started + rules.placement_lasts(unit, factor)
        if ends > since:
            break
        started = ends
    return started, unit


def _planned(state: State, child: Child, held: int) -> int:
    """The kind of home planned: that of the type, or a foster family for want of which."""
    if held in STOPGAPS:
        return possible_plan(state, HOME, child.age(state.clock.now))
    planned = _PLANS[held]
    return FOSTER if planned == HOME and for_want_of_a_carer(state, child) else planned


def for_want_of_a_carer(state: State, child: Child) -> bool:
    """Whether a child in a home at the start is one of those whose plan is a foster family."""
    u = state.draws[child.place * luck.COLUMNS + luck.PLAN]  # free: the child entered before
    return u < state.line.scenarios[0].placement.for_want_at_start


def _where(state: State, child: Child, row: int) -> None:
    """In the area, and over 20 miles from home, where the file says it."""
    given = state.line.scenarios[0].authority.children
    assert given is not None
    in_area, far = (int(given.file.columns[name][row]) for name in ("in_area", "over_20_miles"))
    if in_area != NOT_KNOWN:
        child.in_area = float(in_area)
        child.over_20_miles = 0.0 if in_area else child.over_20_miles
    if far != NOT_KNOWN:
        child.over_20_miles = float(far)
