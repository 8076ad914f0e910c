"""What is spent and received, as measures: pounds of whole pence, and what follows from them."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import numpy as np

from sufficiency.costs.bridge import between_options, between_years
from sufficiency.costs.definitions import COST_TYPES, LINES, MEASURES, PARTS
from sufficiency.costs.pricing import spending
from sufficiency.costs.spending import BLOCKS, RETAINED, Spending
from sufficiency.periods import Floats, Ints, calendar
from sufficiency.rows import TYPES, Key, Measured, Rows, measure_keys
from sufficiency.scenario import Scenario

_TYPES = len(TYPES)
_RETAINED_BEDS = RETAINED.index("emergency_bed")


@lru_cache(maxsize=64)
def keys(start: date, years: float) -> tuple[Key, ...]:
    """What `cost_measures` measures, in its order, of any run that starts then and is that long."""
    return measure_keys(MEASURES, calendar(start, years))


def cost_measures(
    scenario: Scenario, rows: Rows, baseline: Spending | None = None
) -> tuple[Measured, Spending]:
    """Measure what one replication of one option costs.

    Args:
        scenario: The option, or the baseline.
        rows: What happened.
        baseline: What the baseline spends in the same replication; left out of the baseline.

    Returns:
        The measures, and what is spent.
    """
    spent = spending(scenario, rows)
    found = measured(scenario, spent, baseline)
    values = np.concatenate([found[name].ravel() for name in MEASURES])
    return Measured(keys(scenario.start, scenario.years), values), spent


def measured(scenario: Scenario, spent: Spending, baseline: Spending | None) -> dict[str, Floats]:
    """Values of every measure, groups by periods."""
    by_type = cost_by_type(spent)
    cost, income = by_type.sum(axis=0), spent.income.sum(axis=0)
    net = (cost - income) / 100
    return {
        "cost": _with_total(by_type) / 100,
        "income": _with_total(spent.income) / 100,
        "net_cost": np.concatenate([spent.monthly / 100, net]),
        "budget_variance": net - _budget(scenario, spent),
        "void_cost": _with_total(_voids(spent)) / 100,
        "own_homes_fixed_cost": spent.own_homes_fixed / 100,
        "capital": spent.capital / 100,
        **_unit_costs(spent, by_type[:_TYPES] / 100),
        "cost_run_rate": _with_total(spent.run_rate),
        "average_children": _average_children(spent),
        "high_cost_children": spent.high_cost.astype(np.float64),
        "high_cost_share": _ratio(spent.high_cost, spent.in_care),
        "section_251_cost": section_251(spent) / 100,
        **_bridges(spent, baseline),
    }


def cost_by_type(spent: Spending) -> Ints:
    """Pence by type of `COST_TYPES` and year: nights, and what is paid beside them."""
    found = np.zeros((len(COST_TYPES), len(spent.years)), dtype=np.int64)
    found[:_TYPES] = spent.pence.sum(axis=(1, 2, 3))
    found[COST_TYPES.index("home_own")] += spent.own_homes_fixed
    for names, parts in ((BLOCKS, spent.voids), (RETAINED, spent.retainers)):
        for name, part in zip(names, parts, strict=True):
            found[COST_TYPES.index(name)] += part
    found[_TYPES:] = spent.recruitment, spent.staying_put, spent.programme
    return found


def section_251(spent: Spending) -> Ints:
    """Pence by line of the return and year."""
    by_type, lines = cost_by_type(spent), list(LINES)
    by_type[:_TYPES] -= spent.uasc_pence
    found = np.zeros((len(lines), len(spent.years)), dtype=np.int64)
    for line, types in LINES.items():
        for type_ in types:
            found[lines.index(line)] += by_type[COST_TYPES.index(type_)]
    found[lines.index("asylum_seeker_services_children")] += spent.uasc_pence.sum(axis=0)
    return found


def _with_total(parts: Ints | Floats) -> Ints | Floats:
    """The whole, then its parts."""
    return np.concatenate([parts.sum(axis=0, keepdims=True), parts])


def _ratio(part: Ints | Floats, whole: Ints | Floats) -> Floats:
    """Part of a whole; NaN of nothing."""
    shape = np.broadcast_shapes(part.shape, whole.shape)
    found: Floats = np.divide(part, whole, out=np.full(shape, np.nan), where=whole > 0)
    return found


def _budget(scenario: Scenario, spent: Spending) -> Floats:
    return np.array([scenario.budget.get(year, np.nan) for year in spent.years], dtype=np.float64)


def _voids(spent: Spending) -> Ints:
    """Pence by type of `PAID` and year."""
    homes, beds = spent.own_homes_void, spent.retainers[_RETAINED_BEDS]
    return np.stack([homes, *spent.voids, beds])


def _unit_costs(spent: Spending, cost: Floats) -> dict[str, Floats]:
    """Pounds a child and week."""
    weeks = spent.nights.sum(axis=(1, 2, 3)) / 7
    all_weeks = weeks.sum(axis=0)
    return {
        "cost_per_child_week": _ratio(_with_total(cost), all_weeks[None]),
        "cost_per_child_week_constant_prices": _ratio(spent.constant_pence / 100, all_weeks),
        "unit_cost": _ratio(cost, weeks),
    }


def _average_children(spent: Spending) -> Floats:
    by_age = spent.nights.sum(axis=(1, 3))
    by_type = by_age.sum(axis=1)
    nights = np.concatenate([_with_total(by_type), np.concatenate([*by_age])])
    return nights / spent.days


def _bridges(spent: Spending, baseline: Spending | None) -> dict[str, Floats]:
    by_year = between_years(spent) / 100
    by_year[:, :1] = np.nan
    same = np.zeros((len(PARTS), len(spent.years)))
    option = same if baseline is None else between_options(baseline, spent) / 100
    return {"bridge": by_year, "option_bridge": option}
