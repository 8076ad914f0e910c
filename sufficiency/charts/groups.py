"""A measure of doing nothing by group: read once, however many groups there are."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sufficiency.answer.levels import BASELINE, Level, ends, from_first_day


def by_group(summary: pd.DataFrame, measure: str) -> dict[str, Any]:
    """The rows of each group of a measure that is known, on the first day and at quarter ends."""
    of_measure = summary[(summary["option"] == BASELINE) & (summary["measure"] == measure)]
    rows = of_measure[of_measure["mean"].notna()].sort_values("period").set_index("period")
    parts = rows.groupby(rows["group"].fillna(""), observed=True)
    found = {str(group): from_first_day(part) for group, part in parts}
    return {group: part for group, part in found.items() if len(part)}


def ends_by_group(summary: pd.DataFrame, measure: str) -> dict[str, tuple[Level, Level]]:
    """The first and the last level of each group of a measure that has two."""
    both = {group: ends(rows) for group, rows in by_group(summary, measure).items()}
    return {group: levels for group, levels in both.items() if levels is not None}
