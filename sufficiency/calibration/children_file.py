"""Children in care on the last day as rows of a file, with which a calibrated scenario begins.

These are rows about real children. They hold no identifier and stand in no order that a return
has, and yet they are personal data: the file is named so, and never leaves the authority.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sufficiency.errors import SufficiencyError
from sufficiency.history.tables import History

if TYPE_CHECKING:
    import pandas as pd

ENDING = ".personal-data.csv"
"""How the name of a file about real children ends: such names are kept out of version control."""
COLUMNS = (
    "entered", "born", "entry_group", "type", "placement_started", "ethnicity", "in_area",
    "over_20_miles",
)  # fmt: skip
ADULT = 18
_DAYS = ("entered", "born", "placement_started")
_FLAGS = ("in_area", "over_20_miles")


def children_text(history: History) -> str:
    """The file: a row for each child in care on the last day; an empty cell is not known."""
    table = children_in_care(history)
    lines = [",".join(COLUMNS)]
    lines += [",".join(row) for row in zip(*(_cells(table, c) for c in COLUMNS), strict=True)]
    return "\n".join(lines) + "\n"


def children_in_care(history: History) -> pd.DataFrame:
    """Children in care on the last day, in the columns of the file, by entry and birth.

    Raises:
        SufficiencyError: The history has no child-level rows.
    """
    if history.care is None or history.placements is None or history.children is None:
        raise SufficiencyError("plain counts hold no children: only a return does")
    open_ = history.care["left"].isna() & ~history.care["child"].isin(turning_18(history))
    there = history.care.loc[open_, ["period", "child", "entered", "entry_group"]]
    lived = history.placements[history.placements["ended"].isna()]
    lived = lived[["period", "type", "started", "in_area", "over_20_miles"]]
    lived = lived.rename(columns={"started": "placement_started"})
    table = there.merge(lived, on="period", validate="one_to_one")
    table = table.merge(history.children[["child", "born", "ethnicity"]], on="child")
    return table[list(COLUMNS)].sort_values(list(_DAYS), kind="stable", ignore_index=True)


def turning_18(history: History) -> set[int]:
    """Children whose 18th birthday is the day after the last: they are in care no more."""
    if history.children is None:
        return set()
    day = history.last + timedelta(days=1)
    born = history.children["born"]
    same = (born.dt.year == day.year - ADULT) & (born.dt.month == day.month)
    return set(history.children.loc[same & (born.dt.day == day.day), "child"].tolist())


def _cells(table: pd.DataFrame, column: str) -> list[str]:
    import pandas as pd

    values = table[column]
    if column in _DAYS:
        return [str(day) for day in values.dt.strftime("%Y-%m-%d").fillna("")]
    if column in _FLAGS:
        return ["" if pd.isna(value) else str(bool(value)).lower() for value in values.tolist()]
    return [str(value) for value in values.tolist()]
