"""`households.csv`, `homes.csv`, `prices.csv` and `shocks.csv`."""

from __future__ import annotations

import pandas as pd

from sufficiency.history.cells import Cells
from sufficiency.history.census import BAND_WORDS
from sufficiency.history.plain_counts import (
    ALSO_AGES,
    ALSO_STREAMS,
    STREAM_WORDS,
)
from sufficiency.vocabulary import Need, PlacementType

OLDEST = 18
"""Oldest age that a household or home may take."""
STATUSES = ("approved", "winding_down", "on_hold", "left")
"""What a household may be on the last day."""
_ALSO_STATUSES = {
    **dict.fromkeys(("active", "current", "open", "available"), "approved"),
    **dict.fromkeys(("closed", "deregistered", "resigned", "ceased"), "left"),
    **dict.fromkeys(("winding", "stopping", "no_new_child"), "winding_down"),
    **dict.fromkeys(("hold", "paused", "unavailable"), "on_hold"),
}
_ANY = dict.fromkeys(("all", "any", "total"), "")
NEEDS = tuple(need.value for need in Need)
TYPES = tuple(type_.value for type_ in PlacementType)


def households(cells: Cells) -> pd.DataFrame:
    """Foster households, as `History.households`."""
    table = pd.DataFrame(
        {
            "label": cells.text("label"),
            "approved_places": cells.whole("approved_places"),
            "youngest": cells.whole("youngest", needed=False),
            "oldest": cells.whole("oldest", needed=False),
            "siblings": cells.flags("siblings"),
            "uasc": cells.flags("uasc"),
            "status": cells.words("status", STATUSES, _ALSO_STATUSES, blank=""),
            "approved_on": cells.dates("approved_on"),
            "left_on": cells.dates("left_on"),
        }
    )
    _no_name_twice(cells, "label")
    _ages_in_order(cells, table)
    early = table["left_on"] < table["approved_on"]
    _each(cells, early, "left_on", "is before approved_on")
    return table.reset_index(drop=True)


def homes(cells: Cells) -> pd.DataFrame:
    """The authority's own homes, as `History.homes`: columns as in a scenario."""
    table = pd.DataFrame(
        {
            "name": cells.text("name"),
            "registered": cells.whole("registered"),
            "usable": cells.whole("usable", needed=False),
            "awaiting_registration": cells.whole("awaiting_registration", needed=False),
            "opens": cells.dates("opens"),
            "closes": cells.dates("closes"),
            "registration_delay_months": cells.number("registration_delay_months"),
            "ramp_months": cells.number("ramp_months"),
            "youngest": cells.whole("youngest", needed=False),
            "oldest": cells.whole("oldest", needed=False),
            "in_area": cells.flags("in_area"),
            "weekly_fixed": cells.number("weekly_fixed"),
        }
    )
    _no_name_twice(cells, "name")
    _ages_in_order(cells, table)
    _each(cells, table["usable"] > table["registered"], "usable", "is more than registered")
    _each(cells, table["closes"] <= table["opens"], "closes", "is not after opens")
    return table.reset_index(drop=True)


def prices(cells: Cells) -> pd.DataFrame:
    """Prices a week, as `History.prices`; empty need or age band: whatever it is."""
    table = pd.DataFrame(
        {
            "type": cells.words("type", TYPES),
            "need": cells.words("need", NEEDS, _ANY, blank=""),
            "age_band": cells.words("age_band", BAND_WORDS, {**ALSO_AGES, **_ANY}, blank=""),
            "existing_weekly": cells.number("existing_weekly"),
            "new_weekly": cells.number("new_weekly"),
            "as_of": cells.dates("as_of"),
        }
    )
    neither = table["existing_weekly"].isna() & table["new_weekly"].isna()
    column = "existing_weekly" if "existing_weekly" in cells else "new_weekly"
    _each(cells, neither & (cells.text(column) == ""), column, "no price is given")
    _no_price_twice(cells, table)
    return table.reset_index(drop=True)


def shocks(cells: Cells) -> pd.DataFrame:
    """Dated shocks, as `History.shocks`; a month stands for all of it."""
    table = pd.DataFrame(
        {
            "from": cells.days_or_months("from"),
            "to": cells.days_or_months("to", last=True),
            "stream": cells.words("stream", STREAM_WORDS, ALSO_STREAMS, blank="all"),
            "note": cells.text("note"),
        }
    )
    _each(cells, table["to"] < table["from"], "to", "is before from")
    return table.reset_index(drop=True)


def _each(cells: Cells, which: pd.Series[bool], column: str, text: str) -> None:
    """Note a mistake in every row of which something is true."""
    for row in which.index[which.fillna(value=False).to_numpy(dtype=bool)]:
        if column in cells:
            cells.wrong(row, column, text)


def _no_name_twice(cells: Cells, column: str) -> None:
    """Names are not repeated in messages: that of a household may say who they are."""
    names = cells.text(column)
    _each(cells, names == "", column, "is empty")
    _each(cells, names.duplicated() & (names != ""), column, "stands in an earlier row too")


def _ages_in_order(cells: Cells, table: pd.DataFrame) -> None:
    for column in ("youngest", "oldest"):
        _each(cells, table[column] > OLDEST, column, f"is an age of {OLDEST} at most")
    _each(cells, table["oldest"] < table["youngest"], "oldest", "is less than youngest")


def _no_price_twice(cells: Cells, table: pd.DataFrame) -> None:
    key = ["type", "need", "age_band", "as_of"]
    _each(cells, table.duplicated(key), "type", "the same price stands in an earlier row too")
