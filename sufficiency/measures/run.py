"""The rows of one replication as measures read them: codes and dates, worked out once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sufficiency.measures.counting import Bools, bands_of, flow, stock, stock_by_band
from sufficiency.periods import YEAR, Calendar, Floats, Ints, calendar
from sufficiency.rows import ENTRY, GROUPS, KINDS, PATHWAYS, SAME_CARER, TYPES, Rows
from sufficiency.scenario import Scenario
from sufficiency.vocabulary import (
    AGE_BAND_STARTS,
    KIND_OF_TYPE,
    EntryGroup,
    Kind,
    Pathway,
    PlacementType,
)

AGE_STARTS = tuple(years * YEAR for years in AGE_BAND_STARTS)
"""Youngest age of each age band, in days."""

_UASC = np.array([g in (EntryGroup.UASC_UNDER_16, EntryGroup.UASC_16_17) for g in GROUPS])
_REMAND = PATHWAYS.index(Pathway.REMAND)
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
    ethnicity: Ints
    disabled: Bools
    on_remand: Bools
    first: Ints
    """The first month end in care."""
    last: Ints
    """The first month end no more in care."""
    ages: Ints
    """The month ends at which each age band begins, by band and child (see `bands_of`)."""


@dataclass(frozen=True)
class Stays:
    """One entry per row of the placements.

    Carers may go to another agency with the child who lives with them. The row ends that day and
    another follows it, but it is the same placement: it `begins` with the first row of the two,
    `began` when that one did, and `goes_on` after it.
    """

    child: Ints
    """Row of the child in `Children`."""
    type: Ints
    planned: Ints
    started: Floats
    ended: Floats
    """`inf` if open at the end of the run."""
    at_entry: Bools
    begins: Bools
    """Begun by entry or by a move; not: the same carers with another agency."""
    began: Floats
    """When the placement began, with whichever agency the carers were then."""
    goes_on: Bools
    """The placement is not over at the end: the carers go to another agency with the child."""
    cause: Ints
    provider: Ints
    another_kind: Bools
    """Another kind of home than planned; a stopgap always is."""
    far_for_want: Bools
    """Far away because nothing nearer was found."""
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

    def at_quarter_ends_between(self, started: Floats, ended: Floats) -> tuple[Ints, Ints]:
        """The first quarter end at which each interval is there, and the first at which no more."""
        days, first = self.calendar, self.calendar.quarter_ends.first
        return first[days.days_of(started)], first[days.days_of(ended)]

    def number_between(self, started: Floats, ended: Floats) -> Floats:
        """Intervals that are there at quarter ends: one row."""
        first, last = self.at_quarter_ends_between(started, ended)
        return stock(np.zeros_like(first), 1, first, last, len(self.calendar.quarter_ends.times))

    def events(self, times: Floats) -> Floats:
        """Times in each quarter and financial year: one row."""
        quarters = self.calendar.quarters.of[self.calendar.days_of(times)]
        return flow(np.zeros_like(quarters), 1, quarters, self.calendar)

    def by_age(self, which: Bools, codes: Ints, n: int) -> Floats:
        """Placements of which something is true, at quarter ends, by code and age band."""
        s, who = self.stays, np.flatnonzero(which & (self.stays.last > self.stays.first))
        ages = self.children.ages[:, s.child[who]]
        dates = len(self.calendar.month_ends.times)
        months = stock_by_band(s.first[who], s.last[who], ages, dates, codes[who], n)
        return months[:, self.calendar.quarters_in_months]

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
        ethnicity=table.code("ethnicity"),
        disabled=table["disabled"] > 0,
        on_remand=table.code("pathway") == _REMAND,
        first=first[days.days_of(entered)],
        last=first[days.days_of(left)],
        ages=bands_of(born, AGE_STARTS, days),
    )


def _stays(rows: Rows, days: Calendar, numbers: Ints) -> Stays:
    table, first = rows.placements, days.month_ends.first
    started, ended = table["started"], table["ended"]
    type_, planned, cause = table.code("type"), table.code("planned"), table.code("cause")
    child = find(numbers, table.code("child"))
    began, goes_on = _with_same_carers(child, started, ended, cause)
    day_started = days.days_of(started)
    another_kind, far_for_want = _KIND_OF_TYPE[type_] != planned, table["far_for_want"] > 0
    return Stays(
        child=child,
        type=type_,
        planned=planned,
        started=started,
        ended=ended,
        at_entry=cause == ENTRY,
        begins=cause != SAME_CARER,
        began=began,
        goes_on=goes_on,
        cause=cause,
        provider=table.code("provider"),
        another_kind=another_kind,
        far_for_want=far_for_want,
        second_best=another_kind | far_for_want | (table["apart"] > 0),
        first=first[day_started],
        last=first[days.days_of(ended)],
        quarter=days.quarters.of[day_started],
    )


def _with_same_carers(
    child: Ints, started: Floats, ended: Floats, cause: Ints
) -> tuple[Floats, Bools]:
    """When the placement to which each row belongs began, and whether it goes on after the row."""
    began, goes_on = started.copy(), np.zeros(len(started), dtype=np.bool_)
    same = cause == SAME_CARER
    if not same.any():
        return began, goes_on
    concerned = np.zeros(child.max() + 1, dtype=np.bool_)
    concerned[child[same]] = True
    theirs = np.flatnonzero(concerned[child])
    theirs = theirs[np.lexsort((ended[theirs], started[theirs], child[theirs]))]
    follows = same[theirs]
    first = np.maximum.accumulate(np.where(follows, 0, np.arange(len(theirs))))
    began[theirs] = started[theirs[first]]
    goes_on[theirs[:-1]] = follows[1:]
    return began, goes_on
