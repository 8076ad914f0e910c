"""What one option is like over time: levels with their range of futures, and where they go."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import pandas as pd

from sufficiency.answer.words import (
    KIND_WORDS,
    OWN_TYPES,
    RANGE_OF_FUTURES,
    chance,
    number,
    percent,
    spread,
    when,
    whole,
)
from sufficiency.comparison import year_ends
from sufficiency.periods import YEAR
from sufficiency.vocabulary import PlacementType

BASELINE = "baseline"
LIVING_IN_HOUSE = f"type={PlacementType.IN_HOUSE}"
_QUARTER_ENDS = ("-03-31", "-06-30", "-09-30", "-12-31")


def series(table: pd.DataFrame, measure: str, group: str = "", option: str = BASELINE) -> Any:
    """The rows of one measure, group and option that have a value, in order of time."""
    value = "mean" if "mean" in table else "difference"
    wanted = (
        (table["option"] == option)
        & (table["measure"] == measure)
        & (table["group"].fillna("") == group)
        & table[value].notna()
    )
    return table[wanted].sort_values("period").set_index("period")


def at_quarter_ends(rows: Any) -> Any:
    """The rows that belong to the last day of a quarter."""
    return rows.loc[
        [len(str(period)) == 10 and str(period).endswith(_QUARTER_ENDS) for period in rows.index]
    ]


def from_first_day(rows: Any) -> Any:
    """The rows of the first day and of the last day of each quarter."""
    dates = rows.loc[[len(str(period)) == 10 for period in rows.index]]
    return pd.concat([dates.iloc[:1], at_quarter_ends(dates.iloc[1:])])


def by_financial_year(rows: Any) -> Any:
    """The rows of `2027-28`, not those of the month `2027-04`."""
    return rows.loc[[_is_financial_year(str(period)) for period in rows.index]]


def _is_financial_year(period: str) -> bool:
    first, _, second = period.partition("-")
    return (first + second).isdigit() and int(second) == (int(first) + 1) % 100


def at_years(start: date, periods: Iterable[str]) -> dict[int, str]:
    """Years from the start, to the date that ends each: 1, 2, 3, 5, 10 and the last."""
    found = {year_of(start, day): day for day in year_ends(start, list(periods))}
    last = max(found, default=0)
    return {year: day for year, day in found.items() if year in (1, 2, 3, 5, 10, last)}


def year_of(start: date, day: str) -> int:
    """Which year from the start a date falls in: 1 is the first."""
    return math.ceil((date.fromisoformat(day) - start).days / YEAR)


def side_by_side(years: Iterable[int]) -> int | None:
    """The year after which options are set side by side: the second, or the last there is."""
    known = tuple(years)
    return 2 if 2 in known else max(known, default=None)


@dataclass(frozen=True, slots=True)
class Level:
    """One measure at one time, over the futures of one option."""

    period: str
    mean: float
    se: float
    p10: float
    p50: float
    p90: float

    @property
    def range(self) -> str:
        """Where eight futures in ten lie."""
        return spread(self.p10, self.p90)


def level(row: Any) -> Level:
    """A row of the summary as a `Level`."""
    return Level(str(row.name), *(float(row[c]) for c in ("mean", "se", "p10", "p50", "p90")))


def ends(rows: Any) -> tuple[Level, Level] | None:
    """The first and the last level of a series; None if it has fewer than two."""
    return (level(rows.iloc[0]), level(rows.iloc[-1])) if len(rows) > 1 else None


Course = Literal["falls", "rises", "mostly falls", "mostly rises", "stays level"]


def course(first: Level, last: Level) -> Course:
    """What happens between two dates, as far as two levels can tell.

    It is clear only if nine futures in ten end on one side of the first average.
    """
    shift, error = last.mean - first.mean, math.hypot(first.se, last.se)
    if not abs(shift) > 2 * error:  # an error may be unknown
        return "stays level"
    if last.p90 < first.mean:
        return "falls"
    if last.p10 > first.mean:
        return "rises"
    if abs(shift) <= 0.03 * abs(first.mean) or (shift < 0) != (last.p50 < first.mean):
        return "stays level"
    return "mostly falls" if shift < 0 else "mostly rises"


def course_words(
    first: Level, last: Level, what: Course | None = None, *, plural: bool = False
) -> str:
    """The course as the end of a sentence about a number; shorter about things in the plural."""
    verb, rest = {
        "falls": ("fall", "from"),
        "rises": ("rise", "from"),
        "mostly falls": ("fall", "in most futures, from"),
        "mostly rises": ("rise", "in most futures, from"),
        "stays level": ("show", "no clear change, from"),
    }[what or course(first, last)]
    since = "" if plural else f" in {when(first.period)}"
    by = "by" if plural else "in"
    numbers = f"{whole(first.mean)}{since} to {whole(last.mean)} {by} {when(last.period)}"
    return f"{verb}{'' if plural else 's'} {rest} {numbers} on average"


@dataclass(frozen=True, slots=True)
class Need:
    """Children whose plan is one kind of home, and the places there are, at one date."""

    period: str
    kind: str
    needed: Level
    usable: float
    """Places that are filled or could be, own and bought, on average; NaN where not known."""
    own: float
    """Of these, the authority's own; NaN where it has none of the kind."""
    unmet: Level | None
    """Children who live elsewhere for want of such a place."""
    vacant: float
    """Places that stand empty, on average."""

    @property
    def gap(self) -> float:
        """Needed less usable, on average."""
        return self.needed.mean - self.usable


