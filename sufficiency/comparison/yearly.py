"""Money of a run by financial year, future by future; what is said of it, in pounds.

Money is added up within each future first, and only then put into means and percentiles: means add
up over years and types, percentiles do not. It is in whole pence on the way, so that sums agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from sufficiency.errors import SufficiencyError
from sufficiency.results.results import BASELINE, Results
from sufficiency.results.statistics import PERCENTILES, Floats, moments, percentiles
from sufficiency.rows import Key

WHOLE_RUN = "whole run"
"""In the column `period`: all complete financial years of the run together."""
STATISTICS = ("mean", "se", *PERCENTILES)
"""What is said of a number over futures."""


_BY_YEAR = ("cost", "income", "void_cost", "capital", "section_251_cost")
"""Measures of money by financial year and by nothing else; a part of a run may lack some."""


def financial_years(results: Results) -> tuple[str, ...]:
    """The complete financial years of which a run has costs, in order; there may be none."""
    return _years_of(results.keys)


@lru_cache(maxsize=16)
def _years_of(keys: tuple[Key, ...]) -> tuple[str, ...]:
    """The periods of money by year; the same keys are asked hundreds of times."""
    return tuple(sorted({k.period for k in keys if k.measure in _BY_YEAR}))


@lru_cache(maxsize=16)
def _periods_of(keys: tuple[Key, ...], measure: str) -> tuple[str, ...]:
    """The periods of a measure of everybody."""
    return tuple(sorted({k.period for k in keys if k.measure == measure and not k.group}))


def years_with_money(results: Results) -> tuple[str, ...]:
    """The same, where there has to be one."""
    years = financial_years(results)
    if not years:
        raise SufficiencyError(
            f"{results.folder} has no money in it: a run needs a complete financial year, April to"
            " March, and a version of sufficiency that knows costs"
        )
    return years


def months(results: Results) -> tuple[str, ...]:
    """The complete months of which a run has net cost, in order."""
    years = set(financial_years(results))
    return tuple(name for name in _periods_of(results.keys, "net_cost") if name not in years)


def in_option(results: Results, option: str) -> str:
    """The name of an option of the run; a mistake says which there are."""
    if option not in results.options:
        there = ", ".join(results.options)
        raise SufficiencyError(f"{results.folder} has no option '{option[:60]}'; it has {there}")
    return option


def futures(
    results: Results, measure: str, group: str, option: str, periods: Sequence[str]
) -> Floats:
    """One row per replication from 1, one column per period; NaN where a run does not have it."""
    values = results.by_replication[results.options.index(option), 1:]
    found = np.full((len(values), len(periods)), np.nan)
    places = [results.places.get(Key(measure, group, period)) for period in periods]
    known = [at for at, place in enumerate(places) if place is not None]
    found[:, known] = values[:, [place for place in places if place is not None]]
    return found


def pence(
    results: Results,
    measure: str,
    groups: str | Iterable[str] = "",
    option: str = BASELINE,
    periods: Sequence[str] | None = None,
) -> Floats:
    """Whole pence of a measure, its groups added up: replications down, financial years across.

    NaN where a run does not have one of the groups: part of a sum is no sum.
    """
    periods = financial_years(results) if periods is None else periods
    listed = (groups,) if isinstance(groups, str) else tuple(groups)
    found = np.zeros((results.replications, len(periods)))
    for group in listed:
        found += np.rint(100 * futures(results, measure, group, option, periods))
    return found


def of_types(types: Iterable[str]) -> tuple[str, ...]:
    """Groups of placement types, or of other things that money is spent on."""
    return tuple(f"type={type_}" for type_ in types)


def with_whole_run(yearly: Floats) -> Floats:
    """A further column: the sum over years, in each future."""
    return np.column_stack([yearly, yearly.sum(axis=1)])


def days_of(year: str) -> int:
    """Days of a financial year."""
    first = int(year[:4])
    return (date(first + 1, 4, 1) - date(first, 4, 1)).days


def weeks_of(years: Sequence[str]) -> Floats:
    """Weeks of each financial year, as a cost per child and week counts them."""
    return np.array([days_of(year) / 7 for year in years])


def average_children(
    results: Results, groups: str | Iterable[str], option: str, years: Sequence[str]
) -> Floats:
    """Children on average by year, and last over the whole run: replications down.

    NaN where a run does not have one of the groups.
    """
    listed = (groups,) if isinstance(groups, str) else tuple(groups)
    yearly = np.zeros((results.replications, len(years)))
    for group in listed:
        yearly += futures(results, "average_children", group, option, years)
    weights = weeks_of(years)
    return np.column_stack([yearly, yearly @ weights / weights.sum()])


def statistics(values: Floats, together: int) -> dict[str, Floats]:
    """Mean, its error and percentiles of each column."""
    known = moments(values, together)
    shares = percentiles(values, tuple(PERCENTILES.values()))
    return {"mean": known.mean, "se": known.se, **dict(zip(PERCENTILES, shares, strict=True))}


def spread(values: Floats, periods: Sequence[str], together: int, **named: Any) -> pd.DataFrame:
    """One row per period: what is said of the futures in its column.

    Args:
        values: Replications down, periods across.
        periods: Their labels.
        together: How many neighbouring replications share a draw of what is uncertain.
        named: Further columns, the same in every row or one value per row; they stand first.
    """
    table = pd.DataFrame({"period": list(periods), **statistics(values, together)})
    for place, (name, value) in enumerate(named.items()):
        table.insert(place, name, value)
    return table


def in_pounds(table: pd.DataFrame, columns: Iterable[str] = STATISTICS) -> pd.DataFrame:
    """The same table with columns of pence turned into pounds."""
    return table.assign(**{name: table[name] / 100 for name in columns if name in table})


def pounds(values: Floats, periods: Sequence[str], together: int, **named: Any) -> pd.DataFrame:
    """As `spread`, of pence in, in pounds out."""
    return in_pounds(spread(values, periods, together, **named))


def joined(parts: Sequence[pd.DataFrame], columns: Sequence[str] = ()) -> pd.DataFrame:
    """Tables below one another; an empty one still has its columns."""
    if not parts:
        return pd.DataFrame(columns=list(columns))
    return pd.concat(parts, ignore_index=True)


def unit_costs(cost: Floats, children: Floats, weeks: Floats) -> Floats:
    """Pounds a child and week by period; NaN where nobody was there.

    Mean cost over mean weeks of children, so that the two multiply to the mean cost.

    Args:
        cost: Pence, replications down, periods across.
        children: On average over the period, of the same shape.
        weeks: Of each period.
    """
    child_weeks = children.mean(axis=0) * weeks
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Floats = np.where(child_weeks > 0, cost.mean(axis=0) / 100 / child_weeks, np.nan)
    return found


def budgets(given: Mapping[str, float], years: Sequence[str]) -> Floats:
    """Pence budgeted by year and over the run; NaN where a year has no budget."""
    yearly = np.array([np.rint(100 * given[year]) if year in given else np.nan for year in years])
    return np.append(yearly, yearly.sum())
