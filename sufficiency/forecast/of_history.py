"""A forecast from an authority's own past, and what else of it a run of the future needs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from sufficiency.errors import SufficiencyError
from sufficiency.forecast.forecasting import forecast
from sufficiency.forecast.of_scenario import from_yearly, seasons
from sufficiency.forecast.result import Forecast
from sufficiency.scenario import Scenario, uasc_at_start
from sufficiency.vocabulary import Stream

if TYPE_CHECKING:
    import pandas as pd

    from sufficiency.history.tables import History

_BOTH = "all"
"""How plain counts name both streams, or all ages."""


class Stock(NamedTuple):
    """Children in care on the last day on which they are known."""

    day: date
    children: int
    uasc: int | None


def forecast_history(
    history: History, base: Scenario, *, months: int, paths: int, seed: int
) -> Forecast:
    """Sample paths from monthly counts, or from yearly ones where there is nothing else."""
    if history.monthly is not None and not history.monthly.empty:
        return forecast(
            history.monthly,
            months=months,
            paths=paths,
            seed=seed,
            season=seasons(base),
            shocks=history.shocks,
        )
    if history.yearly is None or history.yearly.empty:
        raise SufficiencyError(
            "there are no entries to forecast from: no counts.csv and no episodes of a return"
        )
    counts, uasc = _yearly(history.yearly, base)
    last = max(int(label[:4]) for label in counts)
    return from_yearly(
        counts,
        first=date(last + 1, 4, 1),
        uasc_per_year=uasc,
        season=seasons(base)[Stream.NON_UASC],
        months=months,
        paths=paths,
        seed=seed,
    )


def _yearly(table: pd.DataFrame, base: Scenario) -> tuple[Mapping[str, float], float]:
    """Entries by financial year, and how many UASC a year are among them."""
    others = table[table["stream"] == Stream.NON_UASC]
    uasc = 0.0
    if others.empty:
        others = table[table["stream"] == _BOTH]
    counts = {str(year): _total(rows, "entries") for year, rows in others.groupby("year")}
    if not counts:
        raise SufficiencyError("the yearly counts say nothing of children other than UASC")
    if (others["stream"] == _BOTH).all():
        per_100, demand = 100 / base.authority.children_in_care, base.demand
        all_rates = sum(demand.entries_per_100_in_care.values())
        own = sum(uasc_at_start(base)) * per_100
        uasc = counts[max(counts)] * own / (own + all_rates + demand.remand.per_100_in_care)
    return counts, uasc


def stock_of(history: History) -> Stock | None:
    """Children in care on the last date in the history, if it says."""
    if history.stock is None or history.stock.empty:
        return None
    last = history.stock["date"].max()
    rows = history.stock[history.stock["date"] == last]
    uasc = rows[rows["stream"] == Stream.UASC]
    known = not (rows["stream"] == _BOTH).all()
    return Stock(
        day=last.date(),
        children=int(_total(rows, "children")),
        uasc=int(_total(uasc, "children")) if known else None,
    )


def _total(rows: pd.DataFrame, column: str) -> float:
    """The sum of the parts, or the total where a row has one."""
    for name, whole in (("stream", _BOTH), ("age_group", _BOTH), ("type", "")):
        if name in rows and (rows[name] == whole).any():
            rows = rows[rows[name] == whole]
    return float(rows[column].sum())


def eve_of(first: date) -> date:
    """The last day before a forecast."""
    return first - timedelta(days=1)
