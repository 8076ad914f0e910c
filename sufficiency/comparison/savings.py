"""What each option saves: avoided cost, what it costs to deliver, who is displaced, pay-back.

A saving is the fall of net cost against the baseline, in each future, and nothing else; it is
divided here into where it comes from (cost avoided, cost to deliver, income) and into what it is
worth to a budget (cashable, avoided). Capital is in no saving, but it has to be paid back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sufficiency.comparison.yearly import (
    STATISTICS,
    WHOLE_RUN,
    average_children,
    budgets,
    joined,
    months,
    of_types,
    pence,
    pounds,
    spread,
    with_whole_run,
    years_with_money,
)
from sufficiency.costs.definitions import COST_TYPES
from sufficiency.costs.spending import BLOCKS
from sufficiency.results.results import BASELINE, Results
from sufficiency.results.statistics import Floats, share_above
from sufficiency.rows import TYPES
from sufficiency.vocabulary import PlacementType

BOUGHT = tuple(
    str(type_)
    for type_ in (
        PlacementType.IFA, PlacementType.HOME_EXTERNAL, PlacementType.SUPPORTED,
        PlacementType.UNREGISTERED, PlacementType.SECURE, PlacementType.OTHER,
    )
)  # fmt: skip
"""Types of placement that are bought by the night; what is spent less on them is avoided. All the
rest (own carers and homes, recruitment, programmes) is what an option costs to deliver."""
DELIVERED = tuple(type_ for type_ in COST_TYPES if type_ not in BOUGHT)
"""Everything else that money is spent on."""
ITEMS = ("gross", "deliver", "income", "net", "cashable", "avoided", "capital")
"""Of `Savings.table`: gross - deliver + income = net = cashable + avoided."""
AT_ONCE = "at once"
"""For a month of pay-back: nothing ever had to be paid first."""
NOT_IN_RUN = "not within the run"
"""For a month of pay-back: half of the futures or more have not paid back by the end."""
NOT_KNOWN = "not known"
"""For a month of pay-back: the run lacks the months, or the capital, that would tell."""


_DISPLACED = (
    "option", "type", "period", "cost", "cost_se", "low95", "high95",
    "children", "children_se", "children_low95", "children_high95",
)  # fmt: skip
"""Columns of `Savings.displaced`."""


@dataclass(frozen=True)
class Savings:
    """What the options of a run save against its baseline."""

    years: tuple[str, ...]
    """The complete financial years of the run."""
    table: pd.DataFrame
    """One row per option, period and item: `gross` cost avoided (fall in the cost of bought
    placements, empty places of blocks apart), cost to `deliver` (rise of all other costs), change
    of `income`, the `net` saving, the part of it that is `cashable` (net cost falls below the
    year's budget, or without one below the baseline's net cost of the first year) and what is only
    `avoided`; `capital` stands beside. `more` is the share of futures above 0, half the ties."""
    pay_back: pd.DataFrame
    """One row per option: `month`, the first by which more than half of the futures have paid back
    what was put in, capital included, for good (empty if nothing differs); `share` of futures that
    do within the run; `at_once`, the share in which nothing had to be paid first."""
    displaced: pd.DataFrame
    """One row per option, period and type of cost: the difference of `cost` and of `children` on
    average, each with its error and where 95 futures in 100 lie (`children_low95`); NaN where the
    run does not have it."""


def savings(results: Results) -> Savings:
    """What each option saves against the baseline.

    Raises:
        SufficiencyError: The run has no complete financial year.
    """
    years = years_with_money(results)
    options = results.options[1:]
    return Savings(
        years=years,
        table=joined(
            [_table(results, option) for option in options],
            ("option", "item", "period", *STATISTICS, "more"),
        ),
        pay_back=pd.DataFrame(
            [pay_back(results, option) for option in options],
            columns=["option", "month", "share", "at_once"],
        ),
        displaced=joined(
            [found for option in options if len(found := _displaced(results, option))], _DISPLACED
        ),
    )


def parts(results: Results, option: str) -> Mapping[str, Floats]:
    """The items of an option's saving in whole pence: replications down, financial years across.

    NaN is what a run, or a part of one, does not know.
    """
    change = {type_: _change(results, "cost", f"type={type_}", option) for type_ in COST_TYPES}
    voids = _change(results, "void_cost", of_types(BLOCKS), option)
    gross = voids - sum(change[type_] for type_ in BOUGHT)
    deliver = voids + sum(change[type_] for type_ in DELIVERED)
    income = _change(results, "income", "", option)
    net = gross - deliver + income
    # where a type of cost is not known, its fall is not, but that of net cost may be
    net = np.where(np.isnan(net), _net(results, BASELINE) - _net(results, option), net)
    cashable = np.minimum(net, np.maximum(0.0, _yardstick(results) - _net(results, option)))
    capital = _change(results, "capital", "", option)
    found = (gross, deliver, income, net, cashable, net - cashable, capital)
    return dict(zip(ITEMS, found, strict=True))


def _change(results: Results, measure: str, groups: str | tuple[str, ...], option: str) -> Floats:
    return pence(results, measure, groups, option) - pence(results, measure, groups)


def _net(results: Results, option: str) -> Floats:
    return pence(results, "net_cost", option=option)


def _yardstick(results: Results) -> Floats:
    """What net cost must fall below to free cash: the budget, else the first year's, as it was."""
    budget = budgets(results.study.scenario.budget, years_with_money(results))[:-1]
    first = _net(results, BASELINE)[:, :1]
    return np.where(np.isnan(budget), first, budget)


