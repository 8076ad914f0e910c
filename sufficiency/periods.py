"""Dates at the edges: the census dates, months, quarters and financial years of a run.

Inside, time is days from the scenario's first day: day 0.0 is the start of that day. A thing is
there at a time if it started at or before it and ends after it.

A census *on* a date is taken a moment before the midnight that ends the day: those who entered that
day are in, and what opens the next day is not. The first day itself has a census at its very start,
when what the scenario states is true; its label is the start date.

A quarter is named by the calendar year in which its financial year begins, as the financial year
is: `2027-Q1` is April to June 2027 and `2027-Q4` is January to March 2028, both in `2027-28`.
Periods that the run does not cover from their first day to their last are left out.
"""

from __future__ import annotations

import calendar as gregorian
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

YEAR = 365.25
"""Days in a year, for ages and lengths of time."""

When = Literal[
    "month_ends",
    "quarter_ends",
    "marches",
    "quarters_and_years",
    "months_and_years",
    "years",
    "first_year",
]
"""The times at which a measure is taken."""

_MOMENT = 1e-6
"""Of a day: how long before midnight a census is taken."""
_MONTHS = tuple(range(1, 13))
_QUARTERS = (4, 7, 10, 1)
_APRIL = (4,)


class Dates(NamedTuple):
    """Census dates."""

    labels: tuple[str, ...]
    """ISO dates."""
    times: Floats
    """The moment of each census."""
    first: Ints
    """By day (see `Calendar.days_of`): the first census that sees what begins, or ends, then."""


class Period(NamedTuple):
    """A month, quarter or financial year."""

    label: str
    from_day: float
    to_day: float
    """The start of the day after its last."""


class Periods(NamedTuple):
    """Periods that follow one another without a gap."""

    labels: tuple[str, ...]
    edges: Floats
    """Where each starts, and where the last one ends; one edge alone if there is no period."""
    of: Ints
    """By day (see `Calendar.days_of`): the period it belongs to; their number if to none."""

    def spans(self) -> tuple[Period, ...]:
        """Each period with its first day and the day after its last."""
        edges = self.edges.tolist()
        return tuple(map(Period, self.labels, edges[:-1], edges[1:]))


@dataclass(frozen=True)
class Calendar:
    """The dates and periods of a run that starts on one date and lasts some years."""

    start: date
    days: float
    """Length of the run."""
    month_ends: Dates
    """The first day, then the last day of each month."""
    quarter_ends: Dates
    """The first day, then 30 June, 30 September, 31 December and 31 March."""
    marches: Dates
    """Each 31 March after the first day."""
    months: Periods
    quarters: Periods
    years: Periods
    """Financial years, April to March."""
    quarters_in_months: Ints
    """Which of `month_ends` are the `quarter_ends`."""
    first_april: int
    """Which of `quarters` begins the first of `years`."""

    def days_of(self, times: Floats) -> Ints:
        """The day of each time, to look up in `Dates.first` and `Periods.of`.

        0 is any time before the first day, 1 its very start, 2 the rest of it, 3 the second day.
        """
        within = np.minimum(np.maximum(times, -1.0), self.days + 1)
        return np.floor(within).astype(np.int64) + 1 + (times > 0)

    def labels(self, when: When) -> tuple[str, ...]:
        """The labels of the dates or periods at which a measure is taken, in order."""
        match when:
            case "month_ends":
                return self.month_ends.labels
            case "quarter_ends":
                return self.quarter_ends.labels
            case "marches":
                return self.marches.labels
            case "quarters_and_years":
                return self.quarters.labels + self.years.labels
            case "months_and_years":
                return self.months.labels + self.years.labels
            case "years":
                return self.years.labels
            case "first_year":
                return self.years.labels[:1]


def day_of(start: date, day: date) -> float:
    """Days from the scenario's first day to the start of a date."""
    return float((day - start).days)


def date_of(start: date, time: float) -> date:
    """The date to which a time belongs."""
    return start + timedelta(days=int(np.floor(time)))


def end_of(start: date, years: float) -> date:
    """The first date after the run: whole months by the calendar, what is left of one in days."""
    months = int(years * 12 + 1e-9)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    day = min(start.day, gregorian.monthrange(year, month + 1)[1])
    return date(year, month + 1, day) + timedelta(days=round((years * 12 - months) * YEAR / 12))


def run_days(start: date, years: float) -> float:
    """Length of the run in days; a run of whole years ends with a complete year."""
    return day_of(start, end_of(start, years))


