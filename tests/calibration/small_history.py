"""A small history by hand, for the tests of calibration: nothing in it is anybody's."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

import pandas as pd

from sufficiency.history.tables import History

FIRST, LAST = date(2023, 4, 1), date(2025, 3, 31)


class Stay(NamedTuple):
    """One placement: type, first day, end (empty if open), and why it ended."""

    type: str
    started: str
    ended: str = ""
    cause: str = ""
    in_area: bool | None = None
    over_20_miles: bool | None = None


class Life(NamedTuple):
    """One period of care of one child."""

    born: str
    group: str
    placements: tuple[Stay, ...]
    reason: str = ""
    ethnicity: str = "white"
    need: str = "N1"
    remand: bool = False


def history(*lives: Life, **more: Any) -> History:
    """The tables of some lives; a child for each."""
    children, care, placements = [], [], []
    for n, life in enumerate(lives):
        uasc = life.group.startswith("uasc")
        children.append((n, life.born, "", life.ethnicity, uasc))
        left = life.placements[-1].ended
        stream = "uasc" if uasc else "non_uasc"
        entered = life.placements[0].started
        care.append(
            (n, n, entered, left, life.reason, life.group, stream, life.need, "", life.remand, True)
        )
        for order, stay in enumerate(life.placements, start=1):
            cause = stay.cause or ("left_care" if stay.ended else "")
            placements.append(
                (
                    *(n, n, order, stay.started, stay.ended, stay.type, stay.type, ""),
                    *(stay.in_area, stay.over_20_miles, cause, True),
                )
            )
    tables = {
        "children": _table(children, "child born sex ethnicity uasc", ("born",)),
        "care": _table(
            care,
            "period child entered left reason entry_group stream need legal_status remand dated",
            ("entered", "left"),
        ),
        "placements": _table(
            placements,
            "period child order started ended type first_type provider in_area over_20_miles cause"
            " dated",
            ("started", "ended"),
        ),
    }
    for column in ("in_area", "over_20_miles"):
        tables["placements"][column] = tables["placements"][column].astype("boolean")
    return History(**{"first": FIRST, "last": LAST, **tables, **more})


def _table(rows: list[tuple[Any, ...]], columns: str, days: tuple[str, ...]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=columns.split())
    for column in days:
        table[column] = pd.to_datetime(table[column].replace("", None))
    return table
