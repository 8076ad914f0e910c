"""What must hold of every child in the rows of a run: counted, not estimated.

A placement's end stands in its own row. What the other rows say of it (the child's next placement,
the end of the period of care) is worked out here beside it, so that a row cannot vouch for itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sufficiency.periods import YEAR, calendar
from sufficiency.rows import ENTRY, TYPES, Measured, Rows, Table
from sufficiency.scenario import Scenario
from sufficiency.vocabulary import PlacementType

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

MOMENT = 1e-6
"""Days. Engines differ in the last digit of a time: events this close are at the same time."""


class Counted(NamedTuple):
    """How often something that must hold was looked at, and how often it did not hold."""

    check: str
    looked_at: int
    faults: int
    first: str = ""
    """The first fault, in words."""


def counted(check: str, bad: Bools, who: str, numbers: Floats | Ints, days: Floats) -> Counted:
    """Count the faults among some rows, and say of the first to whom and when it happened."""
    faults = np.flatnonzero(bad)
    first = ""
    if len(faults):
        first = f"{who} {int(numbers[faults[0]])}, day {days[faults[0]]:.3f}"
    return Counted(check, len(bad), len(faults), first)


@dataclass(frozen=True)
class Lives:
    """Placements in order of child and time, one entry each."""

    scenario: Scenario
    history: Scenario
    """What was in force before the first day."""
    rows: Rows
    since: float
    """When the run begins."""
    child: Ints
    type: Ints
    started: Floats
    ended: Floats
    goes: Floats
    """When the child goes, as the other rows have it: the next placement, or leaving care."""
    entered: Floats
    left: Floats
    born: Floats
    first: Bools
    """The child's first."""
    last: Bools
    """The child's last."""
    values: Table

    def family_of(self, child: Ints) -> Ints:
        """Number of each child's family."""
        return self.rows.care_periods.code("family")[_rows_of(self.rows.care_periods, child)]

    @property
    def until(self) -> float:
        """End of the run."""
        return self.rows.until


def read(scenario: Scenario, history: Scenario, rows: Rows) -> Lives:
    """Put the placements of a run in order, each beside its child's period of care."""
    table = rows.placements
    order = np.lexsort((table["ended"], table["started"], table["child"]))
    table = Table(table.columns, table.values[order])
    child, periods = table.code("child"), rows.care_periods
    own = _rows_of(periods, child)
    new = np.diff(child, prepend=-1, append=-1) != 0
    first, last = new[:-1], new[1:]
    left = periods["left"][own]
    left = np.where(left < rows.until, left, np.inf)
    goes = np.where(last, left, np.append(table["started"][1:], np.inf))
    return Lives(
        scenario=scenario,
        history=history,
        rows=rows,
        since=-scenario.warm_up_years * YEAR,
        child=child,
        type=table.code("type"),
        started=table["started"],
        ended=table["ended"],
        goes=goes,
        entered=periods["entered"][own],
        left=left,
        born=periods["born"][own],
        first=first,
        last=last,
        values=table,
    )


def _rows_of(periods: Table, child: Ints) -> Ints:
    """The row of each child among the periods of care, or any where it has none."""
    order = np.argsort(periods["child"], kind="stable")
    place = np.searchsorted(periods["child"][order], child)
    return order[np.minimum(place, len(order) - 1)] if len(order) else place


# ---- One home at a time ------------------------------------------------------------------------


def one_placement_at_a_time(lives: Lives) -> list[Counted]:
    """Every child in care lives in one place: from entry to leaving, without gap or overlap."""
    check = "one placement at a time"
    began_late = np.abs(lives.started - lives.entered) > MOMENT
    in_the_past = lives.entered < lives.since
    began_late[in_the_past] = (lives.started < lives.entered - MOMENT)[in_the_past]
    began_late[in_the_past] |= (lives.started > lives.since + MOMENT)[in_the_past]
    bad = lives.first & (began_late | (lives.values["cause"] != ENTRY))
    bad |= ~lives.first & (lives.values["cause"] == ENTRY)
    bad |= (lives.ended < lives.started) | ~_same(lives.ended, lives.goes, lives.until)
    children = lives.rows.care_periods["child"]
    alone = np.setxor1d(np.unique(children), np.unique(lives.child))
    twice = len(children) - len(np.unique(children))
    found = counted(check, bad, "child", lives.child, lives.started)
    if len(alone) or twice:
        first = found.first or f"{len(alone)} children without a placement, {twice} in care twice"
        found = found._replace(faults=found.faults + len(alone) + twice, first=first)
    return [found]


def _same(one: Floats, two: Floats, until: float) -> Bools:
    """Whether times agree; the end of the run and never are the same."""
    near = np.minimum(one, until), np.minimum(two, until)
    return np.asarray(np.abs(near[0] - near[1]) <= MOMENT)


# ---- Ages --------------------------------------------------------------------------------------


def ages_are_kept(lives: Lives) -> list[Counted]:
    """Nobody under 16 is in supported accommodation, and nobody is in care past 18."""
    supported = lives.type == TYPES.index(PlacementType.SUPPORTED)
    born, started = lives.born[supported], lives.started[supported]
    young = started < born + 16 * YEAR - MOMENT
    late = np.minimum(lives.ended, lives.until) > lives.born + 18 * YEAR + MOMENT
    periods = lives.rows.care_periods
    past = periods["left"] > periods["born"] + 18 * YEAR + MOMENT
    old = counted("nobody in care past 18", late, "child", lives.child, lives.started)
    known = counted(old.check, past, "child", periods["child"], periods["left"])
    return [
        counted(
            "nobody under 16 in supported accommodation",
            young,
            "child",
            lives.child[supported],
            started,
        ),
        Counted(old.check, old.looked_at, old.faults + known.faults, old.first or known.first),
    ]


