"""What is read from a statutory return: one table of children, one of episodes, and findings.

Years overlap in the files; here they are one. Nothing that names a child is kept: children are
numbered, and neither identifiers nor postcodes come further than the reader.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd

Treatment = Literal["left out", "mended", "kept"]
"""What was done with the rows of a finding."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong or odd in the data: never with the content of a row."""

    rule: str
    """Short name of the rule: `unknown_place`."""
    text: str
    """What is wrong and what was done about it, in a sentence for the person who keeps the data."""
    treatment: Treatment
    count: int
    """Rows that it concerns."""
    file: str = ""
    """File, by its path within the folder or zip; empty if it concerns several."""
    column: str = ""
    """Column; empty if it concerns several."""
    rows: tuple[int, ...] = ()
    """The first of the rows (20 at most), as a spreadsheet numbers them: the header is row 1."""


@dataclass(frozen=True)
class Return:
    """Several years of the SSDA903 return as one, merged, without duplicates and overlaps.

    `children` has one row per child: `child` (int, from 0), `sex` ("male", "female" or ""),
    `born` (datetime64, NaT if unknown), `ethnic` (the code in capitals, "" if missing),
    `uasc_until` (datetime64: date on which the child ceased to be unaccompanied, NaT for children
    who never were; for a child in a UASC table without that date, the 18th birthday).

    `episodes` has one row per episode, in order of `child` and `started`; those of one child do not
    overlap: `child`, `started`, `ended` (NaT if open on the last day), `rne`, `legal_status`,
    `need` (CIN), `place`, `provider` ("" if blank), `reason_ended` (REC, "" if open or unknown),
    `reason_changed` (REASON_PLACE_CHANGE, "" if blank), `in_area` (boolean, NA if unknown),
    `miles` (float, NaN if unknown; from home), `urn` (str). Codes are in capitals.
    """

    children: pd.DataFrame
    episodes: pd.DataFrame
    first: date
    """First day covered: 1 April of the earliest year file (from its dates, not its name)."""
    last: date
    """Last day covered: 31 March of the latest year file."""
    years: tuple[int, ...]
    """Years covered, by the calendar year in which they end; a gap shows."""
    findings: tuple[Finding, ...]
