"""What happens to one child: enters care, is placed, moves, leaves. One short function per event.

Reading order: `arrive`, `place`, `settle`, `due`, `leave_care`. Looking for a home is in `search`;
what happens to the place a child leaves is in `vacancies`.
"""

from __future__ import annotations

from sufficiency.periods import YEAR
from sufficiency.rows import ENTRY, REASONS, SAME_CARER
from sufficiency.simulation import luck
from sufficiency.simulation.fostering import Household
from sufficiency.simulation.provision import BLOCK, SPOT
from sufficiency.simulation.rules import (
    ADOPTION,
    EMERGENCY_BED,
    FOSTER,
    HOME,
    HOME_EXTERNAL,
    HOME_OWN,
    IFA,
    IN_HOUSE,
    IN_SECURE,
    IN_SUPPORTED,
    KIN,
    KIND_OF,
    NAMED,
    PARENTS,
    REMAND_ROUTE,
    STOPGAPS,
    SUPPORTED,
    UNREGISTERED,
    WITH_ADOPTERS,
    WITH_PARENTS,
    pick,
)
from sufficiency.simulation.search import (
    LOOK,
    Offer,
    agency_has_room,
    find_family,
    find_home,
    homes_have_room,
    possible_plan,
    supported_has_room,
)
from sufficiency.simulation.state import (
    FAR_AWAY,
    IN_EMERGENCY_BED,
    IN_HOME_FOR_WANT,
    IN_STOPGAP,
    ON_A_BRIDGE,
    Child,
    State,
)
from sufficiency.vocabulary import ExitReason

(
    PLANNED_MOVE, BREAKDOWN, OTHER_MOVE, TO_ADOPTION, MOVE_ON, STEP_ACROSS, HOUSEHOLD_LEFT,
    HOME_CLOSED, EMERGENCY_EXPIRED,
) = range(9)  # fmt: skip
"""Causes of a move, in the order of `vocabulary.MoveCause`."""

BY_HAZARD, BY_CLOSURE, BY_EXPIRY, BY_MARKET, TRY_AGAIN = range(5)
"""What is due next in a placement."""

FOR_OLDER_CHILDREN = (HOME, SUPPORTED)
"""Kinds of home with a youngest age."""
OFFERED_ON = (IN_HOUSE, HOME_OWN, HOME_EXTERNAL, IN_SUPPORTED)
"""Types whose places are offered to children who wait."""

TRY_AGAIN_DAYS = 28.0
"""A planned move waits for the right home: it is looked for again after four weeks (assumption)."""

_TURNED_18 = REASONS.index(ExitReason.TURNED_18)
_SEARCH_COLUMNS = 11
_REGISTERED = 4
NOT_KNOWN = float("nan")


# ---- Entering ----------------------------------------------------------------------------------


def arrive(s: State, _: None, which: int) -> None:
    """A family comes into care: its children are planned for and placed, together if possible."""
    if which + 1 < len(s.families):
        s.clock.at(s.families[which + 1][0].entered, s.when_arriving, None, which + 1)
    family = s.families[which]
    s.state_changes += len(family)
    eldest = family[0]
    s.next_search(eldest)
    planned = pick(
        s.rules.plan_at_entry[eldest.group][eldest.route],
        s.draws[eldest.place * luck.COLUMNS + luck.PLAN],
    )
    if len(family) > 1:
        for child in family[1:]:
            s.next_search(child)
        _enter_family(s, family, planned)
    else:
        place(s, eldest, planned, ENTRY, firm=False)
    for child in family:
        expect_the_future(s, child)


def _enter_family(s: State, family: list[Child], planned: int) -> None:
    """Place siblings with one carer if all need a foster family and one is found, or each alone."""
    ages = [child.age(s.clock.now) for child in family]
    all_need_foster = all(possible_plan(s, planned, age) == FOSTER for age in ages)
    together = find_family(s, family) if all_need_foster else None
    for child, age in zip(family, ages, strict=True):
        if together is not None:
            note_search(s, child, FOSTER, together[0], ENTRY)
            settle(s, child, together, FOSTER, ENTRY, age)
        else:
            place(s, child, planned, ENTRY, firm=False)
    if together is None:
        homes = {
            (c.type, c.provider if c.type in (IN_HOUSE, HOME_OWN) else c.number) for c in family
        }
        named = {c.type for c in family} <= set(NAMED.values())
        for child in family:
            child.apart = float(len(homes) > 1 and not named)


def expect_the_future(s: State, child: Child) -> None:
    """Set the dates that do not depend on where the child lives: leaving, adoption, moving on."""
    if child.left < s.until:
        s.clock.at(child.left, s.when_leaving, child, 0)
    if s.clock.now <= child.adoption_at < min(child.left, s.until):
        s.clock.at(child.adoption_at, s.when_adopted, child, 0)
    sixteen = child.born + 16 * YEAR
    if child.entered <= sixteen and child.route != REMAND_ROUTE:
        when = sixteen + s.draws[child.place * luck.COLUMNS + luck.MOVE_ON_WHEN] * 2 * YEAR
        if s.clock.now <= when < min(child.left, s.until):
            s.clock.at(when, s.when_moving_on, child, 0)


