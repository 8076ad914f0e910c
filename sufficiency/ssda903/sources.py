"""CSV files as tables of text: the return's and the plain ones come through here alike.

What a cell means is for those who asked; here it is text without the blanks around it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from sufficiency.ssda903.files import CsvFile, UnreadableError, csv_files, some
from sufficiency.ssda903.parsing import NotATableError, is_empty, is_header, rows_of
from sufficiency.ssda903.returns import Finding, Treatment

FIRST_ROWS = 20
"""As many rows as a finding names."""


@dataclass(frozen=True)
class RawTable:
    """One CSV file as text.

    The rows of `frame` are numbered (its index) as a spreadsheet numbers them: the header is row 1.
    Every cell is text without blanks around it, "" where empty; rows that are empty throughout are
    left out. The columns have the names of `columns`.
    """

    file: str
    """Path within the folder or zip."""
    columns: tuple[str, ...]
    """Names of columns in small letters, with `_` for what is neither letter nor digit:
    `place_provider`. Each once: of two columns of one name the first is kept."""
    frame: pd.DataFrame


@dataclass(frozen=True)
class Sources:
    """The tables of a folder or zip, and what was odd about its files."""

    path: Path
    tables: tuple[RawTable, ...]
    findings: tuple[Finding, ...]


def read_tables(path: Path) -> Sources:
    """Read every CSV file of a folder or zip (or one CSV file) as a table of text.

    Raises:
        UnreadableError: Something in it is unsafe, too large, or no CSV; the text has all reasons.
    """
    found = csv_files(path)
    tables: list[RawTable] = []
    findings = _about_others(found.others)
    reasons: list[str] = []
    for file in found.files:
        if is_empty(file.data):
            findings.append(Finding("empty_file", "The file is empty.", "left out", 1, file.name))
            continue
        try:
            table, about = _table(file)
        except NotATableError as error:
            reasons.append(f"{file.name}: {error}")
        else:
            tables.append(table)
            findings += about
    if not tables and not reasons:
        reasons.append("it holds no CSV file with anything in it")
    if reasons:
        raise UnreadableError(str(path), reasons)
    return Sources(path, tuple(tables), tuple(findings))


def finding(
    rule: str,
    text: str,
    treatment: Treatment,
    rows: Sequence[int],
    file: str = "",
    column: str = "",
) -> Finding:
    """A finding on these rows of a file, of which it names the first."""
    first = tuple(int(row) for row in sorted(rows)[:FIRST_ROWS])
    return Finding(rule, text, treatment, len(rows), file, column, first)


def _about_others(names: tuple[str, ...]) -> list[Finding]:
    if not names:
        return []
    text = f"Files that are not CSV were not opened: {some(names)}."
    return [Finding("not_csv", text, "left out", len(names))]


def _table(file: CsvFile) -> tuple[RawTable, list[Finding]]:
    rows, place = rows_of(file.data)
    names = [_name(cell) for cell in rows[place]]
    body = _squared(rows, place)
    columns = list(zip(*body.cells, strict=True)) or [()] * len(names)
    cells = {i: pd.Series(column, dtype="str").str.strip() for i, column in enumerate(columns)}
    frame = pd.DataFrame(cells)
    frame.index = pd.Index(body.numbers, dtype="int64", name="row")
    kept = {name: i for i, name in reversed(list(enumerate(names))) if name}
    kept = {name: kept[name] for name in sorted(kept, key=kept.__getitem__)}
    findings = [
        *_about_titles(file.name, rows[:place]),
        *_about_shape(file.name, body),
        *_about_columns(file.name, names, frame),
    ]
    frame = frame[list(kept.values())].set_axis(list(kept), axis="columns")
    return RawTable(file.name, tuple(kept), frame), findings


def _name(cell: str) -> str:
    return re.sub(r"[^0-9a-z]+", "_", cell.strip().lower()).strip("_")


class Body(NamedTuple):
    """The rows below the header, all as wide as it, with the numbers of those that were not."""

    numbers: list[int]
    cells: list[list[str]]
    short: list[int]
    long: list[int]
    broken: list[int]
    """Rows with a line break in a cell."""
    headers: list[int]
    """Rows that are the header once more; `cells` is without them."""


def _squared(rows: list[list[str]], header: int) -> Body:
    width = len(rows[header])
    names, first = _names(rows[header]), _first_name(rows[header])
    body = Body([], [], [], [], [], [])
    for number, row in enumerate(rows[header + 1 :], header + 2):
        text = "".join(row)
        if not text or text.isspace():
            continue
        if _first_name(row) == first and _names(row) == names:
            body.headers.append(number)
            continue
        if "\n" in text:
            body.broken.append(number)
        if len(row) != width:
            if "".join(row[width:]).strip():
                body.long.append(number)
                continue
            if len(row) < width:
                body.short.append(number)
            row = (row + [""] * width)[:width]
        body.numbers.append(number)
        body.cells.append(row)
    return body


def _names(row: list[str]) -> list[str]:
    """The names of columns in a row, without the blank ones at its end."""
    names = [_name(cell) for cell in row]
    while names and not names[-1]:
        names.pop()
    return names


def _first_name(row: list[str]) -> str:
    """The first cell, nearly as `_name` has it: to see quickly that a row is no header."""
    return row[0].strip('\ufeff" \t').lower()  # where files were joined, a mark may stand within


def _about_titles(file: str, above: list[list[str]]) -> list[Finding]:
    """Note rows above the header; the line that states the separator is none."""
    titles = [i for i, row in enumerate(above, 1) if is_header(row)]
    text = "Rows stand above the names of the columns, as a title does."
    return [finding("title", text, "left out", titles, file)] if titles else []


def _about_shape(file: str, body: Body) -> list[Finding]:
    every = [
        finding(
            "header_again",
            "The names of the columns stand again among the rows, as where files were joined.",
            "left out",
            body.headers,
            file,
        ),
        finding(
            "short_row",
            "Rows have fewer cells than the header; the last ones are taken as empty.",
            "mended",
            body.short,
            file,
        ),
        finding(
            "long_row",
            "Rows have more cells than the header: which is which cannot be known.",
            "left out",
            body.long,
            file,
        ),
        finding(
            "line_break",
            "A cell holds a line break. If a quotation mark was left open, rows are missing.",
            "kept",
            body.broken,
            file,
        ),
    ]
    return [one for one in every if one.count]


def _about_columns(file: str, names: list[str], frame: pd.DataFrame) -> list[Finding]:
    """What stands in columns that cannot be used: a name's second, or without a name.

    They are told by their letter: where the header is missing, a name is what stands in a row.
    """
    findings = []
    for i, name in enumerate(names):
        letter = f"column {_letter(i)} of the spreadsheet"
        if name and name in names[:i]:
            text = "A column before has the same name; that one is used."
            findings.append(Finding("column_twice", text, "left out", len(frame), file, letter))
        elif not name and bool((frame[i] != "").any()):
            text = "A column without a name is not used."
            findings.append(Finding("column_unnamed", text, "left out", len(frame), file, letter))
    return findings


def _letter(place: int) -> str:
    """The letter of a column, as a spreadsheet has it: A to Z, then AA."""
    before, last = divmod(place, 26)
    return (_letter(before - 1) if before else "") + chr(ord("A") + last)
