"""The state of one replication: the clock, the children, the places, and the rows written so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sufficiency.simulation.clock import Clock
from sufficiency.simulation.demand import (
    COLUMNS,
    LIFE,
    PER_SEARCH,
    SEARCHES,
    UNIT_HAZARDS,
)
from sufficiency.simulation.provision import Filled, Households, OwnHome
from sufficiency.simulation.rules import Rules
from sufficiency.simulation.streams import Purpose, Streams
from sufficiency.stays import YEAR

if TYPE_CHECKING:
    from sufficiency.simulation.timeline import Timeline

MORE_SEARCHES = 8
NOT_PLACED = -1


class Child:
    """One child: what is known at entry, and where the child lives now."""

    __slots__ = (
        "adoption_at", "apart", "at", "born", "cause", "compatible", "court", "draws", "due", "entered",
        "far", "frailty", "group", "ifa_for_want", "in_area", "left", "need", "number", "over_20_miles",
        "place", "planned", "provider", "reason", "search", "siblings", "slot", "staying_put", "started",
        "type", "uasc", "version", "waiting_in", "waits_for", "was_with",
    )  # fmt: skip

    def __init__(self, place: int) -> None:
        self.place = place
        self.siblings: tuple[Child, ...] = ()
        self.slot = -1
        self.type = NOT_PLACED
        self.planned = 0
        self.provider = -1
        self.started = 0.0
        self.cause = -1
        self.in_area = 0.0
        self.over_20_miles = 0.0
        self.far = 0.0
        self.ifa_for_want = 0.0
        self.apart = 0.0
        self.version = 0
        self.was_with = 0
        self.search = -1
        self.due = 0
        self.waiting_in: dict[Child, None] | None = None
        self.waits_for = 0

    number: int
    entered: float
    left: float
    born: float
    group: int
    reason: int
    court: bool
    uasc: bool
    need: int
    frailty: float
    staying_put: float
    adoption_at: float
    compatible: int
    draws: list[float]
    at: int

    def age(self, now: float) -> int:
        """Age in whole years."""
        years = int((now - self.born) / YEAR)
        return years if years < 18 else 18


class State:
    """Everything that changes while one replication runs."""

    def __init__(
        self,
        line: Timeline,
        streams: Streams,
        clock: Clock,
        rules: Rules,
        households: Households,
        homes: list[OwnHome],
        until: float,
    ) -> None:
        self.line = line
        self.streams = streams
        self.clock = clock
        self.rules = rules
        self.households = households
        self.homes = homes
        self.until = until
        self.filled = Filled()
        self.children: list[Child] = []
        self.families: list[list[Child]] = []
        self.replacements: list[int] = []
        self.draws: list[float] = []
        # Children who wait for an in-house carer, the most urgent first.
        self.waiting: tuple[dict[Child, None], ...] = ({}, {}, {}, {}, {})
        self.waiting_for_home: dict[Child, None] = {}
        self.waiting_for_block: dict[Child, None] = {}
        self.guests: dict[int, list[int]] = {}
        self.placements: list[float] = []
        self.searches: list[float] = []
        self.staying_put: list[float] = []
        self.beds: list[float] = []
        self.state_changes = 0
        self.looked = [-1.0, 0.0, 0.0, 0.0, 0.0]
        self.pair_streams: list[tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]] = []
        self.pair_of: list[tuple[int, int]] = []
        self.home_pairs: list[list[float]] = []

    def pair(self, child: Child, household: int) -> float:
        """The number of a pair of child and household; they suit each other below the chance."""
        stream, column = self.pair_of[child.place]
        return float(self.pair_streams[stream][0][household, column])

    def next_search(self, child: Child) -> None:
        """Turn to the numbers of the child's next search."""
        child.slot += 1
        later = child.slot - SEARCHES
        if later < 0:
            child.draws = self.draws
            child.at = child.place * COLUMNS + LIFE + child.slot * PER_SEARCH
            return
        chunk, slot = divmod(later, MORE_SEARCHES)
        if slot == 0:
            block = self.streams.rows_by_counter(
                Purpose.MORE_LIFE, [child.number], MORE_SEARCHES * PER_SEARCH, chunk
            )[0]
            for column in UNIT_HAZARDS:
                block[column::PER_SEARCH] = -np.log1p(-block[column::PER_SEARCH])
            child.draws = block.tolist()
        child.at = slot * PER_SEARCH
