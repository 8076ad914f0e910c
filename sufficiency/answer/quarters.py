"""Quarters and financial years in words, with their first and last days."""

from __future__ import annotations

from typing import NamedTuple

_QUARTERS = {
    "Q1": ("April to June", 0, "04-01", "06-30"),
    "Q2": ("July to September", 0, "07-01", "09-30"),
    "Q3": ("October to December", 0, "10-01", "12-31"),
    "Q4": ("January to March", 1, "01-01", "03-31"),
}
"""Of each quarter: its months, the years since the financial year began, its first and last day."""


class Span(NamedTuple):
    """A quarter or financial year."""

    words: str
    first: str
    """ISO date, as is the next."""
    last: str


def span(period: str) -> Span:
    """The quarter or financial year of a label."""
    start, _, rest = period.partition("-")
    if rest not in _QUARTERS:
        return Span(period, f"{start}-04-01", f"{int(start) + 1}-03-31")
    months, later, first, last = _QUARTERS[rest]
    year = int(start) + later
    return Span(f"{months} {year}", f"{year}-{first}", f"{year}-{last}")


def months_of(period: str) -> str:
    """The months of a quarter, as `April to June`."""
    return _QUARTERS[period.partition("-")[2]][0]
