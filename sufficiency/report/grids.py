"""The shape of the members' tables, and how numbers of the summary get into them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import pandas as pd

from sufficiency.answer.levels import BASELINE, Level, by_financial_year, level, series
from sufficiency.answer.published import day
from sufficiency.answer.quarters import Span as Span
from sufficiency.answer.quarters import span as span
from sufficiency.answer.words import RANGE_OF_FUTURES, number, spread, when

AVERAGE = f"average, and below it where {RANGE_OF_FUTURES} lie"
"""What the two numbers of a cell are."""
Write = Callable[[float], str]
Levels = Mapping[str, Level]


class Cell(NamedTuple):
    """A number, and where most futures lie."""

    value: str = ""
    range: str = ""
    """Empty: not shown, or the same in all of them."""


class Row(NamedTuple):
    """A line of a table."""

    words: str
    cells: list[Cell]


class Block(NamedTuple):
    """Rows that belong together."""

    heading: str
    """Empty: none."""
    rows: list[Row]


class Grid(NamedTuple):
    """A table."""

    name: str
    caption: str
    """What is measured."""
    note: str
    """Unit, area, period, and what the numbers are."""
    corner: str
    """Heading of the first column."""
    heads: list[str]
    blocks: list[Block]
    lines: list[str]
    """What to know about it."""


class Baseline:
    """The rows of doing nothing."""

    def __init__(self, summary: pd.DataFrame, area: str, start: date) -> None:
        self._table = summary[summary["option"] == BASELINE]
        self.area, self.start = area, start

    def levels(self, measure: str, group: str = "") -> dict[str, Level]:
        """A measure of a group by date or period, in order; empty if it was not measured."""
        return {str(row.name): level(row) for _, row in self._rows(measure, group).iterrows()}

    def marches(self, measure: str, group: str = "") -> list[str]:
        """The first day and each 31 March of a measure."""
        first = self.start.isoformat()
        return [d for d in self.levels(measure, group) if d == first or d.endswith("-03-31")]

    def years(self, measure: str) -> list[str]:
        """The financial years of a measure."""
        return list(map(str, by_financial_year(self._rows(measure, "")).index))

    def quarters(self, measure: str) -> list[str]:
        """The quarters of a measure."""
        return [period for period in self.levels(measure) if "-Q" in period]

    def of(self, unit: str) -> str:
        """A unit and whose it is."""
        return f"{unit}, {self.area}"

    def _rows(self, measure: str, group: str) -> Any:
        return series(self._table[self._table["measure"] == measure], measure, group)


def blocks_of(*given: tuple[str, Iterable[Row]]) -> list[Block]:
    """Rows under their headings; what has no number is left out."""
    found = [
        Block(heading, [row for row in rows if any(cell.value for cell in row.cells)])
        for heading, rows in given
    ]
    return [block for block in found if block.rows]


def row_of(
    words: str,
    found: Levels,
    periods: Iterable[str],
    write: Write = number,
    *,
    ranged: bool = True,
) -> Row:
    """A measure over dates or periods.

    Args:
        words: What it is.
        found: The measure, by date or period.
        periods: The columns.
        write: How a number is written.
        ranged: Whether the range of futures is shown.
    """
    return Row(words, [cell_of(found.get(period), write, ranged=ranged) for period in periods])


def cell_of(at: Level | None, write: Write = number, *, ranged: bool = True) -> Cell:
    """An average with the range of futures; empty where it is not known."""
    if at is None:
        return Cell()
    if not ranged:
        return Cell(write(at.mean))
    value, low, high = write(at.mean), write(at.p10), write(at.p90)
    if write is number:
        within = spread(at.p10, at.p90)
    else:
        within = low if low == high else f"{low} to {high}"
    return Cell(value, "" if within == value else within)


def rate(value: float) -> str:
    """A number for each child-year."""
    return f"{value:.2f}"


def occurs(found: Levels) -> bool:
    """Whether there was any of it in any future."""
    return any(at.mean > 0 for at in found.values())


def date_words(iso: str) -> str:
    """An ISO date as `31 March 2030`."""
    return day(date.fromisoformat(iso))


def covered(periods: Sequence[str]) -> str:
    """What some quarters or financial years cover, from their first month to their last."""
    spans = list(map(span, periods))
    return f"{when(spans[0].first)} to {when(spans[-1].last)}" if spans else ""


def between(dates: Sequence[str]) -> str:
    """The first and the last of some dates."""
    return " to ".join(date_words(d) for d in dict.fromkeys((*dates[:1], *dates[-1:])))
