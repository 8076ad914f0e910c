"""What is paid beside the nights: homes, blocks, retainers, recruitment, staying put, capital."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sufficiency.costs.nights import Bools, Placed, there, within
from sufficiency.costs.paid_by_night import Paid, nothing, paid, together, years
from sufficiency.costs.spending import BLOCKS
from sufficiency.costs.tariff import IN_BLOCK, NAMES, Tariff, pence, tariff
from sufficiency.periods import YEAR, Ints, calendar, day_of
from sufficiency.rows import TYPES, Rows
from sufficiency.scenario import Home, Scenario
from sufficiency.stays import once_per_scenario
from sufficiency.vocabulary import PlacementType

MONTH = YEAR / 12
_HOME_OWN = TYPES.index(PlacementType.HOME_OWN)
_IN_HOUSE = TYPES.index(PlacementType.IN_HOUSE)
_EMERGENCY_BED = TYPES.index(PlacementType.EMERGENCY_BED)
_AT_START = 0
"""Origin of a household that is there from the beginning: its approval is not paid again."""


class Homes(NamedTuple):
    """The authority's own homes."""

    fixed: Paid
    void: Ints
    """Pence by year: the part of the fixed cost that pays for empty places."""


# ---- Own homes ---------------------------------------------------------------------------------


def own_homes(scenario: Scenario, prices: Tariff, stays: Placed) -> Homes:
    """Fixed costs of the own homes, from before they open, and what of it pays for empty places."""
    length, homes = len(prices.period), _homes(scenario)
    own = np.flatnonzero(stays.type == _HOME_OWN)
    void = np.zeros(prices.years, dtype=np.int64)
    for number, home in enumerate(homes):
        here = own[stays.provider[own] == number]
        empty = np.maximum(home.places - there(stays.first[here], stays.end[here], length), 0)
        void += _share(home.fixed.by_year, _by_year(prices, empty), home.nights)
    return Homes(together([nothing(prices), *(home.fixed for home in homes)]), void)


class _Home(NamedTuple):
    """What is known of a home before anybody lives in it."""

    places: Ints
    """Places that are paid for, by night."""
    nights: Ints
    """Their nights by year."""
    fixed: Paid


@once_per_scenario
def _homes(scenario: Scenario) -> list[_Home]:
    prices = tariff(scenario)
    length, out = len(prices.period), []
    for home in scenario.homes:
        open_ = _nights_paid(scenario, home, length)
        places = open_ * _registered(home, length)
        fixed = _fixed(scenario, home, prices, open_, places)
        out.append(_Home(places, _by_year(prices, places), fixed))
    return out


def first_day_paid(scenario: Scenario, home: Home) -> int:
    """The day from which the fixed cost of a home is paid; 0 if it is open on the first day."""
    if home.opens is None:
        return 0
    ready = day_of(scenario.start, home.opens) + home.registration_delay_months * MONTH
    return max(int(np.floor(ready - home.staffed_months_before * MONTH)), 0)


def _nights_paid(scenario: Scenario, home: Home, length: int) -> Ints:
    """By night: 1 while the fixed cost of a home is paid."""
    closes = length if home.closes is None else int(day_of(scenario.start, home.closes))
    since = np.array([first_day_paid(scenario, home)])
    return there(since, np.array([max(closes, since[0])]), length)


def _registered(home: Home, length: int) -> Ints:
    """Places on the register by night; of a home that is to open, those that will be on it."""
    places = np.full(length, home.registered, dtype=np.int64)
    if home.opens is None:
        ready = int(home.registration_delay_months * MONTH)
        places[:ready] -= home.awaiting_registration
    return places


def _fixed(scenario: Scenario, home: Home, prices: Tariff, open_: Ints, places: Ints) -> Paid:
    factor = prices.factor[_HOME_OWN]
    if home.weekly_fixed is not None:
        return paid(prices, PlacementType.HOME_OWN, home.weekly_fixed * factor, open_)
    each = scenario.prices.home_fixed_weekly_per_place
    return paid(prices, PlacementType.HOME_OWN, each * factor, places)


def _by_year(prices: Tariff, places: Ints) -> Ints:
    """Place-nights by financial year."""
    return years(prices, np.arange(len(places)), places)


def _share(amount: Ints, part: Ints, whole: Ints) -> Ints:
    """Amount x part / whole, half up; all of it where there is no whole."""
    found: Ints = (2 * amount * part + whole) // np.maximum(2 * whole, 1)
    return np.where(whole > 0, found, amount)


def capital(scenario: Scenario, prices: Tariff) -> Ints:
    """Pence by year: one-off capital of the homes that open, less grants."""
    found = np.zeros(prices.years, dtype=np.int64)
    for home in scenario.homes:
        day = -1 if home.opens is None else int(day_of(scenario.start, home.opens))
        if 0 <= day < len(prices.period):
            net = pence(home.capital) - pence(home.capital_grant)
            found = found + years(prices, np.array([day]), np.array([net]))
    return found


# ---- Places that are held ----------------------------------------------------------------------


def blocks(rows: Rows, prices: Tariff, stays: Placed) -> tuple[Paid, ...]:
    """Guaranteed places of blocks in which nobody sleeps, by type of `BLOCKS`."""
    out = []
    for name in BLOCKS:
        type_ = NAMES.index(name)
        # The price is the same for every need and age.
        weekly = float(prices.base[IN_BLOCK, type_, 0, 0])
        inside = (stays.type == type_) & (stays.provider >= 0)
        out.append(_empty(rows, prices, stays, name, weekly, inside))
    return tuple(out)


