"""How things go if nothing is decided: children in care and in-house care."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from statistics import mean
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sufficiency.answer.effects import IN_HOUSE
from sufficiency.answer.levels import (
    LIVING_IN_HOUSE,
    Course,
    Decline,
    Level,
    course,
    course_words,
    ends,
    from_first_day,
    level,
    series,
)
from sufficiency.answer.words import RANGE_OF_FUTURES, number, when, whole
from sufficiency.charts.drawing import FIRST, Chart, Line, Panel, time_panel
from sufficiency.charts.past import COLUMNS, Told, rows_of, sources, with_past, words_of

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_LONG = timedelta(days=700)
"""About two years: a past as short as this is told by no title."""
_FEW = 6


class Season(NamedTuple):
    """The months in which the number is highest and lowest, its trend taken out."""

    highest: str
    lowest: str
    apart: float


def children_in_care(summary: pd.DataFrame, area: str, past: Sequence[Told] = ()) -> Chart | None:
    """Children in care by month, after what is known of the past; None without two months.

    Args:
        summary: As `summary.csv`.
        area: Name of the authority.
        past: Children in care before the first day.
    """
    rows = series(summary, "children_in_care")
    both = ends(rows)
    if both is None:
        return None
    season = season_of(rows)
    panel = _level_panel("Children in care", rows, "p50", from_zero=False)
    return Chart(
        name="children",
        title=_children_title(*both, season, past),
        subtitle=f"Children in care at the end of each month, {area},"
        f" {_children_span(*both, past)}; the axis does not begin at 0",
        panels=(with_past(panel, past, from_zero=False),),
        alternative=(
            *_past_words(past),
            _level_words("Children in care", rows),
            season_words(season),
        ),
        columns=COLUMNS,
        rows=tuple(rows_of(rows, past)),
        source=sources(past),
    )


def _children_span(first: Level, last: Level, past: Sequence[Told]) -> str:
    if not past:
        return _span(first, last)
    return f"{when(past[0].period)} to {when(last.period)}, simulated from {when(first.period)}"


def _past_words(past: Sequence[Told]) -> Iterable[str]:
    if past:
        told = "; ".join(f"{whole(one.value)} on {words_of(one.period)}" for one in _yearly(past))
        yield f"Before the run there were {told}."


def _yearly(past: Sequence[Told]) -> list[Told]:
    """Of many dates, those of each 31 March and the last; of few, all."""
    if len(past) <= _FEW:
        return list(past)
    return [one for one in past if one.period.endswith("-03-31") or one is past[-1]]


def season_of(rows: Any) -> Season | None:
    """The season of a monthly number, if it is the same from year to year beyond doubt.

    A centred mean of twelve months is taken out; what is left is compared month by month. It counts
    as a season if the months differ by more than six times what the years differ within a month,
    and by half a per cent of the level.
    """
    months = [int(str(date)[5:7]) for date in rows.index[1:]]
    values = rows["mean"].to_numpy()[1:]
    if len(values) < 36:
        return None
    weights = np.array([0.5, *[1.0] * 11, 0.5]) / 12
    left = values[6:-6] - np.convolve(values, weights, "valid")
    by_month = [left[[m == month for m in months[6:-6]]] for month in range(1, 13)]
    means = [float(part.mean()) for part in by_month]
    noise = math.sqrt(mean(float(part.var(ddof=1)) / len(part) for part in by_month))
    apart = max(means) - min(means)
    if apart <= max(6 * noise, 0.005 * float(values.mean())):
        return None
    return Season(_MONTHS[int(np.argmax(means))], _MONTHS[int(np.argmin(means))], apart)


def season_words(season: Season | None) -> str:
    """The season in a sentence."""
    if season is None:
        return "No season can be told from year to year."
    return (
        f"Through the year it is highest around the end of {season.highest} and lowest around the"
        f" end of {season.lowest}, {number(season.apart)} children apart."
    )


def _children_title(first: Level, last: Level, season: Season | None, past: Sequence[Told]) -> str:
    text = trend_title("Children in care", first, last)
    before = _before(past, first)
    if before and "stay near" in text:
        return f"{before}, children in care stay near {whole(first.mean)}"
    what = course(first, last)
    if before and what in ("falls", "rises"):
        return f"{before}, children in care {what.removesuffix('s')} to {whole(last.mean)}"
    if "stay near" in text and season is not None:
        return f"Children in care stay near {whole(first.mean)}, highest around {season.highest}"
    return text


def _before(past: Sequence[Told], first: Level) -> str:
    """How the number came to be what it is, if that takes two years or more and is a change."""
    if not past or date.fromisoformat(first.period) - date.fromisoformat(past[0].period) < _LONG:
        return ""
    was, now = past[0].value, first.mean
    if abs(now - was) <= 0.03 * was:
        return ""
    return f"After {'rising' if now > was else 'falling'} from {whole(was)}"


def trend_title(subject: str, first: Level, last: Level, what: Course | None = None) -> str:
    """What becomes of a number, in ten words or fewer, with a subject of up to five."""
    what = what or course(first, last)
    before, after, year = whole(first.mean), whole(last.mean), last.period[:4]
    if what == "stays level":
        small = abs(last.mean - first.mean) <= 0.03 * abs(first.mean)
        return f"{subject} {f'stay near {before}' if small else 'show no clear change'} to {year}"
    verb = what.removeprefix("mostly ").removesuffix("s")
    if what.startswith("mostly"):
        return f"{subject} probably {verb} to about {after}"
    return f"{subject} {verb} from {before} to {after}"


def in_house(summary: pd.DataFrame, area: str, declines: Sequence[Decline] = ()) -> Chart | None:
    """In-house foster households, and the children living with them, at quarter ends.

    Args:
        summary: As `summary.csv`.
        area: Name of the authority.
        declines: What the answer says about them, so that the title says the same.
    """
    children = from_first_day(series(summary, "children_in_care", LIVING_IN_HOUSE))
    households = from_first_day(series(summary, "foster_households"))
    both = ends(children)
    if both is None:
        return None
    told = [("Foster households", households), ("Children living with them", children)]
    told = [(heading, rows) for heading, rows in told if len(rows) > 1]
    what = next((part.course for part in declines if part.item == IN_HOUSE), None)
    which = "In-house foster households and the children living with them"
    if len(told) < 2:
        which = "Children living with in-house foster carers"
    return Chart(
        name="in-house",
        title=trend_title("Children with in-house carers", *both, what),
        subtitle=f"{which}, {area}, {_span(*both)}, if nothing is decided",
        panels=tuple(_level_panel(heading, rows) for heading, rows in told),
        alternative=tuple(part.sentence for part in declines)
        or tuple(_level_words(heading, rows) for heading, rows in told),
        columns=("What", "Date", "Median", f"Range, {RANGE_OF_FUTURES}", "Average"),
        rows=tuple((heading, *row[:4]) for heading, rows in told for row in rows_of(rows, ())),
    )


def _level_panel(heading: str, rows: Any, line: str = "mean", *, from_zero: bool = True) -> Panel:
    name = {"mean": "average", "p50": "median"}[line]
    lines = [Line(name, "", *_xy(rows, line), FIRST)]
    band = (RANGE_OF_FUTURES, rows)
    return time_panel(heading, lines, band, from_zero=from_zero)


def _level_words(heading: str, rows: Any) -> str:
    first, last = level(rows.iloc[0]), level(rows.iloc[-1])
    words = course_words(first, last, plural=True)
    return f"{heading} {words} ({RANGE_OF_FUTURES}: {last.range})."


def _xy(rows: Any, column: str = "mean") -> tuple[list[str], list[float]]:
    return [str(date) for date in rows.index], rows[column].tolist()


def _span(first: Level, last: Level) -> str:
    return f"{when(first.period)} to {when(last.period)}"
