"""Which years of the return the files cover: told by their dates, never by their names.

A year's file has every episode that was open at any time from 1 April to 31 March. A year is named
after the one in which it ends.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from sufficiency.ssda903.codes import by_years
from sufficiency.ssda903.dates import UNIT
from sufficiency.ssda903.episodes import CODES
from sufficiency.ssda903.files import some
from sufficiency.ssda903.noting import Notes

Ints = npt.NDArray[np.int64]

OPEN = 9999
"""The year in which an episode ends that is open."""
ONE_YEAR = 0.8
"""Share of a file's episodes that must have been open in some year for it to be of that year."""
STRAY = 0.02
"""Share of episodes that may begin or end after the last year of a file of several years."""
BUSY = 0.2
"""Ends in a year, as a share of those in the busiest, that a year covered by a file has."""
QUIET_DAYS, MANY = 45, 50
"""With so many episodes, a last year without events in so many last days was cut short."""


class Span(NamedTuple):
    """What the files cover."""

    years: tuple[int, ...]
    first: pd.Timestamp
    last: pd.Timestamp


def financial_years(days: pd.Series) -> Ints:
    """The financial year of each day, by the calendar year in which it ends; OPEN for none."""
    years = days.dt.year + (days.dt.month >= 4)
    found: Ints = years.fillna(OPEN).to_numpy(dtype="int64")
    return found


def first_day(year: int) -> pd.Timestamp:
    """1 April of a financial year."""
    return pd.Timestamp(year=year - 1, month=4, day=1)


def last_day(year: int) -> pd.Timestamp:
    """31 March of a financial year."""
    return pd.Timestamp(year=year, month=3, day=31)


def with_years(rows: pd.DataFrame, notes: Notes) -> tuple[pd.DataFrame, Span]:
    """Add to each row `seen`, the last day of the year of its file, and `year`; tell the span."""
    begun, over = financial_years(rows["started"]), financial_years(rows["ended"])
    spans: dict[tuple[str, str], tuple[int, int]] = {}
    since, until = np.zeros(len(rows), dtype="int64"), np.zeros(len(rows), dtype="int64")
    for (file, part), where in rows.groupby(["file", "part"], sort=True).indices.items():
        spans[str(file), str(part)] = years_of(begun[where], over[where])
        since[where], until[where] = spans[str(file), str(part)]
    years, places = np.unique(until, return_inverse=True)
    days = np.array([last_day(year) for year in years.tolist()], dtype=UNIT)
    rows = rows.assign(year=until, seen=days[places])
    text = "The episode was not open at any time in the year of its file."
    notes.rows("outside_year", rows, (begun > until) | (over < since), "kept", text)
    covered = sorted({year for first, last in spans.values() for year in range(first, last + 1)})
    _note_years(spans, covered, notes)
    span = Span(tuple(covered), first_day(covered[0]), last_day(covered[-1]))
    _note_cut_short(rows, span, notes)
    _note_codes(rows, notes)
    return rows, span


def years_of(begun: Ints, over: Ints) -> tuple[int, int]:
    """The first and last year that a file covers, from the years its episodes begin and end."""
    candidates = np.unique(np.concatenate([begun, over[over < OPEN]]))
    best = max(candidates.tolist(), key=lambda year: (*_fitting(begun, over, year), -year))
    if _fitting(begun, over, best)[0] >= ONE_YEAR * len(begun):
        return best, best
    after = [int(((begun > y) | ((over > y) & (over < OPEN))).sum()) for y in candidates]
    last = int(candidates[np.argmax(np.array(after) <= STRAY * len(begun))])
    ends = np.bincount(over[over <= last] - over.min(initial=last), minlength=1)
    busy = ends >= BUSY * ends.max()
    run = int(np.argmin(busy[::-1])) if not busy.all() else len(busy)
    return last - max(run, 1) + 1, last


def _fitting(begun: Ints, over: Ints, year: int) -> tuple[int, int]:
    """Episodes that were open in a year; and those that seem so on its last day, open or over."""
    there = (begun <= year) & (over >= year)
    return int(there.sum()), int((there & ((over == year) | (over == OPEN))).sum())


def _note_years(
    spans: dict[tuple[str, str], tuple[int, int]], years: list[int], notes: Notes
) -> None:
    for (file, _), (first, last) in spans.items():
        if first < last:
            text = (
                f"The file is taken to cover several years, those ending {first} to {last}. "
                "Everybody in care in them must be in it, not only those who are in care now."
            )
            notes.note("several_years_in_one_file", last - first + 1, "kept", text, file)
    missing = [str(year) for year in range(years[0], years[-1]) if year not in years]
    text = (
        f"No file covers the years ending {some(missing)}: "
        "whoever entered and left in them is missing."
    )
    notes.note("gap_year", len(missing), "kept", text)
    every = [last for first, last in spans.values() if first == last]
    for year in sorted({year for year in every if every.count(year) > 1}):
        text = f"Several files are of the year ending {year}; their episodes are merged."
        notes.note("several_files_of_one_year", every.count(year), "kept", text)


def _note_cut_short(rows: pd.DataFrame, span: Span, notes: Notes) -> None:
    """Note a last year that seems to end before 31 March."""
    of_last = rows[rows["year"] == span.years[-1]]
    events = pd.concat([of_last["started"], of_last["ended"]])
    quiet = (span.last - events[events <= span.last].max()).days
    text = f"Nothing begins or ends in the last {quiet} days of the last year: is it complete?"
    notes.note(
        "last_year_cut_short", int(len(of_last) >= MANY and quiet > QUIET_DAYS), "kept", text
    )


def _note_codes(rows: pd.DataFrame, notes: Notes) -> None:
    """Note codes in files of years in which they were not asked for."""
    for column in CODES:
        for years, those in by_years(column.known).items():
            outside = rows[column.name].isin(those) & ~rows["year"].between(*years)
            text = (
                f"{', '.join(sorted(those))} is used in years ending {years[0]} to {years[1]} only."
                " It is accepted."
            )
            rule = f"out_of_year_{column.name}"
            notes.rows(rule, rows, outside, "kept", text, column.column)
