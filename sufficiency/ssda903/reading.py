"""Reading a return: folders of yearly files become a table of children and one of episodes.

`files` and `parsing` make tables of text of any CSV files; `tables` tells which they are;
`episodes` reads each row, `years` which years there are; `merging` and `children` put the years
together. What is odd is noted on the way, and only what leaves nothing to use stops it.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from sufficiency.ssda903.children import (
    about_children,
    one_each,
    the_same_children,
    with_birthdays,
    with_years_of,
)
from sufficiency.ssda903.codes import SHORT_BREAKS
from sufficiency.ssda903.episodes import stacked
from sufficiency.ssda903.files import UnreadableError
from sufficiency.ssda903.merging import merged, until_eighteen
from sufficiency.ssda903.noting import Notes
from sufficiency.ssda903.returns import Return
from sufficiency.ssda903.sources import Sources, read_tables
from sufficiency.ssda903.tables import EPISODES, HEADER, Table, kind_of, recognised, usual_names
from sufficiency.ssda903.years import Span, with_years

CHILDREN = ("child", "sex", "born", "ethnic", "uasc_until")
OF_EPISODES = (
    "child",
    "started",
    "ended",
    "rne",
    "legal_status",
    "need",
    "place",
    "provider",
    "reason_ended",
    "reason_changed",
    "in_area",
    "miles",
    "urn",
)


class TableFound(NamedTuple):
    """A table of the return that was recognised by its columns."""

    kind: str
    """`episodes`, `header`, `uasc`, or the name of one that is not used."""
    file: str


def read_return(path: Path) -> Return:
    """Read the SSDA903 return in a folder or zip of yearly CSV files, in any layout.

    Raises:
        UnreadableError: There is nothing to use, or something unsafe; the text has every reason.
    """
    return return_of(read_tables(path))


def tables_in(path: Path) -> list[TableFound]:
    """The tables of the return that a folder or zip holds.

    Raises:
        UnreadableError: Something in it is unsafe, too large, or no CSV.
    """
    found = []
    for table in read_tables(path).tables:
        kind = kind_of(usual_names(table.columns).values())
        if kind:
            found.append(TableFound(kind, table.file))
    return found


def return_of(sources: Sources) -> Return:
    """The return in tables that were read before.

    Raises:
        UnreadableError: There is nothing to use; the text has every reason.
    """
    notes = Notes(sources.findings)
    tables = recognised(sources, notes)
    _check_there(sources, tables)
    rows = stacked([table for table in tables if table.kind == EPISODES], notes)
    if rows.empty:
        raise UnreadableError(str(sources.path), ["no episode in it has a child and a first day"])
    rows, span = with_years(rows, notes)
    about = with_years_of(about_children(tables, notes), rows)
    rows, about = _numbered(rows, about, notes)
    rows = merged(rows, span, notes)
    children = with_birthdays(one_each(about, rows, notes), rows, span, notes)
    rows = rows.join(children["eighteen"], on="child")
    return _as_return(until_eighteen(rows, span, notes), children, span, notes)


def _check_there(sources: Sources, tables: list[Table]) -> None:
    kinds = {table.kind for table in tables}
    if any(t.kind == EPISODES and "dob" in t.frame.columns for t in tables):
        kinds.add(HEADER)
    looked = len(sources.tables)
    reasons = [
        f"none of its {looked} CSV files has the columns of {what}: {columns}"
        for kind, what, columns in (
            (EPISODES, "episodes", "CHILD, DECOM, RNE, LS, PLACE, DEC, REC"),
            (HEADER, "the header", "CHILD, SEX, DOB, ETHNIC"),
        )
        if kind not in kinds
    ]
    if reasons:
        raise UnreadableError(str(sources.path), reasons)


def _numbered(
    rows: pd.DataFrame, about: pd.DataFrame, notes: Notes
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Children as numbers, in both tables: their names go no further."""
    names = [(table["child"], table["file"]) for table in (rows, about)]
    same = the_same_children(*names, notes=notes)
    both = pd.concat([table["child"] for table in (rows, about)], ignore_index=True)
    both = both.map(same).fillna(both) if same else both
    numbers, _ = pd.factorize(both, sort=True)
    return (
        rows.assign(child=numbers[: len(rows)]),
        about.assign(child=numbers[len(rows) :]),
    )


def _as_return(rows: pd.DataFrame, children: pd.DataFrame, span: Span, notes: Notes) -> Return:
    """Contracts of the tables; only children of whom an episode is left, numbered from 0."""
    left = sorted(rows["child"].unique())
    number = pd.Series(range(len(left)), index=left, dtype="int64")
    children = children.loc[left].reset_index()
    children["child"] = number.to_numpy()
    for name in ("sex", "ethnic"):
        children[name] = children[name].fillna("").astype("str")
    rows = rows.assign(child=rows["child"].map(number)).reset_index(drop=True)
    breaks = rows["legal_status"].isin(SHORT_BREAKS)
    text = "Short breaks (V3, V4): not counted as children in care."
    notes.rows("short_break", rows, breaks, "kept", text, "LS")
    return Return(
        children=children[list(CHILDREN)],
        episodes=rows[list(OF_EPISODES)],
        first=span.first.date(),
        last=span.last.date(),
        years=span.years,
        findings=notes.all(),
    )
