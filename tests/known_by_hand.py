"""Rows of a summary written by hand: what is known of a measure, and no more."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

COLUMNS = ("option", "measure", "group", "period", "unit", "mean", "se", "p10", "p50", "p90")

Values = Mapping[str, float | tuple[float, ...]]
"""By date or period: an average; or average, error of it, and the ends of the range of futures."""


def lines(measure: str, values: Values, group: str = "", option: str = "baseline") -> list[Any]:
    """Rows of one measure and group; alone, an average has an error of 1% of it and no range."""
    found = []
    for period, value in values.items():
        mean, se, low, high = (
            value if isinstance(value, tuple) else (value, abs(value) / 100, value, value)
        )
        found.append([option, measure, group, period, "", mean, se, low, mean, high])
    return found


def summary_of(*parts: Iterable[Any]) -> pd.DataFrame:
    """A summary of some rows."""
    return pd.DataFrame([row for part in parts for row in part], columns=list(COLUMNS))


def each(years: Iterable[str], value: float | tuple[float, ...]) -> Values:
    """The same in every year."""
    return dict.fromkeys(years, value)


def without(summary: pd.DataFrame, measure: str, group: str | None = None) -> pd.DataFrame:
    """The summary as if a measure, or one group of it, were withheld."""
    gone = summary["measure"] == measure
    if group is not None:
        gone &= summary["group"] == group
    assert gone.any()
    return summary[~gone].reset_index(drop=True)
