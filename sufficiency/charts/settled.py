"""How settled children are: why they move, and the national indicators of stability."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from sufficiency.answer.levels import (
    BASELINE,
    Course,
    by_financial_year,
    course,
    ends,
    level,
    series,
)
from sufficiency.answer.words import (
    CAUSE_WORDS,
    RANGE_OF_FUTURES,
    capital,
    number,
    percent,
    spread,
    when,
)
from sufficiency.charts.drawing import FIRST, THIRD, Bar, Chart, Line, Panel, bar_panel, time_panel
from sufficiency.measures.flows import POSITIVE

_MARGIN = 2.0
"""Errors of the mean between two numbers that are told apart."""
_NATURES = {
    "nature=positive": "Positive for the child",
    "nature=not_positive": "Not positive, or not known to be",
}
_DFE = 'DfE, "Children looked after in England including adoptions" (the published figures)'
_WITHHELD = "Causes whose numbers are withheld are not shown."
_LONG = "long_term_stability"
_INDICATORS: Mapping[str, tuple[str, float]] = {
    "three_or_more_placements": ("Three or more placements in the year", 0.10),
    "three_or_more_in_two_years": ("Three or more placements in two years", 0.23),
    _LONG: ("Same carer for two years or more", 0.69),
}
"""The indicators: their words, and what was published of England on 31 March 2025."""
_TITLES: Mapping[str, tuple[str, str]] = {
    _LONG: (
        "{} children stay with one carer by {}",
        "No clear change in children who stay with one carer",
    ),
    "three_or_more_placements": (
        "{} children have three or more placements by {}",
        "No clear change in children with three or more placements",
    ),
    "three_or_more_in_two_years": (
        "{} children move often, over two years, by {}",
        "No clear change in children who move often",
    ),
}
"""Of each indicator: it rises or falls, or neither can be told."""
_MORE: Mapping[Course, str] = {
    "rises": "More",
    "falls": "Fewer",
    "mostly rises": "Probably more",
    "mostly falls": "Probably fewer",
}


class _Moves(NamedTuple):
    """A group of moves in an average year."""

    rows: Any
    """By financial year."""

    @property
    def mean(self) -> float:
        """A year, on average."""
        return float(self.rows["mean"].mean())

    @property
    def se(self) -> float:
        """A bound on its error: years of one future go together."""
        return float(self.rows["se"].mean())

    @property
    def years(self) -> list[str]:
        """The financial years."""
        return list(map(str, self.rows.index))


def moves_by_cause(summary: pd.DataFrame, area: str) -> Chart | None:
    """Why children move; None where it is not known how many moves are positive."""
    wanted = (summary["option"] == BASELINE) & (summary["measure"] == "moves")
    table = summary[wanted]
    natures = {group: _moves(table, group) for group in _NATURES}
    good, bad = natures.values()
    if not good.years or good.years != bad.years or good.mean + bad.mean <= 0:
        return None
    causes = {cause: _moves(table, f"cause={cause}") for cause in CAUSE_WORDS}
    known = {cause: own for cause, own in causes.items() if own.years == good.years}
    shown = {cause: own for cause, own in known.items() if own.mean > 0}
    return Chart(
        name="moves-by-cause",
        title=_moves_title(good, bad),
        subtitle=f"Moves of children in care in an average year by cause, {area},"
        f" {_span(good.years)}, average of all futures, if nothing is decided",
        panels=tuple(_cause_panels(shown)),
        alternative=(
            *(
                f"{words}: {number(natures[group].mean)} moves a year."
                for group, words in _NATURES.items()
            ),
            *(
                _largest(shown, positive=positive, all_known=len(known) == len(causes))
                for positive in (True, False)
            ),
            *([] if len(known) == len(causes) else [_WITHHELD]),
        ),
        columns=("Cause", "Financial year", "Moves, average", f"Range, {RANGE_OF_FUTURES}"),
        rows=tuple(
            (words, year, number(row["mean"]), spread(row["p10"], row["p90"]))
            for words, own in _named(natures, shown)
            for year, row in own.rows.iterrows()
        ),
    )


def _moves(table: pd.DataFrame, group: str) -> _Moves:
    return _Moves(by_financial_year(series(table, "moves", group)))


def _span(years: Sequence[str]) -> str:
    return years[0] if len(years) == 1 else f"{years[0]} to {years[-1]}"


def _moves_title(good: _Moves, bad: _Moves) -> str:
    apart, error = good.mean - bad.mean, good.se + bad.se
    if apart > _MARGIN * error:
        return "Most moves are positive for the child"
    if -apart > _MARGIN * error:
        return "Fewer than half of moves are positive for the child"
    return "No clear difference between positive and other moves"


def _cause_panels(shown: Mapping[str, _Moves]) -> Iterable[Panel]:
    end = max((own.mean for own in shown.values()), default=1.0)
    for positive, heading in zip((True, False), _NATURES.values(), strict=True):
        own = _in_order(shown, positive=positive)
        if own:
            bars = [Bar(capital(CAUSE_WORDS[cause]), (moves.mean,)) for cause, moves in own]
            yield bar_panel(heading, bars, ("moves a year",), end=end)


def _in_order(shown: Mapping[str, _Moves], *, positive: bool) -> list[tuple[str, _Moves]]:
    """The causes of one nature, the most common first."""
    own = [(cause, moves) for cause, moves in shown.items() if (cause in POSITIVE) == positive]
    return sorted(own, key=lambda one: -one[1].mean)


def _largest(shown: Mapping[str, _Moves], *, positive: bool, all_known: bool) -> str:
    own = _in_order(shown, positive=positive)
    what = "positive" if positive else "other"
    if not own:
        return f"No {what} cause is shown."
    told = ", ".join(f"{CAUSE_WORDS[cause]} {number(moves.mean)}" for cause, moves in own[:3])
    common = "The most common" if all_known else "Among the"
    return f"{common} {what} causes, moves a year: {told}."


def _named(
    natures: Mapping[str, _Moves], shown: Mapping[str, _Moves]
) -> Iterable[tuple[str, _Moves]]:
    for group, moves in natures.items():
        yield f"{_NATURES[group]}, all", moves
    for cause, moves in shown.items():
        yield capital(CAUSE_WORDS[cause]), moves


def stability(summary: pd.DataFrame, area: str) -> Chart | None:
    """The national indicators on each 31 March; None where fewer than two dates are known."""
    wanted = (summary["option"] == BASELINE) & summary["measure"].isin(list(_INDICATORS))
    found = {name: series(summary[wanted], name) for name in _INDICATORS}
    told = {name: rows for name, rows in found.items() if len(rows) > 1}
    if not told:
        return None
    main = _LONG if _LONG in told else next(iter(told))
    dates = list(map(str, told[main].index))
    return Chart(
        name="stability",
        title=_stability_title(main, told[main]),
        subtitle=f"Share of children in care on 31 March, {area}, {when(dates[0])} to"
        f" {when(dates[-1])}, average of all futures, if nothing is decided; in per cent",
        panels=tuple(_indicator_panel(name, rows) for name, rows in told.items()),
        alternative=(
            *(_indicator_words(name, rows) for name, rows in told.items()),
            "Published figures are of all England, to compare with: an authority need not be like"
            " England.",
        ),
        columns=("Indicator", "Date", "Average", f"Range, {RANGE_OF_FUTURES}"),
        rows=tuple(
            (_INDICATORS[name][0], str(date), percent(row["mean"]), _within(row))
            for name, rows in told.items()
            for date, row in rows.iterrows()
        ),
        source=_DFE,
    )


def _stability_title(name: str, rows: Any) -> str:
    both = ends(rows)
    moved, unclear = _TITLES[name]
    what = "stays level" if both is None else course(*both)
    return moved.format(_MORE[what], str(rows.index[-1])[:4]) if what in _MORE else unclear


def _indicator_panel(name: str, rows: Any) -> Panel:
    words, england = _INDICATORS[name]
    shown = rows[["mean", "p10", "p90"]] * 100
    dates = list(map(str, rows.index))
    lines = [
        Line("simulated, average", "simulated", dates, shown["mean"].tolist(), FIRST),
        Line(
            "England, 31 March 2025, published", "England", dates, [100 * england] * len(dates),
            THIRD,
        ),
    ]  # fmt: skip
    return time_panel(f"{words}, %", lines, (RANGE_OF_FUTURES, shown))


def _indicator_words(name: str, rows: Any) -> str:
    words, england = _INDICATORS[name]
    first, last = level(rows.iloc[0]), level(rows.iloc[-1])
    return (
        f"{words}: {percent(first.mean)} on average in {when(first.period)}, {percent(last.mean)}"
        f" in {when(last.period)} ({RANGE_OF_FUTURES}: {_within(rows.iloc[-1])}); England in March"
        f" 2025: {percent(england)}."
    )


def _within(row: Any) -> str:
    low, high = percent(row["p10"]), percent(row["p90"])
    return low if low == high else f"{low} to {high}"