@lru_cache(maxsize=64)
def calendar(start: date, years: float) -> Calendar:
    """The dates and periods of a run; made once for each start and length."""
    month_ends = _census(start, years, _MONTHS, first_day=True)
    quarter_ends = _census(start, years, _QUARTERS, first_day=True)
    quarters = _periods(start, years, _QUARTERS)
    named = [i for i, label in enumerate(quarters.labels) if label.endswith("Q1")]
    return Calendar(
        start=start,
        days=run_days(start, years),
        month_ends=month_ends,
        quarter_ends=quarter_ends,
        marches=_census(start, years, _APRIL, first_day=False),
        months=_periods(start, years, _MONTHS),
        quarters=quarters,
        years=_periods(start, years, _APRIL),
        quarters_in_months=np.array(
            [month_ends.labels.index(label) for label in quarter_ends.labels], dtype=np.int64
        ),
        first_april=named[0] if named else len(quarters.labels),
    )


def _firsts(start: date, years: float, months: tuple[int, ...]) -> list[date]:
    """First days of these months in the run, its end included."""
    end = end_of(start, years)
    firsts = (date(y, m, 1) for y in range(start.year, end.year + 1) for m in sorted(months))
    return [first for first in firsts if start <= first <= end]


def _census(start: date, years: float, months: tuple[int, ...], *, first_day: bool) -> Dates:
    """The eves of the first days of these months, after the first day of the run."""
    eves = [first - timedelta(days=1) for first in _firsts(start, years, months)]
    eves = [eve for eve in eves if eve > start]
    times = [day_of(start, eve) + 1 - _MOMENT for eve in eves]
    if first_day:
        eves, times = [start, *eves], [0.0, *times]
    first = np.searchsorted(times, _days(start, years), side="right")
    first[:2] = 0
    return Dates(tuple(eve.isoformat() for eve in eves), _frozen(times), _frozen(first))


def _periods(start: date, years: float, months: tuple[int, ...]) -> Periods:
    firsts = _firsts(start, years, months)
    name = {1: _year, 4: _quarter, 12: _month}[len(months)]
    edges = [day_of(start, first) for first in firsts] or [0.0]
    of = np.searchsorted(edges, _days(start, years), side="right") - 1
    of[of < 0] = len(edges) - 1
    return Periods(tuple(name(first) for first in firsts[:-1]), _frozen(edges), _frozen(of))


def _days(start: date, years: float) -> Floats:
    """The start of each day of `Calendar.days_of`."""
    return np.array([-1.0, 0.0, *np.arange(run_days(start, years) + 2)])


def _month(first: date) -> str:
    return first.isoformat()[:7]


def _quarter(first: date) -> str:
    number = (first.month - 4) // 3 % 4 + 1
    return f"{first.year - (first.month < 4)}-Q{number}"


def _year(first: date) -> str:
    return f"{first.year}-{(first.year + 1) % 100:02d}"


def _frozen(values: npt.ArrayLike) -> npt.NDArray[Any]:
    array = np.array(values)
    array.flags.writeable = False
    return array


def nights(started: Floats, ended: Floats, codes: Ints, n: int, edges: Floats) -> Floats:
    """Nights (midnights passed) by code and period; a stay cut by an edge is split exactly.

    Args:
        started: When each stay began; before the first edge is allowed.
        ended: When it ended; `inf` is allowed.
        codes: What each stay is counted under, 0 to `n` - 1.
        n: How many codes there are.
        edges: Edges of the periods, whole days.
    """
    up_to = _midnights(ended, codes, n, edges) - _midnights(started, codes, n, edges)
    return np.diff(up_to, axis=1)


def _midnights(times: Floats, codes: Ints, n: int, edges: Floats) -> Floats:
    """The sum over rows of min(whole day of the time, edge), by code and edge."""
    days = np.floor(times)
    width = len(edges) + 1
    cells = codes * width + np.searchsorted(edges, days)
    rows = np.bincount(cells, minlength=n * width).reshape(n, width)
    total = np.bincount(cells, np.where(np.isinf(days), 0.0, days), minlength=n * width)
    below = total.reshape(n, width).cumsum(axis=1)[:, :-1]
    beyond = rows.sum(axis=1, keepdims=True) - rows.cumsum(axis=1)[:, :-1]
    return below + edges * beyond  # type: ignore[no-any-return]  # numpy's operators return Any
