"""The plain files of an authority without child-level data, each told by its columns.

    counts      month (or year), stream, age_group, entries, exits
    stock       date, stream, age_group, type, children
    households  label, approved_places, youngest, oldest, siblings, uasc, status, approved_on,
                left_on
    homes       name, registered, usable, opens, closes, ...: as in a scenario
    prices      type, need, age_band, existing_weekly, new_weekly, as_of
    shocks      from, to, stream, note

A person wrote them, so what is wrong is theirs to put right: every mistake in one message, with
file, row and column. (A return comes from a system; there, what is wrong becomes a finding.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from sufficiency.history.cells import Cells
from sufficiency.history.plain_counts import (
    count_rows,
    is_yearly,
    monthly_counts,
    stock_counts,
    stock_rows,
    yearly_counts,
)
from sufficiency.history.plain_provision import homes, households, prices, shocks
from sufficiency.scenario_file.problems import Problems, Where
from sufficiency.ssda903.returns import Finding
from sufficiency.ssda903.sources import RawTable

LARGEST_FILE = 100_000
"""Rows of a plain file: twenty years of months, streams and ages are about 2,500."""

_NEEDED: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "counts": (("entries",), ("month", "year")),
    "stock": (("children",), ("date",)),
    "households": (("approved_places",), ("label",)),
    "homes": (("registered",), ("name",)),
    "prices": (("existing_weekly", "new_weekly"), ("type",)),
    "shocks": (("from",), ("to",)),
}
"""By kind of file, columns of which there must be one of each."""
_USED: Mapping[str, tuple[str, ...]] = {
    "counts": ("month", "year", "stream", "age_group", "entries", "exits"),
    "stock": ("date", "stream", "age_group", "type", "children"),
    "households": (
        *("label", "approved_places", "youngest", "oldest", "siblings", "uasc", "status"),
        *("approved_on", "left_on"),
    ),
    "homes": (
        *("name", "registered", "usable", "awaiting_registration", "opens", "closes", "in_area"),
        *("registration_delay_months", "ramp_months", "youngest", "oldest", "weekly_fixed"),
    ),
    "prices": ("type", "need", "age_band", "existing_weekly", "new_weekly", "as_of"),
    "shocks": ("from", "to", "stream", "note"),
}
_OTHERS: Mapping[str, Callable[[Cells], pd.DataFrame]] = {
    "households": households,
    "homes": homes,
    "prices": prices,
    "shocks": shocks,
}
_COUNTS = ("counts", "stock", "prices", "shocks")
"""Files that name nobody: a wrong cell may be quoted."""
_SPOILT = ("long_row", "line_break", "column_twice")
"""Findings about a file after which its numbers cannot be trusted."""


@dataclass
class Plain:
    """What plain files hold; the fields are those of `History`."""

    monthly: pd.DataFrame | None = None
    yearly: pd.DataFrame | None = None
    stock: pd.DataFrame | None = None
    households: pd.DataFrame | None = None
    homes: pd.DataFrame | None = None
    prices: pd.DataFrame | None = None
    shocks: pd.DataFrame | None = None
    findings: list[Finding] = field(default_factory=list)


def kind_of_plain(columns: Iterable[str]) -> str:
    """The kind of plain file with these columns; "" if it is none."""
    there = set(columns)
    for kind, needed in _NEEDED.items():
        if all(there.intersection(names) for names in needed):
            return kind
    return ""


def read_plain(
    tables: Iterable[RawTable], about_files: Iterable[Finding], problems: Problems
) -> Plain:
    """Read plain files; every mistake is noted, and what is returned is of use if there is none.

    Args:
        tables: The tables that `kind_of_plain` knows, and any others.
        about_files: What was found when the files were opened.
        problems: Where mistakes are noted.
    """
    by_kind: dict[str, list[Cells]] = {}
    plain = Plain()
    for table in tables:
        kind = kind_of_plain(table.columns)
        if not kind:
            _say_what_is_missing(table, problems)
        elif len(table.frame) > LARGEST_FILE:
            problems.add(Where(table.file), "", f"has more than {LARGEST_FILE:,} rows")
        elif table.frame.empty:
            problems.add(Where(table.file), "", "has no row below its header")
        else:
            by_kind.setdefault(kind, []).append(Cells(table, problems, quoting=kind in _COUNTS))
            _note_columns(kind, table, plain.findings)
    _say_what_is_spoilt(
        {c.table.file for every in by_kind.values() for c in every}, about_files, problems
    )
    _counts(by_kind.get("counts", []), plain, problems)
    if "stock" in by_kind:
        plain.stock = stock_counts(_stacked(stock_rows, by_kind["stock"]), problems)
    for kind, read in _OTHERS.items():
        if kind in by_kind:
            setattr(plain, kind, _one_file(kind, by_kind[kind], read, problems))
    return plain


def _counts(files: list[Cells], plain: Plain, problems: Problems) -> None:
    months = [cells for cells in files if not is_yearly(cells)]
    years = [cells for cells in files if is_yearly(cells)]
    if months:
        plain.monthly = monthly_counts(_stacked(count_rows, months), problems, plain.findings)
    if years:
        plain.yearly = yearly_counts(_stacked(count_rows, years), problems)


def _stacked(read: Callable[[Cells], pd.DataFrame], files: list[Cells]) -> pd.DataFrame:
    return pd.concat([read(cells) for cells in files], ignore_index=True)


def _one_file(
    kind: str, files: list[Cells], read: Callable[[Cells], pd.DataFrame], problems: Problems
) -> pd.DataFrame:
    for extra in files[1:]:
        text = f"is a second file of {kind}, beside {files[0].table.file}: put them together"
        problems.add(Where(extra.table.file), "", text)
    return read(files[0])


def _say_what_is_missing(table: RawTable, problems: Problems) -> None:
    """Note a file that is a plain one by its name, but not by its columns."""
    name = table.file.rsplit("/", 1)[-1].removesuffix(".csv").lower()
    if name not in _NEEDED:
        return
    there = set(table.columns)
    lacking = [names for names in _NEEDED[name] if not there.intersection(names)]
    words = " and ".join(" or ".join(names) for names in lacking)
    problems.add(Where(table.file), "", f"has no column {words}")


def _note_columns(kind: str, table: RawTable, findings: list[Finding]) -> None:
    for column in table.columns:
        if column not in _USED[kind]:
            text = "The column is none of those that are used."
            findings.append(
                Finding("column_not_used", text, "left out", len(table.frame), table.file, column)
            )


def _say_what_is_spoilt(
    files: set[str], about_files: Iterable[Finding], problems: Problems
) -> None:
    for finding in about_files:
        if finding.file in files and finding.rule in _SPOILT:
            row = finding.rows[0] if finding.rows and finding.rule != "column_twice" else 0
            problems.add(Where(finding.file, row, 1), finding.column, finding.text)
