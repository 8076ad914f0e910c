"""What is received for children: the grant for unaccompanied children, shares of the price."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sufficiency.costs.nights import Placed, there
from sufficiency.costs.paid_by_night import Paid, years
from sufficiency.costs.tariff import Tariff, pence, whole
from sufficiency.periods import Floats, Ints
from sufficiency.rows import TYPES
from sufficiency.scenario import Scenario
from sufficiency.scenario.values import TypeName

_A_HAIR = 1e-9
"""Children: a threshold that is a whole number is reached by that number of children."""


def grant(scenario: Scenario, prices: Tariff, stays: Placed) -> Paid:
    """The grant for unaccompanied children under 18, at the rate of each night.

    The rate follows from how many there are in the night. It does not grow.
    """
    terms, length = scenario.prices.uasc_grant, len(prices.period)
    end = np.minimum(stays.end, stays.adult)[stays.uasc]
    first = np.minimum(stays.first[stays.uasc], end)
    children = there(first, end, length)
    many = children >= terms.threshold * scenario.authority.child_population - _A_HAIR
    rate = np.where(many, pence(terms.nightly_from_threshold), pence(terms.nightly))
    received = children * rate
    by_year = years(prices, np.arange(length), received)
    return Paid(by_year, by_year, received.astype(np.float64))


def share_of_price(shares: Mapping[TypeName, float], by_year: Ints, by_night: Floats) -> Paid:
    """What somebody else pays of the price of the nights.

    Args:
        shares: By type of placement.
        by_year: Pence by type and financial year.
        by_night: Pence by type and night, not rounded.
    """
    if not any(shares.values()):
        return Paid(by_year[0] * 0, by_year[0] * 0, by_night[0] * 0)
    share = np.array([shares.get(type_.value, 0.0) for type_ in TYPES])
    received = whole(share[:, None] * by_year).sum(axis=0)
    return Paid(received, received, share @ by_night)
