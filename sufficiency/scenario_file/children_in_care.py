"""The children in care on the first day from a CSV file, one row for each child.

Personal data: a message says the file, the row and the column, never what stands there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import numpy as np

from sufficiency.scenario import NOT_KNOWN, ChildrenGiven
from sufficiency.scenario_file.csv_files import Mistakes, Row, check_header, read_rows, shown
from sufficiency.scenario_file.problems import Problems
from sufficiency.vocabulary import EntryGroup, Ethnicity, PlacementType

MOST_BYTES = 5_000_000
MOST_CHILDREN = 20_000
NEEDED = ("entered", "entry_group", "type")
"""Columns in which nothing may be unknown."""

GROUPS = tuple(EntryGroup)
_UNDER_16 = GROUPS.index(EntryGroup.UASC_UNDER_16)
_FIRST_AGE = (0, 1, 5, 10, 16, 0, 16)
_LAST_AGE = (0, 4, 9, 15, 17, 15, 17)
"""Age in years on entry of each group."""

Values = Mapping[str, int]


def read_children(path: Path, start: date | None, problems: Problems) -> ChildrenGiven | None:
    """The children of a file, or None with its mistakes noted.

    Args:
        path: The file.
        start: First day of the run, if it is known.
        problems: Where mistakes are noted.
    """
    mistakes = Mistakes(shown(path))
    rows = read_rows(path, mistakes, most_bytes=MOST_BYTES, most_rows=MOST_CHILDREN)
    found = None
    if not mistakes.number:
        places = check_header(rows[0], ChildrenGiven.COLUMNS, NEEDED, mistakes)
        if not mistakes.number:
            found = _children(rows, places, path, start, mistakes)
    mistakes.tell(problems)
    return None if mistakes.number else found


def _children(
    rows: list[Row], places: Mapping[str, int], path: Path, start: date | None, mistakes: Mistakes
) -> ChildrenGiven:
    table = []
    width = len(rows[0].values)
    for row in rows[1:]:
        if len(row.values) != width:
            mistakes.add(row.line, 1, "", f"must have {width} columns, not {len(row.values)}")
            continue
        values = {name: _value(row, name, places, mistakes) for name in ChildrenGiven.COLUMNS}
        _check_order(row, values, places, mistakes)
        table.append(tuple(values.values()))
    columns = np.array(table, dtype=np.int64).reshape(-1, len(ChildrenGiven.COLUMNS)).T
    given = ChildrenGiven(
        dict(zip(ChildrenGiven.COLUMNS, columns, strict=True)), path=str(path.absolute())
    )
    for misfit in given.misfits(start) if start and not mistakes.number else ():
        line = rows[misfit.row + 1].line
        mistakes.add(line, places[misfit.column] + 1, misfit.column, misfit.text)
    return given


def _value(row: Row, name: str, places: Mapping[str, int], mistakes: Mistakes) -> int:
    """The number that stands for a value, or `NOT_KNOWN`."""
    text = row.values[places[name]] if name in places else ""
    if not text:
        if name in NEEDED:
            mistakes.add(row.line, places[name] + 1, name, "must not be empty")
        return NOT_KNOWN
    read, wanted = READ[name]
    value = read(text)
    if value is None:
        mistakes.add(row.line, places[name] + 1, name, f"must be {wanted}")
        return NOT_KNOWN
    return value


def _day(text: str) -> int | None:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        return None
    try:
        return date.fromisoformat(text).toordinal()
    except ValueError:
        return None


def _one_of(words: list[str]) -> tuple[Callable[[str], int | None], str]:
    """How a word is read: as its place in a list."""
    known = {word: place for place, word in enumerate(words)}
    return known.get, f"one of {', '.join(words)}"


_FLAGS = {"1": 1, "0": 0, "1.0": 1, "0.0": 0, "true": 1, "false": 0, "yes": 1, "no": 0}

DAY = (_day, "a date like 2024-11-05")
FLAG = (lambda text: _FLAGS.get(text.lower()), "1 or 0")
READ: dict[str, tuple[Callable[[str], int | None], str]] = {
    "entered": DAY,
    "born": DAY,
    "entry_group": _one_of([group.value for group in GROUPS]),
    "type": _one_of([kind.value for kind in PlacementType]),
    "placement_started": DAY,
    "ethnicity": _one_of([group.value for group in Ethnicity]),
    "in_area": FLAG,
    "over_20_miles": FLAG,
}
"""How each column is read, and what it must be."""


def _check_order(row: Row, values: Values, places: Mapping[str, int], mistakes: Mistakes) -> None:
    """Born before entry, placed not before it, and of the age of the entry group."""
    entered, born, placed = values["entered"], values["born"], values["placement_started"]
    if entered == NOT_KNOWN:
        return
    if placed not in (NOT_KNOWN,) and placed < entered:
        column = places["placement_started"] + 1
        mistakes.add(row.line, column, "placement_started", "is before the day of entry")
    if born == NOT_KNOWN:
        return
    if born > entered:
        mistakes.add(row.line, places["born"] + 1, "born", "is after the day of entry")
    elif not _in_group(values["entry_group"], _age_on(born, entered)):
        column = places["entry_group"] + 1
        mistakes.add(row.line, column, "entry_group", "is not that of the age on the day of entry")


def _in_group(group: int, age: int) -> bool:
    return group == NOT_KNOWN or _FIRST_AGE[group] <= age <= _LAST_AGE[group]


def _age_on(born: int, day: int) -> int:
    """Age in whole years by the calendar."""
    birth, then = date.fromordinal(born), date.fromordinal(day)
    return then.year - birth.year - ((then.month, then.day) < (birth.month, birth.day))
