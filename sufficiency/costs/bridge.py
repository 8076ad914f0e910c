"""Why net cost changes: parts that add up to the change to the penny.

A *cell* is a type of placement, need and age band. Going from A to B, with nights n and the average
price p of a night in the cell:

- price, existing and new: what the nights of B cost beyond what they would have cost at the prices
  of A, sum of n_B (p_B - p_A);
- full-year effect: the change of nights of the placements that were open at the end of A, at p_A;
- volume: the rest of the change of nights, at the average price of all cells in A;
- mix: the rest of the sum of (n_B - n_A) p_A: nights that are in dearer or cheaper cells;
- then fixed costs, empty places, retainers and what else is paid, and income with its sign turned.

From year to year p_A is the average over the existing and new placements of A, because the new ones
of A are existing ones in B. So where new placements cost more than old ones, price_new is above 0
and price_existing below it even while no price changes. A cell that was empty in A has its
type's average price; if nobody of the type was there, the nights have no price effect.

Between options of the same year existing is set against existing and new against new, so that equal
prices have no price effect. Nights of cells that are empty in the baseline have none either: their
price list is that of the baseline unless the option changes it.

Only prices, full-year effect and volume are rounded; mix takes the rest.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sufficiency.costs.definitions import PARTS
from sufficiency.costs.spending import Spending
from sufficiency.periods import Floats, Ints

_CELLS = (0, 1, 2)
"""Axes of type, need and age."""
_VINTAGE = 3
"""Axis of existing and new."""


class _Placements(NamedTuple):
    """Nights and what they cost; the years last, as in `Spending`."""

    nights: Ints
    pence: Ints


def total(spending: Spending) -> Ints:
    """Net cost by year in pence: all that is spent, capital apart, less income."""
    total: Ints = _placement_pence(spending) + _beside_placements(spending).sum(axis=0)
    return total


def between_years(spending: Spending) -> Ints:
    """Parts of the change of net cost from the year before, in pence.

    Returns:
        One row for each of `PARTS`, one column per year; the first year has 0, because there is
        nothing to compare it with.
    """
    parts = np.zeros((len(PARTS), len(spending.years)), dtype=np.int64)
    nights, pence = spending.nights, spending.pence
    before = _Placements(nights[..., :-1], pence[..., :-1])
    after = _Placements(nights[..., 1:], pence[..., 1:])
    price = _price_of_cells(before)
    at_prices_before = np.where(
        np.isnan(price)[:, :, :, None], after.pence, after.nights * price[:, :, :, None]
    )
    for_full_year = spending.full_year_nights[..., 1:]
    parts[:, 1:] = _parts(
        before,
        after,
        at_prices_before,
        full_year_effect=(for_full_year * np.nan_to_num(price)).sum(axis=_CELLS),
        full_year_nights=for_full_year.sum(axis=_CELLS),
        beside=np.diff(_beside_placements(spending), axis=1),
    )
    return parts


def between_options(baseline: Spending, option: Spending) -> Ints:
    """Parts of the difference of an option's net cost from the baseline's, in pence.

    Returns:
        One row for each of `PARTS`, one column per year.
    """
    before = _Placements(baseline.nights, baseline.pence)
    after = _Placements(option.nights, option.pence)
    price = _average(before.pence, before.nights)
    none = np.zeros(len(baseline.years))
    return _parts(
        before,
        after,
        np.where(np.isnan(price), after.pence, after.nights * price),
        full_year_effect=none,
        full_year_nights=none,
        beside=_beside_placements(option) - _beside_placements(baseline),
    )


def _parts(
    before: _Placements,
    after: _Placements,
    at_prices_before: Floats,
    *,
    full_year_effect: Floats,
    full_year_nights: Floats | Ints,
    beside: Ints,
) -> Ints:
    """The parts, in order.

    Args:
        before: A.
        after: B.
        at_prices_before: What each cell's nights of B would have cost in A, existing and new apart.
        full_year_effect: By year.
        full_year_nights: By year: the change of nights that it explains.
        beside: Change of what is not paid for nights.
    """
    price_existing, price_new = (after.pence - at_prices_before).sum(axis=_CELLS)
    change = _all(after.nights) - _all(before.nights) - full_year_nights
    volume = change * np.nan_to_num(_average_night(before, after))
    rounded = np.rint([price_existing, price_new, full_year_effect, volume]).astype(np.int64)
    mix = _all(after.pence) - _all(before.pence) - rounded.sum(axis=0)
    return np.vstack([rounded, mix[None], beside])


def _price_of_cells(before: _Placements) -> Floats:
    """Cell, year: average price in A; NaN where nobody of the type was there.

    Whoever is there at the end of A has spent that night there: a full-year effect has a price.
    """
    own = _average(before.pence.sum(axis=_VINTAGE), before.nights.sum(axis=_VINTAGE))
    of_type = _average(before.pence.sum(axis=(1, 2, 3)), before.nights.sum(axis=(1, 2, 3)))
    return np.where(np.isnan(own), of_type[:, None, None], own)


def _average_night(before: _Placements, after: _Placements) -> Floats:
    """Year: average price of a night in A; that of B if nobody was there in A."""
    there = _average(_all(before.pence), _all(before.nights))
    return np.where(np.isnan(there), _average(_all(after.pence), _all(after.nights)), there)


def _average(pence: Ints, nights: Ints) -> Floats:
    """Price of a night; NaN where there is none."""
    price: Floats = np.divide(pence, nights, out=np.full(pence.shape, np.nan), where=nights > 0)
    return price


def _all(values: Ints) -> Ints:
    found: Ints = values.sum(axis=(*_CELLS, _VINTAGE))
    return found


def _placement_pence(spending: Spending) -> Ints:
    return _all(spending.pence)


def _beside_placements(spending: Spending) -> Ints:
    """The parts after the mix, in the order of `PARTS`, by year; income counts against cost."""
    return np.vstack(
        [
            spending.own_homes_fixed,
            spending.voids.sum(axis=0),
            spending.retainers.sum(axis=0),
            spending.recruitment,
            spending.staying_put,
            spending.programme,
            -spending.income.sum(axis=0),
        ]
    )
