"""The shape of a sheet: title, how to read it, one table at a known cell, charts beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from sufficiency.workbook.cells import Cell

HEADER_ROW = 4
"""Row of the table's header, counted from 0; the table begins in column A of it: cell A5."""
SERIES_AT_MOST = 4
"""More lines or bars of different colours nobody can tell apart."""


class Column(NamedTuple):
    """A column of the table."""

    head: str
    width: int
    """In characters."""
    unit: str = "text"
    """Of its numbers; a `Quantity` has its own."""


class Series(NamedTuple):
    """Numbers of a chart: rows of one column of a table, one after the other."""

    name: str
    values: str
    """Heading of the column of values."""
    categories: str
    """Heading of the column of what the values belong to."""
    first: int
    """First row, counted from 0."""
    last: int
    sheet: str = ""
    """Sheet of the table; left out: the chart's own."""
    dashed: bool = False
    colour: int = -1
    """Place in the palette; left out: that of the series."""


class Chart(NamedTuple):
    """A chart of the spreadsheet program's own, drawn from the table."""

    kind: Literal["line", "bar"]
    title: str
    across: str
    """Title of the axis of categories."""
    up: str
    """Title of the axis of values."""
    unit: str
    series: tuple[Series, ...]
    description: str
    """What it shows, for those who do not see it."""
    signed: bool = False
    """Whether bars below 0 have another colour."""


@dataclass(frozen=True)
class Sheet:
    """One sheet of the workbook."""

    name: str
    title: str
    reading: tuple[str, str]
    """How to read it, in one or two lines."""
    table: str
    """Name of the table, unique in the workbook."""
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Cell]]
    charts: tuple[Chart, ...] = ()
    empty: str = "Nothing of this was measured in this run."
    """What to say where there are no rows."""

    def place(self, head: str) -> int:
        """Where a column stands."""
        return next(at for at, column in enumerate(self.columns) if column.head == head)
