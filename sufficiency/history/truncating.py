"""A history as it was known on an earlier day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from sufficiency.history.ages import day, days
from sufficiency.history.tables import History


def known_on(history: History, on: date) -> History:
    """What was known at the end of a day, as if the data had been taken out then.

    What began later is gone; what ended later is open again, and why it ended is not known.
    Findings are kept: they are about the files, whichever part of them is used.
    """
    if on >= history.last:
        return history
    care = _until(history.care, "entered", on, ends={"left": "reason"})
    children = history.children
    if children is not None and care is not None:
        children = children[children["child"].isin(care["child"])].reset_index(drop=True)
    stretches = _until(history.stretches, "started", on, ends={"ended": ""})
    return replace(
        history,
        last=on,
        monthly=_months(history.monthly, on),
        yearly=_years(history.yearly, on),
        stock=_until(history.stock, "date", on),
        children=children,
        care=care,
        placements=_placements(history.placements, stretches, on),
        stretches=stretches,
        households=_until(history.households, "approved_on", on, ends={"left_on": ""}),
        homes=_until(history.homes, "opens", on, ends={"closes": ""}),
        prices=_until(history.prices, "as_of", on),
        shocks=_shocks(history.shocks, on),
        gaps=tuple(span for span in history.gaps if span[0] <= on),
    )


def _until(
    table: pd.DataFrame | None, start: str, on: date, ends: dict[str, str] | None = None
) -> pd.DataFrame | None:
    """Rows that started by a day (or at no stated time); ends after it, and why, unknown again."""
    if table is None or start not in table:
        return table
    begun = days(table[start])
    kept = table[np.isnat(begun) | (begun <= day(on))].reset_index(drop=True)
    for end, why in (ends or {}).items():
        if end not in kept:
            continue
        later = days(kept[end]) > day(on)
        kept[end] = kept[end].mask(later)
        if why:
            kept[why] = kept[why].mask(later, "")
    return kept


def _placements(
    table: pd.DataFrame | None, stretches: pd.DataFrame | None, on: date
) -> pd.DataFrame | None:
    placed = _until(table, "started", on, ends={"ended": "cause"})
    if placed is None or stretches is None:
        return placed
    # What the placement had become by then, not what it became later.
    latest = stretches.drop_duplicates(["period", "order"], keep="last")
    columns = ["type", "provider", "in_area", "over_20_miles"]
    return placed.drop(columns=columns).merge(
        latest[["period", "order", *columns]], on=["period", "order"], how="left", validate="1:1"
    )[list(placed.columns)]


def _months(table: pd.DataFrame | None, on: date) -> pd.DataFrame | None:
    """Months that are over."""
    if table is None:
        return None
    following = days(table["month"]).astype("datetime64[M]") + 1
    return table[following.astype("datetime64[D]") - 1 <= day(on)].reset_index(drop=True)


def _years(table: pd.DataFrame | None, on: date) -> pd.DataFrame | None:
    """Financial years that are over."""
    if table is None:
        return None
    over = [date(int(label[:4]) + 1, 3, 31) <= on for label in table["year"]]
    return table[over].reset_index(drop=True)


def _shocks(table: pd.DataFrame | None, on: date) -> pd.DataFrame | None:
    """Shocks that had begun, up to the day."""
    begun = _until(table, "from", on)
    if begun is not None:
        begun["to"] = begun["to"].where(days(begun["to"]) <= day(on), pd.Timestamp(on))
    return begun
