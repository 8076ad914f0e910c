"""How long children stay in care, as pure functions of a scenario and uniform numbers.

Stays do not depend on where a child lives (docs/decisions/0001), so the whole of demand follows
from this package and the entry rates. `lengths` has the pathways and their distributions,
`by_group` stays by time since entry, `remaining` the rest of a stay that has lasted some time, and
`reconciling` whether stays, entries and children in care agree.
"""

from __future__ import annotations

from sufficiency.periods import YEAR
from sufficiency.stays.by_group import (
    EIGHTEEN,
    group_pathways,
    invert_hazard,
    pieces_of,
    reason_in_group,
)
from sufficiency.stays.lengths import (
    AGES,
    PATHWAYS,
    age_at_entry,
    length_of_stay,
    mean_remand_stay,
    mean_stay,
    mean_uasc_stay,
    pathway_shares,
    quantile,
    remand_age,
    remand_stay,
    uasc_age,
    uasc_group,
    uasc_stay,
)
from sufficiency.stays.once import once_per_scenario
from sufficiency.stays.reconciling import (
    most_with_transfers,
    reconcile,
    scales_stays,
    steady_state,
)
from sufficiency.stays.remaining import (
    remaining_of,
    rest_in_group,
    rest_of_stay,
    rest_of_uasc_stay,
)

__all__ = [
    "AGES",
    "EIGHTEEN",
    "PATHWAYS",
    "YEAR",
    "age_at_entry",
    "group_pathways",
    "invert_hazard",
    "length_of_stay",
    "mean_remand_stay",
    "mean_stay",
    "mean_uasc_stay",
    "most_with_transfers",
    "once_per_scenario",
    "pathway_shares",
    "pieces_of",
    "quantile",
    "reason_in_group",
    "reconcile",
    "remaining_of",
    "remand_age",
    "remand_stay",
    "rest_in_group",
    "rest_of_stay",
    "rest_of_uasc_stay",
    "scales_stays",
    "steady_state",
    "uasc_age",
    "uasc_group",
    "uasc_stay",
]
