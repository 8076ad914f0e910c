"""Placements as segments: nights of one child in one place at one price.

The night of a day is the midnight that ends it; a placement has the nights from the day it begins
to the day before it ends. It is cut where the price of its type may change, on 1 April and on the
birthdays of `tariff.PRICE_AGES`; a birthday counts from the night of its day.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sufficiency.costs.spending import BLOCKS
from sufficiency.costs.tariff import (
    BAND_OF_PRICE_AGE,
    IN_BLOCK,
    NEW,
    ON_FIRST_DAY,
    PRICE_AGES,
    Tariff,
    of_nights,
    pence,
)
from sufficiency.periods import YEAR, Floats, Ints
from sufficiency.rows import AGES, GROUPS, NEEDS, TYPES, Rows, Table
from sufficiency.scenario import Scenario
from sufficiency.vocabulary import EntryGroup

Bools = npt.NDArray[np.bool_]

_PRICE_AGE_DAYS = np.array(PRICE_AGES[1:]) * YEAR
_ADULT = 18 * YEAR
_IS_UASC = np.array([g in (EntryGroup.UASC_UNDER_16, EntryGroup.UASC_16_17) for g in GROUPS])
_HAS_BLOCKS = np.array([str(type_) in BLOCKS for type_ in TYPES])
CELLS = (len(TYPES), len(NEEDS), len(AGES))
_DAY_BITS = 20
"""A cut is the number of its placement and, in the lowest bits, its day."""


class Placed(NamedTuple):
    """The placements with a night in the run, one entry each; days are whole days of the run."""

    type: Ints
    need: Ints
    provider: Ints
    begun: Ints
    """The day it began, below 0 before the first day."""
    begun_in: Ints
    """When it began, as the price sees it: see `Tariff.growth`."""
    first: Ints
    """The first night in the run."""
    end: Ints
    """The day after the last night in the run."""
    birthdays: Ints
    """Age, placement: the days on which the child reaches the ages of `PRICE_AGES`, 0 apart."""
    adult: Ints
    """The child's 18th birthday."""
    uasc: Bools
    child: Ints
    """Row of the child in `Rows.care_periods`."""


class Segments(NamedTuple):
    """Nights at one price."""

    of: Ints
    """Which of `Placed`."""
    type: Ints
    cell: Ints
    """Type, need and age band as one number, in the order of `CELLS`."""
    year: Ints
    """Financial year, see `Tariff.year`."""
    first: Ints
    end: Ints
    nights: Ints
    weekly: Ints
    """Price in pence a week."""
    pence: Ints
    constant: Ints
    """Pence at the price of a new placement and the price level of `prices.year`."""


def placed(rows: Rows, prices: Tariff) -> Placed:
    """Read the placements that have a night in the run."""
    table, length = rows.placements, len(prices.period)
    begun = np.floor(table["started"]).astype(np.int64)
    end = np.floor(np.minimum(table["ended"], length)).astype(np.int64)
    here = np.flatnonzero((end > np.maximum(begun, 0)) & (begun < length))
    began, type_, provider = table["started"][here], *_codes(table, here, "type", "provider")
    begun, end, first = begun[here], end[here], np.maximum(begun[here], 0)
    begun_in = np.where(began <= 0, prices.on_first_day, prices.period[first])
    begun_in[(provider >= 0) & _HAS_BLOCKS[type_]] = prices.in_block
    number, need = _codes(table, here, "child", "need")
    child = _rows_of(rows.care_periods.code("child"), number)
    born = rows.care_periods["born"][child]
    return Placed(
        type=type_,
        need=need,
        provider=provider,
        begun=begun,
        begun_in=begun_in,
        first=first,
        end=end,
        birthdays=np.floor(born + _PRICE_AGE_DAYS[:, None]).astype(np.int64),
        adult=np.floor(born + _ADULT).astype(np.int64),
        uasc=_IS_UASC[rows.care_periods.code("group")[child]],
        child=child,
    )


def _codes(table: Table, here: Ints, *columns: str) -> list[Ints]:
    """Columns of whole numbers, of some rows."""
    return [table[column][here].astype(np.int64) for column in columns]


