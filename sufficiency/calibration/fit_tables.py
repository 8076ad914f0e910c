"""The calibrated scenario beside the data, where it takes the whole scenario to say what is fitted.

These complete the tables that the estimates bring with them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sufficiency.calibration.estimates import Calibrated
from sufficiency.calibration.scenario_text import with_estimates
from sufficiency.history.tables import History
from sufficiency.periods import YEAR
from sufficiency.scenario import Scenario, entries_by_age, remands_per_year, uasc_at_start
from sufficiency.vocabulary import Stream

if TYPE_CHECKING:
    import pandas as pd

EXITS_AT = (365, 1826)
"""Days since entry at which those who have left are shown by reason."""


def with_fit_tables(calibrated: Calibrated, history: History, base: Scenario) -> Calibrated:
    """The calibration with entries by month and reasons for leaving, fitted beside observed."""
    scenario = with_estimates(base, calibrated.estimates)
    tables = dict(calibrated.tables)
    months = entries_by_month(history, scenario)
    if months is not None:
        tables["entries"] = months
    if "incidence" in tables and len(tables["incidence"]):
        tables["exits"] = exits_by_reason(tables.pop("incidence"), scenario)
    return replace(calibrated, tables=tables)


def entries_by_month(history: History, scenario: Scenario) -> pd.DataFrame | None:
    """Entries by month and stream: `month`, `stream`, `observed`, `fitted`."""
    if history.monthly is None or history.monthly.empty:
        return None
    counts = history.monthly.groupby(["stream", "month"], as_index=False)["entries"].sum()
    demand = scenario.demand
    levels = {
        Stream.NON_UASC.value: (
            sum(entries_by_age(scenario).values()) + remands_per_year(scenario),
            _season(demand.month_index, demand.season_strength),
        ),
        Stream.UASC.value: (
            sum(uasc_at_start(scenario)),
            _season(demand.uasc.month_index, demand.uasc.season_strength),
        ),
    }
    counts = counts[counts["stream"].isin(levels)].rename(columns={"entries": "observed"})
    counts["fitted"] = [
        levels[stream][0] / 12 * levels[stream][1][month.month - 1]
        for stream, month in zip(counts["stream"], counts["month"], strict=True)
    ]
    return counts[["month", "stream", "observed", "fitted"]]


def _season(index: tuple[float, ...], strength: float) -> list[float]:
    """Factors of the months, mean 1."""
    raised = [factor**strength for factor in index]
    mean = sum(raised) / len(raised)
    return [factor / mean for factor in raised]


def exits_by_reason(incidence: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """Share who have left before 18, by group and reason, after one year and after five.

    Columns: `group`, `reason`, `day`, `observed` (Aalen-Johansen), `fitted`.
    """
    stays = scenario.stays.by_group or {}
    kept = incidence[incidence["day"].isin(EXITS_AT) & incidence["group"].isin(list(stays))]
    kept = kept.rename(columns={"share": "observed"})
    fitted = [
        _incidence(stays[row.group], row.reason, row.day) for row in kept.itertuples()
    ]  # fmt: skip
    return kept.assign(fitted=fitted)[["group", "reason", "day", "observed", "fitted"]]


def _incidence(stay: Any, reason: str, day: float) -> float:
    """Chance to have left for a reason by a day, for piecewise constant hazards."""
    still, left = 1.0, 0.0
    for length, hazard, shares in _pieces(stay, day):
        gone = still * (1 - math.exp(-hazard * length / YEAR))
        left += gone * shares.get(reason, 0.0)
        still -= gone
    return left


def _pieces(stay: Any, day: float) -> Iterator[tuple[float, float, Mapping[str, float]]]:
    """Length in days, hazard a year and shares of the reasons of each piece up to a day."""
    starts = (0.0, *stay.breaks_days)
    ends = (*stay.breaks_days, math.inf)
    for start, end, hazard, shares in zip(
        starts, ends, stay.leaving_per_year, stay.reasons, strict=True
    ):
        if start < day:
            yield min(end, day) - start, hazard, {str(k): v for k, v in shares.items()}
