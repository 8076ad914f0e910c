"""How things go if nothing is decided: children in care, in-house care, where children live."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from statistics import mean
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

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
from sufficiency.answer.words import RANGE_OF_FUTURES, number, spread, when, whole
from sufficiency.charts.drawing import FIRST, LOOKS, Chart, Line, Panel, time_panel
from sufficiency.vocabulary import PlacementType

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_LEVEL_COLUMNS = ("Date", "Median", f"Range, {RANGE_OF_FUTURES}", "Average")
_GROUPS: Mapping[str, tuple[PlacementType, ...]] = {
    "in-house carers": (PlacementType.IN_HOUSE,),
    "agency carers": (PlacementType.IFA,),
    "children's homes": (PlacementType.HOME_OWN, PlacementType.HOME_EXTERNAL),
    "supported accommodation": (PlacementType.SUPPORTED,),
}
_SHORT = ("in-house", "agency", "homes", "supported")


class Season(NamedTuple):
    """The months in which the number is highest and lowest, its trend taken out."""

    highest: str
    lowest: str
    apart: float


def children_in_care(summary: pd.DataFrame, area: str) -> Chart | None:
    """Children in care by month; None without at least two months."""
    rows = series(summary, "children_in_care")
    both = ends(rows)
    if both is None:
        return None
    season = season_of(rows)
    return Chart(
        name="children",
        title=_children_title(*both, season),
        subtitle=f"Children in care at the end of each month, {area}, {_span(*both)}; the axis does"
        " not begin at 0",
        panels=(_level_panel("Children in care", rows, "p50", from_zero=False),),
        alternative=(_level_words("Children in care", rows), season_words(season)),
        columns=_LEVEL_COLUMNS,
        rows=tuple(_level_rows(rows)),
    )  # fmt: skip


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


def _children_title(first: Level, last: Level, season: Season | None) -> str:
    text = trend_title("Children in care", first, last)
    if "stay near" in text and season is not None:
        return f"Children in care stay near {whole(first.mean)}, highest around {season.highest}"
    return text


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
    what = declines[0].course if declines else None
    return Chart(
        name="in-house",
        title=trend_title("Children with in-house carers", *both, what),
        subtitle=f"In-house foster households and the children living with them, {area},"
        f" {_span(*both)}, if nothing is decided",
        panels=tuple(_level_panel(heading, rows) for heading, rows in told),
        alternative=tuple(part.sentence for part in declines)
        or tuple(_level_words(heading, rows) for heading, rows in told),
        columns=("What", *_LEVEL_COLUMNS),
        rows=tuple((heading, *row) for heading, rows in told for row in _level_rows(rows)),
    )  # fmt: skip


def _level_panel(heading: str, rows: Any, line: str = "mean", *, from_zero: bool = True) -> Panel:
    name = {"mean": "average", "p50": "median"}[line]
    lines = [Line(name, "", *_xy(rows, line), FIRST)]
    band = (RANGE_OF_FUTURES, rows)
    return time_panel(heading, lines, band, from_zero=from_zero)


def _level_words(heading: str, rows: Any) -> str:
    first, last = level(rows.iloc[0]), level(rows.iloc[-1])
    words = course_words(first, last, plural=True)
    return f"{heading} {words} ({RANGE_OF_FUTURES}: {last.range})."


def where_children_live(summary: pd.DataFrame, area: str) -> Chart | None:
    """Children in the kinds of placement that are planned and bought, at quarter ends."""
    told = {words: _sum(summary, types) for words, types in _GROUPS.items()}
    told = {words: rows for words, rows in told.items() if len(rows) > 1}
    if not told:
        return None
    labels = dict(zip(_GROUPS, _SHORT, strict=True))
    lines = [
        Line(words, labels[words], *_xy(rows), look)
        for (words, rows), look in zip(told.items(), LOOKS, strict=False)
    ]
    heading = "Where children live"
    dates = lines[0].x
    return Chart(
        name="where",
        title=_where_title(told),
        subtitle=f"Children by type of placement, average of all futures, {area},"
        f" {when(dates[0])} to {when(dates[-1])}, if nothing is decided",
        panels=(time_panel(heading, lines),),
        alternative=tuple(
            f"{words.capitalize()}: from {number(rows['mean'].iloc[0])} to"
            f" {number(rows['mean'].iloc[-1])} children."
            for words, rows in told.items()
        ),
        columns=("Date", *(words.capitalize() for words in told)),
        rows=tuple(
            (date, *(number(rows["mean"].get(date, math.nan)) for rows in told.values()))
            for date in dates
        ),
    )


def _sum(summary: pd.DataFrame, types: Iterable[str]) -> Any:
    """Means, which add up over types, and a bound on the error of their sum."""
    parts = [from_first_day(series(summary, "children_in_care", f"type={t}")) for t in types]
    return pd.concat([part[["mean", "se"]] for part in parts]).groupby(level=0).sum()


def _where_title(told: Mapping[str, Any]) -> str:
    moves = {}
    for words, rows in told.items():
        first, last = rows.iloc[0], rows.iloc[-1]
        shift = float(last["mean"] - first["mean"])
        if abs(shift) > max(2 * math.hypot(first["se"], last["se"]), 0.5):
            moves[words] = shift
    if not moves:
        return "No clear change in where children live"
    words = max(moves, key=lambda name: abs(moves[name]))
    verb = ("gain" if moves[words] > 0 else "lose") + "s" * words.endswith("accommodation")
    year = str(told[words].index[-1])[:4]
    return f"{words.capitalize()} {verb} most children by {year}"


def _xy(rows: Any, column: str = "mean") -> tuple[list[str], list[float]]:
    return [str(date) for date in rows.index], rows[column].tolist()


def _span(first: Level, last: Level) -> str:
    return f"{when(first.period)} to {when(last.period)}"


def _level_rows(rows: Any) -> Iterable[tuple[str, ...]]:
    for date, row in rows.iterrows():
        yield str(date), whole(row["p50"]), spread(row["p10"], row["p90"]), number(row["mean"])
