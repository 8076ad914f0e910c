"""The episodes of all files, row by row: dates as dates, codes as codes, what is missing noted.

Nothing is compared with other rows here, nor with the child: that is `merging`.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from sufficiency.ssda903 import codes
from sufficiency.ssda903.dates import UNIT, read_dates
from sufficiency.ssda903.noting import Notes
from sufficiency.ssda903.returns import Treatment
from sufficiency.ssda903.tables import Table

IN_AREA = {"IN": True, "OUT": False}
"""PL_LOCATION: whether the placement is in the authority's area."""
UNKNOWN_MILES = 999.0
"""PL_DISTANCE from here on means that the distance is not known (999.9)."""
PART = 0.05
"""The least share of a file's rows that have a value of YEAR, if it is to part the file."""
NO_PROVIDER = ("T", "Z", "")
"""How placements begin that have no provider."""


class CodeColumn(NamedTuple):
    """A column of codes."""

    name: str
    """As in `Return.episodes`."""
    column: str
    """As in the files."""
    known: Mapping[str, codes.Code]


CODES = (
    CodeColumn("rne", "RNE", codes.RNE),
    CodeColumn("legal_status", "LS", codes.LS),
    CodeColumn("need", "CIN", codes.CIN),
    CodeColumn("place", "PLACE", codes.PLACE),
    CodeColumn("provider", "PLACE_PROVIDER", codes.PLACE_PROVIDER),
    CodeColumn("reason_ended", "REC", codes.REC),
    CodeColumn("reason_changed", "REASON_PLACE_CHANGE", codes.REASON_PLACE_CHANGE),
)


def stacked(tables: list[Table], notes: Notes) -> pd.DataFrame:
    """Every usable row of the tables of episodes, one below the other.

    Columns are those of `Return.episodes`, with `child` as text, and: `file`, `row`; `part` (text:
    the value of YEAR where a file has it, to tell years in one file); `ended_somehow` (bool: that
    the episode ended is stated, though not when).
    """
    rows = pd.concat([_read(table, notes) for table in tables], ignore_index=True)
    notes.rows(
        "blank_child",
        rows,
        rows["child"] == "",
        "left out",
        "The child is not named: whose episode it is cannot be known.",
        "CHILD",
    )
    rows = rows[(rows["child"] != "") & rows["started"].notna()].reset_index(drop=True)
    for column in CODES:
        rows[column.name] = _code(rows, column, notes)
    _note_blanks(rows, notes)
    rows["in_area"] = _in_area(rows, notes)
    rows["miles"] = _miles(rows, notes)
    return _with_ends(rows, notes)


def mapped(values: pd.Series, meaning: Callable[[str], object]) -> pd.Series:
    """What each text means, found once for each different text."""
    places, words = pd.factorize(values)
    found = np.array([*(meaning(str(word)) for word in words), None], dtype=object)
    return pd.Series(found[places], index=values.index, dtype=object)


def column_of(frame: pd.DataFrame, name: str) -> pd.Series:
    """A column of text, or a blank one where the file has none."""
    if name in frame.columns:
        return frame[name]
    return pd.Series("", index=frame.index, dtype="str")


def dates_of(table: Table, column: str, notes: Notes, lost: str, kept: bool = True) -> pd.Series:
    """A column of dates; what is none is noted.

    Args:
        table: The table.
        column: Its column, as in the files.
        notes: Where it is noted.
        lost: What becomes of an episode or child whose date cannot be read.
        kept: Whether it is kept.
    """
    read = read_dates(column_of(table.frame, column.lower()))
    text = f"No such date (dd/mm/yyyy or yyyy-mm-dd). {lost}"
    done: Treatment = "kept" if kept else "left out"
    notes.rows("impossible_date", _places(table), read.unreadable, done, text, column)
    if read.month_first:
        text = "Dates make sense only with the month first, and are read that way throughout."
        notes.note("month_first", len(table.frame), "mended", text, table.file, column)
    return read.days


def _places(table: Table) -> pd.DataFrame:
    return pd.DataFrame({"file": table.file, "row": table.frame.index})


def _read(table: Table, notes: Notes) -> pd.DataFrame:
    frame = table.frame
    started = dates_of(table, "DECOM", notes, "The row is left out.", kept=False)
    ended = dates_of(table, "DEC", notes, "That the episode ended is known, but not when.")
    places = _places(table)
    blank = (frame["decom"] == "") & (frame["child"] != "")
    notes.rows("blank_start", places, blank, "left out", "The episode has no first day.", "DECOM")
    read = {
        "child": mapped(frame["child"], codes.plain).astype("str"),
        "started": started,
        "ended": ended,
        "ended_somehow": ended.isna() & (frame["dec"] != ""),
        **{c.name: column_of(frame, c.column.lower()) for c in CODES},
        **{name: column_of(frame, name) for name in ("pl_location", "pl_distance", "urn")},
        "part": _parts(column_of(frame, "year")),
    }
    authorities = column_of(frame, "la")
    several = authorities[authorities != ""].nunique()
    text = "The column LA names several authorities: their children are counted as those of one."
    notes.note("several_authorities", several if several > 1 else 0, "kept", text, table.file, "LA")
    rows = pd.DataFrame({name: values.to_numpy() for name, values in read.items()})
    return rows.assign(file=table.file, row=places["row"].to_numpy())


