"""A series: what is left out or kept as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal, NamedTuple

from sufficiency.results.results import Results
from sufficiency.results.statistics import Floats
from sufficiency.rows import Key

Frequency = Literal["point in time", "month", "quarter", "financial year"]
POINT: Frequency = "point in time"
MONTH: Frequency = "month"
QUARTER: Frequency = "quarter"
YEAR: Frequency = "financial year"


class Series(NamedTuple):
    """One number at all its dates, in all options, with all its statistics."""

    measure: str
    group: str = ""
    frequency: Frequency = POINT


class Means(NamedTuple):
    """The means of a series."""

    periods: tuple[str, ...]
    values: Floats
    """Options, periods."""


def frequency(period: str) -> Frequency:
    """What kind of date or period a label of `periods` names."""
    if period.count("-") == 2:
        return POINT
    if "Q" in period:
        return QUARTER
    return YEAR if int(period[5:]) == (int(period[:4]) + 1) % 100 else MONTH


def days_of_year(label: str) -> int:
    """Days of a financial year."""
    first = int(label[:4])
    return (date(first + 1, 4, 1) - date(first, 4, 1)).days


def series_of(key: Key) -> Series:
    """The series to which a number belongs."""
    return Series(key.measure, key.group, frequency(key.period))


def means(results: Results) -> Mapping[Series, Means]:
    """The means of every series of a run."""
    table = results.summary()
    values = table["mean"].to_numpy().reshape(len(results.options), len(results.keys))
    found: dict[Series, list[int]] = {}
    for place, key in enumerate(results.keys):
        found.setdefault(series_of(key), []).append(place)
    return {
        series: Means(tuple(results.keys[place].period for place in places), values[:, places])
        for series, places in found.items()
    }