def needs(summary: pd.DataFrame, option: str = BASELINE) -> tuple[Need, ...]:
    """Need against places on the first day and at quarter ends, by kind of home."""
    found = [need for kind in KIND_WORDS for need in _needs_of(summary, kind, option)]
    return tuple(sorted(found, key=lambda need: need.period))


def _needs_of(summary: pd.DataFrame, kind: str, option: str) -> Iterable[Need]:
    def by_date(measure: str, group: str) -> Any:
        return from_first_day(series(summary, measure, group, option))

    of_kind = f"kind={kind}"
    unmet = by_date("unmet_need", of_kind)
    usable, vacant = (by_date(name, of_kind)["mean"] for name in ("places_usable", "places_vacant"))
    own = by_date("places_usable", f"type={OWN_TYPES[kind]}")["mean"] if kind in OWN_TYPES else {}
    for period, row in by_date("placements_needed", of_kind).iterrows():
        yield Need(
            period=period,
            kind=kind,
            needed=level(row),
            usable=usable.get(period, math.nan),
            own=own.get(period, math.nan),
            unmet=level(unmet.loc[period]) if period in unmet.index else None,
            vacant=vacant.get(period, math.nan),
        )


@dataclass(frozen=True, slots=True)
class Missing:
    """How often the right home is missing: one measure in the first and the last period."""

    words: str
    share: bool
    first: Level
    last: Level

    def value(self, at: Level) -> str:
        """A value with its range."""
        if self.share:
            return f"{percent(at.mean)} ({percent(at.p10)} to {percent(at.p90)})"
        return f"{number(at.mean)} ({at.range})"


_MISSING = (
    ("second_best_share", "", "placements started that are second best"),
    ("unmet_need", "kind=foster", "children without the foster family planned"),
    ("unmet_need", "kind=home", "children without the children's home planned"),
    ("unmet_need", "kind=supported", "young people without supported accommodation"),
    ("residential_for_want_of_carer", "", "in a children's home for want of a carer"),
    ("ifa_for_want_of_in_house", "", "with an agency for want of an in-house carer"),
    ("children_in_care", "type=unregistered", "in unregistered placements"),
)


def missing(summary: pd.DataFrame) -> tuple[Missing, ...]:
    """How often the right home is missing if nothing is decided."""
    found = []
    for measure, group, words in _MISSING:
        rows = series(summary, measure, group)
        share = measure.endswith("_share")
        both = ends(by_financial_year(rows) if share else from_first_day(rows))
        if both:
            found.append(Missing(words, share, *both))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Decline:
    """What becomes of one side of in-house fostering if nothing is decided."""

    words: str
    first: Level
    last: Level
    course: Course
    lower: float | None
    """Share of futures that end lower than they began, plus half the ties; None if unknown."""
    item: str = ""
    """Which side: a name of `comparison.ITEMS`."""

    @property
    def sentence(self) -> str:
        """The same in a sentence."""
        text = f"{self.words} {course_words(self.first, self.last, self.course)}"
        text += f" ({RANGE_OF_FUTURES}: {self.last.range})"
        if self.lower is None or self.course == "stays level":
            return f"{text}."
        return f"{text}; it ends lower in {chance(self.lower)} of futures."


def decline(summary: pd.DataFrame, chances: pd.DataFrame, times: float) -> tuple[Decline, ...]:
    """What becomes of in-house fostering if nothing is decided, future by future.

    Args:
        summary: As `summary.csv`.
        chances: As `Headline.decline`.
        times: How many errors of the mean make a finding.
    """
    found = []
    for words, measure, group, item in (
        (
            "The number of children with in-house foster carers",
            "children_in_care",
            LIVING_IN_HOUSE,
            "children in_house",
        ),
        ("The number of in-house foster households", "foster_households", "", "foster_households"),
    ):
        both = ends(from_first_day(series(summary, measure, group)))
        rows = chances[chances["item"] == item] if len(chances) else chances
        if both and len(rows):
            row = rows.iloc[0]
            told = abs(row["change_percent"]) > times * row["se"]
            lower = float(row["probability_less"])
            found.append(Decline(words, *both, _course(lower, told=bool(told)), lower, item))
        elif both:
            found.append(Decline(words, *both, course(*both), None, item))
    return tuple(found)


def _course(lower: float, *, told: bool) -> Course:
    """The course of which each future's own beginning and end are known."""
    if not told or 0.4 < lower < 0.6:
        return "stays level"
    if lower > 0.5:
        return "falls" if lower >= 0.9 else "mostly falls"
    return "rises" if lower <= 0.1 else "mostly rises"
