"""Returns with anything done to them: read or refused, and never counted wrongly in silence."""

from __future__ import annotations

import csv
import random
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_up import COLUMNS, Truth, an_authority, write_truth, year_of

from sufficiency.errors import SufficiencyError
from sufficiency.ssda903.reading import read_return
from sufficiency.ssda903.returns import Return

YEARS = (2020, 2021, 2022)
SECRET = "Smithson"
CELLS = [
    "",
    SECRET,
    "S",
    "P",
    "X1",
    "E4A",
    "V3",
    "T1",
    "PR0",
    "31/02/2020",
    "1",
    "99999999",
    "٣",
    "\xa0",
]
DATES = ("CHILD", "DECOM", "DEC", "DOB", "DUC")
"""Columns in which another good value is another truth; they get what is no value."""

Rows = list[list[str]]
Tables = dict[tuple[int, str], Rows]


class Mutation(NamedTuple):
    """Something done to one table; numbers are taken round and round."""

    what: str
    table: int
    row: int
    column: int
    cell: str


def tables_of(truth: Truth) -> Tables:
    return {
        (year, kind): [list(COLUMNS[kind])]
        + [[row.get(name, "") for name in COLUMNS[kind]] for row in rows]
        for year in YEARS
        for kind, rows in year_of(truth, year).items()
        if rows
    }


def delete_column(rows: Rows, row: int, column: int, cell: str) -> None:
    for line in rows:
        del line[column]


def repeat_column(rows: Rows, row: int, column: int, cell: str) -> None:
    for line in rows:
        line.append(line[column])


def delete_row(rows: Rows, row: int, column: int, cell: str) -> None:
    del rows[row]


def repeat_row(rows: Rows, row: int, column: int, cell: str) -> None:
    rows.append(list(rows[row]))


def blank_cell(rows: Rows, row: int, column: int, cell: str) -> None:
    rows[row][column] = ""


def other_cell(rows: Rows, row: int, column: int, cell: str) -> None:
    rows[row][column] = SECRET if rows[0][column] in DATES else cell


def swap_dates(rows: Rows, row: int, column: int, cell: str) -> None:
    names = rows[0]
    if "DEC" in names and "DECOM" in names:
        one, other = names.index("DEC"), names.index("DECOM")
        rows[row][one], rows[row][other] = rows[row][other], rows[row][one]


def shift_row(rows: Rows, row: int, column: int, cell: str) -> None:
    rows[row].insert(column, cell)


def shuffle_rows(rows: Rows, row: int, column: int, cell: str) -> None:
    body = rows[1:]
    random.Random(row).shuffle(body)
    rows[1:] = body


def reorder_columns(rows: Rows, row: int, column: int, cell: str) -> None:
    for line in rows:
        line[:] = line[column:] + line[:column]


def add_column(rows: Rows, row: int, column: int, cell: str) -> None:
    for line in rows:
        line.append(cell or "x")
    rows[0][-1] = f"Extra {len(rows[0])}"


HARMLESS: dict[str, Callable[[Rows, int, int, str], None]] = {
    f.__name__: f for f in (repeat_row, shuffle_rows, reorder_columns, add_column)
}
ANYTHING = HARMLESS | {
    f.__name__: f
    for f in (
        *(delete_column, repeat_column, delete_row, blank_cell),
        *(other_cell, swap_dates, shift_row),
    )
}


def mutations(names: list[str]) -> st.SearchStrategy[list[Mutation]]:
    number = st.integers(0, 500)
    one = st.builds(
        Mutation, st.sampled_from(names), number, number, number, st.sampled_from(CELLS)
    )
    return st.lists(one, max_size=4)


