"""What plain files say of entries, exits and children in care."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from sufficiency.history.ages import days
from sufficiency.history.observed_flows import spans_of
from sufficiency.history.observed_rows import Floats, Grid
from sufficiency.history.tables import History

ALL = "all"
"""Of a stream or age group: not told apart."""
_NAMES = {"stream": "stream", "age_group": "age", "type": "type"}


def measured_in_plain_files(history: History) -> list[Grid]:
    """Measures of a history that knows no children: from monthly, yearly and stock tables."""
    grids: list[Grid] = []
    for measure in ("entries", "exits"):
        if history.monthly is not None:
            grids += _in_spans(history, history.monthly, measure)
        if history.yearly is not None:
            rows = history.yearly[history.yearly[measure].notna()]
            for group, of in _by_group(rows, ("stream", "age_group"), "year", measure):
                grids.append(Grid(measure, (group,), list(of.index), _row(of)))
    if history.stock is not None:
        rows = history.stock.assign(
            on=np.datetime_as_string(days(history.stock["date"])),
            type=history.stock["type"].mask(history.stock["type"] == "", ALL),
        )
        for group, of in _by_group(rows, ("stream", "age_group", "type"), "on", "children"):
            grids.append(Grid("children_in_care", (group,), list(of.index), _row(of)))
    return grids


def _row(of: pd.Series[float]) -> Floats:
    numbers: Floats = of.to_numpy(dtype=np.float64)
    return numbers[None]


def _in_spans(history: History, monthly: pd.DataFrame, measure: str) -> list[Grid]:
    """Entries or exits in the quarters and years of which every month says them."""
    rows = monthly[monthly[measure].notna()]
    grids = []
    for group, of in _by_group(rows, ("stream", "age_group"), "month", measure):
        months = of.index.to_numpy(dtype="datetime64[D]")
        spans = spans_of(history, months)
        so_far = np.concatenate([[0.0], of.to_numpy(dtype=np.float64).cumsum()])
        first, after = np.searchsorted(months, spans.starts), np.searchsorted(months, spans.ends)
        grids.append(Grid(measure, (group,), spans.names, (so_far[after] - so_far[first])[None]))
    return grids


def _by_group(
    rows: pd.DataFrame, told: tuple[str, ...], period: str, value: str
) -> Iterator[tuple[str, pd.Series[float]]]:
    """The sum for everybody, then for each word of what is told apart, by period.

    A period may be told in more than one way (by type, and again by age): each way is a whole, and
    one of them is summed.
    """
    way = sum((rows[name] != ALL).astype(np.int64) * 2**i for i, name in enumerate(told))
    rows = rows.assign(way=way)
    if rows.empty:
        return
    yield "", _one_way(rows, period).groupby(period)[value].sum()
    for name in told:
        of = _one_way(rows[rows[name] != ALL], period)
        periods = of[period].sort_values().unique()
        for word in of[name].unique():
            sums = of[of[name] == word].groupby(period)[value].sum()
            yield f"{_NAMES[name]}={word}", sums.reindex(periods, fill_value=0)


def _one_way(rows: pd.DataFrame, period: str) -> pd.DataFrame:
    return rows[rows["way"] == rows.groupby(period)["way"].transform("min")]
