"""Money: the rows of one replication into spending and income by financial year.

definitions    what is measured in pounds, by name
tariff         the price of a night by type, need, age, when the placement began and when it is
nights         placements as segments of nights at one price
paid_by_night  what is paid by the place at one price for all
own_provision  homes, blocks, retainers, recruitment, staying put, programmes, capital
income         the grant for unaccompanied children, shares of the price
pricing        all of these together: `spending`
spending       `Spending`: nights and whole pence by year
bridge         why net cost changes, part by part
measuring      `Spending` as measures
"""

from __future__ import annotations

from sufficiency.costs.definitions import MEASURES
from sufficiency.costs.measuring import cost_measures, keys
from sufficiency.costs.pricing import spending
from sufficiency.costs.spending import Spending

__all__ = ["MEASURES", "Spending", "cost_measures", "keys", "spending"]
