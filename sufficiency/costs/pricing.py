"""`spending`: the rows of one replication, priced.

Money is whole pence: each segment (see `nights`) and each price period of what is paid by the place
is rounded once, half up, and whole numbers are added.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sufficiency.costs import own_provision as own
from sufficiency.costs.income import grant, share_of_price
from sufficiency.costs.nights import CELLS, Placed, Segments, placed, segments, there
from sufficiency.costs.own_provision import Homes
from sufficiency.costs.paid_by_night import Paid, together
from sufficiency.costs.spending import BLOCKS, RETAINED, Spending
from sufficiency.costs.tariff import NAMES, Tariff, pence, tariff
from sufficiency.periods import Calendar, Floats, Ints, calendar
from sufficiency.rows import TYPES, Rows
from sufficiency.scenario import Scenario
from sufficiency.vocabulary import PlacementType

_HOME_OWN = TYPES.index(PlacementType.HOME_OWN)
_DAYS_IN_A_YEAR = 365


class _Beside(NamedTuple):
    """What is paid beside the nights, and what is received."""

    homes: Homes
    voids: tuple[Paid, ...]
    """By type of `BLOCKS`."""
    retainers: tuple[Paid, ...]
    """By type of `RETAINED`."""
    others: tuple[Paid, ...]
    """Recruitment, staying put, programmes."""
    income: tuple[Paid, ...]
    """By source of `SOURCES`."""

    def at_places(self) -> Paid:
        """Paid for places, whoever sleeps in them."""
        return together((self.homes.fixed, *self.voids, *self.retainers))


def spending(scenario: Scenario, rows: Rows) -> Spending:
    """Price what one replication of one option did."""
    days, prices = calendar(scenario.start, scenario.years), tariff(scenario)
    stays = placed(rows, prices)
    priced = segments(scenario, rows, prices, stays)
    where = (priced.cell * 2 + _newness(priced, stays, days)) * (prices.years + 1) + priced.year
    nights = _by_cell(where, priced.nights, (*CELLS, 2), prices.years)
    amounts = _by_cell(where, priced.pence, (*CELLS, 2), prices.years)
    constant = _by_cell(priced.year, priced.constant, (), prices.years)
    by_type, by_night = amounts.sum(axis=(1, 2, 3)), _by_night(priced, len(prices.period))
    beside = _beside(scenario, rows, prices, stays, by_type, by_night)
    recruitment, staying_put, programme = (part.by_year for part in beside.others)
    marches = _nights_of(days.marches.times)
    return Spending(
        years=days.years.labels,
        nights=nights,
        pence=amounts,
        full_year_nights=_full_year_nights(priced, stays, nights, days),
        uasc_pence=_of_uasc(priced, stays, prices.years),
        constant_pence=constant + beside.at_places().constant,
        own_homes_fixed=beside.homes.fixed.by_year,
        own_homes_void=beside.homes.void,
        voids=_rows(beside.voids),
        retainers=_rows(beside.retainers),
        recruitment=recruitment,
        staying_put=staying_put,
        programme=programme,
        income=_rows(beside.income),
        capital=own.capital(scenario, prices),
        monthly=_monthly(by_type.sum(axis=0), by_night.sum(axis=0), beside, days),
        days=np.diff(days.years.edges).astype(np.int64),
        run_rate=_run_rate(by_night, beside, days),
        high_cost=_high_cost(scenario, priced, len(prices.period))[marches],
        in_care=there(stays.first, stays.end, len(prices.period))[marches],
    )


def _beside(
    scenario: Scenario,
    rows: Rows,
    prices: Tariff,
    stays: Placed,
    by_type: Ints,
    by_night: Floats,
) -> _Beside:
    """Work out what is paid beside the nights, and what is received.

    Args:
        scenario: The scenario.
        rows: What happened.
        prices: All prices.
        stays: The placements.
        by_type: Pence of the nights by type and financial year.
        by_night: The same by type and night, not rounded.
    """
    return _Beside(
        homes=own.own_homes(scenario, prices, stays),
        voids=own.blocks(rows, prices, stays),
        retainers=own.retainers(scenario, rows, prices, stays),
        others=(
            own.recruitment(scenario, rows, prices),
            own.staying_put(scenario, rows, prices),
            own.programme(scenario, prices),
        ),
        income=(
            grant(scenario, prices, stays),
            share_of_price(scenario.prices.health_share, by_type, by_night),
            share_of_price(scenario.prices.education_share, by_type, by_night),
        ),
    )


def whole_pence(sums: npt.NDArray[Any]) -> Ints:
    """Sums of whole pence that numpy made of them as floats, as whole numbers again."""
    found: Ints = np.rint(sums).astype(np.int64)
    return found


def _rows(parts: Sequence[Paid]) -> Ints:
    return np.stack([part.by_year for part in parts])


def _nights_of(times: Floats) -> Ints:
    """The night that a census sees: that of its day."""
    found: Ints = np.floor(times).astype(np.int64)
    return found


# ---- Cells -------------------------------------------------------------------------------------


def _newness(priced: Segments, stays: Placed, days: Calendar) -> Ints:
    """Of each segment: 0 if its placement began before its financial year, 1 if in it."""
    firsts = np.append(days.years.edges[: len(days.years.labels)], 0.0)
    return (stays.begun[priced.of] >= firsts[priced.year]).astype(np.int64)


def _by_cell(where: Ints, amounts: Ints, shape: tuple[int, ...], years: int) -> Ints:
    """Sums by cell and complete financial year; what is in none is left out."""
    shape = (*shape, years + 1)
    sums = np.bincount(where, amounts, minlength=math.prod(shape)).reshape(shape)
    return whole_pence(sums[..., :-1])


def _full_year_nights(priced: Segments, stays: Placed, nights: Ints, days: Calendar) -> Ints:
    """Of the placements there in the last night of a year: the next year's nights less its own.

    Those are the ones that exist in the next year, so their nights there are known.
    """
    edges, years = days.years.edges, len(days.years.labels)
    ends = np.append(edges[1 : years + 1], np.inf)
    reach = stays.end[priced.of] >= ends[priced.year]
    where = (priced.cell * (years + 1) + priced.year)[reach]
    before = _by_cell(where, priced.nights[reach], CELLS, years)
    found = nights[..., 0, :].copy()
    found[..., :1] = 0
    found[..., 1:] -= before[..., : max(years - 1, 0)]
    return found


def _of_uasc(priced: Segments, stays: Placed, years: int) -> Ints:
    """What is spent on unaccompanied children, by type and year."""
    of_uasc = stays.uasc[priced.of]
    where = (priced.type * (years + 1) + priced.year)[of_uasc]
    return _by_cell(where, priced.pence[of_uasc], (len(TYPES),), years)


# ---- By night ----------------------------------------------------------------------------------


def _by_night(priced: Segments, length: int) -> Floats:
    """Pence of the nights by type and day, not rounded."""
    width = length + 1
    at = priced.type * width
    many = len(TYPES) * width
    change = np.bincount(at + priced.first, priced.weekly, minlength=many)
    change -= np.bincount(at + priced.end, priced.weekly, minlength=many)
    found: Floats = change.reshape(len(TYPES), width).cumsum(axis=1)[:, :-1] / 7
    return found


def _monthly(of_nights: Ints, by_night: Floats, beside: _Beside, days: Calendar) -> Floats:
    """Net cost by month in whole pence; the last month of a year takes what rounding leaves.

    Args:
        of_nights: Pence of the nights by financial year.
        by_night: The same by night, not rounded.
        beside: What is paid beside them, and received.
        days: The calendar.
    """
    spent, received = together((beside.at_places(), *beside.others)), together(beside.income)
    by_year = of_nights + spent.by_year - received.by_year
    up_to = np.concatenate([[0.0], (by_night + spent.by_night - received.by_night).cumsum()])
    edges = days.months.edges.astype(np.int64)
    found = np.rint(np.diff(up_to[edges]))
    firsts = np.searchsorted(edges, days.years.edges[:-1]).tolist()
    for year, first in enumerate(firsts):
        found[first + 11] = by_year[year] - found[first : first + 11].sum()
    return found


def _run_rate(by_night: Floats, beside: _Beside, days: Calendar) -> Floats:
    """By type and quarter end: pounds a year at what the night of the day costs."""
    nights = _nights_of(days.quarter_ends.times)
    found = by_night[:, nights]
    found[_HOME_OWN] += beside.homes.fixed.by_night[nights]
    for names, parts in ((BLOCKS, beside.voids), (RETAINED, beside.retainers)):
        for name, part in zip(names, parts, strict=True):
            found[NAMES.index(name)] += part.by_night[nights]
    return found * (_DAYS_IN_A_YEAR / 100)


def _high_cost(scenario: Scenario, priced: Segments, length: int) -> Ints:
    """Children whose placement is a high-cost one, by night."""
    dear = priced.weekly >= pence(scenario.prices.high_cost_from)
    return there(priced.first[dear], priced.end[dear], length)
