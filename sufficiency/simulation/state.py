"""The state of one replication: the clock, the children, the places, and the rows so far."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sufficiency.periods import YEAR
from sufficiency.simulation.clock import Action, Clock
from sufficiency.simulation.luck import (
    AT_ONCE,
    COLUMNS,
    LIFE,
    PER_SEARCH,
    SEARCHES,
    UNIT_HAZARDS,
)
from sufficiency.simulation.provision import Filled, Households, OwnHome
from sufficiency.simulation.rules import Rules
from sufficiency.simulation.streams import Purpose, Streams

if TYPE_CHECKING:
    from sufficiency.simulation.timeline import Timeline

MORE_SEARCHES = 8
NOT_PLACED = -1

IN_STOPGAP, IN_EMERGENCY_BED, IN_HOME_FOR_WANT, FAR_AWAY, ON_A_BRIDGE = range(5)
"""Lists of children who wait for an in-house carer, the most urgent first."""


class Child:
    """One child: what is known at entry, and where the child lives now."""

    __slots__ = (
        "adoption_at",
        "alone",
        "apart",
        "at",
        "born",
        "cause",
        "compatible",
        "disabled",
        "draws",
        "due",
        "ends",
        "entered",
        "ethnicity",
        "far",
        "frailty",
        "group",
        "ifa_for_want",
        "in_area",
        "left",
        "moves",
        "moves_by",
        "need",
        "need_at_entry",
        "need_here",
        "next_plan",
        "number",
        "over_20_miles",
        "place",
        "planned",
        "provider",
        "reason",
        "route",
        "same_ethnic_group",
        "siblings",
        "slot",
        "solo",
        "solo_at_entry",
        "started",
        "staying_put",
        "type",
        "uasc",
        "unregistered_since",
        "version",
        "waiting_in",
        "waits_for",
        "was_in",
        "was_with",
    )  # fmt: skip

    siblings: tuple[Child, ...]
    slot: int
    """Which of the child's searches this is."""
    draws: array[float]
    at: int
    """Where the numbers of this search stand in `draws`."""
    provider: int
    started: float
    planned: int
    cause: int
    in_area: float
    over_20_miles: float
    far: float
    ifa_for_want: float
    apart: float
    due: int
    """What is due next in the placement."""
    moves: float
    """When the next move is due that comes of the hazard, and whether it is a renewed attempt."""
    moves_by: int
    ends: float
    """When a home closes or an emergency bed must be left."""
    unregistered_since: tuple[int, ...]
    """Rows of the searches that left the child unregistered, until a registered placement."""
    next_plan: int
    """Kind of home that a planned move waits for."""
    was_with: int
    """In-house households the child has lived with, as bits."""
    was_in: int
    """Own homes the child has lived in, as bits."""
    compatible: int
    """Households with which the chance of the pair holds, as bits."""
    alone: bool
    """Whether no other child may live in the same household or home meanwhile."""
    need_here: int
    """Need when the placement began; a breakdown raises it at its end."""
    same_ethnic_group: float
    """1 if the carers are of the child's ethnic group, 0 if not, NaN where it is not known."""
    waiting_in: dict[Child, None] | None
    waits_for: int
    """Households that would suit, while the child waits for one, as bits."""

    def __init__(
        self,
        place: int,
        number: int,
        entered: float,
        left: float,
        born: float,
        group: int,
        reason: int,
        route: int,
        uasc: bool,
        need: int,
        solo: bool,
        disabled: bool,
        ethnicity: int,
        frailty: float,
        staying_put: float,
        adoption_at: float,
    ) -> None:
        self.place = place
        self.number = number
        self.entered = entered
        self.left = left
        self.born = born
        self.group = group
        self.reason = reason
        self.route = route
        self.uasc = uasc
        self.need = self.need_at_entry = need
        self.solo = self.solo_at_entry = solo
        self.disabled = disabled
        self.ethnicity = ethnicity
        self.frailty = frailty
        self.staying_put = staying_put
        self.adoption_at = adoption_at
        self.siblings = ()
        self.slot = -1
        self.type = NOT_PLACED
        self.alone = False
        self.version = 0
        self.was_with = 0
        self.was_in = 0
        self.unregistered_since = ()
        self.waiting_in = None

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
        self.draws = array("d")
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
        self.pair_streams: list[tuple[npt.NDArray[np.uint16], npt.NDArray[np.int64]]] = []
        self.pair_of: list[tuple[int, int]] = []
        self.home_pairs: list[list[float]] = []
        self.when_due: Action
        self.when_leaving: Action
        self.when_adopted: Action
        self.when_moving_on: Action
        self.when_arriving: Action
        self.offer_on: Callable[[int, int], None]

    def pair(self, child: Child, household: int) -> int:
        """The number of a pair of child and household; the lower, the better they suit."""
        stream, column = self.pair_of[child.place]
        return int(self.pair_streams[stream][0][household, column])

    def grown(self, a_year: float) -> float:
        """What something has grown to since the first day, at so much a year."""
        return (1 + a_year) ** (self.clock.now / YEAR) if a_year and self.clock.now > 0 else 1.0

    def search_again(self, child: Child) -> None:
        """Turn to the numbers of a search that goes on: what the markets had not, they have not.

        When the nights of an emergency bed are over, the search that led there has found nothing so
        far. With new luck a bed would bring a home the sooner, the sooner it must be left.
        """
        before = [child.draws[child.at + column] for column in AT_ONCE]
        self.next_search(child)
        for column, value in zip(AT_ONCE, before, strict=True):
            child.draws[child.at + column] = value

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
            block = self.streams.block(
                Purpose.MORE_LIFE, 1, MORE_SEARCHES * PER_SEARCH, child.number, chunk
            )[0]
            for column in UNIT_HAZARDS:
                block[column::PER_SEARCH] = -np.log1p(-block[column::PER_SEARCH])
            child.draws = array("d", block.tobytes())
        child.at = slot * PER_SEARCH
