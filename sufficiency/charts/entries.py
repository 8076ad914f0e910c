"""Who enters care: by financial year and by quarter, before the run and ahead."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import pandas as pd

from sufficiency.answer.levels import Level, by_financial_year, course, ends, level, series
from sufficiency.answer.quarters import months_of, span
from sufficiency.answer.words import RANGE_OF_FUTURES, number, whole
from sufficiency.charts.drawing import Chart, Panel
from sufficiency.charts.past import (
    COLUMNS,
    Told,
    period_panel,
    quarterly,
    rows_of,
    sources,
    words_of,
    yearly,
)

_QUARTERS = ("Q1", "Q2", "Q3", "Q4")
SEASONS = 8
"""Quarters from which on a season can be told."""


class Season(NamedTuple):
    """The quarters of the year that stand out, averaged over the years."""

    most: str
    """Months of the quarter in which most enter; empty if no quarter clearly leads."""
    highest: float
    fewest: str
    """Months of that in which fewest do; empty if none clearly trails."""
    lowest: float


def entries(summary: pd.DataFrame, area: str, past: Sequence[Told] = ()) -> Chart | None:
    """Children who enter care; None without a complete quarter.

    Args:
        summary: As `summary.csv`.
        area: Name of the authority.
        past: Entries before the first day.
    """
    rows = series(summary, "entries")
    years, quarters = by_financial_year(rows), by_quarter(rows)
    if not len(quarters) and not len(years):
        return None
    shown = [*(yearly(past) if len(years) else ()), *(quarterly(past) if len(quarters) else ())]
    return Chart(
        name="entries",
        title=_title(years, quarters),
        subtitle=f"Children who enter care by financial year and by quarter, {area},"
        f" {_covered(shown, quarters if len(quarters) else years)}",
        panels=tuple(_panels(years, quarters, past)),
        alternative=tuple(_words(years, quarters, yearly(past))),
        columns=COLUMNS,
        rows=(
            *(rows_of(years, yearly(past)) if len(years) else ()),
            *(rows_of(quarters, quarterly(past)) if len(quarters) else ()),
        ),
        source=sources(shown),
    )


def by_quarter(rows: Any) -> Any:
    """The rows of quarters."""
    return rows.loc[["-Q" in str(period) for period in rows.index]]


def season_of(rows: Any) -> Season | None:
    """The season by quarter, if any is clear; None with fewer than two years of quarters.

    A quarter stands out if it is apart from the next by more than twice the error of their
    difference, and the highest from the lowest by a tenth of the average.
    """
    parts = [rows.loc[[str(p).endswith(q) for p in rows.index]] for q in _QUARTERS]
    if any(len(part) < 2 for part in parts):
        return None
    found = sorted(map(_of_year, _QUARTERS, parts), key=lambda one: one.mean)
    usual = sum(one.mean for one in found) / len(found)
    if not found[-1].mean - found[0].mean > 0.1 * usual:
        return None
    most = found[-1].months if _apart(found[-2], found[-1]) else ""
    fewest = found[0].months if _apart(found[0], found[1]) else ""
    return Season(most, found[-1].mean, fewest, found[0].mean) if most or fewest else None


class _OfYear(NamedTuple):
    """A quarter of the year, averaged over the years."""

    months: str
    mean: float
    error: float


def _of_year(quarter: str, rows: Any) -> _OfYear:
    error = math.sqrt(float(rows["se"].pow(2).sum(skipna=False))) / len(rows)
    return _OfYear(months_of(f"2025-{quarter}"), float(rows["mean"].mean()), error)


def _apart(lower: _OfYear, higher: _OfYear) -> bool:
    """Whether two quarters can be told apart; not where an error is unknown."""
    return higher.mean - lower.mean > 2 * math.hypot(lower.error, higher.error)


def season_words(found: Season | None) -> str:
    """The season in a sentence."""
    if found is None:
        return "No quarter of the year clearly stands out."
    told = [
        f"{words} from {months} ({number(value)} on average)"
        for words, months, value in (
            ("most", found.most, found.highest),
            ("fewest", found.fewest, found.lowest),
        )
        if months
    ]
    return f"By quarter, {' and '.join(told)}."


def _title(years: Any, quarters: Any) -> str:
    both, season = ends(years), season_of(quarters)
    found = "" if both is None else _trend(*both, season)
    if found:
        return found
    if season is not None:
        return f"Entries vary by season, {_extreme(season)}"
    if both is not None:
        return "No clear change in how many children enter care"
    if len(quarters) < SEASONS:
        return "Too short a run to tell a trend in entries"
    return "Entries show no clear season"


def _extreme(season: Season) -> str:
    return f"peaking from {season.most}" if season.most else f"fewest from {season.fewest}"


def _trend(first: Level, last: Level, season: Season | None) -> str:
    what = course(first, last)
    before, after, year = whole(first.mean), whole(last.mean), last.period
    if what == "stays level":
        small = abs(last.mean - first.mean) <= 0.03 * abs(first.mean)
        if small and season is not None:
            return f"About {before} enter a year, {_extreme(season)}"
        return f"About {before} enter a year, with no clear trend" if small else ""
    verb = what.removeprefix("mostly ").removesuffix("s")
    if what.startswith("mostly"):
        return f"Entries probably {verb} to about {after} a year"
    return f"Entries {verb} from {before} to {after} by {year}"


def _panels(years: Any, quarters: Any, past: Sequence[Told]) -> Iterable[Panel]:
    if len(years):
        yield period_panel("Entries by financial year", years, yearly(past))
    if len(quarters):
        yield period_panel("Entries by quarter", quarters, quarterly(past))


def _words(years: Any, quarters: Any, past: Sequence[Told]) -> Iterable[str]:
    if past:
        told = "; ".join(f"{number(one.value)} in {one.period}" for one in past)
        yield f"Before the run, children who entered: {told}."
    if len(years):
        first, last = level(years.iloc[0]), level(years.iloc[-1])
        yield (
            f"Simulated, on average: {whole(first.mean)} in {first.period}"
            + (f" and {whole(last.mean)} in {last.period}" if len(years) > 1 else "")
            + f" ({RANGE_OF_FUTURES}: {last.range})."
        )
    if len(quarters):
        yield season_words(season_of(quarters))


def _covered(past: Sequence[Told], rows: Any) -> str:
    last = span(str(rows.index[-1])).words
    first = span(str(rows.index[0])).words
    if not past:
        return f"{first} to {last}"
    return f"{words_of(past[0].period)} to {last}, simulated from {first}"
