"""Published values to compare with: whether each can be compared, and is used once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from sufficiency.periods import Calendar, When, calendar, end_of
from sufficiency.rows import MeasureInfo
from sufficiency.scenario_file.assumptions import BLOCK
from sufficiency.scenario_file.checking import Locate, hint_for_share
from sufficiency.scenario_file.merging import is_number
from sufficiency.scenario_file.problems import Problems, did_you_mean, found

FORMS = {
    "date": r"\d{4}-\d\d-\d\d",
    "month": r"\d{4}-(0[1-9]|1[0-2])",
    "quarter": r"\d{4}-Q[1-4]",
    "year": r"\d{4}-\d\d",
}
"""Labels of dates and periods, the first that fits."""

TAKEN: Mapping[When, tuple[tuple[str, ...], str]] = {
    "month_ends": (("date",), "on the first day of a run and the last of each month"),
    "quarter_ends": (("date",), "on the first day of a run and the last of each quarter"),
    "marches": (("date",), "on each 31 March"),
    "quarters_and_years": (("quarter", "year"), "in each quarter and financial year"),
    "years": (("year",), "in each financial year"),
    "first_year": (("year",), "of the children who entered in the first whole financial year"),
}
"""The form of the labels of a measure, and when it is taken."""

MAY_BE_NEGATIVE = ("foster_households_net", "sufficiency_gap")
"""Measures that are a difference; no other is ever below 0."""

ENDS = {"month_ends": range(1, 13), "quarter_ends": (3, 6, 9, 12), "marches": (3,)}
"""Months at whose end a measure of dates is taken."""

GIVEN_ON_FIRST_DAY = {"": "children_in_care", "stream=uasc": "uasc_in_care"}
"""Groups of the measure `children_in_care` whose number on the first day is an input."""


class Period(NamedTuple):
    """What is simulated to compare with."""

    name: str
    start: date
    calendar: Calendar
    last: date
    given: frozenset[str]
    """Groups of `children_in_care` whose number on the first day is an input."""


class Comparison(NamedTuple):
    """An item of `observed`, or of `history`, which has no use."""

    path: tuple[str, ...]
    measure: str
    group: str
    period: str
    use: str
    value: float | None
    """None where it is no number."""


def check_observed(
    values: Mapping[str, Any],
    locate: Locate,
    measures: Mapping[str, MeasureInfo] | None,
    problems: Problems,
) -> tuple[str, ...]:
    """Note what is wrong with published values, beyond the types of their parts.

    Args:
        values: The scenario, as nested values; what is not of its type is left to validation.
        locate: Where its parts stand.
        measures: The measures there are, if names and groups are to be checked.
        problems: Where mistakes are noted.

    Returns:
        Warnings about values that can never be compared.
    """
    period = _period(values)
    items = tuple(items_of(values, "observed"))
    first: dict[tuple[str, frozenset[str], str], Comparison] = {}
    usable = []
    for item in items:
        wrong = [*wrong_with_measure(item, measures), *_wrong_with_period(item, measures, period)]
        before = first.setdefault((item.measure, parts(item.group), item.period), item)
        if before is not item:
            wrong.append(("", _why_not_again(item, before, locate)))
        for part, text in wrong:
            node, path = locate((*item.path, part) if part else item.path)
            problems.add(node.where, path, text)
        if not wrong:
            usable.append(item)
    return () if period is None else tuple(_outside(usable, items, period, locate))


def items_of(values: Mapping[str, Any], name: str) -> Iterator[Comparison]:
    """The items of a list of published values whose parts are of their types."""
    given = values.get(name)
    for place, item in enumerate(given if isinstance(given, list) else ()):
        if isinstance(item, dict):
            said = [item.get(n, "") for n in ("measure", "group", "period", "use")]
            number = item["value"] if is_number(item.get("value")) else None
            if all(isinstance(word, str) for word in said) and said[0] and said[2]:
                measure, group, period, use = said
                yield Comparison((name, str(place)), measure, group, period, use, number)


def _period(values: Mapping[str, Any]) -> Period | None:
    """What is compared: the validation period if there is one, else the run; None if unknown."""
    block = values.get(BLOCK)
    source = block if isinstance(block, dict) else values
    start, years = source.get("start"), source.get("years", 1.0)
    if not isinstance(start, date) or not is_number(years):
        return None
    if not 0 < years <= 25 or not 1 < start.year < date.max.year - 26:
        return None
    stock = block if isinstance(block, dict) else values.get("authority")
    known = stock if isinstance(stock, dict) else {}
    given = {g for g, name in GIVEN_ON_FIRST_DAY.items() if known.get(name) is not None}
    given |= {"stream=non_uasc"} if len(given) == 2 else set()
    name = "the validation period" if isinstance(block, dict) else "the run"
    last = end_of(start, years) - timedelta(days=1)
    return Period(name, start, calendar(start, float(years)), last, frozenset(given))


def parts(group: str) -> frozenset[str]:
    """A group without the order of its parts."""
    return frozenset(group.split(";"))


def wrong_with_measure(
    item: Comparison, measures: Mapping[str, MeasureInfo] | None
) -> Iterator[tuple[str, str]]:
    """The part of an item that names what does not exist, and why not."""
    if measures is None:
        return
    info = measures.get(item.measure)
    if info is None:
        hint = did_you_mean(item.measure, measures)
        yield "measure", f"no such measure{found(item.measure)}{hint}"
    elif parts(item.group) not in map(parts, info.groups):
        hint = did_you_mean(item.group, [group for group in info.groups if group])
        if item.group:
            yield "group", f"'{item.measure}' has no such group{found(item.group)}{hint}"
        else:
            yield "measure", f"'{item.measure}' is not taken of everybody: name a 'group'{hint}"
    if info is not None and item.value is not None:
        yield from _wrong_with_value(item, item.value, info.unit == "share")


def _wrong_with_value(item: Comparison, value: float, share: bool) -> Iterator[tuple[str, str]]:
    """Whether no future could ever have such a value."""
    value = int(value) if float(value).is_integer() else value
    if value < 0 and item.measure not in MAY_BE_NEGATIVE:
        yield "value", f"must be 0 or more{found(value)}"
    elif share and value > 1:
        yield "value", f"must be 1 or less{found(value)}{hint_for_share(value)}"


def _wrong_with_period(
    item: Comparison, measures: Mapping[str, MeasureInfo] | None, period: Period | None
) -> Iterator[tuple[str, str]]:
    """Whether a label is none, or one that this measure never has, or its number is an input."""
    wrong = tuple(wrong_with_label(item, measures, period))
    yield from wrong
    if not wrong and period is not None and _is_given(item, period):
        text = f"this number is an input on the first day of {period.name}: it can check nothing"
        yield "period", text


def wrong_with_label(
    item: Comparison, measures: Mapping[str, MeasureInfo] | None, period: Period | None
) -> Iterator[tuple[str, str]]:
    """Whether a label is none, or one that this measure never has."""
    info = (measures or {}).get(item.measure)
    if form_of(item.period) is None:
        forms = "a date (2027-03-31), a month (2027-03), a quarter (2027-Q4) or a financial year"
        yield "period", f"must be {forms} (2027-28){found(item.period)}"
    elif info is not None and not is_taken(item.period, info.when, period):
        yield "period", f"'{item.measure}' is taken {TAKEN[info.when][1]}{found(item.period)}"


def form_of(label: str) -> str | None:
    """The form of a label, or None if it is none."""
    form = next((name for name, shape in FORMS.items() if re.fullmatch(shape, label)), None)
    if form == "date":
        return form if _day(label) is not None else None
    if form == "year" and int(label[5:]) != (int(label[:4]) + 1) % 100:
        return None
    return form


def _day(label: str) -> date | None:
    try:
        return date.fromisoformat(label)
    except ValueError:
        return None


def is_taken(label: str, when: When, period: Period | None) -> bool:
    """Whether a measure could have a value with this label, in a run of the right years."""
    if form_of(label) not in TAKEN[when][0]:
        return False
    day = _day(label)
    if day is None or when not in ENDS:
        return True
    if period is not None and day == period.start and when != "marches":
        return True
    eve = day < date.max and (day + timedelta(days=1)).day == 1
    return eve and day.month in ENDS[when]


def _is_given(item: Comparison, period: Period) -> bool:
    on_first_day = item.period == period.start.isoformat()
    return on_first_day and item.measure == "children_in_care" and item.group in period.given


def _why_not_again(item: Comparison, first: Comparison, locate: Locate) -> str:
    """Why a value may not be given again: it counts twice, or proves what it was fitted to."""
    line = locate(first.path)[0].where.line
    if item.use != first.use:
        return f"is used for both fit and check (first on line {line}): a value has one use"
    return f"is given twice (first on line {line})"


def _outside(
    usable: list[Comparison],
    items: tuple[Comparison, ...],
    period: Period,
    locate: Locate,
) -> Iterator[str]:
    """Warnings about values of other years, which can never be compared."""
    c = period.calendar
    labels = {*c.month_ends.labels, *c.months.labels, *c.quarters.labels, *c.years.labels}
    outside = [item for item in usable if item.period not in labels]
    span = f"{period.name}, {period.start} to {period.last}"
    if period.name != "the run" and len(outside) == len(items):
        yield f"no observed value lies within {span}: there is nothing to compare"
        return
    for item in outside:
        node, path = locate((*item.path, "period"))
        yield (
            f"{node.where}: {path}: {item.period} is not within {span}: "
            f"this value of {item.measure} is never compared"
        )