def retainers(scenario: Scenario, rows: Rows, prices: Tariff, stays: Placed) -> tuple[Paid, ...]:
    """Empty emergency beds and foster households without a child, by type of `RETAINED`."""
    weekly = {
        name: price * prices.factor[NAMES.index(name)]
        for name, price in scenario.prices.retainer.items()
    }
    of_households = of_beds = nothing(prices)
    if weekly.get("in_house"):
        lived_in_by_nobody = _without_a_child(rows, prices, stays)
        of_households = paid(prices, "in_house", weekly["in_house"], lived_in_by_nobody)
    if weekly.get("emergency_bed"):
        inside = stays.type == _EMERGENCY_BED
        kept = weekly["emergency_bed"]
        of_beds = _empty(rows, prices, stays, "emergency_bed", kept, inside)
    return of_households, of_beds


def _empty(
    rows: Rows, prices: Tariff, stays: Placed, name: str, weekly: float, inside: Bools
) -> Paid:
    """Places of a type that are paid for and empty, each provider for itself."""
    beds, length = rows.beds, len(prices.period)
    of_type = np.flatnonzero(beds["type"] == NAMES.index(name))
    if not len(of_type):
        return nothing(prices)
    provider, kept = beds.code("provider")[of_type], beds.code("guaranteed")[of_type]
    started, ended = (within(beds[time][of_type], length) for time in ("started", "ended"))
    empty = np.zeros(length, dtype=np.int64)
    for each in np.unique(provider):
        places = np.zeros(length, dtype=np.int64)
        for row in np.flatnonzero(provider == each):
            places[started[row] : ended[row]] += kept[row]
        here = inside & (np.maximum(stays.provider, 0) == each)
        empty += np.maximum(places - there(stays.first[here], stays.end[here], length), 0)
    return paid(prices, name, weekly, empty)


def _without_a_child(rows: Rows, prices: Tariff, stays: Placed) -> Ints:
    """Foster households that could take a child and have none, by night."""
    table, length = rows.households, len(prices.period)
    opens = within(table["available"], length)
    stops = np.maximum(within(np.minimum(table["stopped"], table["closed"]), length), opens)
    numbers = table.code("household")
    here = np.flatnonzero((stays.type == _IN_HOUSE) & np.isin(stays.provider, numbers))
    order = np.argsort(numbers, kind="stable")
    household = order[np.searchsorted(numbers, stays.provider[here], sorter=order)]
    first = np.maximum(stays.first[here], opens[household])
    end = np.minimum(stays.end[here], stops[household])
    lived_in = first < end
    return there(opens, stops, length) - there_once(
        household[lived_in], first[lived_in], end[lived_in], length
    )


def there_once(of: Ints, first: Ints, end: Ints, length: int) -> Ints:
    """By night: how many things have at least one interval there.

    Each thing's days are shifted behind those of the thing before, so that one running maximum of
    the ends says how far all earlier intervals of the same thing reach.
    """
    shift, order = of * (length + 1), np.lexsort((first, of))
    first, end, shift = (first + shift)[order], (end + shift)[order], shift[order]
    reached = np.concatenate([[0], np.maximum.accumulate(end)])[: len(end)]
    first = np.maximum(first, reached)
    more = end > first
    return there((first - shift)[more], (end - shift)[more], length)


# ---- The rest ----------------------------------------------------------------------------------


def recruitment(scenario: Scenario, rows: Rows, prices: Tariff) -> Paid:
    """Recruiting and assessing the households that are approved in the run."""
    table, length = rows.households, len(prices.period)
    day = np.floor(table["approved"][table.code("origin") != _AT_START])
    day = day[(day >= 0) & (day < length)].astype(np.int64)
    each = scenario.prices.recruitment_per_approval
    by_period = pence(each * prices.existing[:, NAMES.index("recruitment")])
    spent = by_period[prices.period[day]]
    return Paid(
        by_year=years(prices, day, spent),
        constant=years(prices, day, np.full(len(day), pence(each))),
        by_night=np.bincount(day, spent, minlength=length).astype(np.float64),
    )


def staying_put(scenario: Scenario, rows: Rows, prices: Tariff) -> Paid:
    """Paid to carers with whom a young adult stays put."""
    table, length = rows.staying_put, len(prices.period)
    first, end = within(table["started"], length), within(table["ended"], length)
    guests = there(first, np.maximum(end, first), length)
    return paid(prices, "staying_put", scenario.prices.staying_put_weekly, guests)


def programme(scenario: Scenario, prices: Tariff) -> Paid:
    """Sums spent on plans; in each financial year the same every day."""
    labels = calendar(scenario.start, scenario.years).years.labels
    spent = np.zeros(prices.years + 1, dtype=np.int64)
    for item in scenario.programme:
        if item.year in labels:
            spent[labels.index(item.year)] += pence(item.amount)
    days = np.bincount(prices.year, minlength=prices.years + 1)
    by_night = (spent / np.maximum(days, 1))[prices.year]
    return Paid(spent[:-1], spent[:-1], by_night)
