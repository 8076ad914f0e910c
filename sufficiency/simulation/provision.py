"""Places and who holds them: foster households, own homes, blocks, markets, emergency beds.

Vacancies are kept as bit masks (bit i is household i), so that a look through all of them costs a
few operations on whole numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

import numpy as np

from sufficiency.periods import YEAR, day_of
from sufficiency.rows import TYPES
from sufficiency.scenario import Home, Scenario
from sufficiency.simulation.fostering import Household

MONTH = YEAR / 12


def mask_of(flags: list[bool]) -> int:
    """A whole number whose bit i says whether flag i is set."""
    return int.from_bytes(
        np.packbits(np.asarray(flags, dtype=bool), bitorder="little").tobytes(), "little"
    )


class Households:
    """All foster households of one replication, and which of them have a vacancy."""

    def __init__(self, households: list[Household]) -> None:
        self.all = households
        self.open = 0
        """Households that can take a child now."""
        self.admits_age = tuple(
            mask_of([h.youngest <= age <= h.oldest for h in households]) for age in range(19)
        )
        self.admits_need = tuple(
            mask_of([need <= h.highest_need for h in households]) for need in range(3)
        )
        self.takes_siblings = mask_of([h.siblings for h in households])
        self.takes_uasc = mask_of([h.uasc for h in households])
        self.takes_solo = mask_of([h.solo or h.places == 1 for h in households])
        self.empty = mask_of([True] * len(households))
        """Households in which nobody placed or staying put lives."""

    def admits(self, age: int, need: int, uasc: bool) -> int:
        """Households whose hard rules admit a child."""
        return self.admits_age[age] & self.admits_some_day(need, uasc)

    def admits_some_day(self, need: int, uasc: bool) -> int:
        """Households whose hard rules admit a child, its age apart, which changes."""
        mask = self.admits_need[need]
        return mask & self.takes_uasc if uasc else mask

    def suits_alone(self) -> int:
        """Households that could take a child with whom no other can live."""
        return self.takes_solo & self.empty

    def free_places(self, household: Household) -> int:
        """Places a child could take now."""
        if household.alone:
            return 0
        return household.places - household.blocked - household.filled - household.staying

    def refresh(self, household: Household, now: float) -> None:
        """Bring the household's bit in `open` up to date."""
        bit = 1 << household.place
        usable = household.available <= now < household.stopped
        if usable and self.free_places(household) > 0:
            self.open |= bit
        else:
            self.open &= ~bit
        if household.filled or household.staying:
            self.empty &= ~bit
        else:
            self.empty |= bit


@dataclass(slots=True, eq=False)
class OwnHome:
    """A children's home of the authority's own."""

    place: int
    youngest: int
    oldest: int
    in_area: bool
    match_chance: float
    steps: tuple[tuple[float, int, int], ...]
    """When registered and usable places change: (day, registered, usable)."""
    closes: float
    key: int
    """Key of its random numbers: from its name, so that another home changes nothing."""
    registered: int = 0
    usable: int = 0
    children: list[Any] = field(default_factory=list)
    alone: bool = False
    """Whether a child lives there with whom no other can."""
    since: float = 0.0

    def vacancies(self) -> int:
        """Places free now."""
        return 0 if self.alone else self.usable - len(self.children)


def own_homes(scenario: Scenario, since: float) -> list[OwnHome]:
    """The authority's homes, with the days on which their places come into use."""
    return [_own_home(scenario, place, home, since) for place, home in enumerate(scenario.homes)]


def _own_home(scenario: Scenario, place: int, home: Home, since: float) -> OwnHome:
    steps: list[tuple[float, int, int]] = []
    delay = home.registration_delay_months * MONTH
    if home.opens is None:
        steps.append((since, home.registered - home.awaiting_registration, home.usable))
        if home.awaiting_registration:
            steps.append((delay, home.registered, home.usable + home.awaiting_registration))
    else:
        ready = day_of(scenario.start, home.opens) + delay
        spread = home.ramp_months * MONTH / max(home.usable, 1)
        days = [max(ready + i * spread, since) for i in range(home.usable)]
        steps = [(day, home.registered, i + 1) for i, day in enumerate(days)]
    closes = day_of(scenario.start, home.closes) if home.closes else float("inf")
    steps = [step for step in steps if step[0] < closes]
    return OwnHome(
        place=place,
        youngest=home.youngest,
        oldest=home.oldest,
        in_area=home.in_area,
        match_chance=home.match_chance,
        steps=tuple(steps),
        closes=closes,
        key=crc32(home.name.encode()),
    )


class Filled:
    """Children by type of placement, in blocks and elsewhere (homes and households have theirs)."""

    def __init__(self) -> None:
        self.blocks = [0] * len(TYPES)
        self.spot = [0] * len(TYPES)


BLOCK = 0
"""Provider of a placement in a block; spot placements have -1."""
SPOT = -1
