"""The pressure on the budget, by financial year and over the whole run, from the results of a run.

What finance asks: what may it cost, how far beyond the budget, and why. Every table has one row per
what its docstring says; money is nominal pounds, `period` a financial year or `WHOLE_RUN`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from sufficiency.comparison.yearly import (
    STATISTICS,
    WHOLE_RUN,
    average_children,
    budgets,
    futures,
    in_option,
    joined,
    pence,
    pounds,
    spread,
    unit_costs,
    weeks_of,
    with_whole_run,
    years_with_money,
)
from sufficiency.costs.definitions import COST_TYPES, LINES, PARTS, SOURCES
from sufficiency.results.results import BASELINE, Results
from sufficiency.results.statistics import Floats, share_above
from sufficiency.rows import TYPES
from sufficiency.scenario import Budgeted

BEFORE, AFTER = "before", "after"
"""In the column `part` of a bridge: the net cost from which it leads, and to which."""


@dataclass(frozen=True)
class Pressure:
    """What one option of a run costs, and why; NaN is what the run, or a part of it, lacks."""

    option: str
    """The option, or the baseline."""
    futures: int
    """Futures simulated."""
    years: tuple[str, ...]
    """The complete financial years of the run."""
    totals: pd.DataFrame
    """One row per measure (`net_cost`, `cost`, `void_cost` in it, `income`, `capital`) and period;
    no voids and no capital where there are none, and no measure that the run does not have.
    `margin` is what the 80th percentile has above the mean: means add up over years, percentiles do
    not."""
    budget: pd.DataFrame
    """One row per period with a budget (the whole run where every year has one): `budget`, the
    net cost beyond it, and `overspending`, the share of futures that overspend; NaN where the run
    does not have its net cost."""
    types: pd.DataFrame
    """One row per type of cost and period: its cost, children on average, and `unit_cost` per
    child and week (mean cost ÷ mean weeks of children), beside what was budgeted."""
    variance: pd.DataFrame
    """One row per financial year and type of which children and unit cost were budgeted, and what
    is left (`rest`: other types, income): the variance, and how much of it is `volume` (more or
    fewer children, at the budgeted unit cost) and `price` (the rest of the type's variance: prices
    and who the children are). Means, which add up."""
    income: pd.DataFrame
    """One row per source of income and period."""
    section_251: pd.DataFrame
    """One row per line of the section 251 return and period."""
    bridge: pd.DataFrame
    """One row per financial year after the first and part of the change from the year before;
    between `before` and `after` the means add up."""
    option_bridge: pd.DataFrame
    """The same from the baseline to the option, by year and over the run; empty of the baseline."""
    high_cost: pd.DataFrame
    """One row per 31 March: children in placements at or above the high-cost price; `share` is
    their mean share of the children in care, `any` the share of futures that have one."""


def pressure(results: Results, option: str = BASELINE) -> Pressure:
    """The pressure of one option of a run.

    Raises:
        SufficiencyError: The run has no complete financial year, or not that option.
    """
    years, option = years_with_money(results), in_option(results, option)
    return Pressure(
        option=option,
        futures=results.replications,
        years=years,
        totals=_totals(results, option),
        budget=_budget(results, option),
        types=_types(results, option),
        variance=_variance(results, option),
        income=_groups(results, option, "income", "source", SOURCES),
        section_251=_groups(results, option, "section_251_cost", "line", tuple(LINES)),
        bridge=_year_to_year(results, option),
        option_bridge=_from_baseline(results, option),
        high_cost=_high_cost(results, option),
    )


def _periods(results: Results) -> tuple[str, ...]:
    return (*years_with_money(results), WHOLE_RUN)


def _totals(results: Results, option: str) -> pd.DataFrame:
    parts = []
    for measure in ("net_cost", "cost", "void_cost", "income", "capital"):
        yearly = with_whole_run(pence(results, measure, option=option))
        if np.isnan(yearly).all() or (measure in ("void_cost", "capital") and not yearly.any()):
            continue
        parts.append(pounds(yearly, _periods(results), results.together, measure=measure))
    table = joined(parts, ("measure", "period", *STATISTICS))
    return table.assign(margin=table["p80"] - table["mean"])


def _budget(results: Results, option: str) -> pd.DataFrame:
    periods = _periods(results)
    budget = budgets(results.study.scenario.budget, periods[:-1])
    known = ~np.isnan(budget)
    beyond = with_whole_run(pence(results, "net_cost", option=option))[:, known] - budget[known]
    named = [period for period, has in zip(periods, known, strict=True) if has]
    table = pounds(beyond, named, results.together)
    table.insert(1, "budget", budget[known] / 100)
    return table.assign(overspending=share_above(beyond))


def _types(results: Results, option: str) -> pd.DataFrame:
    years = years_with_money(results)
    weeks = weeks_of(years)
    given = results.study.scenario.budgeted
    parts = []
    for type_ in COST_TYPES:
        group = f"type={type_}"
        cost = with_whole_run(pence(results, "cost", group, option))
        children = np.zeros_like(cost)
        if type_ in TYPES:
            children = average_children(results, group, option, years)
        if not (cost.any() or children.any() or _is_budgeted(given, type_)):
            continue
        table = pounds(cost, (*years, WHOLE_RUN), results.together, type=type_)
        table["children"] = children.mean(axis=0)
        table["unit_cost"] = unit_costs(cost, children, np.append(weeks, weeks.sum()))
        for what in ("children", "unit_cost"):
            values = [_stated(given.get(year), what, type_) for year in years]
            table[f"budgeted_{what}"] = [*values, np.nan]
        parts.append(table)
    return joined(parts)


def _is_budgeted(given: Mapping[str, Budgeted], type_: str) -> bool:
    return any(type_ in {*year.children, *year.unit_cost} for year in given.values())


def _stated(given: Budgeted | None, what: str, type_: str) -> float:
    """Children or unit cost that a year's budget rests on; NaN where it does not say."""
    return np.nan if given is None else float(getattr(given, what).get(type_, np.nan))


