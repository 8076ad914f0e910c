"""What happens to one child: enters care, is placed, moves, leaves. One short function per event.

Reading order: `arrive`, `place`, `find_home`, `settle`, `due`, `leave_care`. Households and homes
have their own few events at the end: `approve`, `become_available`, `stop`, `close`.
"""

from __future__ import annotations

from typing import Any

from sufficiency.rows import ENTRY, REASONS
from sufficiency.simulation.demand import BLOCK as BLOCK_DRAW
from sufficiency.simulation.demand import (
    BRIDGE,
    CAUSE,
    CLOSES,
    COLUMNS,
    FOUND,
    LASTS,
    NEXT,
    PLACE,
    PLAN,
    TO_HOME,
)
from sufficiency.simulation.demand import HOME as HOME_DRAW
from sufficiency.simulation.demand import IFA as IFA_DRAW
from sufficiency.simulation.demand import MOVE_ON as MOVE_ON_DRAW
from sufficiency.simulation.demand import MOVE_ON_WHEN
from sufficiency.simulation.demand import SUPPORTED as SUPPORTED_DRAW
from sufficiency.simulation.fostering import Household
from sufficiency.simulation.matching import best_household
from sufficiency.simulation.provision import BLOCK, SPOT, OwnHome
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
    STOPGAPS,
    SUPPORTED,
    UNREGISTERED,
    WITH_ADOPTERS,
    WITH_PARENTS,
    pick,
)
from sufficiency.simulation.state import Child, State
from sufficiency.stays import YEAR
from sufficiency.vocabulary import ExitReason

(
    PLANNED_MOVE, BREAKDOWN, OTHER_MOVE, TO_ADOPTION, MOVE_ON, STEP_ACROSS, HOUSEHOLD_LEFT,
    HOME_CLOSED, EMERGENCY_EXPIRED,
) = range(9)  # fmt: skip
"""Causes of a move, in the order of `vocabulary.MoveCause`."""

BY_HAZARD, BY_CLOSURE, BY_EXPIRY, BY_MARKET, TRY_AGAIN = range(5)
"""What is due next in a placement."""

TRY_AGAIN_DAYS = 28.0
"""A planned move waits for the right home: it is looked for again after four weeks (assumption)."""

IN_STOPGAP, IN_EMERGENCY_BED, IN_HOME_FOR_WANT, FAR_AWAY, ON_A_BRIDGE = range(5)
"""Lists of children who wait for an in-house carer, the most urgent first."""

_TURNED_18 = REASONS.index(ExitReason.TURNED_18)
_SEARCH_COLUMNS = 11
_REGISTERED = 4

Offer = tuple[int, int, float, float]
"""A place found: type, provider, far away for want of a nearer one, agency for want of in-house."""


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
        s.rules.plan_at_entry[eldest.group][eldest.court], s.draws[eldest.place * COLUMNS + PLAN]
    )
    if len(family) > 1:
        for child in family[1:]:
            s.next_search(child)
        _enter_family(s, family, planned)
    else:
        place(s, eldest, possible_plan(s, eldest, planned), ENTRY, firm=False)
    for child in family:
        _expect_the_future(s, child)


def _enter_family(s: State, family: list[Child], planned: int) -> None:
    """Place siblings with one carer if they need a foster family and one is found; else each alone."""
    plans = [possible_plan(s, child, planned) for child in family]
    together = find_family(s, family) if all(plan == FOSTER for plan in plans) else None
    for child, plan in zip(family, plans, strict=True):
        if together is not None:
            _note_search(s, child, FOSTER, together[0], ENTRY)
            settle(s, child, together, FOSTER, ENTRY)
        else:
            place(s, child, plan, ENTRY, firm=False)
    if together is None:
        homes = {(c.type, c.provider if c.type == IN_HOUSE else c.number) for c in family}
        named = {c.type for c in family} <= set(NAMED.values())
        for child in family:
            child.apart = float(len(homes) > 1 and not named)


def _expect_the_future(s: State, child: Child) -> None:
    """Set the dates that do not depend on where the child lives: leaving, adoption, moving on."""
    if child.left < s.until:
        s.clock.at(child.left, s.when_leaving, child, 0)
    if s.clock.now <= child.adoption_at < min(child.left, s.until):
        s.clock.at(child.adoption_at, s.when_adopted, child, 0)
    move_on_at = _move_on_at(s, child)
    if s.clock.now <= move_on_at < min(child.left, s.until):
        s.clock.at(move_on_at, s.when_moving_on, child, 0)


