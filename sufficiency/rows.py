"""The rows that one replication leaves: plain numbers, one table for each thing that has a history.

The simulation appends rows to flat lists (the cheapest record there is) and hands over arrays;
measures read columns by name. Times are days from the scenario's first day, before it negative;
`inf` means: not within the run. Words are stored as their place in an enumeration of `vocabulary`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from sufficiency.periods import Calendar, When
from sufficiency.vocabulary import (
    AgeBand,
    EntryGroup,
    Ethnicity,
    ExitReason,
    Kind,
    MoveCause,
    Need,
    Pathway,
    PlacementType,
)

Floats = npt.NDArray[np.float64]

KINDS = tuple(Kind)
TYPES = tuple(PlacementType)
AGES = tuple(AgeBand)
GROUPS = tuple(EntryGroup)
REASONS = tuple(ExitReason)
CAUSES = tuple(MoveCause)
NEEDS = tuple(Need)
PATHWAYS = tuple(Pathway)
ETHNICITIES = tuple(Ethnicity)

ENTRY = -1
"""In the column `cause` of a placement: the child entered care."""
SAME_CARER = -2
"""In the column `cause` of a placement: the carers went to another agency, the child stayed with
them. The row before it ends that day: the same placement with another provider, not a move."""


class CarePeriod(NamedTuple):
    """One row per child who was in care at some time of the run."""

    child: float
    """The child's number; the same child in every option."""
    entered: float
    """Time of entry."""
    left: float
    """Time of leaving care (known even if beyond the run)."""
    born: float
    """Time of birth."""
    group: float
    """Entry group."""
    pathway: float
    """Pathway."""
    reason: float
    """Reason for leaving."""
    need: float
    """Need at entry; a breakdown may raise it (see `Placement.need`)."""
    family: float
    """Number of the family; siblings who entered together share it."""
    siblings: float
    """Children of the family who entered together and are simulated, this one included."""
    ethnicity: float
    """Ethnic group; siblings have the same."""
    disabled: float
    """1 for a disabled child."""
    solo: float
    """1 for a child who can live with no other child but siblings in the same home, at entry."""
    dearness: float
    """From 0 to 1: where the child stands among all in what a place costs (`prices.spread`)."""


class Placement(NamedTuple):
    """One row per placement."""

    child: float
    type: float
    """Type of placement."""
    planned: float
    """Kind of home that was planned for the child at the time."""
    started: float
    ended: float
    """End; `inf` if open at the end of the run."""
    cause: float
    """Cause of the move that began it, or `ENTRY`."""
    provider: float
    """Number of the household or own home; -1 where there is none."""
    in_area: float
    """1 inside the authority."""
    over_20_miles: float
    """1 if over 20 miles from home."""
    far_for_want: float
    """1 if it is far away because nothing nearer was found (not a matter of chance)."""
    ifa_for_want: float
    """1 if with an agency because no in-house place matched."""
    apart: float
    """1 if apart from a sibling who entered together, for want of a place for both."""
    need: float
    """Need during the placement."""
    solo: float
    """1 if no other child but siblings may live in the same household or home meanwhile."""
    same_ethnic_group: float
    """1 if the in-house carers are of the child's ethnic group, 0 if not; NaN where not known."""


class Search(NamedTuple):
    """One row per search for a home."""

    child: float
    needed: float
    """When a home was needed."""
    planned: float
    """Kind of home planned."""
    got: float
    """Type of placement found at once."""
    registered: float
    """When the child was in a registered placement; `inf` if not within the run."""
    cause: float
    """Cause of the move, or `ENTRY`."""
    in_house_vacancies: float
    """In-house households with a vacancy when the search looked; -1 if it did not look there."""
    no_in_house: float
    """1 if it looked for an in-house carer and none suited."""
    no_ifa: float
    """1 if it looked for an agency carer and found none."""
    no_home: float
    """1 if it looked for a home and found none."""
    no_supported: float
    """1 if it looked for supported accommodation and found none."""


class Household(NamedTuple):
    """One row per in-house foster household that was approved at some time of the run."""

    household: float
    origin: float
    """0 there at the start, 1 replaced a leaver before day one, 2 usual approval, 3 recruit,
    4 came from another agency."""
    places: float
    """Approved places."""
    blocked: float
    """Places blocked for good."""
    approved: float
    available: float
    """First day it can take a child."""
    stopped: float
    """When it decided to stop (no new child from then)."""
    closed: float
    """When it left."""
    youngest: float
    oldest: float
    highest_need: float
    siblings: float
    uasc: float
    ethnicity: float
    in_area: float
    """1 inside the authority."""
    transferred: float
    """1 if it left for another agency, and its children stayed with it."""


class StayingPut(NamedTuple):
    """One row per young adult who stays with a former foster carer and holds a place."""

    household: float
    child: float
    started: float
    ended: float


class Beds(NamedTuple):
    """One row per period in which an own home, a block or the emergency beds had so many places."""

    type: float
    provider: float
    started: float
    ended: float
    registered: float
    usable: float
    guaranteed: float
    """Places paid for whether filled or not: all but the part of a block without guarantee."""


class Table:
    """Rows of one kind as an array with named columns."""

    def __init__(self, columns: tuple[str, ...], flat: list[float] | Floats) -> None:
        self.columns = columns
        self.values: Floats = np.asarray(flat, dtype=np.float64).reshape(-1, len(columns))

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, column: str) -> Floats:
        return self.values[:, self.columns.index(column)]

    def code(self, column: str) -> npt.NDArray[np.int64]:
        """A column of whole numbers (places in an enumeration, child numbers)."""
        return self[column].astype(np.int64)


@dataclass(frozen=True)
class Rows:
    """Everything that one replication of one option leaves."""

    care_periods: Table
    placements: Table
    searches: Table
    households: Table
    staying_put: Table
    beds: Table
    until: float
    """End of the run, in days."""
    state_changes: int
    """Entries, moves, exits and changes of households and homes: the events that count as work."""
    enquiries: Floats
    """Times at which people enquired about fostering."""
    applications: Floats
    """Times at which they applied."""
    withdrawals: Floats
    """Times at which an application ended without approval."""


class Key(NamedTuple):
    """What one number is: a measure, of a group, at a date or in a period."""

    measure: str
    group: str
    """Empty for everybody, else `type=ifa` and the like, joined by `;`."""
    period: str
    """A label of `periods`."""


class Measured(NamedTuple):
    """The numbers that measures make of the rows of one replication."""

    keys: tuple[Key, ...]
    """The same for every replication and option of a study."""
    values: Floats
    """One number for each key; NaN for a share of nothing."""


class MeasureInfo(NamedTuple):
    """What a measure is, as the glossary prints it, and the keys it has."""

    unit: str
    better: Literal["up", "down", ""]
    """Which way is better for children; empty where neither is."""
    meaning: str
    formula: str
    source: str
    """Who defines it so, or why it is defined so."""
    groups: tuple[str, ...]
    when: When


def measure_keys(measures: Mapping[str, MeasureInfo], calendar: Calendar) -> tuple[Key, ...]:
    """The keys of some measures, in the order of their values: by measure, group and period."""
    return tuple(
        Key(name, group, label)
        for name, info in measures.items()
        for group in info.groups
        for label in calendar.labels(info.when)
    )
