"""Finding a home: one look through what there is, in sourcing order.

In-house carers first, then agencies; then kinds of home that are acceptable; then a stopgap. What a
look finds is an `Offer`; moving the child there is in `journey`.
"""

from __future__ import annotations

from sufficiency.simulation import luck
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
    IN_SUPPORTED,
    NAMED,
    SUPPORTED,
    UNREGISTERED,
)
from sufficiency.simulation.state import Child, State

Offer = tuple[int, int, float, float]
"""A place found: type, provider, far away for want of a nearer one, agency for want of in-house."""


def possible_plan(s: State, planned: int, age: int) -> int:
    """The plan, unless the child is too young for it: then a foster family."""
    if planned == HOME and age < s.rules.youngest_in_home:
        return FOSTER
    if planned == SUPPORTED and age < 16:
        return FOSTER
    return planned


def find_home(s: State, child: Child, planned: int, age: int, *, firm: bool) -> Offer | None:
    """One look: the planned kind in sourcing order, then acceptable kinds, then a stopgap."""
    s.looked = [-1.0, 0.0, 0.0, 0.0, 0.0]
    if planned in NAMED:
        return NAMED[planned], -1, 0.0, 0.0
    found = LOOK[planned](s, child, age)
    if found is not None or firm:
        return found
    if planned == FOSTER and age < s.rules.distant_ifa_under:
        return IFA, -1, 1.0, 1.0
    for kind in s.rules.acceptable[planned]:
        found = LOOK[kind](s, child, age)
        if found is not None:
            return found
    if (
        s.filled.spot[EMERGENCY_BED] < s.rules.emergency_beds
        and age in s.rules.emergency_ages
        and child.type != EMERGENCY_BED
    ):
        return EMERGENCY_BED, -1, 0.0, 0.0
    return UNREGISTERED, -1, 0.0, 0.0


def look_for_carer(s: State, child: Child, age: int) -> Offer | None:
    """In-house first, then an agency."""
    households = s.households
    suited = (
        households.open
        & households.admits(age, child.need, child.uasc)
        & child.compatible
        & ~child.was_with
    )
    if child.solo:
        suited &= households.suits_alone()
    s.looked[0] = float(households.open.bit_count())
    if suited:
        chosen = best_household(
            suited,
            households.all,
            lambda h: s.pair(child, h),
            _where_siblings_live(child) if child.siblings else 0,
            child.ethnicity,
        )
        return IN_HOUSE, chosen.place, 0.0, 0.0
    s.looked[1] = 1.0
    chance = s.rules.ifa_match[age][child.need] * s.grown(s.rules.ifa_growth)
    if child.draws[child.at + luck.IFA] < chance and agency_has_room(s, 1):
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


def agency_has_room(s: State, children: int) -> bool:
    """Whether agencies have so many places, if they have a limit."""
    return s.rules.room(IFA, s.filled.spot[IFA], children, s.clock.now)


def _look_for_home(s: State, child: Child, age: int) -> Offer | None:
    """A home of the authority's own, then a block, then the spot market."""
    rules = s.rules
    if age < rules.youngest_in_home:
        return None
    for home in s.homes:
        if home.usable > len(home.children) and home_suits(s, home, child, age):
            return HOME_OWN, home.place, 0.0, 0.0
    on_the_market = child.draws[child.at + luck.HOME] < (
        rules.home_match[child.need] * s.grown(rules.home_growth)
    )
    filled = s.filled.blocks[HOME_EXTERNAL]
    if (
        filled < rules.home_block
        and child.draws[child.at + luck.BLOCK] < rules.home_block_match
        and (filled < rules.home_kept or on_the_market)
    ):
        return HOME_EXTERNAL, BLOCK, 0.0, 0.0
    if on_the_market and homes_have_room(s):
        return HOME_EXTERNAL, SPOT, 0.0, 0.0
    s.looked[3] = 1.0
    return None


def home_suits(s: State, home: OwnHome, child: Child, age: int) -> bool:
    """Whether an own home has a place for a child of this age and the pair suits."""
    return (
        home.vacancies() > 0
        and home.youngest <= age <= home.oldest
        and not (child.solo and home.children)
        and s.home_pairs[home.place][child.place] < home.match_chance
        and not child.was_in >> home.place & 1
    )


def homes_have_room(s: State) -> bool:
    """Whether the market for homes has a place, if it has a limit."""
    return s.rules.room(HOME_EXTERNAL, s.filled.spot[HOME_EXTERNAL], 1, s.clock.now)


def _look_for_supported(s: State, child: Child, age: int) -> Offer | None:
    """Supported accommodation, never under 16: a block, then the spot market."""
    rules = s.rules
    if age < 16:
        return None
    on_the_market = child.draws[child.at + luck.SUPPORTED] < (
        rules.supported_spot * s.grown(rules.supported_growth)
    )
    filled = s.filled.blocks[IN_SUPPORTED]
    if (
        filled < rules.supported_block
        and child.draws[child.at + luck.BLOCK] < rules.supported_block_match
        and (filled < rules.supported_kept or on_the_market)
    ):
        return IN_SUPPORTED, BLOCK, 0.0, 0.0
    if on_the_market and supported_has_room(s):
        return IN_SUPPORTED, SPOT, 0.0, 0.0
    s.looked[4] = 1.0
    return None


def supported_has_room(s: State) -> bool:
    """Whether the market for supported accommodation has a place, if it has a limit."""
    return s.rules.room(IN_SUPPORTED, s.filled.spot[IN_SUPPORTED], 1, s.clock.now)


LOOK = {FOSTER: look_for_carer, HOME: _look_for_home, SUPPORTED: _look_for_supported}


def find_family(s: State, family: list[Child]) -> Offer | None:
    """One carer for all siblings: an in-house household with places for all, then an agency.

    A child with whom no other can live may live with siblings, where nobody else does.
    """
    households, size, first = s.households, len(family), family[0]
    s.looked = [float(households.open.bit_count()), 0.0, 0.0, 0.0, 0.0]
    suited = households.open & households.takes_siblings & first.compatible
    if any(child.solo for child in family):
        suited &= households.suits_alone()
    chance = 1.0
    for child in family:
        age = child.age(s.clock.now)
        suited &= households.admits(age, child.need, child.uasc)
        chance = min(chance, s.rules.ifa_match[age][child.need] * s.grown(s.rules.ifa_growth))
    with_room = 0
    while suited:
        bit = suited & -suited
        suited ^= bit
        if households.free_places(households.all[bit.bit_length() - 1]) >= size:
            with_room |= bit
    if with_room:
        chosen = best_household(
            with_room, households.all, lambda h: s.pair(first, h), 0, first.ethnicity
        )
        return IN_HOUSE, chosen.place, 0.0, 0.0
    s.looked[1] = 1.0
    chance *= s.rules.ifa_sibling_match ** (size - 1)
    if first.draws[first.at + luck.IFA] < chance and agency_has_room(s, size):
        return IFA, -1, 0.0, 1.0
    return None
