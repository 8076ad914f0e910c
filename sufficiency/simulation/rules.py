"""A scenario as tables that are quick to look up while the simulation runs.

Nothing is decided here: each table is a scenario's section turned into tuples indexed by the
numbers of `rows` (kinds, types, needs) and by age in whole years.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping

import numpy as np

from sufficiency.periods import YEAR
from sufficiency.rows import KINDS, NEEDS, TYPES
from sufficiency.scenario import (
    GROUP_NAMES,
    IfaAge,
    KindName,
    MoveAge,
    Scenario,
    match_chance,
    winding_down_share,
)
from sufficiency.stays import once_per_scenario
from sufficiency.vocabulary import Kind, PlacementType

FOSTER, HOME, SUPPORTED, KIN, PARENTS, ADOPTION, SECURE, OTHER = range(8)
(
    IN_HOUSE, IFA, KINSHIP, HOME_OWN, HOME_EXTERNAL, IN_SUPPORTED, EMERGENCY_BED, UNREGISTERED,
    WITH_PARENTS, WITH_ADOPTERS, IN_SECURE, ELSEWHERE,
) = range(12)  # fmt: skip

KIND_OF = (
    FOSTER,
    FOSTER,
    KIN,
    HOME,
    HOME,
    SUPPORTED,
    OTHER,
    OTHER,
    PARENTS,
    ADOPTION,
    SECURE,
    OTHER,
)
"""Kind of home of each type, for hazards and next plans; a stopgap counts as other."""
NAMED = {
    KIN: KINSHIP,
    PARENTS: WITH_PARENTS,
    ADOPTION: WITH_ADOPTERS,
    SECURE: IN_SECURE,
    OTHER: ELSEWHERE,
}
"""Type of a kind that serves named children and is not capacity."""
STOPGAPS = (EMERGENCY_BED, UNREGISTERED)

OTHER_ROUTE, COURT_ROUTE, REMAND_ROUTE = range(3)
"""How a child comes into care, as far as the plan at entry depends on it."""

assert tuple(Kind)[FOSTER] == Kind.FOSTER
assert tuple(Kind)[OTHER] == Kind.OTHER
assert tuple(PlacementType)[ELSEWHERE] == PlacementType.OTHER

BREAKS = (7.0, 30.0, 91.0, 182.0, 365.0, 730.0, 1826.0)
"""Days in placement at which the hazard of a move changes (evidence/demand.md §8.6)."""

Ladder = tuple[tuple[float, ...], tuple[int, ...]]
"""Cumulative shares, and what each step stands for."""


def pick(ladder: Ladder, u: float) -> int:
    """What a uniform number picks from a ladder of shares."""
    bounds, values = ladder
    for place, bound in enumerate(bounds):
        if u < bound:
            return values[place]
    return values[-1]


def _ladder(weights: Mapping[int, float]) -> Ladder:
    weights = {value: weight for value, weight in weights.items() if weight > 0}
    total = sum(weights.values())
    bounds = np.cumsum(list(weights.values())) / total
    return tuple(float(b) for b in bounds), tuple(weights)


def _move_age(age: int) -> MoveAge:
    return "under_5" if age < 5 else "5-9" if age < 10 else "10-15" if age < 16 else "16-17"


def _ifa_age(age: int) -> IfaAge:
    return "under_10" if age < 10 else "10-15" if age < 16 else "16-17"


YEARS_OF_AGE = range(19)


class Rules:
    """One scenario, compiled."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self._plans(scenario)
        self._moves(scenario)
        self._markets(scenario)
        self._places(scenario)

    def _plans(self, scenario: Scenario) -> None:
        placement = scenario.placement
        weights = {KINDS.index(Kind(k)): w for k, w in placement.plan_weights.items()}

        def ladder(shares: Mapping[KindName, float], kin: float = 1.0) -> Ladder:
            codes = {KINDS.index(Kind(kind)): share for kind, share in shares.items()}
            return _ladder(
                {k: s * weights.get(k, 1.0) * (kin if k == KIN else 1.0) for k, s in codes.items()}
            )

        kin = (placement.kin_weight_other, placement.kin_weight_court)
        secure = scenario.demand.remand.secure_share
        remand = _ladder({SECURE: secure, OTHER: 1 - secure})
        self.plan_at_entry = tuple(
            (*(ladder(placement.plan_at_entry[group], k) for k in kin), remand)
            for group in GROUP_NAMES
        )
        self.solo = tuple(getattr(placement.solo, n.value) for n in NEEDS)
        by_kind = {KINDS.index(Kind(k)): rows for k, rows in placement.plan_after_move.items()}
        foster = by_kind[FOSTER]
        self.plan_after_move = tuple(
            tuple(ladder(by_kind.get(kind, foster)[_move_age(a)]) for a in YEARS_OF_AGE)
            for kind in range(len(KINDS))
        )
        acceptable = {KINDS.index(Kind(k)): v for k, v in placement.acceptable.items()}
        self.acceptable = tuple(
            tuple(KINDS.index(Kind(v)) for v in acceptable.get(kind, ()))
            for kind in range(len(KINDS))
        )
        self.youngest_in_home = placement.youngest_in_home
        self.distant_ifa_under = placement.distant_ifa_under

    def _moves(self, scenario: Scenario) -> None:
        moves = scenario.moves
        age = tuple(moves.age_factor[_move_age(a)] for a in YEARS_OF_AGE)
        kind = tuple(moves.kind_factor.get(k.value, 1.0) for k in KINDS)
        self.move_factor = tuple(tuple(moves.scale * a * k for a in age) for k in kind)
        reached, total, before = [0.0], 0.0, 0.0
        for bound, rate in zip(BREAKS, moves.hazard_per_day, strict=False):
            total += rate * (bound - before)
            before = bound
            reached.append(total)
        self.hazard_reached = tuple(reached)
        self.hazard_rates = moves.hazard_per_day
        causes = {"planned": 0, "breakdown": 1, "other": 2}
        self.causes = _ladder({causes[c]: share for c, share in moves.causes.items()})
        to_home = moves.to_home_after_breakdown
        self.to_home = tuple(to_home["under_10" if a < 10 else "10-17"] for a in YEARS_OF_AGE)
        rises = moves.need_rises_after_breakdown
        self.need_rises = tuple(rises["under_10" if a < 10 else "10-17"] for a in YEARS_OF_AGE)
        self.move_on_share = moves.move_on_share

    def _markets(self, scenario: Scenario) -> None:
        ifa, homes, supported = scenario.ifa, scenario.external_homes, scenario.supported
        self.ifa_match = tuple(
            tuple(getattr(ifa.match[_ifa_age(a)], n.value) * ifa.market for n in NEEDS)
            for a in YEARS_OF_AGE
        )
        self.ifa_growth = ifa.market_growth_per_year
        self.home_growth = homes.market_growth_per_year
        self.supported_growth = supported.market_growth_per_year
        self.ifa_sibling_match = ifa.sibling_match
        self.ifa_found = ifa.found_per_day
        self.bridging_share = (
            1.0 if scenario.step_across.from_ifa == "always" else ifa.bridging_share
        )
        if scenario.step_across.from_ifa == "never":
            self.bridging_share = 0.0
        self.bridging_days = (
            float("inf") if scenario.step_across.from_ifa == "always" else ifa.bridging_days
        )
        self.home_match = tuple(getattr(homes.found_at_once, n.value) * homes.market for n in NEEDS)
        self.home_found = homes.found_per_day * homes.market
        self.home_closing = homes.closing_per_year / YEAR
        self.home_block_match = homes.block_match
        self.supported_spot = supported.spot * supported.market
        self.supported_block_match = supported.block_match
        self.supported_found = supported.found_per_day * supported.market
        self.step_from_home = scenario.step_across.from_home
        self.emergency_nights = scenario.emergency.maximum_nights

    def _places(self, scenario: Scenario) -> None:
        ifa, homes, supported = scenario.ifa, scenario.external_homes, scenario.supported
        self.limits = {
            IFA: (ifa.places, ifa.growth_per_year),
            HOME_EXTERNAL: (homes.places, homes.growth_per_year),
            IN_SUPPORTED: (supported.places, supported.growth_per_year),
        }
        self.home_block = homes.block_places
        self.home_kept = int(homes.block_places * homes.block_guaranteed + 0.5)
        self.supported_block = supported.block_places
        self.supported_kept = int(supported.block_places * supported.block_guaranteed + 0.5)
        emergency = scenario.emergency
        self.emergency_beds = emergency.beds
        self.emergency_ages = range(emergency.youngest, emergency.oldest + 1)
        near = {"ifa": ifa.in_area, "home_external": homes.in_area, "supported": supported.in_area}
        far = {
            "ifa": ifa.over_20_miles,
            "home_external": homes.over_20_miles,
            "supported": supported.over_20_miles,
        }
        near.update(scenario.elsewhere.in_area.items())
        far.update(scenario.elsewhere.over_20_miles.items())
        self.in_area = tuple(near.get(t.value, 0.5) for t in TYPES)
        self.over_20_miles = tuple(far.get(t.value, 0.0) for t in TYPES)
        fostering = scenario.fostering
        self.match_chance = match_chance(scenario)
        self.stopping = fostering.leaving_per_year / (1 - winding_down_share(scenario)) / YEAR
        self.closing_at_once = fostering.closing_at_once
        self.transfers_out = fostering.transfers_out_share
        self.winding_down_days = fostering.winding_down_years_at_most * YEAR
        put = fostering.staying_put
        self.staying_put = (put["18"], put["19"], put["20"], 0.0)

    def room(self, market: int, filled: int, children: int, now: float) -> bool:
        """Whether a market has so many places more, if it has a limit."""
        places, growth = self.limits[market]
        if places is None:
            return True
        return bool(filled + children <= places * (1 + growth) ** (max(now, 0.0) / YEAR))

    def placement_lasts(self, unit: float, factor: float) -> float:
        """Days until the hazard of a move, times a factor, has come to a unit exponential."""
        if factor <= 0:
            return float("inf")
        hazard = unit / factor
        reached = self.hazard_reached
        piece = 7
        while reached[piece] > hazard:
            piece -= 1
        rate = self.hazard_rates[piece]
        if rate <= 0:
            return float("inf") if piece == 7 else BREAKS[piece]
        return (BREAKS[piece - 1] if piece else 0.0) + (hazard - reached[piece]) / rate

    def hazard_until(self, days: float) -> float:
        """What the hazard of a move, without its factors, has come to after so many days."""
        piece = bisect_right(BREAKS, days)
        before = BREAKS[piece - 1] if piece else 0.0
        return self.hazard_reached[piece] + self.hazard_rates[piece] * (days - before)

    def days_staying_put(self, u: float) -> float:
        """Days a young adult stays with the carer after 18, by the shares still there at 18-21."""
        shares = self.staying_put
        if u >= shares[0]:
            return 0.0
        for year in range(3):
            here, later = shares[year], shares[year + 1]
            if u >= later:
                within = (here - u) / (here - later) if here > later else 1.0
                return (year + within) * YEAR
        return 3 * YEAR


rules_of = once_per_scenario(Rules)
"""The scenario's tables; those of the last few scenarios are kept, as options share a worker."""
