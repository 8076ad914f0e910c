"""What must hold of every household, home, block and market in the rows of a run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from sufficiency.periods import YEAR
from sufficiency.rows import SAME_CARER, TYPES
from sufficiency.scenario import Scenario
from sufficiency.simulation.timeline import timeline
from sufficiency.verification.lives import MOMENT, Bools, Counted, Floats, Ints, Lives, counted
from sufficiency.vocabulary import PlacementType

IN_HOUSE, IFA, HOME_OWN, HOME_EXTERNAL, SUPPORTED, EMERGENCY = (
    TYPES.index(type_)
    for type_ in (
        PlacementType.IN_HOUSE,
        PlacementType.IFA,
        PlacementType.HOME_OWN,
        PlacementType.HOME_EXTERNAL,
        PlacementType.SUPPORTED,
        PlacementType.EMERGENCY_BED,
    )
)
BLOCK, SPOT = 0, -1
"""Providers of a placement that is in no household or own home."""

_OPENS, _GOES, _COMES, _CLOSES = range(4)
"""Order of what happens to a home at one moment: a place is taken once another has left it."""


class Residents(NamedTuple):
    """Who lives in some homes, and from when to when."""

    home: Ints
    started: Floats
    ended: Floats


@dataclass(frozen=True)
class Events:
    """What changes in some homes, one entry each."""

    home: Ints
    time: Floats
    order: Ints
    free: Floats
    """So many places more, or children fewer."""
    looked_at: Bools
    """Whether there must be no more children than places afterwards."""

    def chosen(self, which: Ints | Bools) -> Events:
        """Some of them, in the order given."""
        return Events(**{name: getattr(self, name)[which] for name in self.__dataclass_fields__})

    def and_also(self, others: Events) -> Events:
        """These, then others."""
        return Events(
            **{
                name: np.concatenate([getattr(self, name), getattr(others, name)])
                for name in self.__dataclass_fields__
            }
        )


# ---- Homes -------------------------------------------------------------------------------------


def no_home_is_overfull(lives: Lives) -> list[Counted]:
    """No household, own home, block or emergency bed has more children than places.

    Nor does a child with whom no other can live share a household or own home, save with siblings.
    A block that shrinks keeps the children it has, so there only those who come are looked at.
    """
    check = "no home over its places"
    found = [_overfull(check, *homes) for homes in (_households(lives), _own_homes(lives))]
    found += [_kept_to_themselves(check, lives, code) for code in (IN_HOUSE, HOME_OWN)]
    bought = ((HOME_EXTERNAL, BLOCK), (SUPPORTED, BLOCK), (EMERGENCY, SPOT))
    found += [_overfull(check, *_bought(lives, code, provider)) for code, provider in bought]
    first = next((part.first for part in found if part.faults), "")
    looked_at, faults = (sum(column) for column in list(zip(*found, strict=True))[1:3])
    return [Counted(check, looked_at, faults, first)]


def _households(lives: Lives) -> tuple[Events, Events]:
    """Places of approved households that are not blocked; young adults hold places too."""
    table = lives.rows.households
    opened = _places(
        table.code("household"),
        table["approved"],
        table["closed"],
        table["places"] - table["blocked"],
        lives.until,
    )
    return opened, _people(_with_carers(lives))


def _with_carers(lives: Lives) -> Residents:
    """Children with in-house carers, then young adults who stay put with them."""
    children, guests = _residents(lives, lives.type == IN_HOUSE), lives.rows.staying_put
    return Residents(
        np.concatenate([children.home, guests.code("household")]),
        np.concatenate([children.started, guests["started"]]),
        np.concatenate([children.ended, guests["ended"]]),
    )


def _residents(lives: Lives, here: Bools) -> Residents:
    started = np.maximum(lives.started[here], lives.since)
    provider = lives.values.code("provider")[here]
    return Residents(provider, started, lives.ended[here])


def _own_homes(lives: Lives) -> tuple[Events, Events]:
    """Usable places of own homes, as they open and close."""
    table = lives.rows.beds
    own = table.code("type") == HOME_OWN
    opened = _places(
        table.code("provider")[own],
        table["started"][own],
        table["ended"][own],
        table["usable"][own],
        lives.until,
    )
    return opened, _people(_residents(lives, lives.type == HOME_OWN))


def _kept_to_themselves(check: str, lives: Lives, code: int) -> Counted:
    """A child with whom no other can live shares a household or own home with siblings only."""
    here = lives.type == code
    residents = _with_carers(lives) if code == IN_HOUSE else _residents(lives, here)
    child = lives.child[here]
    if code == IN_HOUSE:
        child = np.concatenate([child, lives.rows.staying_put.code("child")])
    family = lives.family_of(child)
    alone = np.flatnonzero(lives.values["solo"][here] > 0)
    shared = np.zeros(len(alone), dtype=np.bool_)
    for place, own in enumerate(alone):
        together = (residents.home == residents.home[own]) & (family != family[own])
        together &= residents.started < residents.ended[own] - MOMENT
        together &= residents.ended > residents.started[own] + MOMENT
        together &= residents.ended - residents.started > MOMENT
        shared[place] = together.any()
    return counted(check, shared, "child", child[alone], residents.started[alone])


def _bought(lives: Lives, code: int, provider: int) -> tuple[Events, Events]:
    """A block or the emergency beds: places by period, and who comes once the run has begun."""
    table = lives.rows.beds
    own = table.code("type") == code
    one = np.zeros(int(own.sum()), dtype=np.int64)
    opened = _places(
        one, table["started"][own], table["ended"][own], table["usable"][own], lives.until
    )
    here = (lives.type == code) & (lives.values["provider"] == provider)
    there = _residents(lives, here)
    people = _people(there._replace(home=np.zeros_like(there.home)))
    came = people.looked_at & (people.time > lives.since + MOMENT)
    nothing = np.zeros_like(opened.looked_at)
    return replace(opened, looked_at=nothing), replace(people, looked_at=came)


# ---- Counting ----------------------------------------------------------------------------------


def _places(home: Ints, first: Floats, last: Floats, places: Floats, until: float) -> Events:
    """Places open and close; at the end of the run they do not."""
    closes = last < until - MOMENT
    n, m = len(home), int(closes.sum())
    return Events(
        home=np.concatenate([home, home[closes]]),
        time=np.concatenate([first, last[closes]]),
        order=np.repeat([_OPENS, _CLOSES], (n, m)),
        free=np.concatenate([places, -places[closes]]),
        looked_at=np.repeat([False, True], (n, m)),
    )


def _people(residents: Residents) -> Events:
    """People come and go; who goes in the moment of coming was never there."""
    stays = residents.ended - residents.started > MOMENT
    n = len(stays)
    events = Events(
        home=np.concatenate([residents.home, residents.home]),
        time=np.concatenate([residents.started, residents.ended]),
        order=np.repeat([_COMES, _GOES], n),
        free=np.repeat([-1.0, 1.0], n),
        looked_at=np.repeat([True, False], n),
    )
    return events.chosen(np.concatenate([stays, stays & np.isfinite(residents.ended)]))


def _overfull(check: str, opened: Events, people: Events) -> Counted:
    """How often there were more children than places, home by home and moment by moment."""
    events = _in_order(opened.and_also(people))
    bad = (_running(events.free, events.home) < -0.5) & events.looked_at
    found = counted(check, bad, "home", events.home, events.time)
    return found._replace(looked_at=int(people.looked_at.sum()))


def _in_order(events: Events) -> Events:
    """By home and time; what is at the same moment by its order."""
    events = events.chosen(np.lexsort((events.time, events.home)))
    later = np.diff(events.time, prepend=-np.inf) > MOMENT
    later |= np.diff(events.home, prepend=-1) != 0
    return events.chosen(np.lexsort((events.order, np.cumsum(later))))


def _running(change: Floats, home: Ints) -> Floats:
    """Running sum of each home's changes."""
    total = np.cumsum(change)
    first = np.flatnonzero(np.diff(home, prepend=-1) != 0)
    before = np.concatenate([[0.0], total])[first]
    return np.asarray(total - np.repeat(before, np.diff(np.append(first, len(home)))))


