"""Spending: the rows of one replication into money by financial year.

For now a first estimate only: nights at the weekly price of the type, all at the price level of the
scenario's first year, nothing uplifted. Existing and new prices, fixed costs of homes, voids of
blocks, recruitment and income come with the finance work.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import numpy as np

from sufficiency.periods import Floats, calendar, nights
from sufficiency.rows import TYPES, Key, Measured, MeasureInfo, Rows, measure_keys
from sufficiency.scenario import Scenario

MEASURES: dict[str, MeasureInfo] = {
    "cost_per_child_week": MeasureInfo(
        "£",
        "down",
        "Placement cost of a week in care, on average over the children in care; by type, the part"
        " of it that the type makes up, so that types add up to the whole. At the prices of the"
        " first year.",
        "Nights by type times the weekly price ÷ 7, ÷ weeks in care (nights of all types ÷ 7), in"
        " the financial year.",
        "this model's; places paid for and not filled are not in it yet.",
        ("", *(f"type={type_}" for type_ in TYPES)),
        "years",
    ),
}


@lru_cache(maxsize=64)
def keys(start: date, years: float) -> tuple[Key, ...]:
    """What `cost_measures` measures, in its order, of any run that starts then and is that long."""
    return measure_keys(MEASURES, calendar(start, years))


def cost_measures(scenario: Scenario, rows: Rows) -> Measured:
    """Measure what one replication of one option costs."""
    found = keys(scenario.start, scenario.years)
    return Measured(found, _per_child_week(scenario, rows).ravel())


def _per_child_week(scenario: Scenario, rows: Rows) -> Floats:
    """By type, the whole first, and financial year; a type without a price costs nothing."""
    placements = rows.placements
    edges = calendar(scenario.start, scenario.years).years.edges
    ended = np.minimum(placements["ended"], rows.until)
    spent = nights(placements["started"], ended, placements.code("type"), len(TYPES), edges)
    weekly = np.array([scenario.prices.weekly.get(type_.value, 0.0) for type_ in TYPES])
    cost = spent * weekly[:, None]
    both = np.vstack([cost.sum(axis=0), cost])
    total = np.broadcast_to(spent.sum(axis=0), both.shape)
    each: Floats = np.divide(both, total, out=np.full(both.shape, np.nan), where=total > 0)
    return each
