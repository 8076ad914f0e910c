"""The children of a return: who they are to us (a number), and what the header and UASC say."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from sufficiency.ssda903 import codes
from sufficiency.ssda903.dates import UNIT, eighteenth_birthdays
from sufficiency.ssda903.episodes import column_of, dates_of, known, mapped
from sufficiency.ssda903.merging import DAY
from sufficiency.ssda903.noting import Notes
from sufficiency.ssda903.tables import HEADER, UASC, Table
from sufficiency.ssda903.years import Span

ABOUT = ("sex", "born", "ethnic")
NOT_COUNTED = "Without an age the child is kept here, but left out when children are counted."
UNBORN_DAYS = 280
"""An episode may be put down while the child is not yet born: so long before, it is a slip."""


def about_children(tables: Iterable[Table], notes: Notes) -> pd.DataFrame:
    """Every row about a child in any header or UASC table (or episodes with dates of birth).

    Columns: `child` (text), `sex`, `born`, `ethnic` (None where not told), `uasc` (bool), `ceased`
    (the date on which UASC status ended), `file`, `row`.
    """
    found = [_read(table, notes) for table in tables if "dob" in table.frame.columns]
    rows = pd.concat(found, ignore_index=True)
    named = rows["child"] != ""
    text = "The child is not named: about whom the row is cannot be known."
    notes.rows("blank_child", rows, ~named, "left out", text, "CHILD")
    return rows[named].reset_index(drop=True)


def _read(table: Table, notes: Notes) -> pd.DataFrame:
    frame = table.frame
    places = pd.DataFrame({"file": table.file, "row": frame.index})
    born = dates_of(table, "DOB", notes, f"The age is unknown. {NOT_COUNTED}")
    uasc = table.kind == UASC
    sex = mapped(column_of(frame, "sex"), known(codes.SEX))
    ethnic = mapped(column_of(frame, "ethnic"), known(codes.ETHNIC))
    for column, values in (("SEX", sex), ("ETHNIC", ethnic)):
        text = f"No code of {column}; it is taken as unknown."
        notes.rows(f"unknown_{column.lower()}", places, values.isna(), "kept", text, column)
    if table.kind == HEADER:
        blank = (frame["dob"] == "") & (frame["child"] != "")
        text = f"The age of the child is unknown. {NOT_COUNTED}"
        notes.rows("blank_born", places, blank, "kept", text, "DOB")
    read = {
        "child": mapped(frame["child"], codes.plain).astype("str"),
        "sex": sex.map(codes.SEX).replace("", None),
        "born": born,
        "ethnic": ethnic.replace("", None),
        "ceased": dates_of(table, "DUC", notes, "The 18th birthday is taken.") if uasc else None,
    }
    rows = pd.DataFrame(
        {k: v.to_numpy() if v is not None else np.datetime64("NaT") for k, v in read.items()},
        index=places.index,
    )
    return rows.assign(uasc=uasc, ceased=rows["ceased"].astype(UNIT), **places)


def with_years_of(about: pd.DataFrame, episodes: pd.DataFrame) -> pd.DataFrame:
    """Rows about children in order of the year that their file belongs to.

    A header has no dates of its own: it belongs to the year whose children it shares.
    """
    years = {year: set(rows["child"]) for year, rows in episodes.groupby("year")[["child"]]}
    order: dict[str, tuple[float, int]] = {}
    for file, rows in about.groupby("file"):
        theirs = set(rows["child"])
        likeness = [(len(theirs & its) / len(theirs | its), year) for year, its in years.items()]
        order[str(file)] = max(likeness)
    year = about["file"].map({file: year for file, (_, year) in order.items()})
    return about.assign(year=year).sort_values(
        ["year", "uasc", "file", "row"], ascending=[True, False, True, True], ignore_index=True
    )


def one_each(about: pd.DataFrame, episodes: pd.DataFrame, notes: Notes) -> pd.DataFrame:
    """One row per child with episodes: what the last year says, by the number of the child.

    `about` is in order of years, with `child` as a number.
    """
    there = about["child"].isin(episodes["child"])
    text = "The child has no episode that can be used in any file."
    idle = ~there & ~about.duplicated("child")
    notes.rows("no_episodes", about, idle, "left out", text, "CHILD")
    about = about[there]
    for name, column in (("sex", "SEX"), ("born", "DOB")):
        told = about[about[name].notna()]
        last = told.groupby("child")[name].transform("last")
        text = f"Other rows of the child have another {column}; the last year's is taken."
        notes.rows(f"two_values_of_{name}", told, told[name] != last, "left out", text, column)
    header = about[~about["uasc"]]
    children = about.groupby("child")[[*ABOUT, "ceased"]].last()
    everybody = pd.Index(sorted(episodes["child"].unique()), name="child")
    unknown = ~episodes["child"].isin(header["child"]) & ~episodes.duplicated("child")
    text = (
        "The child is in no header; sex and ethnic group, and the age if not UASC, are unknown."
        f" {NOT_COUNTED}"
    )
    notes.rows("not_in_header", episodes, unknown, "kept", text, "CHILD")
    children = children.reindex(everybody)
    uasc = everybody.isin(about.loc[about["uasc"], "child"])
    return children.assign(uasc=uasc)


def with_birthdays(
    children: pd.DataFrame, episodes: pd.DataFrame, span: Span, notes: Notes
) -> pd.DataFrame:
    """Dates of birth that can be true (NaT if not), and `eighteen`, the 18th birthday."""
    begun = episodes.groupby("child")["started"].agg(["min", "max"])
    rows = episodes.drop_duplicates("child").set_index("child").loc[children.index]
    after = children["born"] - begun["min"]
    slip = (after > 0 * DAY) & (after <= UNBORN_DAYS * DAY)
    text = "The child was born shortly after the first episode began; taken as born on its day."
    notes.rows("born_just_after_entry", rows, slip, "mended", text, "DOB")
    children = children.assign(born=children["born"].mask(slip, begun["min"]))
    late = after > UNBORN_DAYS * DAY
    text = (
        f"The child was born more than {UNBORN_DAYS} days after the first episode began; the age is"
        f" taken as unknown. {NOT_COUNTED}"
    )
    notes.rows("born_after_entry", rows, late, "kept", text, "DOB")
    eighteen = eighteenth_birthdays(children["born"])
    old = eighteen <= begun["min"]
    text = (
        "The child would have been 18 before the first episode; the age is taken as unknown."
        f" {NOT_COUNTED}"
    )
    notes.rows("adult_before_entry", rows, old, "kept", text, "DOB")
    born = children["born"].where(~(late | old))
    eighteen = eighteen.where(born.notna())
    until = children["ceased"].fillna(eighteen).fillna(span.last + DAY)
    return children.assign(
        born=born.astype(UNIT),
        eighteen=eighteen.astype(UNIT),
        uasc_until=until.where(children["uasc"]).astype(UNIT),
    )


def the_same_children(*columns: tuple[pd.Series, pd.Series], notes: Notes) -> dict[str, str]:
    """Names of children that differ only in what a spreadsheet does to them, with one for each.

    A spreadsheet drops zeros in front. Where no file has both, 0123 and 123 are one child.

    Args:
        columns: Names of children, and the files in which they stand.
        notes: Where it is noted.
    """
    names = pd.concat([pd.DataFrame({"name": n, "file": f}) for n, f in columns])
    names = names.drop_duplicates()
    names["short"] = names["name"].str.lstrip("0")
    variants = names.drop_duplicates(["name", "short"])
    several = variants[variants.duplicated("short", keep=False)]["short"].unique()
    doubtful = names[names["short"].isin(several)]
    both = doubtful[doubtful.duplicated(["file", "short"], keep=False)]["short"].unique()
    same = doubtful[~doubtful["short"].isin(both)]
    text = (
        "Children are named with zeros in front in one file and without in another; "
        "they are taken as the same."
    )
    notes.note("named_without_zeros", same["short"].nunique(), "mended", text, column="CHILD")
    return dict(zip(same["name"], same["short"], strict=True))
