"""Places: approved, usable, filled and vacant; the gap to need; and who fosters.

A place is *held* if the authority approves, runs, retains or buys it in a block: in-house
households, own homes, emergency beds, blocks. The rest of a market shows only the places that it
gave, so these count as approved, usable and filled at once.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sufficiency.measures.counting import Bools, labels, ratio, stock
from sufficiency.measures.flows import SOUGHT, SOUGHT_CODES
from sufficiency.measures.run import Run, find, type_code
from sufficiency.periods import Floats, Ints
from sufficiency.rows import KINDS, TYPES, MeasureInfo
from sufficiency.vocabulary import Kind, PlacementType

CAPACITY = (
    PlacementType.IN_HOUSE,
    PlacementType.IFA,
    PlacementType.HOME_OWN,
    PlacementType.HOME_EXTERNAL,
    PlacementType.SUPPORTED,
    PlacementType.EMERGENCY_BED,
)
"""The types whose places can be counted; the others serve named children."""
HELD = tuple(type_ for type_ in CAPACITY if type_ != PlacementType.IFA)
"""The types of which an authority can hold places."""

_KIND_TYPES = {
    Kind.FOSTER: (PlacementType.IN_HOUSE, PlacementType.IFA),
    Kind.HOME: (PlacementType.HOME_OWN, PlacementType.HOME_EXTERNAL),
    Kind.SUPPORTED: (PlacementType.SUPPORTED,),
}
_OWN = {Kind.FOSTER: PlacementType.IN_HOUSE, Kind.HOME: PlacementType.HOME_OWN}
_IN_HOUSE = CAPACITY.index(PlacementType.IN_HOUSE)
_IN_HOUSE_TYPE = type_code(PlacementType.IN_HOUSE)
_CODES = [type_code(type_) for type_ in CAPACITY]
_IS_OWN = np.isin(
    TYPES, (PlacementType.IN_HOUSE, PlacementType.HOME_OWN, PlacementType.EMERGENCY_BED)
)
_HELD_ROWS = [CAPACITY.index(type_) for type_ in HELD]
_KIND_ROWS = [[CAPACITY.index(type_) for type_ in _KIND_TYPES[kind]] for kind in SOUGHT]

_EVERYBODY = ("",)
_BY_TYPE = labels("type", CAPACITY)
_BY_KIND = labels("kind", SOUGHT)
_BY_HELD = labels("type", HELD)
_OFSTED = 'Ofsted, "Fostering in England"'
_OURS = "this model's"

MEASURES: dict[str, MeasureInfo] = {
    "places_approved": MeasureInfo(
        "places",
        "",
        "Places approved or registered, by type and by kind of home. In a market: the places it"
        " gave and what is bought in a block. Approved places are not capacity.",
        "In-house: places of households approved and not closed. Own homes and emergency beds:"
        " places registered. Elsewhere: children placed outside blocks + places of blocks.",
        f"{_OFSTED}: approved mainstream places.",
        _BY_TYPE + _BY_KIND,
        "quarter_ends",
    ),
    "places_usable": MeasureInfo(
        "places",
        "",
        "Places that are filled or could take a child, by type and by kind of home.",
        "places_filled + places_vacant.",
        f"{_OFSTED}: places filled or vacant.",
        _BY_TYPE + _BY_KIND,
        "quarter_ends",
    ),
    "places_filled": MeasureInfo(
        "places",
        "",
        "Places in which a child in care lives, by type and by kind of home.",
        "Children placed with the type.",
        f"{_OFSTED}: filled places; young adults who stay put are not children in care.",
        _BY_TYPE + _BY_KIND,
        "quarter_ends",
    ),
    "places_vacant": MeasureInfo(
        "places",
        "",
        "Places that could take a child now, by type and by kind of home. A vacant place is not a"
        " match: few suit a given child.",
        "In-house: over households that take children (available, not stopped), places less those"
        " blocked, children and young adults who stay put. Others: places usable less filled. Never"
        " below 0.",
        f"{_OFSTED}: vacant places.",
        _BY_TYPE + _BY_KIND,
        "quarter_ends",
    ),
    "places_not_available": MeasureInfo(
        "places",
        "down",
        "Places approved that are neither filled nor could take a child, by type.",
        "places_approved minus places_usable: blocked, held by a young adult who stays put, of a"
        " household that is winding down or not yet ready; places of a home that are not in use.",
        f"{_OFSTED}: places not available.",
        _BY_HELD,
        "quarter_ends",
    ),
    "occupancy": MeasureInfo(
        "share",
        "",
        "Share of the usable places that is filled, of the types of which places are held.",
        "places_filled ÷ places_usable; empty where no place is held.",
        _OURS,
        _BY_HELD,
        "quarter_ends",
    ),
    "occupancy_of_approved": MeasureInfo(
        "share",
        "",
        "Share of the approved places that is filled, of the types of which places are held.",
        "places_filled ÷ places_approved; empty where no place is held.",
        f"{_OFSTED}: 60% of mainstream places in 2025.",
        _BY_HELD,
        "quarter_ends",
    ),
    "vacant_share_of_approved": MeasureInfo(
        "share",
        "",
        "Share of the approved places that could take a child now.",
        "places_vacant ÷ places_approved; empty where no place is held.",
        f"{_OFSTED}: 16% of mainstream places in 2024.",
        _BY_HELD,
        "quarter_ends",
    ),
    "not_available_share_of_approved": MeasureInfo(
        "share",
        "down",
        "Share of the approved places that are neither filled nor could take a child.",
        "places_not_available ÷ places_approved; empty where no place is held.",
        f"{_OFSTED}: 23% of mainstream places in 2024.",
        _BY_HELD,
        "quarter_ends",
    ),
    "sufficiency_gap": MeasureInfo(
        "places",
        "down",
        "Places needed beyond those this authority can use: all of the kind, and its own only."
        " Below 0: more places than children whose plan it is. To be read beside unmet_need and"
        " places_vacant, because a vacant place need not match.",
        "placements_needed less places_usable of the kind; by type, less its own places.",
        _OURS,
        _BY_KIND + tuple(f"kind={kind};type={type_}" for kind, type_ in _OWN.items()),
        "quarter_ends",
    ),
    "foster_households": MeasureInfo(
        "households",
        "up",
        "In-house foster households, those that wind down or wait for a first child included.",
        "Households approved and not closed.",
        f"{_OFSTED}: mainstream households on 31 March.",
        _EVERYBODY,
        "quarter_ends",
    ),
    "carers": MeasureInfo(
        "people",
        "up",
        "In-house foster carers. Carers, households, places and children are four different units.",
        "foster_households times fostering.carers_per_household.",
        f"{_OFSTED}: 56,345 carers in 33,435 households in 2025.",
        _EVERYBODY,
        "quarter_ends",
    ),
    "filled_per_household": MeasureInfo(
        "places",
        "",
        "Children who live with an in-house household, on average.",
        "places_filled of in_house ÷ foster_households.",
        f"{_OFSTED}: 42,015 filled places in 33,435 households in 2025, 1.26.",
        _EVERYBODY,
        "quarter_ends",
    ),
    "staying_put": MeasureInfo(
        "people",
        "",
        "Young adults who stay with a former in-house carer and hold a foster place.",
        "Staying-put arrangements begun and not ended.",
        "Children Act 1989, section 23CZA; DfE 2024.",
        _EVERYBODY,
        "quarter_ends",
    ),
}


class Places(NamedTuple):
    """Places at quarter ends, by type of `CAPACITY`."""

    approved: Floats
    filled: Floats
    vacant: Floats
    holds: Bools
    """Whether the authority holds places of the type."""


def measure(run: Run) -> dict[str, Floats]:
    """Places, the gap to need, and households."""
    places = _places(run)
    usable = places.filled + places.vacant
    households = _number(run, run.rows.households["approved"], run.rows.households["closed"])
    staying = run.rows.staying_put
    return {
        "places_approved": _with_kinds(places.approved),
        "places_usable": _with_kinds(usable),
        "places_filled": _with_kinds(places.filled),
        "places_vacant": _with_kinds(places.vacant),
        **_shares_of_held(places, usable),
        "sufficiency_gap": _gap(run, usable),
        "foster_households": households,
        "carers": households * run.scenario.fostering.carers_per_household,
        "filled_per_household": ratio(places.filled[[_IN_HOUSE]], households),
        "staying_put": _number(run, staying["started"], staying["ended"]),
    }


def _shares_of_held(places: Places, usable: Floats) -> dict[str, Floats]:
    """Shares of the types of which places are held; NaN where none is."""
    not_available = (places.approved - usable)[_HELD_ROWS]
    filled, vacant = places.filled[_HELD_ROWS], places.vacant[_HELD_ROWS]
    approved = np.where(places.holds, places.approved, 0.0)[_HELD_ROWS]
    usable = np.where(places.holds, usable, 0.0)[_HELD_ROWS]
    return {
        "places_not_available": not_available,
        "occupancy": ratio(filled, usable),
        "occupancy_of_approved": ratio(filled, approved),
        "vacant_share_of_approved": ratio(vacant, approved),
        "not_available_share_of_approved": ratio(not_available, approved),
    }


def _with_kinds(by_type: Floats) -> Floats:
    """Types, followed by the kinds of home that they make up."""
    kinds = [by_type[rows].sum(axis=0) for rows in _KIND_ROWS]
    return np.vstack([by_type, *kinds])


def _places(run: Run) -> Places:
    inside, outside = _filled(run)
    approved, usable = _beds(run)
    vacant = np.maximum(usable - inside, 0.0)
    approved[_IN_HOUSE], vacant[_IN_HOUSE] = _in_house(run)
    return Places(approved + outside, inside + outside, vacant, holds=approved > 0)


def _filled(run: Run) -> tuple[Floats, Floats]:
    """Children inside the places held, and outside them in the markets."""
    s, n = run.stays, len(TYPES)
    inside = _IS_OWN[s.type] | (s.provider >= 0)
    both = run.at_quarter_ends(s.type + n * inside, 2 * n)
    return both[n:][_CODES], both[:n][_CODES]


def _beds(run: Run) -> tuple[Floats, Floats]:
    """Places registered and usable of own homes, blocks and emergency beds."""
    beds, n = run.rows.beds, len(TYPES)
    codes, dates = beds.code("type"), len(run.calendar.quarter_ends.times)
    first, last = _there(run, beds["started"], beds["ended"])
    registered = stock(codes, n, first, last, dates, beds["registered"])
    usable = stock(codes, n, first, last, dates, beds["usable"])
    return registered[_CODES], usable[_CODES]


def _in_house(run: Run) -> tuple[Floats, Floats]:
    """Places approved, and vacant in households that take children."""
    table, s, n = run.rows.households, run.stays, len(run.rows.households)
    dates = len(run.calendar.quarter_ends.times)
    numbers, each = table.code("household"), np.arange(n)
    first, last = _there(run, table["approved"], table["closed"])
    approved = stock(np.zeros_like(each), 1, first, last, dates, table["places"])[0]
    living = np.flatnonzero((s.type == _IN_HOUSE_TYPE) & (s.last > s.first) & (s.provider >= 0))
    staying = run.rows.staying_put
    whose = np.concatenate([s.provider[living], staying.code("household")])
    started = np.concatenate([s.started[living], staying["started"]])
    ended = np.concatenate([s.ended[living], staying["ended"]])
    first, last = _there(run, started, ended)
    here = np.flatnonzero(last > first)
    taken = stock(find(numbers, whose[here]), n, first[here], last[here], dates)
    first, last = _there(run, table["available"], np.minimum(table["stopped"], table["closed"]))
    open_ = stock(each, n, first, last, dates)
    free = (table["places"] - table["blocked"])[:, None] - taken
    return approved, (np.maximum(free, 0.0) * open_).sum(axis=0)


def _there(run: Run, started: Floats, ended: Floats) -> tuple[Ints, Ints]:
    """The first quarter end at which each interval is there, and the first at which no more."""
    days, first = run.calendar, run.calendar.quarter_ends.first
    return first[days.days_of(started)], first[days.days_of(ended)]


def _gap(run: Run, usable: Floats) -> Floats:
    needed = run.at_quarter_ends(run.stays.planned, len(KINDS))[SOUGHT_CODES]
    own = [
        needed[SOUGHT.index(kind)] - usable[CAPACITY.index(type_)] for kind, type_ in _OWN.items()
    ]
    return np.vstack([needed - _with_kinds(usable)[len(CAPACITY) :], *own])


def _number(run: Run, started: Floats, ended: Floats) -> Floats:
    """Intervals that are there at quarter ends: one row."""
    first, last = _there(run, started, ended)
    return stock(np.zeros_like(first), 1, first, last, len(run.calendar.quarter_ends.times))
