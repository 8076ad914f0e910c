"""What pages about data are made of, as words and rows: the report puts them on paper."""

from __future__ import annotations

from typing import NamedTuple


class Table(NamedTuple):
    """A table of a page, its first column naming the rows."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    text: bool = False
    """Whether its cells are words."""


class Part(NamedTuple):
    """One part of a page."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    charts: tuple[str, ...] = ()
    """Names of the charts that stand in it."""
