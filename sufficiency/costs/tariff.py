"""The price of a night: by type, need, age, when the placement began, and when the night is.

A run falls into *price periods*: a new one begins on every 1 April, on every uplift date and on the
first day of every rise. Within one of them no price changes. Before the first date of a price it is
taken back: the price level is that of 31 March at the end of `prices.year`, and k counts the uplift
dates since then (below 0 before).

- Begun in period v: the price of a new placement x (1 + new)^k(v), from then on the contract's
  growth: x (1 + existing)^(k(t) - k(v)).
- There on the first day: the existing price x (1 + existing)^k(t).
- A place in a block, a retainer, a fixed cost: x (1 + existing)^k(t).
- Carers with an allowance: (allowance + fee) x (1 + new)^k(t), whenever the placement began.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple, cast, get_args

import numpy as np
import numpy.typing as npt

from sufficiency.errors import SufficiencyError
from sufficiency.periods import Floats, Ints, calendar
from sufficiency.rows import AGES, NEEDS, TYPES
from sufficiency.scenario import Prices, Scenario
from sufficiency.scenario.prices import (
    ALLOWANCE_STARTS,
    AllowanceAge,
    CarerType,
    PriceLine,
    Rise,
    Uplift,
    UpliftName,
)
from sufficiency.stays import once_per_scenario
from sufficiency.vocabulary import AGE_BAND_STARTS

Bools = npt.NDArray[np.bool_]

PRICE_AGES = tuple(sorted({*(int(age) for age in AGE_BAND_STARTS), *ALLOWANCE_STARTS}))
"""Ages, in years, at which a price, or the age band it is counted in, may change."""
BAND_OF_PRICE_AGE = np.searchsorted(AGE_BAND_STARTS, PRICE_AGES, side="right") - 1
"""Place in `rows.AGES` of each of them."""
_ALLOWANCE_OF_PRICE_AGE = np.searchsorted(ALLOWANCE_STARTS, PRICE_AGES, side="right") - 1

NAMES = (*(str(type_) for type_ in TYPES), "recruitment", "staying_put")
"""What has an uplift of its own: the types, then the rest."""
NEW, ON_FIRST_DAY, IN_BLOCK = range(3)
"""Kinds of base price of a placement."""

_NO_UPLIFT = Uplift(new=0.0)


class Tariff(NamedTuple):
    """Everything that decides a price, as arrays. Prices are pounds a week."""

    starts: Ints
    """First day of each price period; the first is 0."""
    period: Ints
    """By day of the run: its price period."""
    year: Ints
    """By day of the run: its complete financial year; their number where it is in none."""
    years: int
    """How many complete financial years there are."""
    cut: Bools
    """Of each of `NAMES`, by period: whether its price may change, or a financial year begin, as
    the period begins."""
    base: Floats
    """Kind of base price, type, need, age of `PRICE_AGES`: at the price level of `prices.year`."""
    allowance: Bools
    """Type, need, age: whether the price is an allowance and a fee."""
    growth: Floats
    """When the placement began (a period; then: there on the first day, in a block), period, type:
    factor on the base price."""
    allowance_growth: Floats
    """Period, type: the same of an allowance."""
    rise: Floats
    """Period, type: pounds a week on top."""
    existing: Floats
    """Period, name of `NAMES`: the growth of what goes on."""
    factor: Floats
    """By type."""

    @property
    def on_first_day(self) -> int:
        """Where `growth` has the placements that are there on the first day."""
        return len(self.starts)

    @property
    def in_block(self) -> int:
        """Where `growth` has the places in blocks."""
        return len(self.starts) + 1


_MOST = 1e12
"""Pence of one price or sum: so little that all of a run can be counted in whole numbers."""


def whole(amount: npt.ArrayLike) -> Ints:
    """To the nearest whole, half up; a hair below a half is one that floats have missed.

    Raises:
        SufficiencyError: Prices have grown beyond what can be counted.
    """
    exact = np.floor(np.asarray(amount) + 0.5 + 1e-6)
    if not np.all(np.abs(exact) <= _MOST):
        raise SufficiencyError(
            "a price is over £10,000 million in this run: see `prices`, above all its uplift,"
            " factor and spread"
        )
    found: Ints = exact.astype(np.int64)
    return found


def pence(pounds: npt.ArrayLike) -> Ints:
    """Pounds as whole pence."""
    return whole(np.asarray(pounds) * 100)


def of_nights(nights: Ints, weekly: Ints) -> Ints:
    """Whole pence for nights at a weekly price in pence, half up."""
    found: Ints = (2 * nights * weekly + 7) // 14
    return found


@once_per_scenario
def tariff(scenario: Scenario) -> Tariff:
    """Work out all prices of a scenario."""
    prices = scenario.prices
    days = calendar(scenario.start, scenario.years)
    length = int(days.days)
    # `Periods.of` begins with the time before the first day and its very start.
    year = days.years.of[2 : 2 + length]
    dates, cut = _periods(prices, scenario.start, length)
    starts = np.array([(day - scenario.start).days for day in dates], dtype=np.int64)
    factor = _by_type(prices.factor, 1.0)
    base, allowance = _base(scenario)
    new, existing, k = _rates(prices, dates)
    return Tariff(
        starts=starts,
        period=np.repeat(np.arange(len(starts)), np.diff([*starts, length])),
        year=year,
        years=len(days.years.labels),
        cut=cut,
        base=base * factor[:, None, None],
        allowance=allowance,
        growth=_growth(new[: len(TYPES)], existing[: len(TYPES)], k[: len(TYPES)]),
        allowance_growth=((1 + new[:, None]) ** k)[: len(TYPES)].T,
        rise=_rises(prices.rises, dates),
        existing=((1 + existing[:, None]) ** k).T,
        factor=factor,
    )


def _by_type(values: object, otherwise: float) -> Floats:
    """A setting by type of placement as an array."""
    assert isinstance(values, dict)
    return np.array([values.get(str(type_), otherwise) for type_ in TYPES], dtype=np.float64)


# ---- When prices change ------------------------------------------------------------------------


def _periods(prices: Prices, start: date, length: int) -> tuple[list[date], Bools]:
    """First days of the price periods; for which of `NAMES` each is one."""
    end = start + timedelta(days=length)
    mine = [_dates_of(prices, name, start, end) for name in NAMES]
    april = _firsts(4, start, end)
    dates = sorted({start}.union(april, *mine))
    cut = np.array([[day in own or day in april for day in dates] for own in mine], dtype=np.bool_)
    return dates, cut


def _dates_of(prices: Prices, name: str, start: date, end: date) -> set[date]:
    """Dates in the run on which the price of something may change."""
    uplift = prices.uplift.get(cast(UpliftName, name))
    found = _firsts(uplift.month, start, end) if uplift else set()
    return found | {r.from_ for r in prices.rises if r.type == name and start < r.from_ < end}


def _firsts(month: int, start: date, end: date) -> set[date]:
    """First days of a month, in every year, after the first day of the run."""
    firsts = (date(year, month, 1) for year in range(start.year, end.year + 1))
    return {first for first in firsts if start < first < end}


def _rates(prices: Prices, dates: list[date]) -> tuple[Floats, Floats, Ints]:
    """By name: growth a year of new and existing prices; by name and period: k."""
    uplifts = [_uplift(prices, name) for name in NAMES]
    new = np.array([uplift.new for uplift in uplifts])
    existing = np.array([growth_of_existing(uplift, prices.cpi) for uplift in uplifts])
    level = last_day(prices.year)
    k = [
        [uplifts_until(u.month, day) - uplifts_until(u.month, level) for day in dates]
        for u in uplifts
    ]
    return new, existing, np.array(k, dtype=np.int64)


def _uplift(prices: Prices, name: str) -> Uplift:
    """How a price of `NAMES` grows."""
    return prices.uplift.get(cast(UpliftName, name), _NO_UPLIFT)


def growth_of_existing(uplift: Uplift, cpi: float) -> float:
    """Growth a year of the price of a placement that goes on."""
    found = uplift.new if uplift.existing is None else uplift.existing
    return min(found, cpi) if uplift.at_most_cpi else found


def uplifts_until(month: int, day: date) -> int:
    """Firsts of a month up to a day, that day included; only differences mean anything."""
    return day.year + (day.month >= month)


def _growth(new: Floats, existing: Floats, k: Ints) -> Floats:
    """When begun (periods, first day, block), period, type: factor on the base price."""
    since = k[:, None, :] - k[:, :, None]
    begun = (1 + new)[:, None, None] ** k[:, :, None] * (1 + existing)[:, None, None] ** since
    goes_on = ((1 + existing)[:, None] ** k)[:, None, :]
    return np.concatenate([begun, goes_on, goes_on], axis=1).transpose(1, 2, 0)


def _rises(rises: tuple[Rise, ...], dates: list[date]) -> Floats:
    """Period, type: what is paid on top."""
    found = np.zeros((len(dates), len(TYPES)))
    for rise in rises:
        found[[day >= rise.from_ for day in dates], NAMES.index(rise.type)] += rise.weekly
    return found


# ---- What is paid, and for whom ----------------------------------------------------------------


def _base(scenario: Scenario) -> tuple[Floats, Bools]:
    """Prices before growth by kind, type, need and age; which are allowances."""
    prices = scenario.prices
    shape = (3, len(TYPES), len(NEEDS), len(PRICE_AGES))
    base, allowance = np.zeros(shape), np.zeros(shape[1:], dtype=np.bool_)
    for type_, weekly in prices.weekly.items():
        base[:, NAMES.index(type_)] = 0.0 if weekly is None else weekly
    for carers, fee in prices.fee.items():
        if prices.weekly.get(carers) is None and prices.allowance is not None:
            base[:, NAMES.index(carers)] = _allowances(scenario, carers) + fee
            allowance[NAMES.index(carers)] = True
    for type_, weekly in prices.existing.items():
        base[ON_FIRST_DAY, NAMES.index(type_)] = weekly
    for line in sorted(prices.table, key=_says):
        _apply(line, base, allowance)
    for block, price in prices.block.items():
        base[IN_BLOCK, NAMES.index(block)] = price
    return base, allowance


def _allowances(scenario: Scenario, carers: CarerType) -> Floats:
    """The allowance by age of `PRICE_AGES`, brought to the price level of the other prices."""
    prices = scenario.prices
    assert prices.allowance is not None
    weekly = prices.allowance.weekly[scenario.authority.region]
    uplift = _uplift(prices, carers)
    passed = uplifts_until(uplift.month, last_day(prices.year)) - uplifts_until(
        uplift.month, last_day(prices.allowance.year)
    )
    by_age = np.array([weekly[age] for age in get_args(AllowanceAge)])
    found: Floats = by_age[_ALLOWANCE_OF_PRICE_AGE] * (1 + uplift.new) ** passed
    return found


def last_day(financial_year: str) -> date:
    """31 March at the end of a financial year like 2024-25."""
    return date(int(financial_year[:4]) + 1, 3, 31)


def _says(line: PriceLine) -> int:
    """How much a line says of whom it is for; of two that say as much the later one decides."""
    return (line.need is not None) + (line.age is not None)


def _apply(line: PriceLine, base: Floats, allowance: Bools) -> None:
    """Set the prices that a line is about."""
    needs = np.array([line.need in (None, str(need)) for need in NEEDS])
    ages = np.array([line.age in (None, str(AGES[band])) for band in BAND_OF_PRICE_AGE])
    type_, whose = NAMES.index(line.type), np.ix_(needs, ages)
    base[NEW, type_][whose] = line.new
    base[ON_FIRST_DAY, type_][whose] = line.new if line.existing is None else line.existing
    allowance[type_][whose] = False
    if _says(line) == 0:
        base[IN_BLOCK, type_] = line.new
