"""A summary of a run whose numbers a test states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import ModuleType
from unittest.mock import MagicMock

import pandas as pd
import pytest

from sufficiency.charts import Panel

START = "2025-04-01"
MARCHES = (START, *(f"{year}-03-31" for year in range(2026, 2031)))
YEARS = tuple(f"{year}-{year - 1999}" for year in range(2025, 2030))
QUARTERS = tuple(f"{year}-Q{quarter}" for year in range(2025, 2030) for quarter in range(1, 5))

Rows = tuple[str, str, Mapping[str, tuple[float, float]]]
"""Measure, group, and by period: average, and half the range of eight futures in ten."""


def line(values: Sequence[float], spread: float, periods: Sequence[str] = MARCHES):
    """Averages by period, all with the same half of a range."""
    return {period: (value, spread) for period, value in zip(periods, values, strict=True)}


def flat(value: float, spread: float, periods: Sequence[str] = MARCHES):
    """The same average in every period."""
    return line([value] * len(periods), spread, periods)


def slope(first: float, last: float, spread: float, periods: Sequence[str] = MARCHES):
    """Averages that go evenly from the first to the last."""
    step = (last - first) / (len(periods) - 1)
    return line([first + step * place for place in range(len(periods))], spread, periods)


def summary(*rows: Rows, se: float = 0.1) -> pd.DataFrame:
    """As `summary.csv`, of doing nothing.

    Args:
        rows: What is in it.
        se: Error of every average.
    """
    return pd.DataFrame(
        [
            {
                "option": "baseline", "measure": measure, "group": group, "period": period,
                "unit": "children", "mean": mean, "se": se, "p10": max(mean - spread, 0.0),
                "p50": mean, "p80": mean + spread / 2, "p90": mean + spread,
                "low95": mean - 2 * spread, "high95": mean + 2 * spread, "replications": 100,
            }
            for measure, group, numbers in rows
            for period, (mean, spread) in numbers.items()
        ],
        columns=[
            "option", "measure", "group", "period", "unit", "mean", "se", "p10", "p50", "p80",
            "p90", "low95", "high95", "replications",
        ],
    )  # fmt: skip


def draw_nothing(patch: pytest.MonkeyPatch, *modules: ModuleType) -> None:
    """Leave the figures of charts out: a title does not hang on them, and they take long."""

    def no_panel(heading: str, *_: object, **__: object) -> Panel:
        return Panel(heading, MagicMock(), ())

    for module in modules:
        for name in ("time_panel", "range_panel", "period_panel"):
            if hasattr(module, name):
                patch.setattr(module, name, no_panel)
        if hasattr(module, "with_past"):
            patch.setattr(module, "with_past", lambda panel, *_, **__: panel)


def short(title: str) -> bool:
    """Whether a title has ten words or fewer."""
    return 3 <= len(title.split()) <= 10
