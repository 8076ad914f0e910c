"""What a scenario tells of the time before it: whether each value is a measure's, and is past."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sufficiency.rows import MeasureInfo
from sufficiency.scenario_file.checking import Locate
from sufficiency.scenario_file.observed import (
    Comparison,
    items_of,
    parts,
    wrong_with_label,
    wrong_with_measure,
)
from sufficiency.scenario_file.problems import Problems

LIST = "history"
_MONTH_AFTER = {"Q1": 6, "Q2": 9, "Q3": 12, "Q4": 15}
"""Of each quarter: the first month after it, counted from January of the year in its name as 0."""


def check_history(
    values: Mapping[str, Any],
    locate: Locate,
    measures: Mapping[str, MeasureInfo] | None,
    problems: Problems,
) -> tuple[str, ...]:
    """Note what is wrong with values of the past, beyond the types of their parts.

    Args:
        values: The scenario, as nested values; what is not of its type is left to validation.
        locate: Where its parts stand.
        measures: The measures there are, if names and groups are to be checked.
        problems: Where mistakes are noted.

    Returns:
        Warnings about values that are not of the past, which no chart shows.
    """
    start = values.get("start")
    first: dict[tuple[str, frozenset[str], str], Comparison] = {}
    warnings = []
    for item in items_of(values, LIST):
        wrong = [*wrong_with_measure(item, measures), *wrong_with_label(item, measures, None)]
        before = first.setdefault((item.measure, parts(item.group), item.period), item)
        if before is not item:
            line = locate(before.path)[0].where.line
            wrong.append(("", f"is given twice (first on line {line})"))
        for part, text in wrong:
            node, path = locate((*item.path, part) if part else item.path)
            problems.add(node.where, path, text)
        if not wrong and isinstance(start, date) and not is_before(item.period, start):
            node, path = locate((*item.path, "period"))
            text = f"{item.period} is not before the run, which begins on {start}: it is not shown"
            warnings.append(f"{node.where}: {path}: {text}")
    return tuple(warnings)


def is_before(label: str, start: date) -> bool:
    """Whether a date, or all of a month, quarter or financial year, is before a day."""
    if len(label) == 10:
        return date.fromisoformat(label) < start
    return _month_after(label) <= start.year * 12 + start.month - 1


def _month_after(label: str) -> int:
    """The first month after a month, a quarter or a financial year, counted from year 0."""
    year, _, rest = label.partition("-")
    first = int(year) * 12
    if rest in _MONTH_AFTER:
        return first + _MONTH_AFTER[rest]
    if (int(year) + 1) % 100 == int(rest):
        return first + _MONTH_AFTER["Q4"]
    return first + int(rest)