# ---- Households --------------------------------------------------------------------------------


def households_come_and_go_in_order(lives: Lives) -> list[Counted]:
    """Each is approved, takes children, stops and closes, in this order and once.

    No child comes before a household takes children or after it has stopped, or stays when it has
    closed.
    """
    check, table = "foster households in order", lives.rows.households
    number = table.code("household")
    bad = (table["available"] < table["approved"]) | (table["stopped"] < table["approved"])
    bad |= table["closed"] < table["stopped"] - MOMENT
    bad |= np.isin(number, number[np.diff(np.sort(number), prepend=-1) == 0])
    return [counted(check, bad, "household", number, table["approved"]), _lived_with(check, lives)]


def _lived_with(check: str, lives: Lives) -> Counted:
    """Whether each child lived with a household that was there and took children."""
    table = lives.rows.households
    here = (lives.type == IN_HOUSE) & (lives.ended - lives.started > MOMENT)
    provider, child = lives.values.code("provider")[here], lives.child[here]
    started = np.maximum(lives.started[here], lives.since)
    ended = np.minimum(lives.ended[here], lives.until)
    wrong = ~np.isin(provider, table.code("household"))
    if len(table):
        order = np.argsort(table["household"], kind="stable")
        place = np.searchsorted(table["household"][order], provider)
        own = order[np.minimum(place, len(order) - 1)]
        wrong |= started < table["available"][own] - MOMENT
        wrong |= started > table["stopped"][own] + MOMENT
        wrong |= ended > np.minimum(table["closed"][own], lives.until) + MOMENT
    return counted(check, wrong, "child", child, started)


