"""The number that is asked about: one for each future, from a measure, its group and its time."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import pandas as pd

from sufficiency.errors import SufficiencyError
from sufficiency.periods import Calendar
from sufficiency.results.results import BASELINE, Results
from sufficiency.results.statistics import Floats
from sufficiency.rows import MeasureInfo
from sufficiency.scenario_file.problems import did_you_mean, found

DEFAULT = "net_cost"
"""The measure, unless another is asked for."""
UNIT_COSTS = ("cost_per_child_week", "cost_per_child_week_constant_prices", "unit_cost")
"""Measures in pounds that are averages: adding up their years would say nothing."""
FORM = "MEASURE[GROUP] by DATE, or in YEAR"
_ASKED = re.compile(
    r"\s*(?P<measure>\w+)\s*(?:\[(?P<group>[^\]]*)\])?"
    r"(?:\s+(?P<how>by|in)\s+(?P<period>\S+))?\s*"
)
_DATE, _YEAR = re.compile(r"\d{4}-\d\d-\d\d"), re.compile(r"(\d{4})-(\d\d)")


class Asked(NamedTuple):
    """A number of each future."""

    measure: str
    group: str = ""
    period: str = ""
    """Date or period; empty: the whole run."""
    unit: str = ""

    def __str__(self) -> str:
        group = f"[{self.group}]" if self.group else ""
        how = "by" if _DATE.fullmatch(self.period) else "in"
        return f"{self.measure}{group}" + (f" {how} {self.period}" if self.period else "")


class Labels(NamedTuple):
    """The periods that a number is made of."""

    periods: tuple[str, ...]
    how: Literal["sum", "mean", "value"]


def read_asked(text: str, definitions: Mapping[str, MeasureInfo], calendar: Calendar) -> Asked:
    """What `net_cost`, `net_cost in 2027-28` or `children_in_care[type=ifa] by 2028-03-31` means.

    Raises:
        SufficiencyError: It has not this form, or there is no such measure, group or period.
    """
    match = _ASKED.fullmatch(text)
    if match is None:
        raise SufficiencyError(f"--measure must be {FORM}{found(text)}")
    name, period = match["measure"], match["period"] or ""
    info = definitions.get(name)
    if info is None:
        hint = did_you_mean(name, definitions)
        raise SufficiencyError(f"--measure: there is no measure '{name}'{hint}")
    wrong = []
    group = _group(match["group"] or "", info)
    if group is None:
        wrong.append(_why_not_group(name, match["group"] or "", info))
    if period:
        period, why_not = _period(name, match["how"], period, calendar.labels(info.when))
        wrong += [why_not] if why_not else []
    elif not labels_of(name, info.unit, calendar.labels(info.when)).periods:
        wrong.append(f"'{name}' needs a longer run: this one has no complete financial year")
    if wrong:
        raise SufficiencyError("\n".join(f"--measure: {text}" for text in wrong))
    return Asked(name, group or "", period, info.unit)


def _group(asked: str, info: MeasureInfo) -> str | None:
    """The group as the measure has it, whatever the order of its parts; None if it has none."""
    parts = _parts(asked)
    return next((group for group in info.groups if _parts(group) == parts), None)


def _parts(group: str) -> frozenset[str]:
    return frozenset(part.strip() for part in group.split(";"))


def _why_not_group(name: str, asked: str, info: MeasureInfo) -> str:
    hint = did_you_mean(asked, [group for group in info.groups if group])
    if asked.strip():
        return f"'{name}' has no group '{asked}'{hint}"
    return f"'{name}' is not taken of everybody: name a group{hint}"


def _period(name: str, how: str, asked: str, labels: Sequence[str]) -> tuple[str, str]:
    """The period that is meant, or why there is none."""
    if asked in labels:
        return asked, ""
    dates = [label for label in labels if _DATE.fullmatch(label)]
    if how == "by" and dates and _DATE.fullmatch(asked) and dates[0] <= asked <= dates[-1]:
        return max(label for label in dates if label <= asked), ""
    hint = did_you_mean(asked, [*labels])
    span = f"; there are {labels[0]} to {labels[-1]}" if len(labels) and not hint else ""
    return "", f"'{name}' has no value {how} {asked} in this run{hint or span}"


def labels_of(measure: str, unit: str, labels: Sequence[str], period: str = "") -> Labels:
    """The periods that the number is made of.

    A period that is asked for is the number itself. Else, of a measure of financial years: sums of
    money are added up over the complete years, anything else is their mean; of a measure that
    belongs to dates: the last. None in a run that is too short to have one.
    """
    if period:
        return Labels((period,), "value")
    years = tuple(label for label in sorted(labels) if is_year(label))
    if years:
        money = unit == "£" and measure not in UNIT_COSTS
        return Labels(years, "sum" if money else "mean")
    dates = sorted(label for label in labels if is_date(label))
    return Labels(tuple(dates[-1:]), "value")


def is_year(label: str) -> bool:
    """Whether it is `2027-28`, not the month `2027-04`."""
    match = _YEAR.fullmatch(label)
    return match is not None and (int(match[1]) + 1) % 100 == int(match[2])


def is_date(label: str) -> bool:
    """Whether it is a day, as `2027-03-31`."""
    return _DATE.fullmatch(label) is not None


def number_of(futures: pd.DataFrame, asked: Asked) -> Floats:
    """The number in each future; NaN where there is none.

    Args:
        futures: One row per future, one column per period.
        asked: Which number.
    """
    periods, how = labels_of(asked.measure, asked.unit, [*futures.columns], asked.period)
    table = futures.reindex(columns=list(periods)).to_numpy(dtype=float)
    if table.shape[1] == 0:
        raise SufficiencyError(f"{asked}: the run is too short, it has no such value")
    values: Floats = table.sum(axis=1) if how == "sum" else table.mean(axis=1)
    return values


def numbers(
    results: Results, asked: Asked, option: str = BASELINE, against: str | None = None
) -> Floats:
    """The number in each future of a run, from replication 1 on.

    Args:
        results: A run.
        asked: Which number.
        option: Of which option.
        against: The option it is compared with: then it is the difference.
    """
    asked = asked._replace(unit=asked.unit or results.unit(asked.measure))
    known = {key.measure for key in results.keys}
    if asked.measure not in known:
        hint = did_you_mean(asked.measure, sorted(known))
        raise SufficiencyError(f"the run has no measure '{asked.measure}'{hint}")
    for name in (option, against):
        if name is not None and name not in results.options:
            hint = did_you_mean(name, results.options)
            raise SufficiencyError(f"the run has no option '{name}'{hint}")
    level = number_of(results.futures(asked.measure, asked.group, option), asked)
    if against is None:
        return level
    return level - number_of(results.futures(asked.measure, asked.group, against), asked)
