"""What part of the time is observed: financial years without a return are gaps."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from sufficiency.history.ages import Bools, Days, day
from sufficiency.ssda903.returns import Return

Span = tuple[date, date]


def gaps_of(returned: Return) -> tuple[Span, ...]:
    """First and last days of the financial years between the first and last without a return."""
    if not returned.years:
        return ()
    there = set(returned.years)
    missing = [y for y in range(min(there), max(there)) if y not in there]
    return tuple((date(year - 1, 4, 1), date(year, 3, 31)) for year in missing)


def within(spans: tuple[Span, ...], of: Days) -> Bools:
    """Whether days lie in one of some spans, their last days included."""
    inside = np.zeros(len(of), dtype=np.bool_)
    for first, last in spans:
        inside |= (of >= day(first)) & (of <= day(last))
    return inside


def observed_months(first: date, last: date, gaps: tuple[Span, ...] = ()) -> Days:
    """First days of the complete months from `first` to `last`, save those in gaps."""
    begin = np.datetime64(first, "M") + (first.day > 1)
    end = np.datetime64(last + timedelta(days=1), "M")
    months: Days = np.arange(begin, max(begin, end)).astype("datetime64[D]")
    return months[~within(gaps, months)]


def month_ends(first: date, last: date, gaps: tuple[Span, ...]) -> Days:
    """The last days of months from `first` to `last`, save those in gaps."""
    ends = np.arange(
        np.datetime64(first, "M") + 1, np.datetime64(last + timedelta(days=1), "M") + 1
    )
    eves: Days = ends.astype("datetime64[D]") - 1
    return eves[~within(gaps, eves)]


def complete(months: Days, length: int, starts: tuple[int, ...]) -> Days:
    """First months of the stretches of so many months, all there, that start in certain months.

    Args:
        months: First days of the months that are observed.
        length: Months in a stretch: 3 for quarters, 12 for years.
        starts: Months (1 to 12) in which one may start.
    """
    numbers = months.astype("datetime64[M]").astype(np.int64)
    there = set(numbers.tolist())
    whole = [
        n
        for n in numbers.tolist()
        if n % 12 + 1 in starts and all(n + i in there for i in range(length))
    ]
    return np.array(whole, dtype="datetime64[M]").astype("datetime64[D]")


def quarter_label(first: date) -> str:
    """`2027-Q1` is April to June 2027, as in `periods`."""
    return f"{first.year - (first.month < 4)}-Q{(first.month - 4) // 3 % 4 + 1}"


def year_label(first: date) -> str:
    """`2027-28` begins in April 2027, as in `periods`."""
    return f"{first.year}-{(first.year + 1) % 100:02d}"