def _parts(years: pd.Series) -> pd.Series:
    """The value of YEAR, where it parts the file into years and is not a slip here and there."""
    sizes = years.groupby(years).transform("size")
    parted = bool((sizes >= PART * len(years)).all())
    return years if parted else pd.Series("", index=years.index, dtype="str")


def _code(rows: pd.DataFrame, column: CodeColumn, notes: Notes) -> pd.Series:
    """The codes of a column as the set has them; those it has not are blank from here on.

    What was typed instead is never shown: it may be a name in the wrong column.
    """
    found = mapped(rows[column.name], known(column.known))
    text = f"No code of {column.column}; it is taken as unknown."
    rule = f"unknown_{column.name}"
    notes.rows(rule, rows, found.isna(), "kept", text, column.column)
    return found.fillna("").astype("str")


def known(those: Container[str]) -> Callable[[str], str | None]:
    """What tells a code of a set: the code, "" if blank, None if there is no such code."""

    def tell(text: str) -> str | None:
        code = codes.plain(text)
        return code if code in those or not code else None

    return tell


def _note_blanks(rows: pd.DataFrame, notes: Notes) -> None:
    needs_provider = ~rows["place"].str[:1].isin(NO_PROVIDER)
    everywhere = pd.Series(True, index=rows.index)
    for name, column, where in (
        ("rne", "RNE", everywhere),
        ("legal_status", "LS", everywhere),
        ("need", "CIN", everywhere),
        ("place", "PLACE", everywhere),
        ("provider", "PLACE_PROVIDER", needs_provider),
    ):
        blank = where & (rows[name] == "")
        text = f"{column} is blank or unknown."
        notes.rows(f"blank_{name}", rows, blank, "kept", text, column)


def _in_area(rows: pd.DataFrame, notes: Notes) -> pd.Series:
    inside = mapped(rows["pl_location"], lambda text: IN_AREA.get(codes.plain(text)))
    wrong = (rows["pl_location"] != "") & inside.isna()
    text = "Neither IN nor OUT; whether the placement is in the area is taken as unknown."
    notes.rows("unknown_location", rows, wrong, "kept", text, "PL_LOCATION")
    return inside.astype("boolean")


def _miles(rows: pd.DataFrame, notes: Notes) -> pd.Series:
    miles = pd.to_numeric(rows["pl_distance"], errors="coerce").astype("float64")
    wrong = (rows["pl_distance"] != "") & ~(miles >= 0)
    text = "No distance in miles; it is taken as unknown."
    notes.rows("unknown_distance", rows, wrong, "kept", text, "PL_DISTANCE")
    return miles.where((miles >= 0) & (miles < UNKNOWN_MILES))


def _with_ends(rows: pd.DataFrame, notes: Notes) -> pd.DataFrame:
    """Ends that may be true: not before the start; with a reason, and no reason without an end.

    DEC and REC are both set or both blank. Of a reason without a date either the date was forgotten
    and the child has left, or the reason is wrong and the child is still there. The first is
    believed: a reason is typed on purpose, a blank is what stands where nothing was done. Read so,
    the leaver, the reason and the number in care on 31 March are right, and the stay is too long by
    less than a year; read the other way, a leaver is lost, and the child stays in every count from
    then on. In all years but the last, the next year's file decides.
    """
    backwards = rows["ended"] < rows["started"]
    text = "The episode ends before it begins. That it ended is believed, but not when."
    notes.rows("ends_before_it_begins", rows, backwards, "kept", text, "DEC")
    rows["ended"] = rows["ended"].where(~backwards, np.datetime64("NaT")).astype(UNIT)
    rows["ended_somehow"] |= backwards
    without_day = (rows["reason_ended"] != "") & rows["ended"].isna() & ~rows["ended_somehow"]
    text = (
        "A reason for ending without a date: one of the two is a slip. A date is forgotten more"
        " easily than a reason is made up, so the episode is taken to have ended, on an unknown"
        " day; with X1, care goes on."
    )
    notes.rows("reason_without_end", rows, without_day, "kept", text, "DEC")
    rows["ended_somehow"] |= without_day & (rows["reason_ended"] != "X1")
    without_reason = (rows["reason_ended"] == "") & rows["ended"].notna()
    text = "An end without a reason; it is unknown unless another episode follows at once."
    notes.rows("end_without_reason", rows, without_reason, "kept", text, "REC")
    return rows.drop(columns=["pl_location", "pl_distance"])