def write_mutated(folder: Path, tables: Tables, those: list[Mutation], encoding: str) -> None:
    for what, table, row, column, cell in those:
        rows = tables[list(tables)[table % len(tables)]]
        if len(rows) > 1 and rows[0] and len({len(line) for line in rows}) == 1:
            ANYTHING[what](rows, 1 + row % (len(rows) - 1), column % len(rows[0]), cell)
    for (year, kind), rows in tables.items():
        with (folder / f"{kind}{year}.csv").open(
            "w", encoding=encoding, errors="replace", newline=""
        ) as file:
            csv.writer(file).writerows(rows)


def read_or_refused(folder: Path) -> Return | None:
    """What is read, None if refused; neither says what stands in a row."""
    found = None
    try:
        found = read_return(folder)
        said = " ".join(f"{f.rule} {f.text} {f.file} {f.column}" for f in found.findings)
    except SufficiencyError as error:
        said = str(error).replace(str(folder), "")
    assert SECRET.upper() not in said.upper()
    assert "KQ1" not in said
    return found


def counts(found: Return) -> list[int]:
    rows = found.episodes[~found.episodes["legal_status"].isin(["V3", "V4"])]
    return [
        int(rows.loc[(rows["started"] <= d) & ~(rows["ended"] <= d), "child"].nunique())
        for d in (f"{year}-03-31" for year in YEARS)
    ]


def check_mutated(seed: int, those: list[Mutation], encoding: str) -> None:
    truth = an_authority(40, seed)
    with tempfile.TemporaryDirectory() as folder:
        write_mutated(Path(folder), tables_of(truth), those, encoding)
        found = read_or_refused(Path(folder))
    if found is None:
        assert {m.what for m in those} - HARMLESS.keys()
        return
    right = counts(found) == [truth.in_care(date(year, 3, 31)) for year in YEARS]
    assert right or found.findings
    if {m.what for m in those} <= HARMLESS.keys():
        assert right
        assert {f.rule for f in found.findings} <= {"row_twice"}
    episodes = found.episodes
    assert not (episodes["ended"] <= episodes["started"]).any()
    following = episodes["child"] == episodes["child"].shift(-1)
    assert not (following & ~(episodes["ended"] <= episodes["started"].shift(-1))).any()


quick = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
long = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
encodings = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"])


@quick
@given(st.integers(0, 50), mutations(list(ANYTHING)), encodings)
def test_a_mutated_return_is_never_counted_wrongly_in_silence(
    seed: int, those: list[Mutation], encoding: str
) -> None:
    check_mutated(seed, those, encoding)


@pytest.mark.slow
@quick
@given(st.integers(0, 50), mutations(list(HARMLESS)), encodings)
def test_what_does_not_matter_changes_no_count(
    seed: int, those: list[Mutation], encoding: str
) -> None:
    check_mutated(seed, those, encoding)


@pytest.mark.slow
@long
@given(st.integers(0, 10_000), mutations(list(ANYTHING)), encodings)
def test_many_mutated_returns_are_never_counted_wrongly_in_silence(
    seed: int, those: list[Mutation], encoding: str
) -> None:
    check_mutated(seed, those, encoding)


def spoil(file: Path, places: list[int], data: bytes) -> None:
    content = bytearray(file.read_bytes())
    for place in places:
        at = place % (len(content) + 1)
        content[at : at + len(data)] = data
    file.write_bytes(content)


def check_spoiled(table: int, places: list[int], data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_truth(Path(folder), an_authority(10, 1), YEARS)
        files = sorted(Path(folder).rglob("*.csv"))
        spoil(files[table % len(files)], places, data)
        read_or_refused(Path(folder))


bytes_written = (
    st.integers(0, 8),
    st.lists(st.integers(0, 5000), max_size=5),
    st.binary(max_size=9),
)


@pytest.mark.slow
@quick
@given(*bytes_written)
def test_bytes_of_any_kind_are_read_or_refused(table: int, places: list[int], data: bytes) -> None:
    check_spoiled(table, places, data)


@pytest.mark.slow
@long
@given(*bytes_written)
def test_many_bytes_of_any_kind_are_read_or_refused(
    table: int, places: list[int], data: bytes
) -> None:
    check_spoiled(table, places, data)
