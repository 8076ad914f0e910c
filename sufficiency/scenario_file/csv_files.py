"""A CSV file beside a scenario, as rows of text; what is wrong with it at file:row:column.

Nothing of a row is ever in a message: it may be about a child.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path
from typing import NamedTuple

from sufficiency.scenario_file.problems import Problems, Where, did_you_mean
from sufficiency.scenario_file.reading import display

MOST_MISTAKES = 20
"""Mistakes of one file that are told; the rest are only counted."""


class Row(NamedTuple):
    """A row of a file."""

    line: int
    """Its line, from 1."""
    values: Sequence[str]
    """Text of each column, without blanks around it."""


class Mistakes:
    """The mistakes of one file: the first few are told, the rest counted."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.number = 0
        self._told = Problems()

    def add(self, line: int, column: int, name: str, text: str) -> None:
        """Note a mistake; line and column count from 1, and are 0 for the file as a whole."""
        self.number += 1
        if self.number <= MOST_MISTAKES:
            self._told.add(Where(self.file, line, column), name, text)

    def tell(self, problems: Problems) -> None:
        """Hand them over."""
        for problem in self._told:
            problems.add(*problem)
        more = self.number - MOST_MISTAKES
        if more > 0:
            problems.add(Where(self.file), "", f"has {more} more mistakes, which are not listed")


def read_rows(path: Path, mistakes: Mistakes, *, most_bytes: int, most_rows: int) -> list[Row]:
    """The rows of a CSV file, header first; none where it cannot be read."""
    text = _text(path, mistakes, most_bytes)
    if text is None:
        return []
    if "\0" in text:
        mistakes.add(0, 0, "", "is not a CSV file")
        return []
    rows = []
    try:
        for row in _rows(text):
            rows.append(row)
            if len(rows) > most_rows + 1:
                mistakes.add(row.line, 1, "", f"has more than {most_rows:,} rows")
                return []
    except csv.Error:
        mistakes.add(0, 0, "", "is not a CSV file")
        return []
    if not rows:
        mistakes.add(0, 0, "", "is empty")
    return rows


def _text(path: Path, mistakes: Mistakes, most_bytes: int) -> str | None:
    try:
        with path.open("rb") as file:
            data = file.read(most_bytes + 1)
    except FileNotFoundError:
        mistakes.add(0, 0, "", "cannot be read: no such file; it belongs beside the scenario file")
        return None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "not a file"
        mistakes.add(0, 0, "", f"cannot be read: {why}")
        return None
    if len(data) > most_bytes:
        mistakes.add(0, 0, "", f"is larger than {most_bytes // 1_000_000} MB")
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        mistakes.add(line, 1, "", "is not UTF-8 text: save as CSV, UTF-8")
        return None


def _rows(text: str) -> Iterator[Row]:
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    for values in reader:
        stripped = [value.strip() for value in values]
        if any(stripped):
            yield Row(reader.line_num, stripped)


def check_header(
    header: Row, known: Sequence[str], needed: Sequence[str], mistakes: Mistakes
) -> dict[str, int]:
    """Where each known column stands."""
    places: dict[str, int] = {}
    for place, given in enumerate(header.values):
        name = given.lower()
        if name not in known:
            hint = did_you_mean(name[:40], known)
            mistakes.add(header.line, place + 1, "", f"no such column{hint}")
        elif name in places:
            mistakes.add(header.line, place + 1, name, "is given twice")
        else:
            places[name] = place
    for name in needed:
        if name not in places:
            mistakes.add(header.line, 1, name, "the column is missing")
    return places


def shown(path: Path) -> str:
    """A file as messages show it."""
    return display(path)
