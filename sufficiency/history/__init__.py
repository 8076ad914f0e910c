"""The past of one authority, from a return or from plain counts, as checked tables.

tables       the contract: what a history holds
reading      a folder or zip into a history
from_return  a statutory return: care_periods, placements (from episodes), codes, types
plain        plain files: plain_counts, plain_provision (from cells); together adds them up
truncating   a history as it was known on an earlier day
counting     entries, exits, moves, placements by month; census: who is in care on a day
observed_*   the measures of the simulation, taken of the past
"""
