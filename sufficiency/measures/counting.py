"""Counting intervals at census dates and times in periods, for every code at once.

Nothing loops over days or children. An interval becomes the first census at which it is there and
the first at which it is there no more; adding 1 at the one and taking it away at the other, a
running sum over the dates gives the number there at each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from sufficiency.periods import Calendar, Floats, Ints

Bools = npt.NDArray[np.bool_]


def labels(name: str, words: Iterable[str]) -> tuple[str, ...]:
    """The names of groups: `type=in_house`, `type=ifa`, and so on."""
    return tuple(f"{name}={word}" for word in words)


def stock(
    codes: Ints, n: int, first: Ints, last: Ints, dates: int, weights: Floats | None = None
) -> Floats:
    """Intervals (or the sum of their weights) that are there, by code and date.

    Args:
        codes: What each interval is counted under, 0 to `n` - 1.
        n: How many codes there are.
        first: The first date at which each interval is there.
        last: The first date at which it is there no more; at or before `first`: it never is.
        dates: How many dates there are.
        weights: What each interval counts for; left out: 1.
    """
    width = dates + 1
    cells = codes * width
    size = n * width
    change = np.bincount(cells + first, weights, size) - np.bincount(
        cells + np.maximum(first, last), weights, size
    )
    return change.reshape(n, width)[:, :-1].cumsum(axis=1, dtype=np.float64)


def bands_of(origin: Floats, starts: Sequence[float], calendar: Calendar) -> Ints:
    """The first month end in each band of age, by band; after the last band, their number.

    Args:
        origin: The time from which age counts: of birth, of entry.
        starts: Where each band begins, in days; the first is 0.
        calendar: The calendar of the run.
    """
    found = calendar.month_ends.first[calendar.days_of(origin + np.array(starts)[:, None])]
    found[0] = 0
    return np.vstack([found, np.full_like(found[:1], len(calendar.month_ends.times))])


def stock_by_band(
    first: Ints, last: Ints, bands: Ints, dates: int, codes: Ints | None = None, n: int = 1
) -> Floats:
    """Intervals that are there, by code (0 to `n` - 1), band of age (from `bands_of`) and date."""
    count = len(bands) - 1
    each = np.repeat(np.arange(count), len(first))
    if codes is not None:
        each += count * np.tile(codes, count)
    lower = np.maximum(first, bands[:-1]).ravel()
    upper = np.minimum(last, bands[1:]).ravel()
    return stock(each, n * count, lower, upper, dates)


def flow(
    codes: Ints, n: int, quarters: Ints, calendar: Calendar, weights: Floats | None = None
) -> Floats:
    """Rows (or the sum of their weights) by code and quarter, then by code and financial year."""
    return quarters_and_years(
        by_period(codes, n, quarters, len(calendar.quarters.labels), weights), calendar
    )


def by_period(
    codes: Ints, n: int, periods: Ints, count: int, weights: Floats | None = None
) -> Floats:
    """Rows (or the sum of their weights) by code and period (from `Periods.of`)."""
    width = count + 1
    sums = np.bincount(codes * width + periods, weights, n * width)
    return sums.reshape(n, width)[:, :-1].astype(np.float64)


def quarters_and_years(by_quarter: Floats, calendar: Calendar) -> Floats:
    """Quarters, followed by the financial years that they add up to."""
    n, years, april = len(by_quarter), len(calendar.years.labels), calendar.first_april
    parts = by_quarter[:, april : april + 4 * years].reshape(n, years, 4)
    return np.hstack([by_quarter, parts.sum(axis=2)])


def with_total(parts: Floats) -> Floats:
    """The sum of all codes, above them."""
    return np.vstack([parts.sum(axis=0), parts])


def ratio(part: Floats, whole: Floats) -> Floats:
    """Part ÷ whole; NaN where the whole is 0."""
    shape = np.broadcast_shapes(part.shape, whole.shape)
    shares: Floats = np.divide(part, whole, out=np.full(shape, np.nan), where=whole != 0)
    return shares
