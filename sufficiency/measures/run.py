"""The rows of one replication as measures read them: codes and dates, worked out once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sufficiency.measures.counting import Bools, bands_of, stock
from sufficiency.periods import YEAR, Calendar, Floats, Ints, calendar
from sufficiency.rows import GROUPS, KINDS, TYPES, Rows
from sufficiency.scenario import Scenario
from sufficiency.vocabulary import (
    AGE_BAND_STARTS,
    KIND_OF_TYPE,
    EntryGroup,
    Kind,
    PlacementType,
)

AGE_STARTS = tuple(years * YEAR for years in AGE_BAND_STARTS)
"""Youngest age of each age band, in days."""

_UASC = np.array([g in (EntryGroup.UASC_UNDER_16, EntryGroup.UASC_16_17) for g in GROUPS])
_STOPGAP = -1
_KIND_OF_TYPE = np.array(
    [_STOPGAP if (kind := KIND_OF_TYPE[t]) is None else KINDS.index(kind) for t in TYPES]
)


def type_code(type_: PlacementType) -> int:
    """A type's place in the rows."""
    return TYPES.index(type_)


def kind_code(kind: Kind) -> int:
    """A kind's place in the rows."""
    return KINDS.index(kind)


def find(numbers: Ints, wanted: Ints) -> Ints:
    """The row of each wanted number."""
    if len(numbers) == 0:
        return np.zeros_like(wanted)
    order = np.argsort(numbers, kind="stable")
    return order[np.searchsorted(numbers, wanted, sorter=order)]


@dataclass(frozen=True)
class Children:
    """One entry per child who was in care at some time of the run."""

    number: Ints
    born: Floats
    entered: Floats
    left: Floats
    """`inf` if beyond the run."""
    stream: Ints
    """1 for an unaccompanied child."""
    siblings: Ints
    """Children who entered together, this one included."""
    first: Ints
    """The first month end in care."""
    last: Ints
    """The first month end no more in care."""
    ages: Ints
    """The month ends at which each age band begins, by band and child (see `bands_of`)."""


@dataclass(frozen=True)
class Stays:
    """One entry per placement."""

    child: Ints
    """Row of the child in `Children`."""
    type: Ints
    planned: Ints
    started: Floats
    ended: Floats
    """`inf` if open at the end of the run."""
    at_entry: Bools
    cause: Ints
    provider: Ints
    second_best: Bools
    """Another kind of home than planned, far away or apart from siblings, for want of a place."""
    first: Ints
    """The first month end in it."""
    last: Ints
    """The first month end no more in it."""
    quarter: Ints
    """The quarter in which it started."""


@dataclass(frozen=True)
class Run:
    """Everything that measures share."""

    scenario: Scenario
    rows: Rows
    calendar: Calendar
    children: Children
    stays: Stays

    def at_month_ends(self, codes: Ints, n: int) -> Floats:
        """Placements at month ends, by code."""
        s = self.stays
        return stock(codes, n, s.first, s.last, len(self.calendar.month_ends.times))

    def at_quarter_ends(self, codes: Ints, n: int) -> Floats:
        """Placements at quarter ends, by code."""
        return self.at_month_ends(codes, n)[:, self.calendar.quarters_in_months]

    def number(self, which: Bools) -> Floats:
        """Placements of which something is true, at quarter ends: one row."""
        return self.at_quarter_ends(which.astype(np.int64), 2)[1:]


def read(scenario: Scenario, rows: Rows) -> Run:
    """Read the rows of one replication once, for all measures."""
    days = calendar(scenario.start, scenario.years)
    children = _children(rows, days)
    return Run(scenario, rows, days, children, _stays(rows, days, children.number))


def _children(rows: Rows, days: Calendar) -> Children:
    table, first = rows.care_periods, days.month_ends.first
    born, entered, left = table["born"], table["entered"], table["left"]
    left = np.where(left < rows.until, left, np.inf)
    return Children(
        number=table.code("child"),
        born=born,
        entered=entered,
        left=left,
        stream=_UASC[table.code("group")].astype(np.int64),
        siblings=table.code("siblings"),
        first=first[days.days_of(entered)],
        last=first[days.days_of(left)],
        ages=bands_of(born, AGE_STARTS, days),
    )


def _stays(rows: Rows, days: Calendar, numbers: Ints) -> Stays:
    table, first = rows.placements, days.month_ends.first
    started, ended = table["started"], table["ended"]
    type_, planned, cause = table.code("type"), table.code("planned"), table.code("cause")
    day_started = days.days_of(started)
    for_want = (table["far_for_want"] > 0) | (table["apart"] > 0)
    return Stays(
        child=find(numbers, table.code("child")),
        type=type_,
        planned=planned,
        started=started,
        ended=ended,
        at_entry=cause < 0,
        cause=cause,
        provider=table.code("provider"),
        second_best=(_KIND_OF_TYPE[type_] != planned) | for_want,
        first=first[day_started],
        last=first[days.days_of(ended)],
        quarter=days.quarters.of[day_started],
    )