def place(s: State, child: Child, planned: int, cause: int, *, firm: bool) -> bool:
    """Look for a home and move the child there; a firm plan waits rather than settle for less.

    The look comes before the place the child leaves is offered on, or the child would take it back.
    """
    age = child.age(s.clock.now)
    if planned in FOR_OLDER_CHILDREN:
        planned = possible_plan(s, planned, age)
    found = find_home(s, child, planned, age, firm=firm)
    if found is None:
        return False
    note_search(s, child, planned, found[0], cause)
    left = vacate(s, child)
    settle(s, child, found, planned, cause, age)
    if left[0] in OFFERED_ON:
        s.offer_on(*left)
    return True


def note_search(s: State, child: Child, planned: int, got: int, cause: int) -> None:
    """Every search leaves a row: what was planned, what was found, what was full."""
    now = s.clock.now
    registered = now
    if got == UNREGISTERED:
        registered = float("inf")
        child.unregistered_since += (len(s.searches) // _SEARCH_COLUMNS,)
    elif child.unregistered_since:
        _now_registered(s, child)
    s.searches.extend((child.number, now, planned, got, registered, cause, *s.looked))


# ---- Living in a home --------------------------------------------------------------------------


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
        wait(s, child, age)
    _set_due(s, child, age)


def _move_in(s: State, child: Child) -> None:
    """The child takes the place; where it is follows from the household, or from chance."""
    held = child.type
    if held == IN_HOUSE:
        household = s.households.all[child.provider]
        household.filled += 1
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


def wait(s: State, child: Child, age: int) -> None:
    """Put the child on the list for the home that was planned, if it may still move there."""
    if child.planned == FOSTER:
        which = _waits_as(s, child)
        if which is not None:
            waiting = s.waiting[which]
            waiting[child] = None
            child.waiting_in = waiting
            child.waits_for = (
                s.households.admits(age, child.need, child.uasc)
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
    _next_due(s, child, when, BY_HAZARD)


def _next_due(s: State, child: Child, when: float, what: int) -> None:
    """A move is due, unless a closure, an expiry or a market's find comes first."""
    now = s.clock.now
    child.moves, child.moves_by = when, what
    child.due = what
    if child.ends < when:
        when, child.due = child.ends, BY_EXPIRY if child.type == EMERGENCY_BED else BY_CLOSURE
    if child.waiting_in is not None:
        rate = _market_rate(s, child)[0]
        if rate > 0:
            finds = now + child.draws[child.at + luck.FOUND] / rate
            if finds < when:
                when, child.due = finds, BY_MARKET
    if when < child.left and when < s.until:
        s.clock.at(max(when, now), s.when_due, child, child.version)


def _market_rate(s: State, child: Child) -> tuple[float, float]:
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


def stay_with_carer(s: State, child: Child) -> None:
    """The carers go to another agency and the child stays with them: another type, no move."""
    now, where = s.clock.now, (child.in_area, child.over_20_miles, child.same_ethnic_group)
    write_placement(s, child, now)
    _move_out(s, child)
    child.type, child.provider, child.far, child.ifa_for_want = IFA, SPOT, 0.0, 0.0
    child.cause, child.started = SAME_CARER, now
    _move_in(s, child)
    child.in_area, child.over_20_miles, child.same_ethnic_group = where


# ---- Moving ------------------------------------------------------------------------------------


def due(s: State, child: Child, version: int) -> None:
    """What was due in a placement happens, unless the child has moved since."""
    if version != child.version:
        return
    what = child.due
    if what == BY_MARKET:
        _market_finds(s, child)
        return
    if what == BY_HAZARD:
        _hazard_move(s, child)
    elif what == TRY_AGAIN:
        _planned_move(s, child)
    else:
        s.next_search(child)
        cause = HOME_CLOSED if what == BY_CLOSURE else EMERGENCY_EXPIRED
        move(s, child, child.planned, cause)


def move(s: State, child: Child, planned: int, cause: int, *, firm: bool = False) -> bool:
    """Place the child again and count the move; False if a firm plan found nothing."""
    moved = place(s, child, planned, cause, firm=firm)
    s.state_changes += moved
    return moved


def _hazard_move(s: State, child: Child) -> None:
    """A planned move, a breakdown, or another move: the three have different plans."""
    cause = pick(s.rules.causes, child.draws[child.at + luck.CAUSE])
    if cause == PLANNED_MOVE:
        _planned_move(s, child)
        return
    age, planned = child.age(s.clock.now), child.planned
    if cause == BREAKDOWN:
        if planned in (KIN, PARENTS) or planned not in LOOK:
            planned = FOSTER
        if child.draws[child.at + luck.TO_HOME] < s.rules.to_home[age]:
            planned = HOME
        if child.draws[child.at + luck.NEED_RISES] < s.rules.need_rises[age]:
            _need_rises(s, child)
    else:
        planned = _next_plan(s, child, age)
    s.next_search(child)
    move(s, child, planned, cause)


def _need_rises(s: State, child: Child) -> None:
    """After a breakdown a child may need more care than before, for good."""
    child.need = min(child.need + 1, len(s.rules.solo) - 1)
    u = s.draws[child.place * luck.COLUMNS + luck.SOLO]
    child.solo = child.solo or u < s.rules.solo[child.need]


def _next_plan(s: State, child: Child, age: int) -> int:
    """Plan after a planned or other move; a child in a stopgap keeps its plan."""
    if child.type in STOPGAPS:
        return child.planned
    return pick(s.rules.plan_after_move[child.planned][age], child.draws[child.at + luck.NEXT])


def _planned_move(s: State, child: Child) -> None:
    """A planned move happens when the planned home is found; until then the child stays."""
    if child.due != TRY_AGAIN:
        child.next_plan = _next_plan(s, child, child.age(s.clock.now))
    s.next_search(child)
    if not move(s, child, child.next_plan, PLANNED_MOVE, firm=True):
        _next_due(s, child, s.clock.now + TRY_AGAIN_DAYS, TRY_AGAIN)


def _market_finds(s: State, child: Child) -> None:
    """The continuing search finds an agency carer, a home or supported accommodation."""
    total, agencies = _market_rate(s, child)
    u = child.draws[child.at + luck.CAUSE] * total
    s.next_search(child)
    if u < agencies:
        found = (IFA, -1, 0.0, 1.0) if agency_has_room(s, 1) else None
    elif child.planned == SUPPORTED:
        found = (IN_SUPPORTED, SPOT, 0.0, 0.0) if supported_has_room(s) else None
    else:
        found = (HOME_EXTERNAL, SPOT, 0.0, 0.0) if homes_have_room(s) else None
    if found is None:
        _next_due(s, child, child.moves, child.moves_by)
    else:
        step_across(s, child, found)


def step_across(s: State, child: Child, found: Offer) -> None:
    """A child who has waited moves to the home that was found."""
    s.state_changes += 1
    _now_registered(s, child)
    left = vacate(s, child)
    settle(s, child, found, child.planned, STEP_ACROSS, child.age(s.clock.now))
    s.offer_on(*left)


def move_on(s: State, child: Child, attempt: int) -> None:
    """A young person in care moves on to supported accommodation, when there is a place."""
    u = s.draws[child.place * luck.COLUMNS + luck.MOVE_ON]
    if attempt == 0 and u >= s.rules.move_on_share:
        return
    if child.type in (IN_SUPPORTED, WITH_PARENTS, WITH_ADOPTERS, IN_SECURE):
        return
    s.next_search(child)
    if not move(s, child, SUPPORTED, MOVE_ON, firm=True):
        again = s.clock.now + TRY_AGAIN_DAYS
        if again < child.left and again < s.until:
            s.clock.at(again, s.when_moving_on, child, attempt + 1)


def to_adoption(s: State, child: Child, _: int = 0) -> None:
    """A child to be adopted goes to live with the adopters."""
    if child.type != WITH_ADOPTERS:
        s.next_search(child)
        move(s, child, ADOPTION, TO_ADOPTION)


# ---- Leaving a home, leaving care --------------------------------------------------------------


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


def write_placement(s: State, child: Child, ended: float) -> None:
    """Leave the row of a placement."""
    s.placements.extend(
        (
            child.number, child.type, child.planned, child.started, ended, child.cause,
            child.provider, child.in_area, child.over_20_miles, child.far, child.ifa_for_want,
            child.apart, child.need_here, child.alone, child.same_ethnic_group,
        )
    )  # fmt: skip


def leave_care(s: State, child: Child, _: int = 0) -> None:
    """The child leaves care; a young adult may stay with the carer and hold the place."""
    s.state_changes += 1
    was, provider = vacate(s, child)
    child.type = -1
    if was == IN_HOUSE and child.reason == _TURNED_18:
        household = s.households.all[provider]
        days = s.rules.days_staying_put(child.staying_put)
        if days > 0 and household.stopped > s.clock.now:
            _stay_put(s, household, child, s.clock.now + days)
            return
    s.offer_on(was, provider)


def _stay_put(s: State, household: Household, child: Child, until: float) -> None:
    """A young adult stays with a former carer; the place is not free until they go."""
    household.staying += 1
    s.guests.setdefault(household.place, []).append(len(s.staying_put) // 4)
    s.staying_put.extend((household.place, child.number, s.clock.now, until))
    s.households.refresh(household, s.clock.now)
    if until < s.until:
        s.clock.at(until, lambda h, _: _stop_staying_put(s, h), household, 0)


def _stop_staying_put(s: State, household: Household) -> None:
    if household.closed <= s.clock.now:
        return
    s.state_changes += 1
    household.staying -= 1
    s.offer_on(IN_HOUSE, household.place)


def _now_registered(s: State, child: Child) -> None:
    """Searches that had left the child unregistered end here."""
    for row in child.unregistered_since:
        s.searches[row * _SEARCH_COLUMNS + _REGISTERED] = s.clock.now
    child.unregistered_since = ()