def _rows_of(numbers: Ints, wanted: Ints) -> Ints:
    """The row of each wanted number."""
    order = np.argsort(numbers, kind="stable")
    found: Ints = order[np.searchsorted(numbers, wanted, sorter=order)]
    return found


def segments(scenario: Scenario, rows: Rows, prices: Tariff, stays: Placed) -> Segments:
    """Cut placements into segments and price them."""
    of, first, end = _cut(prices, stays)
    type_, need, nights = stays.type[of], stays.need[of], end - first
    age = (stays.birthdays.take(of, axis=1) <= first).sum(axis=0)
    period, begun_in = prices.period[first], stays.begun_in[of]
    block = begun_in == prices.in_block
    kind = np.where(block, IN_BLOCK, np.where(begun_in == prices.on_first_day, ON_FIRST_DAY, NEW))
    growth = np.where(
        prices.allowance[type_, need, age],
        prices.allowance_growth[period, type_],
        prices.growth[begun_in, period, type_],
    )
    dearer = np.where(block, 1.0, _dearness(scenario, rows, stays)[of])
    price = prices.base[kind, type_, need, age] * growth * dearer
    weekly = pence(np.maximum(price + prices.rise[period, type_], 0.0))
    cell = (type_ * len(NEEDS) + need) * len(AGES) + BAND_OF_PRICE_AGE[age]
    kind = np.where(block, IN_BLOCK, NEW)
    constant = pence(prices.base[kind, type_, need, age] * dearer)
    return Segments(
        of, type_, cell, prices.year[first], first, end, nights, weekly,
        of_nights(nights, weekly), of_nights(nights, constant),
    )  # fmt: skip


def _cut(prices: Tariff, stays: Placed) -> tuple[Ints, Ints, Ints]:
    """Placement, first night and end of each segment, in order."""
    numbers = np.arange(len(stays.type))
    first, end = stays.first, stays.end
    at_birthday = (stays.birthdays > first) & (stays.birthdays < end)
    starts = prices.starts[1:]
    later = starts[:, None]
    at_price = prices.cut.T[1:, stays.type] & (later > first) & (later < end)
    which, whose = np.nonzero(at_price)
    _, whom = np.nonzero(at_birthday)
    of = np.concatenate([numbers, whose, whom])
    days = np.concatenate([stays.first, starts[which], stays.birthdays[at_birthday]])
    # What is joined is in order already, part by part: a stable sort only merges.
    cuts = np.sort((of << _DAY_BITS) | days, kind="stable")
    cuts = cuts[np.diff(cuts, prepend=-1) > 0]
    of, days = cuts >> _DAY_BITS, cuts & ((1 << _DAY_BITS) - 1)
    ends = np.append(days[1:], 0)
    last = np.append(of[1:] != of[:-1], True)[: len(of)]
    return of, days, np.where(last, stays.end[of], ends[: len(of)])


def _dearness(scenario: Scenario, rows: Rows, stays: Placed) -> Floats:
    """Factor on the price of each placement: the child's, lognormal with mean 1."""
    factor = np.ones(len(stays.type))
    for type_, spread in scenario.prices.spread.items():
        here = np.flatnonzero(stays.type == TYPES.index(type_))
        if spread > 0 and len(here):
            uniform = rows.care_periods["dearness"][stays.child[here]]
            factor[here] = np.exp(spread * _normal(uniform) - spread * spread / 2)
    return factor


def _normal(uniform: Floats) -> Floats:
    """Standard normal values of numbers from 0 to 1; the few of one type need no array routine."""
    inside = np.maximum(uniform, 2.0**-53).tolist()
    return np.array([*map(NormalDist().inv_cdf, inside)])


def within(days: npt.NDArray[Any], length: int) -> Ints:
    """The day of each time, kept between the first day of the run and the day after its last."""
    found: Ints = np.floor(np.minimum(np.maximum(days, 0), length)).astype(np.int64)
    return found


def there(first: Ints, end: Ints, length: int) -> Ints:
    """By night: how many intervals of days are there; what lies beyond the run is left out."""
    first, end = within(first, length), within(end, length)
    change = np.bincount(first, minlength=length + 1) - np.bincount(end, minlength=length + 1)
    found: Ints = change.cumsum()[:length]
    return found
