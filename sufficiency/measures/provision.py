"""Places: approved, usable, filled and vacant; the gap to need; nights paid for and not used.

A place is *held* if the authority approves, runs, retains or buys it in a block: in-house
households, own homes, emergency beds, blocks. The rest of a market shows only the places that it
gave, so these count as approved, usable and filled at once.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sufficiency.measures.counting import (
    Bools,
    labels,
    quarters_and_years,
    ratio,
    stock,
    with_total,
)
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

PAID = tuple(type_ for type_ in HELD if type_ != PlacementType.IN_HOUSE)
"""The types of which places are paid for whether filled or not."""

_KIND_TYPES = {
    Kind.FOSTER: (PlacementType.IN_HOUSE, PlacementType.IFA),
    Kind.HOME: (PlacementType.HOME_OWN, PlacementType.HOME_EXTERNAL),
    Kind.SUPPORTED: (PlacementType.SUPPORTED,),
}
_OWN = {Kind.FOSTER: PlacementType.IN_HOUSE, Kind.HOME: PlacementType.HOME_OWN}
_IN_HOUSE = CAPACITY.index(PlacementType.IN_HOUSE)
_IN_HOUSE_TYPE = type_code(PlacementType.IN_HOUSE)
_HOME_OWN_TYPE = type_code(PlacementType.HOME_OWN)
_ALL_THE_PLACES = 1e6
"""What a child with whom no other can live takes of a household or home."""
_CODES = [type_code(type_) for type_ in CAPACITY]
_IS_OWN = np.isin(
    TYPES, (PlacementType.IN_HOUSE, PlacementType.HOME_OWN, PlacementType.EMERGENCY_BED)
)
_PAID_ROWS = [CAPACITY.index(type_) for type_ in PAID]
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
        " blocked, children and young adults who stay put. Others: over homes and blocks, places"
        " usable less filled. Never below 0; none beside a child with whom no other can live.",
        f"{_OFSTED}: vacant places.",
        _BY_TYPE + _BY_KIND,
        "quarter_ends",
    ),
    "places_not_available": MeasureInfo(
        "places",
        "down",
        "Places approved that are neither filled nor could take a child, by type.",
        "places_approved minus places_usable: blocked, held by a young adult who stays put, of a"
        " household that is winding down or not yet ready; places of a home that are not in use;"
        " places beside a child with whom no other can live.",
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
    "void_nights": MeasureInfo(
        "nights",
        "down",
        "Nights for which a bed was paid for and no child slept in it, by type.",
        "Over the nights of the period and the own homes, blocks and emergency beds: places paid"
        " for whether filled or not, less children there, never below 0. Of an own home: the"
        " places on its register, those that are not usable yet or stay empty beside a child who"
        " must live alone included. Of a block: the guaranteed part.",
        f"{_OURS}; nights as in unregistered_nights.",
        (*_EVERYBODY, *labels("type", PAID)),
        "quarters_and_years",
    ),
}


class Places(NamedTuple):
    """Places at quarter ends, by type of `CAPACITY`."""

    approved: Floats
    filled: Floats
    vacant: Floats
    holds: Bools
    """Whether the authority holds places of the type."""


class Held(NamedTuple):
    """The own homes, the blocks and the emergency beds, and who lives in them."""

    of_type: Floats
    """By type of `CAPACITY`: 1 for each of them that is of it."""
    beds_of: Ints
    """Which of them each row of the beds is about."""
    who: Ints
    """Rows of the placements in them."""
    where: Ints
    """In which of them each is."""


def measure(run: Run) -> dict[str, Floats]:
    """Places, the gap to need, and nights paid for and not used."""
    held = _held(run)
    places = _places(run, held)
    usable = places.filled + places.vacant
    return {
        "places_approved": _with_kinds(places.approved),
        "places_usable": _with_kinds(usable),
        "places_filled": _with_kinds(places.filled),
        "places_vacant": _with_kinds(places.vacant),
        **_shares_of_held(places, usable),
        "sufficiency_gap": _gap(run, usable),
        "void_nights": _void_nights(run, held),
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


def _places(run: Run, held: Held) -> Places:
    inside, outside = _filled(run)
    vacant = _vacant(run, held)
    approved = _registered(run)
    # Whoever was in a block when it shrank stays, in a place that is bought until they leave.
    approved = np.maximum(approved, inside)
    approved[_IN_HOUSE], vacant[_IN_HOUSE] = _in_house(run)
    return Places(approved + outside, inside + outside, vacant, holds=approved > 0)


def _filled(run: Run) -> tuple[Floats, Floats]:
    """Children inside the places held, and outside them in the markets."""
    s, n = run.stays, len(TYPES)
    both = run.at_quarter_ends(s.type + n * _is_inside(run), 2 * n)
    return both[n:][_CODES], both[:n][_CODES]


def _is_inside(run: Run) -> Bools:
    """Which placements are in places held."""
    return _IS_OWN[run.stays.type] | (run.stays.provider >= 0)


def _held(run: Run) -> Held:
    beds, s, n = run.rows.beds, run.stays, len(TYPES)
    codes = beds.code("provider") * n + beds.code("type")
    numbers, beds_of = np.unique(codes, return_inverse=True)
    who = np.flatnonzero(_is_inside(run) & (s.type != _IN_HOUSE_TYPE))
    codes = np.maximum(s.provider[who], 0) * n + s.type[who]
    known = np.isin(codes, numbers)
    of_type = numbers % n == np.array(_CODES)[:, None]
    return Held(
        of_type=of_type.astype(np.float64),
        beds_of=beds_of,
        who=who[known],
        where=np.searchsorted(numbers, codes[known]),
    )


def _registered(run: Run) -> Floats:
    """Places registered of own homes, blocks and emergency beds."""
    beds, dates = run.rows.beds, len(run.calendar.quarter_ends.times)
    first, last = run.at_quarter_ends_between(beds["started"], beds["ended"])
    return stock(beds.code("type"), len(TYPES), first, last, dates, beds["registered"])[_CODES]


def _vacant(run: Run, held: Held) -> Floats:
    """Places vacant in own homes, blocks and among the emergency beds."""
    beds, s, who = run.rows.beds, run.stays, held.who
    n, dates = held.of_type.shape[1], len(run.calendar.quarter_ends.times)
    first, last = run.at_quarter_ends_between(beds["started"], beds["ended"])
    usable = stock(held.beds_of, n, first, last, dates, beds["usable"])
    alone = (run.rows.placements["solo"][who] > 0) & (s.type[who] == _HOME_OWN_TYPE)
    taken = np.where(alone, _ALL_THE_PLACES, 1.0)
    first, last = run.at_quarter_ends_between(s.started[who], s.ended[who])
    free = usable - stock(held.where, n, first, last, dates, taken)
    return held.of_type @ np.maximum(free, 0.0)


def _void_nights(run: Run, held: Held) -> Floats:
    """Nights paid for and not used: each day's places less children, summed over the days.

    Who is there at midnight has passed the night, so the day that a time belongs to is the first
    night that sees what begins, or ends, then.
    """
    beds, s, who = run.rows.beds, run.stays, held.who
    n, days = held.of_type.shape[1], int(run.calendar.days)

    def night(times: Floats) -> Ints:
        return np.floor(np.clip(times, 0.0, run.rows.until)).astype(np.int64)

    paid = stock(
        held.beds_of, n, night(beds["started"]), night(beds["ended"]), days, beds["guaranteed"]
    )
    used = stock(held.where, n, night(s.started[who]), night(s.ended[who]), days)
    by_night = held.of_type @ np.maximum(paid - used, 0.0)
    up_to = np.hstack([np.zeros((len(by_night), 1)), by_night.cumsum(axis=1)])
    by_quarter = np.diff(up_to[_PAID_ROWS][:, run.calendar.quarters.edges.astype(np.int64)])
    return quarters_and_years(with_total(by_quarter), run.calendar)


def _in_house(run: Run) -> tuple[Floats, Floats]:
    """Places approved, and vacant in households that take children."""
    table, s, n = run.rows.households, run.stays, len(run.rows.households)
    dates = len(run.calendar.quarter_ends.times)
    numbers, each = table.code("household"), np.arange(n)
    first, last = run.at_quarter_ends_between(table["approved"], table["closed"])
    approved = stock(np.zeros_like(each), 1, first, last, dates, table["places"])[0]
    living = np.flatnonzero((s.type == _IN_HOUSE_TYPE) & (s.last > s.first) & (s.provider >= 0))
    staying = run.rows.staying_put
    whose = np.concatenate([s.provider[living], staying.code("household")])
    alone = run.rows.placements["solo"][living] > 0
    takes = np.concatenate([np.where(alone, _ALL_THE_PLACES, 1.0), np.ones(len(staying))])
    started = np.concatenate([s.started[living], staying["started"]])
    ended = np.concatenate([s.ended[living], staying["ended"]])
    first, last = run.at_quarter_ends_between(started, ended)
    here = np.flatnonzero(last > first)
    taken = stock(find(numbers, whose[here]), n, first[here], last[here], dates, takes[here])
    first, last = run.at_quarter_ends_between(
        table["available"], np.minimum(table["stopped"], table["closed"])
    )
    open_ = stock(each, n, first, last, dates)
    free = (table["places"] - table["blocked"])[:, None] - taken
    return approved, (np.maximum(free, 0.0) * open_).sum(axis=0)


def _gap(run: Run, usable: Floats) -> Floats:
    needed = run.at_quarter_ends(run.stays.planned, len(KINDS))[SOUGHT_CODES]
    own = [
        needed[SOUGHT.index(kind)] - usable[CAPACITY.index(type_)] for kind, type_ in _OWN.items()
    ]
    return np.vstack([needed - _with_kinds(usable)[len(CAPACITY) :], *own])
