"""Foster carers: from enquiries to households, how many come and go, the benchmark, the places."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from sufficiency.answer.levels import (
    BASELINE,
    LIVING_IN_HOUSE,
    Level,
    by_financial_year,
    from_first_day,
    level,
    series,
)
from sufficiency.answer.words import (
    RANGE_OF_FUTURES,
    capital,
    listed,
    number,
    percent,
    spread,
    when,
    whole,
)
from sufficiency.charts.columns import Column, Whisker, column_panel
from sufficiency.charts.drawing import Bar, Chart, bar_panel

_FUNNEL: Mapping[str, str] = {
    "Enquiries": "foster_enquiries",
    "Applications": "foster_applications",
    "Approved": "foster_households_approved",
    "Left": "foster_households_left",
    "Net": "foster_households_net",
}
_OF_BEFORE = {"Applications": "enquiries", "Approved": "applications"}
"""Steps that are said as a share of the one before, and what that is."""
_PARTS: Mapping[str, str] = {
    "leavers": "to replace leavers",
    "growth": "for growth",
    "choice": "for choice",
}
_PLACES: Mapping[str, tuple[str, str]] = {
    "Approved": ("places_approved", LIVING_IN_HOUSE),
    "Usable: filled, or could be": ("places_usable", LIVING_IN_HOUSE),
    "Filled": ("places_filled", LIVING_IN_HOUSE),
    "Not available": ("places_not_available", LIVING_IN_HOUSE),
    "Young adults staying put": ("staying_put", ""),
}
_MARGIN = 2.0
"""Errors of the mean between two numbers that are told apart."""
_ENGLAND_APPLICATIONS = (
    "For comparison, published: 12% of enquiries to local authorities in England led to an"
    " application in 2022-23 (Ofsted)."
)
_ENGLAND_PLACES = (
    "For comparison, published: in England 42,015 of 69,825 approved mainstream places were filled"
    " on 31 March 2025, 60% (Ofsted)."
)
Years = Mapping[str, Level]


class _Table:
    """The rows of doing nothing that are about foster carers."""

    def __init__(self, summary: pd.DataFrame, measures: Iterable[str]) -> None:
        wanted = (summary["option"] == BASELINE) & summary["measure"].isin(list(measures))
        self._rows = summary[wanted]

    def years(self, measure: str, group: str = "") -> Years:
        """A measure by financial year; empty where it is withheld."""
        rows = by_financial_year(series(self._rows, measure, group))
        return {str(row.name): level(row) for _, row in rows.iterrows()}

    def dates(self, measure: str, group: str = "") -> Years:
        """A measure on the first day and at quarter ends."""
        rows = from_first_day(series(self._rows, measure, group))
        return {str(row.name): level(row) for _, row in rows.iterrows()}


def _shared(*found: Years) -> list[str]:
    """The years of which everything is known."""
    return [year for year in found[0] if all(year in other for other in found)]


def _span(years: Sequence[str]) -> str:
    """Years as words: from the first to the last if none is missing between."""
    begins = [int(year[:4]) for year in years]
    if begins[-1] - begins[0] != len(begins) - 1:
        return listed(years)
    return years[0] if len(years) == 1 else f"{years[0]} to {years[-1]}"


def funnel(summary: pd.DataFrame, area: str) -> Chart | None:
    """What becomes of enquiries in an average year; None if these or approvals are not known."""
    table = _Table(summary, _FUNNEL.values())
    found = {words: table.years(measure) for words, measure in _FUNNEL.items()}
    years = _shared(found["Enquiries"], found["Approved"])
    if not years:
        return None
    found = {words: by for words, by in found.items() if all(year in by for year in years)}
    means = {
        words: sum(levels[year].mean for year in years) / len(years)
        for words, levels in found.items()
    }
    if means["Enquiries"] <= 0:
        return None
    bars = [
        Bar(words, (max(mean, 0.0),), words=_funnel_words(words, means)) for words, mean in
        means.items()
    ]  # fmt: skip
    return Chart(
        name="enquiries",
        title=_funnel_title(means["Enquiries"], means["Approved"]),
        subtitle=f"In-house foster households in an average year, {area}, {_span(years)}, average"
        " of all futures, if nothing is decided; in brackets the share of the step before",
        panels=(bar_panel("Households in a year", bars, ("households a year",)),),
        alternative=(
            "In an average year: "
            + "; ".join(f"{words.lower()} {_funnel_words(words, means)}" for words in means)
            + ". Those of one year are not the same households: each step takes months. Households"
            " from other agencies are among those approved.",
            _ENGLAND_APPLICATIONS,
        ),
        columns=(
            "Financial year",
            *(f"{words}, {what}" for words in found for what in ("average", RANGE_OF_FUTURES)),
        ),
        rows=tuple(
            (year, *(text for levels in found.values() for text in _both(levels[year])))
            for year in years
        ),
        source="Ofsted (the published figure)",
    )


def _both(at: Level) -> tuple[str, str]:
    """An average and its range."""
    return number(at.mean), at.range


def _funnel_words(words: str, means: Mapping[str, float]) -> str:
    text = number(means[words])
    if words not in _OF_BEFORE:
        return text
    before = means.get(capital(_OF_BEFORE[words]), 0.0)
    return f"{text} ({percent(means[words] / before)})" if before > 0 else text


def _funnel_title(enquiries: float, approved: float) -> str:
    if approved < 0.05:
        return f"No household is approved, of {whole(enquiries)} enquiries a year"
    return f"About {number(round(enquiries / approved, 1))} enquiries for each household approved"


class _Side(NamedTuple):
    """Which of two things is more, in how many years: told apart beyond the error of both."""

    more: int
    less: int
    years: Sequence[str]

    @property
    def often(self) -> str:
        """In every year, or in the only one."""
        return f"in {self.years[0]}" if len(self.years) == 1 else "every year"


def _side(one: Years, other: Years, years: Sequence[str]) -> _Side:
    found = [
        (one[year].mean - other[year].mean) / (_error(one[year], other[year]) or 1e-9)
        for year in years
    ]
    more, less = (sum(sign * apart > _MARGIN for apart in found) for sign in (1, -1))
    return _Side(more, less, years)


def _error(one: Level, other: Level) -> float:
    return float((one.se**2 + other.se**2) ** 0.5)


def net_households(summary: pd.DataFrame, area: str) -> Chart | None:
    """Households approved and left by year, and the net; None where none of it is known."""
    names = ("foster_households_approved", "foster_households_left", "foster_households_net")
    table = _Table(summary, names)
    approved, left, net = map(table.years, names)
    years = _shared(approved, left, net)
    if not years:
        return None
    both = [
        Column("approved", [approved[year].mean for year in years], 0),
        Column("left", [left[year].mean for year in years], 1),
    ]
    whisker = Whisker(RANGE_OF_FUTURES, [(net[year].p10, net[year].p90) for year in years])
    change = [Column("approved less left", [net[year].mean for year in years])]
    return Chart(
        name="net-households",
        title=_net_title(_side(approved, left, years)),
        subtitle=f"In-house foster households a year, {area}, {_span(years)}, average of all"
        " futures, if nothing is decided",
        panels=(
            column_panel("Approved and left", years, both),
            column_panel("Net change", years, change, whisker, first=2),
        ),
        alternative=tuple(
            f"{year}: {number(approved[year].mean)} approved, {number(left[year].mean)} left, net"
            f" {number(net[year].mean)} ({RANGE_OF_FUTURES}: {net[year].range})."
            for year in dict.fromkeys((years[0], years[-1]))
        ),
        columns=(
            "Financial year", "Approved, average", "Left, average", "Net, average",
            f"Net, {RANGE_OF_FUTURES}",
        ),
        rows=tuple(
            (year, number(approved[year].mean), number(left[year].mean), *_both(net[year]))
            for year in years
        ),
    )  # fmt: skip


def _net_title(side: _Side) -> str:
    every = len(side.years)
    if side.less == every:
        return f"More households leave than are approved {side.often}"
    if side.more == every:
        return f"More households are approved than leave {side.often}"
    if side.less and not side.more:
        return f"More households leave than join in {side.less} of {every} years"
    if side.more and not side.less:
        return f"More households join than leave in {side.more} of {every} years"
    if side.more and side.less:
        return "Some years gain households, others lose them"
    return "Households approved and leaving: no clear difference in number"


def benchmark(summary: pd.DataFrame, area: str) -> Chart | None:
    """The Fostering Network's benchmark beside approvals, and the simulated shortage."""
    needed, approvals, shortage = (
        "foster_households_needed", "foster_households_approved", "foster_households_short",
    )  # fmt: skip
    table = _Table(summary, (needed, approvals, shortage))
    parts = {words: table.years(needed, f"part={part}") for part, words in _PARTS.items()}
    whole_, approved = table.years(needed), table.years(approvals)
    years = _shared(whole_, approved, *parts.values())
    if not years:
        return None
    short = {day: at for day, at in table.dates(shortage).items() if day.endswith("-03-31")}
    stacks = [Column(words, [by[year].mean for year in years]) for words, by in parts.items()]
    stacks.append(Column("approved", [approved[year].mean for year in years], 1))
    panels = [column_panel("Benchmark, and households approved", years, stacks)]
    ends = {year: f"{int(year[:4]) + 1}-03-31" for year in years}
    if all(day in short for day in ends.values()):
        at = [short[day] for day in ends.values()]
        whisker = Whisker(RANGE_OF_FUTURES, [(one.p10, one.p90) for one in at])
        column = Column("households short", [one.mean for one in at])
        panels.append(column_panel("Short at the year's end", years, [column], whisker))
    return Chart(
        name="fostering-benchmark",
        title=_benchmark_title(_side(approved, whole_, years)),
        subtitle=f"In-house foster households a year, {area}, {_span(years)}, average of all"
        " futures, if nothing is decided"
        + ("; the shortage at each 31 March" if len(panels) > 1 else ""),
        panels=tuple(panels),
        alternative=tuple(
            f"{year}: the benchmark is {number(whole_[year].mean)} households"
            f" ({', '.join(f'{number(by[year].mean)} {words}' for words, by in parts.items())});"
            f" {number(approved[year].mean)} are approved"
            + (f"; {number(short[ends[year]].mean)} are short at its end" if len(panels) > 1
               else "") + "."
            for year in dict.fromkeys((years[0], years[-1]))
        ),
        columns=(
            "Financial year", *map(capital, parts.keys()), "Benchmark", "Approved",
            *(["Short at the year's end"] if short else []),
        ),
        rows=tuple(
            (
                year, *(number(by[year].mean) for by in parts.values()),
                number(whole_[year].mean), number(approved[year].mean),
                *([number(short[ends[year]].mean) if ends[year] in short else ""] if short else []),
            )
            for year in years
        ),
        source="The Fostering Network, recruitment targets (the method of the benchmark)",
    )  # fmt: skip


