"""How full an own home, or a block of places, has to be to cost no more than buying places."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from sufficiency.comparison.yearly import (
    average_children,
    pence,
    unit_costs,
    weeks_of,
    years_with_money,
)
from sufficiency.costs.spending import BLOCKS
from sufficiency.costs.tariff import IN_BLOCK, NAMES, NEW, Tariff, tariff
from sufficiency.periods import Floats
from sufficiency.results.results import BASELINE, Results
from sufficiency.rows import TYPES, Key
from sufficiency.scenario import Home, Scenario, with_edits, with_values
from sufficiency.vocabulary import PlacementType

_OWN, _BOUGHT = str(PlacementType.HOME_OWN), str(PlacementType.HOME_EXTERNAL)


class _Row(NamedTuple):
    """One row per option, home or block, and financial year."""

    option: str
    what: str
    """`home` or `block`."""
    name: str
    """Of a home its name, of a block its type of placement."""
    period: str
    break_even: float
    """Share of its places that has to be filled; infinity where no share is enough, NaN where what
    it hangs on is not known."""
    simulated: float
    """Share filled on average: of all own homes together, from the day their staff are paid; of a
    block at least (nights beyond the guaranteed places are not counted)."""
    weekly: float
    """£ a week: fixed cost of the home; price of a place in the block."""
    child_weekly: float
    """£ a week that each child costs on top, less contributions; 0 in a block."""
    bought_weekly: float
    """£ a week of a bought place: cost per child of other homes, less what health and education pay
    of it; spot price beside a block."""


def break_even(results: Results) -> pd.DataFrame:
    """One row per option, own home or block, and financial year; see `_Row` for its columns.

    A home breaks even where fixed cost = places filled x (what a bought place costs - what a child
    costs on top), both less what health and education pay. A block breaks even where guaranteed
    share x block price = share filled x spot price; if its price is above the spot price it never
    does, because every child costs more in it.
    """
    baseline = _at_mean_prices(results)
    rows = [row for option in results.options for row in _of_option(results, baseline, option)]
    return pd.DataFrame(rows, columns=list(_Row._fields))


def _at_mean_prices(results: Results) -> Scenario:
    """The baseline at the mean of the prices that were drawn, as simulated costs are means too."""
    scenario = results.study.scenario
    if not results.manifest["ranges"]:
        return scenario
    draws = results.table("draws")
    prices = draws[(draws["replication"] > 0) & draws["path"].str.startswith("prices.")]
    means = prices.groupby("path")["value"].mean()
    return with_values(scenario, {str(path): float(mean) for path, mean in means.items()})


def _of_option(results: Results, baseline: Scenario, option: str) -> Iterator[_Row]:
    edits = {found.name: found.edits for found in results.study.options}
    scenario = baseline if option == BASELINE else with_edits(baseline, edits[option])
    for home in scenario.homes:
        if option == BASELINE or home not in baseline.homes:
            yield from _home(results, option, scenario, home)
    for type_ in BLOCKS:
        if _block_of(scenario, type_) and (
            option == BASELINE or _block_of(scenario, type_) != _block_of(baseline, type_)
        ):
            yield from _block(results, option, scenario, type_)


def _home(results: Results, option: str, scenario: Scenario, home: Home) -> Iterator[_Row]:
    years = years_with_money(results)
    place, prices = TYPES.index(PlacementType.HOME_OWN), tariff(scenario)
    stated = home.weekly_fixed
    if stated is None:
        stated = scenario.prices.home_fixed_weekly_per_place * home.registered
    growth = _mean_by_year(prices, prices.existing[prices.period, NAMES.index(_OWN)])
    fixed = stated * prices.factor[place] * growth
    child = _child_weekly(results, option, prices) * _own_share(scenario, _OWN)
    bought = _unit_cost(results, option, _BOUGHT) * _own_share(scenario, _BOUGHT)
    occupancy, known = _occupancy(results, option), _costs_known(results, years[0])
    for at, year in enumerate(years):
        if _there(home, year):
            margin = home.registered * (bought[at] - child[at])
            needed = fixed[at] / margin if margin > 0 else np.inf
            needed = needed if needed <= 1 else np.inf
            yield _Row(
                option, "home", home.name, year, needed if known else np.nan,
                occupancy[at], fixed[at], child[at], bought[at],
            )  # fmt: skip


def _costs_known(results: Results, year: str) -> bool:
    """Whether a run has what children cost in own and in other homes; a part may lack it."""
    keys = [
        Key(measure, f"type={type_}", year)
        for measure in ("cost", "average_children")
        for type_ in (_OWN, _BOUGHT)
    ]
    keys.append(Key("own_homes_fixed_cost", "", year))
    return all(key in results.places for key in keys)


def _own_share(scenario: Scenario, type_: str) -> float:
    """What the authority bears of a price itself: health and education may pay shares of it."""
    prices = scenario.prices
    paid = sum(dict(s).get(type_, 0.0) for s in (prices.health_share, prices.education_share))  # type: ignore[call-overload]
    return 1.0 - float(paid)


def _there(home: Home, year: str) -> bool:
    """Whether a home is meant to be open, registration apart, at the end of a year or before."""
    first = int(year[:4])
    opened = home.opens is None or home.opens < date(first + 1, 4, 1)
    return opened and (home.closes is None or home.closes > date(first, 4, 1))


def _occupancy(results: Results, option: str) -> Floats:
    """Share of what own homes cost at all events that was not paid for empty places."""
    fixed = pence(results, "own_homes_fixed_cost", option=option).mean(axis=0)
    void = pence(results, "void_cost", f"type={_OWN}", option).mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Floats = np.where(fixed > 0, 1 - void / fixed, np.nan)
    return found


def _unit_cost(results: Results, option: str, type_: str) -> Floats:
    """Cost per child and week by year; where nobody lives so, the list price says it."""
    years = years_with_money(results)
    children = average_children(results, f"type={type_}", option, years)[:, :-1]
    cost = pence(results, "cost", f"type={type_}", option)
    return unit_costs(cost, children, weeks_of(years))


def _child_weekly(results: Results, option: str, prices: Tariff) -> Floats:
    """What a child in an own home costs on top of its fixed cost, by year."""
    years = years_with_money(results)
    fixed = pence(results, "own_homes_fixed_cost", option=option)
    cost = pence(results, "cost", f"type={_OWN}", option) - fixed
    children = average_children(results, f"type={_OWN}", option, years)[:, :-1]
    paid = unit_costs(cost, children, weeks_of(years))
    nobody = np.isnan(paid) & ~np.isnan(cost + children).any(axis=0)
    return np.where(nobody, _list_price(prices, _OWN), paid)


def _list_price(prices: Tariff, type_: str) -> Floats:
    """Price of a placement that begins then, on average over needs and ages, by year."""
    place = TYPES.index(PlacementType(type_))
    begun = np.arange(len(prices.starts))
    growth = prices.growth[begun, begun, place] * prices.base[NEW, place].mean()
    return _mean_by_year(prices, (growth + prices.rise[:, place])[prices.period])


def _mean_by_year(prices: Tariff, daily: Floats) -> Floats:
    """The mean of each complete financial year of what is known by day of the run."""
    return np.array([daily[prices.year == year].mean() for year in range(prices.years)])


# --- blocks -----------------------------------------------------------------------------------


class _Block(NamedTuple):
    places: int
    guaranteed: float
    price: float | None


def _block_of(scenario: Scenario, type_: str) -> _Block | None:
    """The block of a type, if there is one."""
    market = scenario.supported if type_ == PlacementType.SUPPORTED else scenario.external_homes
    if not market.block_places or not market.block_guaranteed:
        return None
    price = dict(scenario.prices.block).get(type_)  # type: ignore[call-overload]
    return _Block(market.block_places, market.block_guaranteed, price)


def _block(results: Results, option: str, scenario: Scenario, type_: str) -> Iterator[_Row]:
    block, prices = _block_of(scenario, type_), tariff(scenario)
    assert block is not None  # who calls has seen it
    years = years_with_money(results)
    weekly = _block_price(prices, type_)
    spot = _list_price(prices, type_)
    void = pence(results, "void_cost", f"type={type_}", option).mean(axis=0) / 100
    paid = block.places * block.guaranteed * weekly * weeks_of(years)
    for at, year in enumerate(years):
        used = block.guaranteed * (1 - void[at] / paid[at]) if paid[at] > 0 else np.nan
        enough = spot[at] > 0 and weekly[at] <= spot[at]
        needed = block.guaranteed * weekly[at] / spot[at] if enough else np.inf
        yield _Row(option, "block", type_, year, needed, used, weekly[at], 0.0, spot[at])


def _block_price(prices: Tariff, type_: str) -> Floats:
    """Price of a place in a block by year."""
    place = TYPES.index(PlacementType(type_))
    growth = prices.growth[prices.in_block, :, place] * prices.base[IN_BLOCK, place].mean()
    return _mean_by_year(prices, (growth + prices.rise[:, place])[prices.period])
