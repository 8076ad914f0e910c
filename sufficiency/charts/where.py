"""Where children live: a figure for each type of placement, each with its own range."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from sufficiency.answer.choices import where_words
from sufficiency.answer.levels import level
from sufficiency.answer.words import (
    RANGE_OF_FUTURES,
    TYPE_WORDS,
    capital,
    number,
    spread,
    when,
)
from sufficiency.charts.drawing import FIRST, Chart, Line, Panel, time_panel
from sufficiency.charts.groups import by_group
from sufficiency.charts.past import words_of
from sufficiency.vocabulary import PlacementType

LEAST = 0.5
"""Children on average, at some time, below which a type has no figure of its own."""
_ORDER = (
    PlacementType.IN_HOUSE, PlacementType.IFA, PlacementType.KINSHIP, PlacementType.PARENTS,
    PlacementType.HOME_OWN, PlacementType.HOME_EXTERNAL, PlacementType.SUPPORTED,
    PlacementType.ADOPTION, PlacementType.UNREGISTERED, PlacementType.EMERGENCY_BED,
    PlacementType.SECURE, PlacementType.OTHER,
)  # fmt: skip


def where_children_live(summary: pd.DataFrame, area: str) -> Chart | None:
    """Children by type of placement at quarter ends; None where it is known of none.

    Types stand alone: ranges of several do not add up to the range of their sum.
    """
    known = by_group(summary, "children_in_care")
    of_types = {type_.value: known.get(f"type={type_}", ()) for type_ in _ORDER}
    told = {type_: rows for type_, rows in of_types.items() if len(rows) > 1}
    if not told:
        return None
    drawn = [type_ for type_, rows in told.items() if float(rows["mean"].max()) >= LEAST]
    drawn = drawn or list(told)[:1]
    first, last = (str(date) for date in next(iter(told.values())).index[[0, -1]])
    return Chart(
        name="where",
        title=_title(told),
        subtitle=f"Children by type of placement at the end of each quarter, {area},"
        f" {when(first)} to {when(last)}, if nothing is decided; each figure has its own scale,"
        " from 0",
        panels=tuple(_panel(type_, told[type_]) for type_ in drawn),
        alternative=tuple(_words(type_, told[type_]) for type_ in told),
        columns=("Type of placement", "Date", "Average", f"Range, {RANGE_OF_FUTURES}"),
        rows=tuple(row for type_, rows in told.items() for row in _cells(type_, rows)),
    )


def _panel(type_: str, rows: Any) -> Panel:
    dates = [str(date) for date in rows.index]
    lines = [Line("average", "", dates, rows["mean"].tolist(), FIRST)]
    return time_panel(capital(TYPE_WORDS[type_]), lines, (RANGE_OF_FUTURES, rows))


def _title(told: Mapping[str, Any]) -> str:
    """What changes most; only that it changes where another type may change more."""
    moves = {type_: shift for type_, rows in told.items() if (shift := _shift(rows))}
    every = len(told) == len(_ORDER)
    if not moves and not every:
        return "No clear change in the types of placement shown"
    if not moves:
        return "No clear change in where children live"
    first, *others = sorted(moves, key=lambda name: -abs(moves[name]))
    year = str(told[first].index[-1])[:4]
    if not every:
        return f"{_way(moves[first])} children {_where(first)} by {year}"
    if others and abs(moves[first]) - abs(moves[others[0]]) <= _error(told, first, others[0]):
        return ", ".join(
            (f"{_way(moves[first])} {_where(first)}",
             f"{_way(moves[others[0]]).lower()} {_where(others[0])}")
        )  # fmt: skip
    return f"{_way(moves[first])} {_where(first)}: the largest change by {year}"


def _way(shift: float) -> str:
    return "More" if shift > 0 else "Fewer"


def _where(type_: str) -> str:
    return where_words(type_).removesuffix(" (IFA)")


def _error(told: Mapping[str, Any], *types: str) -> float:
    """Within it the changes of two types are not told apart."""
    return 2 * math.hypot(*(told[type_].iloc[end]["se"] for type_ in types for end in (0, -1)))


def _shift(rows: Any) -> float:
    """The change from the first to the last day; 0 if it is not clear."""
    first, last = rows.iloc[0], rows.iloc[-1]
    shift = float(last["mean"] - first["mean"])
    return shift if abs(shift) > max(2 * math.hypot(first["se"], last["se"]), 0.5) else 0.0


def _words(type_: str, rows: Any) -> str:
    first, last = level(rows.iloc[0]), level(rows.iloc[-1])
    return (
        f"{capital(TYPE_WORDS[type_])}: from {number(first.mean)} to {number(last.mean)} children"
        f" ({RANGE_OF_FUTURES}: {last.range})."
    )


def _cells(type_: str, rows: Any) -> Iterable[tuple[str, ...]]:
    for date, row in rows.iterrows():
        yield (
            capital(TYPE_WORDS[type_]),
            words_of(str(date)),
            number(row["mean"]),
            spread(row["p10"], row["p90"]),
        )