def _table(results: Results, option: str) -> pd.DataFrame:
    periods = (*years_with_money(results), WHOLE_RUN)
    tables = []
    for item, yearly in parts(results, option).items():
        whole = with_whole_run(yearly)
        table = pounds(whole, periods, results.together, option=option, item=item)
        tables.append(table.assign(more=share_above(whole)))
    return joined(tables)


# --- pay-back ---------------------------------------------------------------------------------


def pay_back(results: Results, option: str) -> dict[str, object]:
    """By which month an option has paid back: a row of `Savings.pay_back`."""
    saving = _monthly(results, option)
    if saving is None:
        return {"option": option, "month": NOT_KNOWN, "share": np.nan, "at_once": np.nan}
    month = pay_back_months(saving)
    if np.isnan(month).all():
        return {"option": option, "month": "", "share": np.nan, "at_once": np.nan}
    month = np.nan_to_num(month, nan=-1.0, posinf=np.inf)  # what never differs owes nothing
    half = np.sort(month)[len(month) // 2]
    named = NOT_IN_RUN
    if np.isfinite(half):
        named = AT_ONCE if half < 0 else months(results)[int(half)]
    shares = {"share": np.isfinite(month).mean(), "at_once": (month < 0).mean()}
    return {"option": option, "month": named, **shares}


def _monthly(results: Results, option: str) -> Floats | None:
    """Net saving by month in pence, less capital, which counts from the first month of its year.

    None where the run has no months or no capital.
    """
    labels = months(results)
    if not labels:
        return None
    before, after = (pence(results, "net_cost", "", name, labels) for name in (BASELINE, option))
    saving = before - after
    capital = _change(results, "capital", "", option)
    for place, year in enumerate(years_with_money(results)):
        saving[:, labels.index(f"{year[:4]}-04")] -= capital[:, place]
    return None if np.isnan(saving).any() else saving


def pay_back_months(saving: Floats) -> Floats:
    """The month after which the sum of savings never is below 0 again, by replication.

    Args:
        saving: By month, what was put in taken off; replications down.

    Returns:
        The number of the month, from 0; -1 where the sum never is below 0, infinity where it is
        at the end, NaN where nothing ever differs.
    """
    total = saving.cumsum(axis=1)
    below = total < 0
    last = saving.shape[1] - 1 - np.argmax(below[:, ::-1], axis=1)
    month = np.where(below.any(axis=1), last + 1.0, -1.0)
    month[below[:, -1]] = np.inf
    month[~saving.any(axis=1)] = np.nan
    return month


# --- who is displaced -------------------------------------------------------------------------

_SHOWN = ["mean", "se", "low95", "high95"]


def _displaced(results: Results, option: str) -> pd.DataFrame:
    years = years_with_money(results)
    tables = []
    for type_ in COST_TYPES:
        group = f"type={type_}"
        cost = with_whole_run(_change(results, "cost", group, option))
        children = np.zeros_like(cost)
        if type_ in TYPES:
            children = average_children(results, group, option, years) - average_children(
                results, group, BASELINE, years
            )
        if not (cost.any() or children.any()):
            continue
        tables.append(_moved(results, cost, children, option, type_))
    return joined(tables)


def _moved(
    results: Results, cost: Floats, children: Floats, option: str, type_: str
) -> pd.DataFrame:
    """How much money, and how many children, one type gains by period."""
    periods = (*years_with_money(results), WHOLE_RUN)
    money = pounds(cost, periods, results.together)
    people = spread(children, periods, results.together)
    named = pd.DataFrame({"option": option, "type": type_, "period": periods})
    money = money[_SHOWN].rename(columns={"mean": "cost", "se": "cost_se"})
    people = people[_SHOWN].rename(columns={"mean": "children"}).add_prefix("children_")
    people = people.rename(columns={"children_children": "children"})
    return pd.concat([named, money, people], axis=1)