def _move_on_at(s: State, child: Child) -> float:
    """When a child who reaches 16 in care moves on to supported accommodation; `inf` if never."""
    sixteen = child.born + 16 * YEAR
    base = child.place * COLUMNS
    if child.entered > sixteen or s.draws[base + MOVE_ON_DRAW] >= s.rules.move_on_share:
        return float("inf")
    return sixteen + s.draws[base + MOVE_ON_WHEN] * 2 * YEAR


def possible_plan(s: State, child: Child, planned: int) -> int:
    """The plan, unless the child is too young for it: then a foster family."""
    if planned == HOME and child.age(s.clock.now) < s.rules.youngest_in_home:
        return FOSTER
    if planned == SUPPORTED and child.age(s.clock.now) < 16:
        return FOSTER
    return planned


# ---- Finding a home ----------------------------------------------------------------------------


def place(s: State, child: Child, planned: int, cause: int, *, firm: bool) -> bool:
    """Look for a home and move the child there; a firm plan waits rather than settle for less.

    The look comes before the place the child leaves is offered on, or the child would take it back.
    """
    found = find_home(s, child, planned, firm=firm)
    if found is None:
        return False
    _note_search(s, child, planned, found[0], cause)
    left = vacate(s, child)
    settle(s, child, found, planned, cause)
    offer_on(s, *left)
    return True


def find_home(s: State, child: Child, planned: int, *, firm: bool) -> Offer | None:
    """One look: the planned kind in sourcing order, then acceptable kinds, then a stopgap."""
    s.looked = [-1.0, 0.0, 0.0, 0.0, 0.0]
    if planned in NAMED:
        return NAMED[planned], -1, 0.0, 0.0
    age = child.age(s.clock.now)
    found = _LOOK[planned](s, child, age)
    if found is not None or firm:
        return found
    if planned == FOSTER and age < s.rules.distant_ifa_under:
        return IFA, -1, 1.0, 1.0
    for kind in s.rules.acceptable[planned]:
        found = _LOOK[kind](s, child, age)
        if found is not None:
            return found
    if s.filled.emergency < s.rules.emergency_beds and child.type != EMERGENCY_BED:
        return EMERGENCY_BED, -1, 0.0, 0.0
    return UNREGISTERED, -1, 0.0, 0.0


def _look_for_carer(s: State, child: Child, age: int) -> Offer | None:
    """In-house first, then an agency."""
    households = s.households
    suited = (
        households.open
        & households.admits(age, child.need, child.uasc)
        & child.compatible
        & ~child.was_with
    )
    s.looked[0] = float(households.open.bit_count())
    if suited:
        chosen = best_household(
            suited, households.all, lambda h: s.pair(child, h), _where_siblings_live(child)
        )
        return IN_HOUSE, chosen.place, 0.0, 0.0
    s.looked[1] = 1.0
    chance = s.rules.ifa_match[age][child.need]
    if child.draws[child.at + IFA_DRAW] < chance and _agency_has_room(s, 1):
        return IFA, -1, 0.0, 1.0
    s.looked[2] = 1.0
    return None


def _where_siblings_live(child: Child) -> int:
    """In-house households in which a sibling lives, as bits."""
    mask = 0
    for sibling in child.siblings:
        if sibling.type == IN_HOUSE:
            mask |= 1 << sibling.provider
    return mask


def _agency_has_room(s: State, children: int) -> bool:
    limit = s.rules.ifa_places
    if limit is None:
        return True
    grown = limit * (1 + s.rules.ifa_growth) ** (max(s.clock.now, 0.0) / YEAR)
    return s.filled.ifa + children <= grown


def _look_for_home(s: State, child: Child, age: int) -> Offer | None:
    """A home of the authority's own, then a block, then the spot market."""
    rules = s.rules
    if age < rules.youngest_in_home:
        return None
    for home in s.homes:
        if _home_suits(s, home, child, age):
            return HOME_OWN, home.place, 0.0, 0.0
    if (
        s.filled.home_block < rules.home_block
        and child.draws[child.at + BLOCK_DRAW] < rules.home_block_match
    ):
        return HOME_EXTERNAL, BLOCK, 0.0, 0.0
    if child.draws[child.at + HOME_DRAW] < rules.home_match[child.need] and _homes_have_room(s):
        return HOME_EXTERNAL, SPOT, 0.0, 0.0
    s.looked[3] = 1.0
    return None