def _benchmark_title(side: _Side) -> str:
    every = len(side.years)
    if side.less == every:
        return f"Approvals fall short of the benchmark {side.often}"
    if side.more == every:
        return f"Approvals exceed the benchmark {side.often}"
    if side.less:
        return f"Approvals miss the benchmark in {side.less} of {every} years"
    if side.more:
        return f"Approvals exceed the benchmark in {side.more} of {every} years"
    return "Approvals and the benchmark show no clear difference"


def places(summary: pd.DataFrame, area: str) -> Chart | None:
    """How approved, usable and filled in-house places differ; None where that is not known."""
    table = _Table(summary, [measure for measure, _ in _PLACES.values()])
    found = {words: table.dates(*what) for words, what in _PLACES.items()}
    needed = list(found.values())[:3]
    dates = [day for day in _shared(*needed) if needed[0][day].mean > 0]
    if not dates:
        return None
    shown = list(dict.fromkeys((dates[0], dates[-1])))
    known = {words: by for words, by in found.items() if all(day in by for day in shown)}
    end = max(by[day].p90 for by in known.values() for day in shown)
    return Chart(
        name="foster-places",
        title=_places_title(*(round(by[shown[0]].mean) for by in needed)),
        subtitle=f"Places with in-house foster carers, {area}, {' and '.join(map(when, shown))},"
        " average of all futures, if nothing is decided; the title is about the first",
        panels=tuple(
            bar_panel(
                when(day),
                [
                    Bar(words, (by[day].mean,), low=by[day].p10, high=by[day].p90)
                    for words, by in known.items()
                ],
                ("places",),
                range_=RANGE_OF_FUTURES,
                end=end,
            )
            for day in shown
        ),
        alternative=(*(_places_words(day, known) for day in shown), _ENGLAND_PLACES),
        columns=("Date", "Places", "Average", f"Range, {RANGE_OF_FUTURES}"),
        rows=tuple(
            (day, words, number(by[day].mean), spread(by[day].p10, by[day].p90))
            for day in dates
            for words, by in found.items()
            if day in by
        ),
        source="Ofsted (the published figure)",
    )


def _places_title(approved: int, usable: int, filled: int) -> str:
    if approved == usable == filled:
        return f"All {approved} approved places are usable and filled"
    return f"Of {approved} approved places, {usable} are usable, {filled} filled"


def _places_words(day: str, known: Mapping[str, Years]) -> str:
    write: Callable[[float], str] = number
    told = "; ".join(f"{words.lower()} {write(by[day].mean)}" for words, by in known.items())
    return f"{when(day)}, on average: {told}."