REST = "rest"
"""In the column `type` of a variance: what rests on no budgeted children and unit cost."""


class _Variance(NamedTuple):
    period: str
    type: str
    variance: float
    volume: float = np.nan
    price: float = np.nan


def _variance(results: Results, option: str) -> pd.DataFrame:
    scenario, parts = results.study.scenario, []
    for year in years_with_money(results):
        given = scenario.budgeted.get(year, Budgeted())
        rows = [
            _split(results, option, year, type_, children, given.unit_cost[type_])
            for type_, children in given.children.items()
            if type_ in given.unit_cost
        ]
        if rows and year in scenario.budget:
            net = pence(results, "net_cost", option=option, periods=[year]).mean() / 100
            rest = net - scenario.budget[year] - sum(row.variance for row in rows)
            rows.append(_Variance(year, REST, rest))
        parts += rows
    return pd.DataFrame(parts, columns=list(_Variance._fields))


def _split(
    results: Results, option: str, year: str, type_: str, children: float, unit_cost: float
) -> _Variance:
    """Volume at the budgeted unit cost, price at the simulated children: they make up the whole."""
    weeks, group = float(weeks_of([year])[0]), f"type={type_}"
    cost = pence(results, "cost", group, option, [year]).mean() / 100
    there = average_children(results, group, option, [year])[:, 0].mean()
    at_budgeted_price = there * unit_cost * weeks
    volume = at_budgeted_price - children * unit_cost * weeks
    price = cost - at_budgeted_price
    return _Variance(year, type_, volume + price, volume, price)


def _groups(
    results: Results, option: str, measure: str, word: str, names: tuple[str, ...]
) -> pd.DataFrame:
    """What is not nothing; of groups that the run lacks NaN, unless it lacks all of them."""
    of = {n: with_whole_run(pence(results, measure, f"{word}={n}", option)) for n in names}
    if all(np.isnan(yearly).all() for yearly in of.values()):
        of = {}
    parts = [
        pounds(yearly, _periods(results), results.together, **{word: name})
        for name, yearly in of.items()
        if yearly.any()
    ]
    return joined(parts, (word, "period", *STATISTICS))


def _year_to_year(results: Results, option: str) -> pd.DataFrame:
    years = years_with_money(results)
    net = pence(results, "net_cost", option=option)
    parts = [pence(results, "bridge", f"part={part}", option, years[1:]) for part in PARTS]
    return _bridge(results, (net[:, :-1], *parts, net[:, 1:]), years[1:])


def _from_baseline(results: Results, option: str) -> pd.DataFrame:
    if option == BASELINE:
        return pd.DataFrame(columns=["period", "part", *STATISTICS])
    parts = [pence(results, "option_bridge", f"part={part}", option) for part in PARTS]
    before, after = (pence(results, "net_cost", option=name) for name in (BASELINE, option))
    yearly = tuple(map(with_whole_run, (before, *parts, after)))
    return _bridge(results, yearly, _periods(results))


def _bridge(
    results: Results, columns: tuple[Floats, ...], periods: tuple[str, ...]
) -> pd.DataFrame:
    """One row per period and part, `before` first and `after` last in each period."""
    names = (BEFORE, *PARTS, AFTER)
    tables = [
        pounds(values, periods, results.together, part=name)
        for name, values in zip(names, columns, strict=True)
    ]
    table = joined(tables, ("part", "period", *STATISTICS))
    order = {period: place for place, period in enumerate(periods)}
    return table.sort_values("period", key=lambda of: of.map(order), kind="stable").reset_index(
        drop=True
    )


def _high_cost(results: Results, option: str) -> pd.DataFrame:
    days = sorted({key.period for key in results.keys if key.measure == "high_cost_children"})
    children = futures(results, "high_cost_children", "", option, days)
    share = futures(results, "high_cost_share", "", option, days)
    table = spread(children, days, results.together)
    with np.errstate(invalid="ignore"):
        return table.assign(share=share.mean(axis=0), any=(children > 0).mean(axis=0))