def _home_suits(s: State, home: OwnHome, child: Child, age: int) -> bool:
    return (
        home.vacancies() > 0
        and age >= home.youngest
        and s.home_pairs[home.place][child.place] < home.match_chance
        and not child.was_in >> home.place & 1
    )


def _homes_have_room(s: State) -> bool:
    return s.rules.home_places is None or s.filled.home_spot < s.rules.home_places


def _look_for_supported(s: State, child: Child, age: int) -> Offer | None:
    """Supported accommodation, never under 16: a block, then the spot market."""
    rules = s.rules
    if age < 16:
        return None
    if (
        s.filled.supported_block < rules.supported_block
        and child.draws[child.at + BLOCK_DRAW] < rules.supported_block_match
    ):
        return IN_SUPPORTED, BLOCK, 0.0, 0.0
    if child.draws[child.at + SUPPORTED_DRAW] < rules.supported_spot and _supported_has_room(s):
        return IN_SUPPORTED, SPOT, 0.0, 0.0
    s.looked[4] = 1.0
    return None


def _supported_has_room(s: State) -> bool:
    limit = s.rules.supported_places
    return limit is None or s.filled.supported_spot < limit


_LOOK = {FOSTER: _look_for_carer, HOME: _look_for_home, SUPPORTED: _look_for_supported}


def find_family(s: State, family: list[Child]) -> Offer | None:
    """One carer for all siblings: an in-house household with places for all, then an agency."""
    households, size, first = s.households, len(family), family[0]
    s.looked = [float(households.open.bit_count()), 0.0, 0.0, 0.0, 0.0]
    suited = households.open & households.takes_siblings & first.compatible
    chance = 1.0
    for child in family:
        age = child.age(s.clock.now)
        suited &= households.admits(age, child.need, child.uasc)
        chance = min(chance, s.rules.ifa_match[age][child.need])
    with_room = 0
    while suited:
        bit = suited & -suited
        suited ^= bit
        if households.free_places(households.all[bit.bit_length() - 1]) >= size:
            with_room |= bit
    if with_room:
        chosen = best_household(with_room, households.all, lambda h: s.pair(first, h), 0)
        return IN_HOUSE, chosen.place, 0.0, 0.0
    s.looked[1] = 1.0
    chance *= s.rules.ifa_sibling_match ** (size - 1)
    if first.draws[first.at + IFA_DRAW] < chance and _agency_has_room(s, size):
        return IFA, -1, 0.0, 1.0
    return None


