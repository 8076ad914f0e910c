"""`Spending`: what one replication of one option spends and receives, in whole pence."""

from __future__ import annotations

from dataclasses import dataclass

from sufficiency.periods import Floats, Ints


@dataclass(frozen=True)
class Spending:
    """Nights and pence by financial year (always the last axis); whole pence, so that sums agree.

    A *cell* is a type of placement, need and age band: the first axes of what has them, in the
    order of `rows.TYPES`, `rows.NEEDS` and `rows.AGES`. In the axis of two before the years, 0 is
    existing (begun before the first night of the year) and 1 is new (begun in the year).
    """

    years: tuple[str, ...]
    """Labels of the complete financial years of the run."""
    nights: Ints
    """Cell, existing or new, year: nights of placements."""
    pence: Ints
    """The same: what they cost at the price of the night; fixed costs and empty places apart."""
    full_year_nights: Ints
    """Cell, year: of the placements open at the end of the year before, the nights in this year
    less the nights in that one. 0 in the first year."""
    uasc_pence: Ints
    """Type, year: the part of `pence` that is spent on unaccompanied children."""
    constant_pence: Ints
    """Year: `pence`, fixed costs, voids and retainers at the prices of `prices.year`, all
    placements at the price of new ones."""
    own_homes_fixed: Ints
    """Year: fixed costs of own homes."""
    own_homes_void: Ints
    """Year: the part of it that is paid for empty places."""
    voids: Ints
    """Type of `BLOCKS`, year: guaranteed places of blocks that nobody slept in."""
    retainers: Ints
    """Type of `RETAINED`, year: empty emergency beds, foster households without a child."""
    recruitment: Ints
    """Year."""
    staying_put: Ints
    """Year."""
    programme: Ints
    """Year."""
    income: Ints
    """Source of `SOURCES`, year."""
    capital: Ints
    """Year: of homes that open, less grants; in no total."""
    monthly: Floats
    """Net cost by complete month of the run, in pence; the months of a year add up to the year's
    within a rounding, which the last month takes."""
    days: Ints
    """Year: its days."""
    run_rate: Floats
    """Type, quarter end: £ a year at the prices of the day."""
    high_cost: Ints
    """31 March: children whose placement costs `prices.high_cost_from` or more a week."""
    in_care: Ints
    """31 March: children in care."""


BLOCKS = ("home_external", "supported")
"""Types of placement with blocks, in the order of `Spending.voids`."""
RETAINED = ("in_house", "emergency_bed")
"""What retainers are paid for, in the order of `Spending.retainers`."""
