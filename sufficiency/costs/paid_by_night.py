"""What is paid by the night and place, at one price for all.

Nights that share a price are priced together: one rounding for each price period of a financial
year, not one for each place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sufficiency.costs.tariff import NAMES, Tariff, of_nights, pence
from sufficiency.periods import Floats, Ints


class Paid(NamedTuple):
    """Money paid for places, by time."""

    by_year: Ints
    """Pence by complete financial year."""
    constant: Ints
    """The same at the price level of `prices.year`."""
    by_night: Floats
    """Pence by day of the run, not rounded."""


def nothing(prices: Tariff) -> Paid:
    """Nothing is paid."""
    none = np.zeros(prices.years, dtype=np.int64)
    return Paid(none, none, np.zeros(len(prices.period)))


def together(parts: Sequence[Paid]) -> Paid:
    """The sum of some."""
    return Paid(
        by_year=np.sum([part.by_year for part in parts], axis=0),
        constant=np.sum([part.constant for part in parts], axis=0),
        by_night=np.sum([part.by_night for part in parts], axis=0),
    )


def paid(prices: Tariff, name: str, weekly: float, places: Ints) -> Paid:
    """Price places by night.

    Args:
        prices: All prices.
        name: Whose uplift and contract date hold: a name of `NAMES`.
        weekly: Pounds a week and place, at the price level of `prices.year`; its factor included.
        places: How many are paid for, by night of the run.
    """
    place = NAMES.index(name)
    by_period = pence(weekly * prices.existing[:, place])
    whole = prices.cut[place].copy()
    whole[0] = True
    starts = prices.starts[whole]
    nights = np.add.reduceat(places, starts)
    level = pence(weekly)
    return Paid(
        by_year=years(prices, starts, of_nights(nights, by_period[whole])),
        constant=years(prices, starts, of_nights(nights, level)),
        by_night=places * (by_period[prices.period] / 7),
    )


def years(prices: Tariff, days: Ints, amounts: Ints) -> Ints:
    """Whole pence by the financial year of a day; what is in none is left out."""
    sums = np.bincount(prices.year[days], amounts, minlength=prices.years + 1)[: prices.years]
    found: Ints = np.rint(sums).astype(np.int64)
    return found
