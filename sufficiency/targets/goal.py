"""A goal: what a measure is to be, of whom and when.

It is read from words: `unmet_need[kind=foster] <= 8 by 2029-03-31`, `second_best_share <= 5% in
2028-29`, `net_cost <= £21,500,000 in 2028-29`.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from sufficiency.periods import Calendar, calendar, end_of
from sufficiency.results.statistics import Floats
from sufficiency.rows import MeasureInfo
from sufficiency.scenario_file.problems import did_you_mean, found, nearest, perhaps

FORM = "MEASURE[group] >= X by DATE, or … in 2028-29; with >=, <=, > or <"
"""How a goal is written."""
SIGNS: Mapping[str, Callable[[Any, Any], Any]] = {
    ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt,
}  # fmt: skip
SPELLINGS = {"≥": ">=", "≤": "<=", "=>": ">=", "=<": "<="}
"""Other ways to write a sign."""
OF_OPTIONS = ("option_bridge",)
"""Measures that have no value unless the baseline is simulated beside."""

_GOAL = re.compile(
    r"\s*(?P<measure>[^\[\]<>=≥≤]*?)\s*(?:\[(?P<group>[^\]]*)\])?\s*"
    r"(?P<sign>>=|<=|=>|=<|[<>≥≤])\s*(?P<value>.*?)\s+(?:by|in|on|at)\s+(?P<period>\S+)\s*"
)
_VALUE = re.compile(r"(-?)(£?)(-?)(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d*\.?\d+)\s*(%?)")
_YEAR = re.compile(r"\d{4}-\d\d")


@dataclass(frozen=True, slots=True)
class Goal:
    """What a measure is to be at a date or in a period."""

    text: str
    """As it was written."""
    measure: str
    group: str
    """As in `summary.csv`."""
    sign: str
    """One of `SIGNS`."""
    value: float
    """A share is from 0 to 1."""
    period: str
    """The census date or period that is looked at."""
    unit: str
    """Of the measure."""
    asked: str
    """The date or period that was written."""

    def met(self, values: Floats) -> Floats:
        """1 for each future that meets it, 0 for each other; NaN where there is no value."""
        with np.errstate(invalid="ignore"):
            reached = SIGNS[self.sign](values, self.value)
        met: Floats = np.where(np.isnan(values), np.nan, reached.astype(np.float64))
        return met

    def short_by(self, value: float) -> float:
        """How far a value is on the wrong side of what is asked; 0 or less if it is not."""
        return self.value - value if self.sign[0] == ">" else value - self.value


def read_goal(
    text: str,
    start: date,
    years: float,
    definitions: Mapping[str, MeasureInfo],
    problems: list[str],
) -> Goal | None:
    """The goal of a text, or None after adding every mistake in it to `problems`.

    Args:
        text: What was written.
        start: First day of the run.
        years: Its length.
        definitions: The measures there are.
        problems: Where mistakes are added, one sentence each.
    """
    parts = _GOAL.fullmatch(text)
    if parts is None:
        problems.append(f"--goal: must be {FORM}{found(text)}")
        return None
    known = len(problems)
    measure, group = parts["measure"], (parts["group"] or "").strip()
    info = definitions.get(measure)
    if info is None:
        problems.append(
            f"--goal: no such measure{found(measure)}{did_you_mean(measure, definitions)}"
        )
    elif measure in OF_OPTIONS:
        problems.append(f"--goal: '{measure}' compares options, and a search runs none beside")
    else:
        found_group = _group(group, info)
        if found_group is None:
            problems.append(f"--goal: {_no_such_group(measure, group, info)}")
        group = found_group or ""
    value = _value(parts["value"], info, problems)
    period = _period(parts["period"], measure, info, _Run(start, years), problems)
    if info is None or len(problems) > known:
        return None
    sign = SPELLINGS.get(parts["sign"], parts["sign"])
    asked = parts["period"]
    return Goal(text.strip(), measure, group, sign, value, period, info.unit, asked)


def _group(group: str, info: MeasureInfo) -> str | None:
    """The group as `summary.csv` has it, its parts in any order."""
    parts = {part.strip() for part in group.split(";")}
    return next((known for known in info.groups if set(known.split(";")) == parts), None)


def _no_such_group(measure: str, group: str, info: MeasureInfo) -> str:
    named = [known for known in info.groups if known]
    if not named:
        return f"'{measure}' has no groups{found(group)}: leave out the brackets"
    near = perhaps(nearest(group, named)) if group else ""
    what = f"has no such group{found(group)}{near}" if group else "is not taken of everybody"
    return f"'{measure}' {what}{'' if near else ';'} its groups: {', '.join(named)}"


def _value(text: str, info: MeasureInfo | None, problems: list[str]) -> float:
    """The number of a text: £ with commas for money, % for a share."""
    parts = _VALUE.fullmatch(text.replace("\N{MINUS SIGN}", "-"))
    if parts is None:
        problems.append(
            f"--goal: the value must be a number, as 12, 15% or £1,200,000{found(text)}"
        )
        return np.nan
    before, pound, after, digits, per_cent = parts.groups()
    number = float(digits.replace(",", "")) * (-1 if before or after else 1)
    number = number / 100 if per_cent else number
    problems.extend(f"--goal: {why}" for why in _misfits(text, number, pound, per_cent, info))
    return number


def _misfits(
    text: str, number: float, pound: str, per_cent: str, info: MeasureInfo | None
) -> Iterator[str]:
    """Why a value cannot be one of the measure."""
    if info is None:
        return
    if pound and info.unit != "£":
        yield f"the measure is in {info.unit}, not in £{found(text)}"
    if per_cent and info.unit != "share":
        yield f"the measure is in {info.unit}: leave out the %{found(text)}"
    if info.unit == "share" and not 0 <= number <= 1:
        meant = f": did you mean {number:g}%?" if not per_cent and 1 < number <= 100 else ""
        yield f"a share is from 0 to 1, or from 0% to 100%{found(text)}{meant}"


@dataclass(frozen=True)
class _Run:
    """When a run is."""

    start: date
    years: float

    @property
    def last(self) -> date:
        return end_of(self.start, self.years) - timedelta(days=1)

    @property
    def calendar(self) -> Calendar:
        return calendar(self.start, self.years)


def _period(
    asked: str, measure: str, info: MeasureInfo | None, run: _Run, problems: list[str]
) -> str:
    """The label of the census or period that is looked at, or nothing after noting why not."""
    day = _day(asked)
    if day is not None and not run.start <= day <= run.last:
        longer = "; --years simulates more" if day > run.last else ""
        problems.append(f"--goal: the run is from {run.start} to {run.last}{found(asked)}{longer}")
    elif info is not None:
        labels = run.calendar.labels(info.when)
        chosen = asked if asked in labels else _last_by(labels, day)
        if chosen:
            return chosen
        problems.append(f"--goal: {_no_such_period(asked, day, measure, labels, run)}")
    elif day is None and not _YEAR.fullmatch(asked):
        problems.append(
            f"--goal: must end with a date (2029-03-31) or a year (2028-29){found(asked)}"
        )
    return ""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _last_by(labels: tuple[str, ...], day: date | None) -> str:
    """The last census at or before a day; of periods, the last year, or the last one."""
    if day is None:
        return ""
    over = [label for label in labels if _last_day(label) <= day]
    years = [label for label in over if _is_year(label)]
    return max(years or over, key=_last_day, default="")


def _is_year(label: str) -> bool:
    """Whether a label is that of a financial year, not of a month."""
    return (
        len(label) == 7 and label[5:].isdecimal() and int(label[5:]) == (int(label[:4]) + 1) % 100
    )


def _last_day(label: str) -> date:
    """The day on which a census is taken or a period ends."""
    if len(label) == 10:
        return date.fromisoformat(label)
    year = int(label[:4])
    if _is_year(label):
        return date(year + 1, 3, 31)
    month = int(label[5:]) if label[5:].isdecimal() else 3 + 3 * int(label[6:])
    year, month = (year, month) if month <= 12 else (year + 1, month - 12)
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def _no_such_period(
    asked: str, day: date | None, measure: str, labels: tuple[str, ...], run: _Run
) -> str:
    """Why a measure has nothing for a date or period, and what it has."""
    if not labels:
        return f"the run from {run.start} to {run.last} is too short to take '{measure}'"
    if day is not None:
        return f"'{measure}' is first known on {_last_day(labels[0])}{found(asked)}"
    dates = len(labels[0]) == 10
    if dates and _is_year(asked):
        end = _last_day(asked)
        instead = f": say `by {end}`" if run.start <= end <= run.last else ""
        return f"'{measure}' is counted on a day, not over a year{found(asked)}{instead}"
    if dates:
        return f"must end with a date, as by {labels[-1]}{found(asked)}"
    years = [label for label in labels if _is_year(label)] or list(labels)
    return f"'{measure}' is known of {years[0]} to {years[-1]} in this run{found(asked)}"