# ---- Little's law ------------------------------------------------------------------------------


class Little(NamedTuple):
    """Both sides of Little's law for the days from the first to the end of the run."""

    number: float
    """Average number in care, by a census of the placements at every moment."""
    product: float
    """Entries a day x mean days in care, by the periods of care."""
    types: int
    """Types of placement that anybody lived in."""
    difference: float
    """Largest difference between the two sides, of a type of placement, in children."""


def little(lives: Lives) -> Little:
    """Average number = rate of arrivals x mean time there, in care and in each type of placement.

    Exact in any window of any run if arrivals count those there at its beginning and time counts
    within it only. The average number is the area under a census; times are those of each child.
    """
    until = lives.until
    periods = lives.rows.care_periods
    stays = _within(periods["entered"], periods["left"], until)
    there = _within(lives.started, lives.goes, until)
    largest, types = 0.0, 0
    for code in range(len(TYPES)):
        here = lives.type == code
        types += bool(here.any())
        number = _area(lives.started[here], lives.ended[here], until) / until
        largest = max(largest, abs(number - _rate_times_mean(there[here], until)))
    number = _area(lives.started, lives.ended, until) / until
    return Little(number, _rate_times_mean(stays, until), types, largest)


def _within(started: Floats, ended: Floats, until: float) -> Floats:
    """Days of each that are within the run, of those that have any."""
    days = np.minimum(ended, until) - np.maximum(started, 0.0)
    return np.asarray(np.maximum(days, 0.0))


def _rate_times_mean(days: Floats, until: float) -> float:
    arrivals = int((days > 0).sum())
    return arrivals / until * float(days[days > 0].mean()) if arrivals else 0.0


def _area(started: Floats, ended: Floats, until: float) -> float:
    """Number there, at every moment, times how long it was that number."""
    times = np.concatenate([started, ended]).clip(0.0, until)
    change = np.repeat([1.0, -1.0], len(started))
    order = np.argsort(times, kind="stable")
    number = np.cumsum(change[order])[:-1]
    return float((number * np.diff(times[order])).sum())


# ---- Flow balance ------------------------------------------------------------------------------


def flows_balance(lives: Lives) -> list[Counted]:
    """Start + entries - exits = end at every month end, in care and in each type of placement.

    Those who are there are counted in the placements; who entered and left in the periods of care,
    and who left a type of placement by where the child went next.
    """
    scenario, periods = lives.scenario, lives.rows.care_periods
    dates = calendar(scenario.start, scenario.years).month_ends.times
    dates = np.append(dates, lives.until - MOMENT)
    there = _there(lives.started, lives.ended, dates)
    expected = _balance(periods["entered"], periods["left"], dates)
    by_type, expected_by_type = [], []
    for code in range(len(TYPES)):
        here = lives.type == code
        by_type.append(_there(lives.started[here], lives.ended[here], dates))
        expected_by_type.append(_balance(lives.started[here], lives.goes[here], dates))
    wrong = np.concatenate(by_type) != np.concatenate(expected_by_type)
    codes = np.repeat(np.arange(len(TYPES)), len(dates))
    return [
        counted("flow balance, children", there != expected, "children:", there, dates),
        counted(
            "flow balance, types of placement",
            wrong,
            "type of placement",
            codes,
            np.tile(dates, len(TYPES)),
        ),
    ]


def published_flows_balance(scenario: Scenario, measured: Measured) -> list[Counted]:
    """The same of the published measures, quarter by quarter: children, and foster households."""
    return [
        _published("flow balance, children", scenario, measured, "children_in_care", _CHILDREN),
        _published(
            "flow balance, foster households", scenario, measured, "foster_households", _HOUSEHOLDS
        ),
    ]


_CHILDREN = ("entries", "exits")
_HOUSEHOLDS = ("foster_households_approved", "foster_households_left")


def _published(
    check: str, scenario: Scenario, measured: Measured, stock: str, flows: tuple[str, str]
) -> Counted:
    names = {stock, *flows}
    value = {
        (key.measure, key.period): number
        for key, number in zip(measured.keys, measured.values.tolist(), strict=True)
        if key.measure in names and not key.group
    }
    bad, days = [], []
    for label, from_day, to_day in calendar(scenario.start, scenario.years).quarters.spans():
        before, after = (_census(scenario, day) for day in (from_day, to_day))
        came, went = (value[flow, label] for flow in flows)
        bad.append(value[stock, before] + came - went != value[stock, after])
        days.append(to_day)
    numbers = np.arange(len(days))
    return counted(check, np.array(bad, dtype=np.bool_), "quarter", numbers, np.array(days))


def _census(scenario: Scenario, day: float) -> str:
    """The census before a day: on its eve, or at the start."""
    return (scenario.start + timedelta(days=max(day - 1, 0.0))).isoformat()


def _there(started: Floats, ended: Floats, dates: Floats) -> Ints:
    """Those who have started and not ended, on each date."""
    return np.array([((started <= d) & (ended > d)).sum() for d in dates], dtype=np.int64)


def _balance(began: Floats, over: Floats, dates: Floats) -> Ints:
    """Those there on the first day, and those who came, less those who went, by each date."""
    start = int(((began <= 0) & (over > 0)).sum())
    came, went = np.sort(began[began > 0]), np.sort(over[(over > 0)])
    arrived: Ints = np.searchsorted(came, dates, side="right")
    gone: Ints = np.searchsorted(went, dates, side="right")
    return start + arrived - gone
