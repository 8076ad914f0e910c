"""Places that become free, and the few events of households and homes.

A free place is offered to the children who wait for it, the most urgent first. A household is
approved, becomes available, decides to stop, winds down and closes; a home opens its places and
closes.
"""

from __future__ import annotations

from typing import Any

from sufficiency.simulation import luck
from sufficiency.simulation.fostering import Household
from sufficiency.simulation.journey import (
    HOME_CLOSED,
    HOUSEHOLD_LEFT,
    move,
    step_across,
)
from sufficiency.simulation.living import stay_with_carer
from sufficiency.simulation.provision import BLOCK, OwnHome
from sufficiency.simulation.rules import HOME_EXTERNAL, HOME_OWN, IN_HOUSE, IN_SUPPORTED
from sufficiency.simulation.search import home_suits
from sufficiency.simulation.state import ON_A_BRIDGE, Child, State

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
    elif provider == BLOCK and was in (IN_SUPPORTED, HOME_EXTERNAL):
        _offer_block(s, was)


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
            elif (
                child.waits_for & bit
                and household.youngest <= child.age(now) <= household.oldest
                and not (child.solo and not s.households.empty & bit)
            ):
                return child
        for child in over:
            del waiting[child]
            child.waiting_in = None
    return None


def offer_home(s: State, home: OwnHome) -> None:
    """Offer an own home's places to children in a stopgap who need a home."""
    while home.vacancies() > 0:
        now = s.clock.now
        chosen = next((c for c in s.waiting_for_home if home_suits(s, home, c, c.age(now))), None)
        if chosen is None:
            return
        s.next_search(chosen)
        step_across(s, chosen, (HOME_OWN, home.place, 0.0, 0.0))


def _offer_block(s: State, kind: int) -> None:
    """Offer a place kept in a block to children in a stopgap who need such a home."""
    if kind == IN_SUPPORTED:
        waiting, kept, match = (
            s.waiting_for_block,
            s.rules.supported_kept,
            s.rules.supported_block_match,
        )
    else:
        waiting, kept, match = s.waiting_for_home, s.rules.home_kept, s.rules.home_block_match
    for child in list(waiting):
        if s.filled.blocks[kind] >= kept:
            return
        s.next_search(child)
        if child.draws[child.at + luck.BLOCK] < match:
            step_across(s, child, (kind, BLOCK, 0.0, 0.0))


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
    """A household decides to stop: no new child; it closes when empty, or at once in few cases."""
    if version != household.version:
        return
    household.stopped = s.clock.now
    s.households.refresh(household, s.clock.now)
    if household.transfer < s.rules.transfers_out:
        go_to_agency(s, household)
    elif household.at_once < s.rules.closing_at_once:
        close_with_children(s, household)
    elif household.filled == 0:
        close(s, household)
    else:
        wind_down(s, household, s.rules.winding_down_days)


def go_to_agency(s: State, household: Household) -> None:
    """A household goes to another agency; its children stay with it, and it is no move for them."""
    household.transferred = True
    for child in sorted(household.children, key=lambda child: child.place):
        stay_with_carer(s, child)
    close(s, household)


def wind_down(s: State, household: Household, days: float) -> None:
    """No new child comes; when the last leaves, or after so many days, the household closes."""
    when = s.clock.now + days
    if when < s.until:
        s.clock.at(when, lambda h, _: close_with_children(s, h), household, 0)


def close_with_children(s: State, household: Household) -> None:
    """A household leaves while children live there; they move."""
    if household.closed < float("inf"):
        return
    for child in sorted(household.children, key=lambda child: child.place):
        s.next_search(child)
        move(s, child, child.planned, HOUSEHOLD_LEFT)
    if household.closed == float("inf"):
        close(s, household)


def close(s: State, household: Household) -> None:
    """A household leaves; before the first day another takes its place: the number holds."""
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
        move(s, child, child.planned, HOME_CLOSED)


def write_beds(s: State, home: OwnHome) -> None:
    """Leave a row of how many places a home had until now."""
    if home.registered and s.clock.now > home.since:
        row = (HOME_OWN, home.place, home.since, s.clock.now, home.registered, home.usable)
        s.beds.extend((*row, home.registered))


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
