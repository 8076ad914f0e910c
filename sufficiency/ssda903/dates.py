"""Dates as people and systems write them, a whole column at a time."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

UNIT = "datetime64[us]"
"""How dates are kept."""
EARLIEST, LATEST = 1900, 2100
"""Years that a date may have."""
TIME = r"(?:[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?Z?)?"
YEAR_FIRST = re.compile(rf"([0-9]{{4}})[-/.]([0-9]{{1,2}})[-/.]([0-9]{{1,2}}){TIME}")
YEAR_LAST = re.compile(rf"([0-9]{{1,2}})[-/.]([0-9]{{1,2}})[-/.]([0-9]{{4}}){TIME}")

Parts = tuple[int, int, int]


class Dates(NamedTuple):
    """A column of dates."""

    days: pd.Series
    """datetime64; NaT where blank or unreadable."""
    unreadable: pd.Series
    """Where something stands that is no date that ever was."""
    month_first: bool
    """Whether 04/30/2021 is how this column writes 30 April."""


def read_dates(text: pd.Series) -> Dates:
    """Read dd/mm/yyyy and yyyy-mm-dd, with or without a time of day.

    Whether the month comes first is decided by all dates of the column: it does if more of them
    make sense only that way than only the British way.
    """
    places, written = pd.factorize(text)
    years_first = [_parts(YEAR_FIRST, word) for word in written]
    years_last = [_parts(YEAR_LAST, word) for word in written]
    month_first = _month_comes_first(years_last)
    order = (2, 0, 1) if month_first else (2, 1, 0)
    read = [
        _day(*first) if first else _day(*(last[i] for i in order)) if last else None
        for first, last in zip(years_first, years_last, strict=True)
    ]
    found = pd.Series(
        np.array([*read, None], dtype="datetime64[D]").astype(UNIT)[places], index=text.index
    )
    return Dates(found, found.isna() & (text != ""), month_first)


def eighteenth_birthdays(born: pd.Series) -> pd.Series:
    """The day on which each turns 18: 1 March for those born on 29 February."""
    months = (born.dt.year + 18 - 1970) * 12 + born.dt.month - 1
    starts = months.where(born.notna(), 0).to_numpy().astype("int64").astype("datetime64[M]")
    days = (born.dt.day - 1).where(born.notna(), 0).to_numpy().astype("timedelta64[D]")
    found = pd.Series((starts.astype("datetime64[D]") + days).astype(UNIT), index=born.index)
    return found.where(born.notna())


def _parts(shape: re.Pattern[str], word: str) -> Parts | None:
    match = shape.fullmatch(word)
    if match is None:
        return None
    first, second, third = match.groups()
    return int(first), int(second), int(third)


def _month_comes_first(dates: list[Parts | None]) -> bool:
    """Whether more dates have no twelfth month the British way than the other."""
    balance = 0
    for first, second, _ in filter(None, dates):
        balance += (second > 12 >= first) - (first > 12 >= second)
    return balance > 0


def _day(year: int, month: int, day: int) -> date | None:
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return found if EARLIEST <= year <= LATEST else None