# ---- Markets -----------------------------------------------------------------------------------


def no_market_is_over_its_limit(lives: Lives) -> list[Counted]:
    """Nobody comes to a market that is at its limit.

    Save a young child for whom nobody suits, who is sent far away all the same, and children whose
    carers go to an agency with them.
    """
    check = "no market over its limit"
    found = [_over_limit(check, lives, code) for code in (IFA, HOME_EXTERNAL, SUPPORTED)]
    first = next((part.first for part in found if part.faults), "")
    looked_at, faults = (sum(column) for column in list(zip(*found, strict=True))[1:3])
    return [Counted(check, looked_at, faults, first)]


def _over_limit(check: str, lives: Lives, code: int) -> Counted:
    line = timeline(lives.scenario, lives.history)
    limits = [_limit(scenario, code) for scenario in line.scenarios]
    if all(places == np.inf for places, _ in limits):
        return Counted(check, 0, 0)
    here = (lives.type == code) & (lives.values["provider"] == SPOT)
    people = _people(_residents(lives, here)._replace(home=np.zeros(here.sum(), dtype=np.int64)))
    exempt = (lives.values["far_for_want"] > 0) | (lives.values["cause"] == SAME_CARER)
    exempt |= lives.started <= lives.since + MOMENT
    stays = lives.ended[here] - lives.started[here] > MOMENT
    excused = exempt[here][stays]
    coming = people.order == _COMES
    order, looked_at = people.order.copy(), people.looked_at.copy()
    order[coming], looked_at[coming] = np.where(excused, _CLOSES, _COMES), ~excused
    events = _in_order(replace(people, order=order, looked_at=looked_at))
    number = -np.cumsum(events.free)
    most = np.zeros(len(number))
    for moment in (-MOMENT, MOMENT):  # on the day of a change the limit before it counts too
        place = np.searchsorted(line.days, events.time + moment, side="right") - 1
        places, growth = np.array(limits)[place].T
        most = np.maximum(most, places * (1 + growth) ** (np.maximum(events.time, 0.0) / YEAR))
    bad = events.looked_at & (number > most + MOMENT)
    found = counted(check, bad, "market, children:", number, events.time)
    return found._replace(looked_at=int(events.looked_at.sum()))


def _limit(scenario: Scenario, code: int) -> tuple[float, float]:
    """Places of a market, and their growth a year."""
    places, growth = {
        IFA: (scenario.ifa.places, scenario.ifa.growth_per_year),
        HOME_EXTERNAL: (scenario.external_homes.places, scenario.external_homes.growth_per_year),
        SUPPORTED: (scenario.supported.places, scenario.supported.growth_per_year),
    }[code]
    return (np.inf if places is None else places), growth
