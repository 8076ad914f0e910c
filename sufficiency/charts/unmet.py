"""Who lacks the home planned for them: unmet need by kind of home, age and cohort."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

import pandas as pd

from sufficiency.answer.levels import Level
from sufficiency.answer.published import day
from sufficiency.answer.words import (
    AGE_WORDS,
    KIND_WORDS,
    RANGE_OF_FUTURES,
    capital,
    number,
    spread,
)
from sufficiency.charts.drawing import BLUE, ORANGE, Chart, Panel
from sufficiency.charts.groups import ends_by_group
from sufficiency.charts.ranges import Point, Series, range_panel

COHORT_WORDS: Mapping[str, str] = {
    "siblings": "entered with brothers or sisters",
    "teenage": "aged 13 to 17",
    "disabled": "disabled",
    "uasc": "unaccompanied",
}
"""Cohorts, which overlap: a child may be in several."""
OVERLAP = (
    "Cohorts overlap: a child may be in several or in none, so cohorts are not to be added. Ages"
    " and kinds of home do not overlap."
)
_MEASURE = "unmet_need"
_COHORT_TITLES: Mapping[str, str] = {
    "siblings": "Most unmet need is among children who entered with siblings",
    "teenage": "Most unmet need is among teenagers",
    "disabled": "Most unmet need is among disabled children",
    "uasc": "Most unmet need is among unaccompanied children",
}
_BY = {
    "age": ("By age in years", AGE_WORDS),
    "cohort": ("By cohort (cohorts overlap)", COHORT_WORDS),
    "kind": ("By the kind of home planned", KIND_WORDS),
}
"""What children are told apart by: heading, and the words of each group."""

Ends = tuple[Level, Level]


class _Group(NamedTuple):
    """One group of children, at the start and at the end."""

    by: str
    name: str
    words: str
    first: Level
    last: Level


def unmet_need(summary: pd.DataFrame, area: str) -> Chart | None:
    """Unmet need by age, cohort and kind, at the start and at the end; None where none is told."""
    found = ends_by_group(summary, _MEASURE)
    groups = list(_groups(found))
    if not groups:
        return None
    every = found.get("")
    dates = [_date(level) for level in (groups[0].first, groups[0].last)]
    return Chart(
        name="unmet",
        title=_title(groups, every),
        subtitle="Children who live in another kind of home than planned, out of the area, or apart"
        f" from siblings, for want of a place, {area}, {dates[0]} and {dates[1]}, if nothing is"
        " decided",
        panels=tuple(_panels(groups, dates)),
        alternative=(*_alternative(groups), OVERLAP),
        columns=(
            "Children", *(f"{on}, {of}" for on in dates for of in ("average", RANGE_OF_FUTURES)),
        ),
        rows=tuple(_rows(groups, every)),
    )  # fmt: skip


def _groups(found: Mapping[str, Ends]) -> Iterable[_Group]:
    for by, (_, named) in _BY.items():
        for name, words in named.items():
            if f"{by}={name}" in found:
                yield _Group(by, name, capital(words), *found[f"{by}={name}"])


def _title(groups: list[_Group], every: Ends | None) -> str:
    """Whom it is about, if that is as clear at the end as at the start."""
    most = _most(groups, every)
    if most is not None:
        return _COHORT_TITLES[most.name]
    oldest = _largest_age(groups)
    if oldest is not None:
        words = oldest.words.lower()
        aged = words if words.startswith("under") else f"aged {words}"
        return f"Unmet need is largest among children {aged}"
    if every is not None and max(level.p90 for level in every) == 0:
        return "Hardly any need is unmet"
    if len(groups) < sum(len(words) for _, words in _BY.values()):
        return "Unmet need by age and cohort, as far as known"
    return "No age or cohort clearly leads in unmet need"


def _most(groups: list[_Group], every: Ends | None) -> _Group | None:
    """The largest of the cohorts that clearly are more than half of all unmet need."""
    if every is None:
        return None
    found = [
        group
        for group in groups
        if group.by == "cohort"
        and all(
            _above(level, total.mean / 2, total.se / 2)
            for level, total in zip((group.first, group.last), every, strict=True)
        )
    ]
    return max(found, key=lambda group: group.last.mean, default=None)


def _largest_age(groups: list[_Group]) -> _Group | None:
    """The age with clearly more unmet need than any other, both times; None if one is unknown."""
    ages = [group for group in groups if group.by == "age"]
    if len(ages) < len(AGE_WORDS):
        return None
    top = max(ages, key=lambda group: group.last.mean)
    others = [group for group in ages if group is not top]
    clear = all(
        _above(top.first, other.first.mean, other.first.se)
        and _above(top.last, other.last.mean, other.last.se)
        for other in others
    )
    return top if clear else None


def _above(level: Level, value: float, error: float) -> bool:
    """Whether an average is clearly above another number; not where an error is unknown."""
    return level.mean - value > max(2 * math.hypot(level.se, error), 0.05)


def _panels(groups: list[_Group], dates: list[str]) -> Iterable[Panel]:
    most = 1.06 * max(max(g.first.p90, g.last.p90) for g in groups)
    for by, (heading, _) in _BY.items():
        found = [group for group in groups if group.by == by]
        if found:
            yield range_panel(heading, _series(found, dates), most=most or 1.0)


def _series(groups: list[_Group], dates: list[str]) -> list[Series]:
    bar = f"; bar: {RANGE_OF_FUTURES}"
    return [
        Series(dates[0] + bar, "ring", ORANGE, [_point(g.words, g.first) for g in groups]),
        Series(dates[1] + bar, "dot", BLUE, [_point(g.words, g.last) for g in groups]),
    ]


def _point(words: str, level: Level) -> Point:
    return Point(words, level.mean, level.p10, level.p90)


def _alternative(groups: list[_Group]) -> Iterable[str]:
    for by, (heading, _) in _BY.items():
        found = [group for group in groups if group.by == by]
        if found:
            told = "; ".join(
                f"{group.words.lower()} {number(group.first.mean)} and {number(group.last.mean)}"
                for group in found
            )
            by_what = heading.removesuffix(" (cohorts overlap)")
            yield f"{by_what}, first and last, on average: {told}."


def _rows(groups: list[_Group], every: Ends | None) -> Iterable[tuple[str, ...]]:
    if every is not None:
        yield ("All children", *_cells(every))
    for group in groups:
        yield (group.words, *_cells((group.first, group.last)))


def _cells(both: Ends) -> Iterable[str]:
    for level in both:
        yield number(level.mean)
        yield spread(level.p10, level.p90)


def _date(level: Level) -> str:
    return day(date.fromisoformat(level.period))
