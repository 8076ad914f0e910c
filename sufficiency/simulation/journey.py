"""What happens to one child: enters care, is placed, moves, leaves. One short function per event.

Reading order: `arrive`, `place`, `due`, `leave_care`. Looking for a home is in `search`, living in
it in `living`; what happens to the place a child leaves is in `vacancies`.
"""

from __future__ import annotations

from sufficiency.periods import YEAR
from sufficiency.rows import ENTRY, REASONS
from sufficiency.simulation import luck
from sufficiency.simulation.fostering import Household
from sufficiency.simulation.living import (
    BY_CLOSURE,
    BY_HAZARD,
    BY_MARKET,
    TRY_AGAIN,
    market_rate,
    next_due,
    note_search,
    now_registered,
    settle,
    vacate,
)
from sufficiency.simulation.provision import SPOT
from sufficiency.simulation.rules import (
    ADOPTION,
    FOSTER,
    HOME,
    HOME_EXTERNAL,
    HOME_OWN,
    IFA,
    IN_HOUSE,
    IN_SECURE,
    IN_SUPPORTED,
    KIN,
    NAMED,
    PARENTS,
    REMAND_ROUTE,
    STOPGAPS,
    SUPPORTED,
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
    Child,
    State,
)
from sufficiency.vocabulary import ExitReason

(
    PLANNED_MOVE, BREAKDOWN, OTHER_MOVE, TO_ADOPTION, MOVE_ON, STEP_ACROSS, HOUSEHOLD_LEFT,
    HOME_CLOSED, EMERGENCY_EXPIRED,
) = range(9)  # fmt: skip
"""Causes of a move, in the order of `vocabulary.MoveCause`."""

FOR_OLDER_CHILDREN = (HOME, SUPPORTED)
"""Kinds of home with a youngest age."""
OFFERED_ON = (IN_HOUSE, HOME_OWN, HOME_EXTERNAL, IN_SUPPORTED)
"""Types whose places are offered to children who wait."""

TRY_AGAIN_DAYS = 28.0
"""A planned move waits for the right home: it is looked for again after four weeks (assumption)."""

_TURNED_18 = REASONS.index(ExitReason.TURNED_18)


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
    elif what == BY_CLOSURE:
        s.next_search(child)
        move(s, child, child.planned, HOME_CLOSED)
    else:
        s.search_again(child)
        move(s, child, child.planned, EMERGENCY_EXPIRED)


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
        next_due(s, child, s.clock.now + TRY_AGAIN_DAYS, TRY_AGAIN)


def _market_finds(s: State, child: Child) -> None:
    """The continuing search finds an agency carer, a home or supported accommodation."""
    total, agencies = market_rate(s, child)
    u = child.draws[child.at + luck.CAUSE] * total
    s.next_search(child)
    if u < agencies:
        found = (IFA, -1, 0.0, 1.0) if agency_has_room(s, 1) else None
    elif child.planned == SUPPORTED:
        found = (IN_SUPPORTED, SPOT, 0.0, 0.0) if supported_has_room(s) else None
    else:
        found = (HOME_EXTERNAL, SPOT, 0.0, 0.0) if homes_have_room(s) else None
    if found is None:
        next_due(s, child, child.moves, child.moves_by)
    else:
        step_across(s, child, found)


def step_across(s: State, child: Child, found: Offer) -> None:
    """A child who has waited moves to the home that was found."""
    s.state_changes += 1
    now_registered(s, child)
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


# ---- Leaving care ------------------------------------------------------------------------------


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
