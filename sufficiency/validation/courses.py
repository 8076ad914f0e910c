"""The number of children in care from month to month, beside what was published of it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sufficiency.periods import calendar
from sufficiency.results.statistics import percentiles
from sufficiency.rows import Key
from sufficiency.scenario import Observed, Scenario
from sufficiency.validation.futures import RANGE, Futures

UASC = "stream=uasc"


class Month(NamedTuple):
    """Children in care at the end of a month."""

    period: str
    published: float | None
    given: bool
    """Whether the published value is the number the simulation starts with: an input."""
    median: float
    low95: float
    """The band's ends are whole children: 19 futures in 20 or more lie between them."""
    high95: float

    @property
    def inside(self) -> bool:
        """Whether the published value, if there is one, lies in the 95% band; an input does."""
        return self.published is None or self.given or self.low95 <= self.published <= self.high95


@dataclass(frozen=True, slots=True)
class Course:
    """The number of children in care from month to month, with what was published of it."""

    group: str
    months: tuple[Month, ...]
    """The first day, then the end of each month."""
    highest: Month | None
    """Where the published number is highest, the number at the start apart."""
    reached: float
    """Share of the futures with so many children at the end of some month of that year: a highest
    month is picked afterwards, and is high for its own date."""

    @property
    def peaks(self) -> tuple[tuple[Month, ...], ...]:
        """Of each year from the start, the months at whose end the median is highest.

        The first day does not compete, nor do the months after the last whole year.
        """
        years = [year[1:] if place == 0 else year for place, year in enumerate(_years(self.months))]
        return tuple(_highest(year) for year in years if len(year) == 12 or len(years) == 1)

    @property
    def outside(self) -> tuple[Month, ...]:
        """Where a published value lies outside the 95% band."""
        return tuple(month for month in self.months if not month.inside)


def _highest(months: Sequence[Month]) -> tuple[Month, ...]:
    most = max((month.median for month in months), default=math.nan)
    return tuple(month for month in months if month.median == most)


def courses(
    published: Sequence[Observed], futures: Futures, scenario: Scenario
) -> Iterator[Course]:
    """Of the groups of children in care that were published for several dates, and of UASC."""
    counted = [given for given in published if given.measure == "children_in_care"]
    dates = calendar(scenario.start, scenario.years).month_ends.labels
    for group in dict.fromkeys(given.group for given in counted):
        known = {given.period: given.value for given in counted if given.group == group}
        if len(known) > 1 or group == UASC:
            months = tuple(_months(dates, group, known, futures, scenario))
            if len(months) > 1:
                yield Course(group, months, *_highest_published(months, group, futures))


def _highest_published(
    months: Sequence[Month], group: str, futures: Futures
) -> tuple[Month | None, float]:
    """The month with the highest published number, and how many futures reach it in that year."""
    there = [m for m in months if m.published is not None and not m.given]
    if not there:
        return None, math.nan
    highest = max(there, key=lambda m: m.published or 0.0)
    year = next(year for year in _years(months) if highest in year)
    columns = [futures.of(Key("children_in_care", group, m.period)) for m in year]
    most = np.max([column for column in columns if column is not None], axis=0)
    return highest, float(np.mean(most >= highest.published))


def _years(months: Sequence[Month]) -> Iterator[Sequence[Month]]:
    """The month ends of each year from the start; the first day with those of the first."""
    yield months[:13]
    yield from (months[at : at + 12] for at in range(13, len(months), 12))


def _months(
    dates: Sequence[str],
    group: str,
    known: Mapping[str, float],
    futures: Futures,
    scenario: Scenario,
) -> Iterator[Month]:
    a = scenario.authority
    given = {"": a.children_in_care, UASC: a.uasc_in_care}.get(group)
    for place, label in enumerate(dates):
        values = futures.of(Key("children_in_care", group, label))
        if values is None:
            continue
        median, _, _, low, high = percentiles(values[:, None], RANGE)[:, 0].tolist()
        start = place == 0 and label not in known and given is not None
        known_value = given if start else known.get(label)
        yield Month(label, known_value, start, median, math.floor(low), math.ceil(high))