def _note_search(s: State, child: Child, planned: int, got: int, cause: int) -> None:
    """Every search leaves a row: what was planned, what was found, what was full."""
    now = s.clock.now
    registered = now
    if got == UNREGISTERED:
        registered = float("inf")
        child.unregistered_since += (len(s.searches) // _SEARCH_COLUMNS,)
    elif child.unregistered_since:
        _now_registered(s, child)
    s.searches.extend((child.number, now, planned, got, registered, cause, *s.looked))


def _now_registered(s: State, child: Child) -> None:
    """Searches that had left the child unregistered end here."""
    for row in child.unregistered_since:
        s.searches[row * _SEARCH_COLUMNS + _REGISTERED] = s.clock.now
    child.unregistered_since = ()


# ---- Living in a home --------------------------------------------------------------------------


def settle(
    s: State,
    child: Child,
    found: Offer,
    planned: int,
    cause: int,
    started: float | None = None,
) -> None:
    """The child moves in (or did, at the start of the run); what is due next is set."""
    child.type, child.provider, child.far, child.ifa_for_want = found
    child.planned = planned
    child.cause = cause
    child.started = s.clock.now if started is None else started
    child.apart = 0.0
    _fill(s, child, 1)
    _locate(s, child)
    age = child.age(s.clock.now)
    if planned == FOSTER or (child.type in STOPGAPS and planned in _LOOK):
        _wait(s, child, age)
    _set_due(s, child, age)


def _fill(s: State, child: Child, change: int) -> None:
    """Count the child in or out of the place it holds."""
    held = child.type
    if held == IN_HOUSE:
        household = s.households.all[child.provider]
        household.filled += change
        s.households.refresh(household, s.clock.now)
        # A pair suits for ever: without this a child would move to the carer it lives with.
        child.was_with |= 1 << child.provider
    elif held == IFA:
        s.filled.ifa += change
    elif held in (HOME_EXTERNAL, IN_SUPPORTED):
        _fill_bought(s, held, child.provider == BLOCK, change)
    elif held == HOME_OWN:
        home = s.homes[child.provider]
        if change > 0:
            home.children.append(child)
            child.was_in |= 1 << home.place
        else:
            home.children.remove(child)
    elif held == EMERGENCY_BED:
        s.filled.emergency += change


def _fill_bought(s: State, held: int, in_block: bool, change: int) -> None:
    filled = s.filled
    if held == HOME_EXTERNAL and in_block:
        filled.home_block += change
    elif held == HOME_EXTERNAL:
        filled.home_spot += change
    elif in_block:
        filled.supported_block += change
    else:
        filled.supported_spot += change


def _locate(s: State, child: Child) -> None:
    """Whether the placement is in the area and whether it is over 20 miles from home."""
    if child.type == IN_HOUSE:
        household = s.households.all[child.provider]
        child.in_area, child.over_20_miles = household.in_area, household.over_20_miles
    elif child.far:
        child.in_area, child.over_20_miles = 0.0, 1.0
    else:
        u = child.draws[child.at + PLACE]
        child.in_area = 1.0 if u < s.rules.in_area[child.type] else 0.0
        child.over_20_miles = 1.0 if u > 1 - s.rules.over_20_miles[child.type] else 0.0


def _wait(s: State, child: Child, age: int) -> None:
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
    if child.type == IFA and child.draws[child.at + BRIDGE] < s.rules.bridging_share:
        return ON_A_BRIDGE
    return None


def _set_due(s: State, child: Child, age: int) -> None:
    """Set the first of what may end this placement: a move, a closure, an expiry, a market's find."""
    now, rules = s.clock.now, s.rules
    draws, at = child.draws, child.at
    kind = KIND_OF[child.type]
    factor = rules.move_factor[kind][age] * child.frailty
    when = child.started + rules.placement_lasts(draws[at + LASTS], factor)
    child.ends = float("inf")
    if child.type == HOME_EXTERNAL and rules.home_closing > 0:
        child.ends = now + draws[at + CLOSES] / rules.home_closing
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
            finds = now + child.draws[child.at + FOUND] / rate
            if finds < when:
                when, child.due = finds, BY_MARKET
    if when < child.left and when < s.until:
        s.clock.at(max(when, now), s.when_due, child, child.version)


def _market_rate(s: State, child: Child) -> tuple[float, float]:
    """Chance a day that a market finds a home for a child who still waits; the agencies' part."""
    rules = s.rules
    if child.type in STOPGAPS:
        if child.planned == FOSTER:
            old_enough = child.age(s.clock.now) >= rules.youngest_in_home
            home = rules.home_found if old_enough else 0.0
            return rules.ifa_found + home, rules.ifa_found
        return (rules.home_found if child.planned == HOME else rules.supported_found), 0.0
    if (
        child.planned == FOSTER
        and KIND_OF[child.type] in (HOME, SUPPORTED)
        and rules.step_from_home
    ):
        return rules.ifa_found, rules.ifa_found
    return 0.0, 0.0


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
        _move(s, child, child.planned, cause)


def _move(s: State, child: Child, planned: int, cause: int, *, firm: bool = False) -> bool:
    moved = place(s, child, possible_plan(s, child, planned), cause, firm=firm)
    s.state_changes += moved
    return moved


def _hazard_move(s: State, child: Child) -> None:
    """A planned move, a breakdown, or another move: the three have different plans."""
    cause = pick(s.rules.causes, child.draws[child.at + CAUSE])
    if cause == PLANNED_MOVE:
        _planned_move(s, child)
        return
    age, planned = child.age(s.clock.now), child.planned
    if cause == BREAKDOWN:
        if planned in (KIN, PARENTS) or planned not in _LOOK:
            planned = FOSTER
        if child.draws[child.at + TO_HOME] < s.rules.to_home[age]:
            planned = HOME
    else:
        planned = _next_plan(s, child, age)
    s.next_search(child)
    _move(s, child, planned, cause)


def _next_plan(s: State, child: Child, age: int) -> int:
    """Plan after a planned or other move; a child in a stopgap keeps its plan."""
    if child.type in STOPGAPS:
        return child.planned
    return pick(s.rules.plan_after_move[child.planned][age], child.draws[child.at + NEXT])


def _planned_move(s: State, child: Child) -> None:
    """A planned move happens when the planned home is found; until then the child stays."""
    planned = _next_plan(s, child, child.age(s.clock.now))
    s.next_search(child)
    if _move(s, child, planned, PLANNED_MOVE, firm=True):
        return
    _next_due(s, child, s.clock.now + TRY_AGAIN_DAYS, TRY_AGAIN)


def _market_finds(s: State, child: Child) -> None:
    """The continuing search finds an agency carer, a home or supported accommodation."""
    total, agencies = _market_rate(s, child)
    u = child.draws[child.at + CAUSE] * total
    s.next_search(child)
    if u < agencies:
        found = (IFA, -1, 0.0, 1.0) if _agency_has_room(s, 1) else None
    elif child.planned == SUPPORTED:
        found = (IN_SUPPORTED, SPOT, 0.0, 0.0) if _supported_has_room(s) else None
    else:
        found = (HOME_EXTERNAL, SPOT, 0.0, 0.0) if _homes_have_room(s) else None
    if found is None:
        _next_due(s, child, child.moves, child.moves_by)
    else:
        step_across(s, child, found)


def step_across(s: State, child: Child, found: Offer) -> None:
    """A child who has waited moves to the home that was found."""
    s.state_changes += 1
    _now_registered(s, child)
    left = vacate(s, child)
    settle(s, child, found, child.planned, STEP_ACROSS)
    offer_on(s, *left)


def move_on(s: State, child: Child, _: int = 0) -> None:
    """A young person in care moves on to supported accommodation, when there is a place."""
    if child.type in (IN_SUPPORTED, WITH_PARENTS, WITH_ADOPTERS, IN_SECURE):
        return
    s.next_search(child)
    if not _move(s, child, SUPPORTED, MOVE_ON, firm=True):
        again = s.clock.now + TRY_AGAIN_DAYS
        if again < child.left and again < s.until:
            s.clock.at(again, s.when_moving_on, child, 0)


def to_adoption(s: State, child: Child, _: int = 0) -> None:
    """A child to be adopted goes to live with the adopters."""
    if child.type != WITH_ADOPTERS:
        s.next_search(child)
        _move(s, child, ADOPTION, TO_ADOPTION)


# ---- Leaving a home, leaving care --------------------------------------------------------------


def vacate(s: State, child: Child) -> tuple[int, int]:
    """End the placement, if there is one, and say which place is empty now."""
    if child.type < 0:
        return -1, -1
    write_placement(s, child, s.clock.now)
    _fill(s, child, -1)
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
            child.apart,
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
    offer_on(s, was, provider)


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
    offer_on(s, IN_HOUSE, household.place)


# ---- Offering a place that has become free -----------------------------------------------------


def offer_on(s: State, was: int, provider: int) -> None:
    """A place is empty: offer it to those who wait, or close a household that winds down."""
    if was == IN_HOUSE:
        household = s.households.all[provider]
        if household.stopped <= s.clock.now:
            if household.filled == 0 and household.closed == float("inf"):
                close(s, household)
            return
        offer_household(s, household)
    elif was == HOME_OWN:
        offer_home(s, s.homes[provider])
    elif was == IN_SUPPORTED and provider == BLOCK:
        _offer_block(s)


def offer_household(s: State, household: Household) -> None:
    """Offer a household's places to children who wait, the most urgent first."""
    bit = 1 << household.place
    s.households.refresh(household, s.clock.now)
    while s.households.open & bit:
        child = _first_waiting(s, household, bit)
        if child is None:
            return
        s.next_search(child)
        step_across(s, child, (IN_HOUSE, household.place, 0.0, 0.0))


def _first_waiting(s: State, household: Household, bit: int) -> Child | None:
    now = s.clock.now
    for which, waiting in enumerate(s.waiting):
        over = []
        for child in waiting:
            if which == ON_A_BRIDGE and now - child.started > s.rules.bridging_days:
                over.append(child)
            elif child.waits_for & bit and household.youngest <= child.age(now) <= household.oldest:
                return child
        for child in over:
            del waiting[child]
            child.waiting_in = None
    return None


def offer_home(s: State, home: OwnHome) -> None:
    """Offer an own home's places to children in a stopgap who need a home."""
    while home.vacancies() > 0:
        now = s.clock.now
        chosen = next(
            (c for c in s.waiting_for_home if _home_suits(s, home, c, c.age(now))), None
        )
        if chosen is None:
            return
        s.next_search(chosen)
        step_across(s, chosen, (HOME_OWN, home.place, 0.0, 0.0))


def _offer_block(s: State) -> None:
    """Offer a block place to young people in a stopgap who need supported accommodation."""
    for child in list(s.waiting_for_block):
        if s.filled.supported_block >= s.rules.supported_block:
            return
        s.next_search(child)
        if child.draws[child.at + BLOCK_DRAW] < s.rules.supported_block_match:
            step_across(s, child, (IN_SUPPORTED, BLOCK, 0.0, 0.0))


# ---- Households and homes ----------------------------------------------------------------------


def approve(s: State, household: Household) -> None:
    """A household is approved; it can take a child within a month and will stop one day."""
    s.state_changes += 1
    now = s.clock.now
    household.approved = now
    household.available = now + household.wait
    s.clock.at(household.available, lambda h, _: become_available(s, h), household, 0)
    expect_stop(s, household, household.stop_unit)


def expect_stop(s: State, household: Household, unit: float) -> None:
    """Set the day on which a household will decide to stop, at today's rate."""
    household.version += 1
    household.stop_rate = s.rules.stopping
    when = s.clock.now + unit / household.stop_rate if household.stop_rate > 0 else float("inf")
    household.stopped = when
    if when < s.until:
        s.clock.at(when, lambda h, version: stop(s, h, version), household, household.version)


def become_available(s: State, household: Household) -> None:
    """A new household can take its first child."""
    household.available = s.clock.now
    offer_household(s, household)


def stop(s: State, household: Household, version: int) -> None:
    """A household decides to stop: no new child; it closes when empty, or at once in a few cases."""
    if version != household.version:
        return
    household.stopped = s.clock.now
    s.households.refresh(household, s.clock.now)
    if household.at_once < s.rules.closing_at_once:
        close_with_children(s, household)
    elif household.filled == 0:
        close(s, household)
    else:
        wind_down(s, household, s.rules.winding_down_days)


def wind_down(s: State, household: Household, days: float) -> None:
    """No new child comes; when the last leaves, or after so many days, the household closes."""
    when = s.clock.now + days
    if when < s.until:
        s.clock.at(when, lambda h, _: close_with_children(s, h), household, 0)


def close_with_children(s: State, household: Household) -> None:
    """A household leaves while children live there; they move."""
    if household.closed < float("inf"):
        return
    for child in [c for c in s.children if c.type == IN_HOUSE and c.provider == household.place]:
        s.next_search(child)
        _move(s, child, child.planned, HOUSEHOLD_LEFT)
    if household.closed == float("inf"):
        close(s, household)


def close(s: State, household: Household) -> None:
    """A household leaves; before the first day another takes its place, so that the number holds."""
    s.state_changes += 1
    now = s.clock.now
    household.closed = now
    for row in s.guests.pop(household.place, []):
        s.staying_put[row * 4 + 3] = min(s.staying_put[row * 4 + 3], now)
    if now < 0 and s.replacements:
        approve(s, s.households.all[s.replacements.pop(0)])


def open_places(s: State, home: OwnHome, step: int) -> None:
    """Places of an own home come into use."""
    s.state_changes += 1
    write_beds(s, home)
    _, home.registered, home.usable = home.steps[step]
    home.since = s.clock.now
    offer_home(s, home)


def close_home(s: State, home: OwnHome) -> None:
    """An own home closes; its children move."""
    s.state_changes += 1
    write_beds(s, home)
    home.registered = home.usable = 0
    home.since = float("inf")
    for child in list(home.children):
        s.next_search(child)
        _move(s, child, child.planned, HOME_CLOSED)


def write_beds(s: State, home: OwnHome) -> None:
    """Leave a row of how many places a home had until now."""
    if home.registered and s.clock.now > home.since:
        s.beds.extend(
            (HOME_OWN, home.place, home.since, s.clock.now, home.registered, home.usable)
        )


def new_rules(s: State, rules: Any) -> None:
    """Dated values change: pending decisions to stop keep their luck at the new rate."""
    now, before = s.clock.now, s.rules
    s.rules = rules
    if rules.stopping == before.stopping:
        return
    for household in s.households.all:
        if household.approved <= now < household.stopped and household.closed > now:
            left = (household.stopped - now) * household.stop_rate
            expect_stop(s, household, left if household.stop_rate > 0 else household.stop_unit)


