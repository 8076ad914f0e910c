"""What of a history a scenario may tell of the years before it: totals, none of them small."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sufficiency.history.counting import observed
from sufficiency.history.tables import History

FEWEST = 5
"""Children below whom a number is not told, nor any from which it could be worked out."""
_STREAMS = ("", "stream=non_uasc", "stream=uasc")
_QUARTERS = ("Q1", "Q2", "Q3", "Q4")
_ENDS = {"Q1": "06-30", "Q2": "09-30", "Q3": "12-31"}
"""The last days of the quarters, but for that which ends the year."""

_Key = tuple[str, str, str]
"""Measure, group and period."""


class Then(NamedTuple):
    """A number of the past."""

    measure: str
    group: str
    period: str
    value: int


def told(history: History) -> list[Then]:
    """Children in care, and children who entered, by year and by quarter as far as may be told.

    A year is told if as many as `FEWEST` entered and left in it; its quarters, and the children in
    care between them, if that holds of every one of the four. Of unaccompanied children only years
    are told.
    """
    table = observed(history)
    table = table[table["measure"].isin(["children_in_care", "entries", "exits"])]
    table = table[table["group"].isin(_STREAMS)]
    names = table[["measure", "group", "period"]].itertuples(index=False, name=None)
    found = dict(zip(names, table["value"].tolist(), strict=True))
    return sorted(_stock(found)) + sorted(_entries(found))


def _stock(found: Mapping[_Key, float]) -> Iterable[Then]:
    """Children in care on each 31 March, and at the ends of quarters that are told."""
    days = {period for measure, _, period in found if measure == "children_in_care"}
    for day in days:
        if day.endswith("-03-31"):
            yield from _then(found, "children_in_care", day)
    for year in _years(found):
        if _quarters_are_told(found, year):
            for end in _ENDS.values():
                yield from _all(found, "children_in_care", f"{year[:4]}-{end}")


def _entries(found: Mapping[_Key, float]) -> Iterable[Then]:
    for year in _years(found):
        if _may_be_told(found, year):
            yield from _then(found, "entries", year)
        if _quarters_are_told(found, year):
            for quarter in _QUARTERS:
                yield from _all(found, "entries", f"{year[:4]}-{quarter}")


def _years(found: Mapping[_Key, float]) -> list[str]:
    """The financial years of which entries are known."""
    periods = {period for measure, _, period in found if measure == "entries"}
    return sorted(period for period in periods if "-Q" not in period)


def _quarters_are_told(found: Mapping[_Key, float], year: str) -> bool:
    quarters = [f"{year[:4]}-{quarter}" for quarter in _QUARTERS]
    return all(("entries", "", q) in found and _may_be_told(found, q) for q in (*quarters, year))


def _may_be_told(found: Mapping[_Key, float], period: str, group: str = "") -> bool:
    """Whether neither those who entered nor those who left are few; who left may be unknown."""
    known = (found.get((measure, group, period)) for measure in ("entries", "exits"))
    return all(value is None or value >= FEWEST for value in known)


def _all(found: Mapping[_Key, float], measure: str, period: str) -> Iterable[Then]:
    """A number of all children, if it is known and not small."""
    value = found.get((measure, "", period))
    if value is not None and value >= FEWEST:
        yield Then(measure, "", period, round(value))


def _then(found: Mapping[_Key, float], measure: str, period: str) -> Iterable[Then]:
    """A number of all children, and of the unaccompanied if neither they nor the rest are few."""
    yield from _all(found, measure, period)
    parts = [found.get((measure, group, period)) for group in _STREAMS]
    told = measure != "entries" or all(_may_be_told(found, period, g) for g in _STREAMS)
    if told and all(value is not None and value >= FEWEST for value in parts):
        yield Then(measure, _STREAMS[2], period, round(parts[2] or 0))


def yaml_lines(history: History, source: str) -> list[str]:
    """Them as lines at the end of a scenario file; none where nothing may be told."""
    rows = [json.dumps(row, ensure_ascii=False) for row in tree(told(history), source)]
    about = (
        "# What was before: charts begin with it, and no result rests on it. None is under five."
    )
    return ["", about, "history:", *(f"  - {row}" for row in rows)] if rows else []


def tree(rows: Iterable[Then], source: str) -> list[dict[str, str | int]]:
    """Them as `history` of a scenario file."""
    return [
        {
            "measure": row.measure,
            **({"group": row.group} if row.group else {}),
            "period": row.period,
            "value": row.value,
            "source": source,
        }
        for row in rows
    ]
