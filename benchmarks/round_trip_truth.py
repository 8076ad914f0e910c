"""Made-up authorities whose truth is known, and that truth in numbers.

Each differs from `england` in what a return can tell: how many enter in each group, the season, how
long children stay and how often they move. The numbers come from the scenario and from the model's
own functions of stays, never from the code that calibrates.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from sufficiency.periods import YEAR
from sufficiency.scenario import Scenario, Study, entries_by_age, uasc_at_start, with_values
from sufficiency.scenario_file import load
from sufficiency.stays import (
    EIGHTEEN,
    age_at_entry,
    length_of_stay,
    reconcile,
    uasc_age,
    uasc_stay,
)
from sufficiency.synthesis import Synthetic
from sufficiency.vocabulary import KIND_OF_TYPE, EntryGroup, Kind, PlacementType

Floats = np.ndarray
CHILDREN = 500
GROUPS = tuple(group.value for group in EntryGroup)
AGES = GROUPS[:5]
SURVIVAL_DAYS = (28, 182, 365, 730)
"""Times since entry at which the share still in care is compared."""
BANDS = (0.0, 7.0, 30.0, 91.0, 182.0, 365.0, 730.0, 1826.0)
"""Days in placement at which each of the model's hazards of a move begins."""
MOVE_AGES, MOVE_AGE_STARTS = ("under_5", "5-9", "10-15", "16-17"), (5, 10, 16)
STOPGAPS = (PlacementType.EMERGENCY_BED.value, PlacementType.UNREGISTERED.value)
SIMULATED = 200_000
STILL_THERE = 0.05
"""A survival is compared where so many are still seen then: later, 18th birthdays hide it."""

# How far authorities differ from England: standard deviations of the logarithm (assumptions). Rates
# of entry differ by about a fifth between authorities (evidence/demand.md §2.8); here a bit more.
ENTRIES, UASC, PATHWAY, LENGTH, LEAVING = 0.3, 0.5, 0.4, 0.25, 0.3
MOVES, MOVES_BY_TIME, MOVES_BY_KIND = 0.25, 0.2, 0.3


def authority(number: int, seed: int) -> Study:
    """One made-up authority; the same number and seed give the same one."""
    luck = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(number,)))
    base = load("england")
    scenario = with_values(base.scenario, _away(base.scenario, luck))
    scenario, _ = reconcile(scenario)  # long stays follow, so that there is no drift from 500
    return Study(scenario=scenario)


def _away(england: Scenario, luck: np.random.Generator) -> dict[str, Any]:
    """Values drawn away from England's."""

    def factor(spread: float) -> float:
        return float(np.exp(spread * luck.standard_normal()))

    demand, stays, moves = england.demand, england.stays, england.moves
    a_year = demand.entries_per_100_in_care
    return {
        "authority.children_in_care": CHILDREN,
        "authority.child_population": CHILDREN / 67 * 10_000,
        "demand.entries_per_100_in_care": {a: a_year[a] * factor(ENTRIES) for a in a_year},
        "demand.season_strength": float(luck.uniform(0, 4)),
        "demand.uasc.per_100_in_care": demand.uasc.per_100_in_care * factor(UASC),
        # Nobody is sent away or kept out, so that the rate of entry is the one that is stated.
        "demand.uasc.transfer_scheme.threshold": 1.0,
        "stays.pathways": {
            age: _moved(_shares(stays.pathways[age]), luck) for age in stays.pathways
        },
        "stays.short.median_days": stays.short.median_days * factor(LENGTH),
        **{
            f"stays.court.{age}.median_days": stays.court[age].median_days * factor(LENGTH)
            for age in stays.court
        },
        "stays.long_leaving_per_year": {
            age: rate * factor(LEAVING) for age, rate in stays.long_leaving_per_year.items()
        },
        "moves.scale": moves.scale * factor(MOVES),
        "moves.hazard_per_day": [h * factor(MOVES_BY_TIME) for h in moves.hazard_per_day],
        "moves.kind_factor": {k: f * factor(MOVES_BY_KIND) for k, f in moves.kind_factor.items()},
    }


def _shares(pathways: Any) -> dict[str, float]:
    return {name: float(getattr(pathways, name)) for name in type(pathways).model_fields}


def _moved(shares: Mapping[str, float], luck: np.random.Generator) -> dict[str, float]:
    away = {k: s * float(np.exp(PATHWAY * luck.standard_normal())) for k, s in shares.items()}
    return {name: share / sum(away.values()) for name, share in away.items()}


# ---- Entries -----------------------------------------------------------------------------------


def entries_a_year(scenario: Scenario) -> dict[str, float]:
    """Children who enter in a usual year, by age group and `uasc`; those on remand apart."""
    return {**entries_by_age(scenario), "uasc": sum(uasc_at_start(scenario))}


# ---- Stays -------------------------------------------------------------------------------------


def survival(scenario: Scenario, group: str, luck: np.random.Generator) -> dict[int, float]:
    """Share still in care at some times since entry if there were no 18th birthdays.

    Of many stays made as the model makes them, by the product-limit estimate; times at which hardly
    anybody is left to be seen are left out.
    """
    days, seen_until = _stays(scenario, group, luck)
    left = days < seen_until - 1e-6
    until = np.where(left, days, seen_until)
    order = np.argsort(until)
    at_risk = len(until) - np.arange(len(until))
    still = np.cumprod(np.where(left[order], 1 - 1 / at_risk, 1.0))
    found = {}
    for time in SURVIVAL_DAYS:
        place = int(np.searchsorted(until[order], time, side="right"))
        if (len(until) - place) / len(until) > STILL_THERE:
            found[time] = float(still[place - 1]) if place else 1.0
    return found


def _stays(scenario: Scenario, group: str, luck: np.random.Generator) -> tuple[Floats, Floats]:
    """Days in care, and days until the 18th birthday, of many who enter in a group."""
    u = luck.random((3, SIMULATED))
    if group in AGES:
        place = AGES.index(group)
        born_before = age_at_entry(scenario, place, u[0])
        days, _ = length_of_stay(scenario, place, born_before, u[1], u[2])
        return days, EIGHTEEN - born_before
    born_before = uasc_age(scenario, u[0])
    here = (born_before < 16 * YEAR) == (group == EntryGroup.UASC_UNDER_16.value)
    born_before = born_before[here]
    days, _ = uasc_stay(scenario, born_before, u[1][here], u[2][here])
    return days, EIGHTEEN - born_before


# ---- Moves -------------------------------------------------------------------------------------


def nights_lived(made: Synthetic) -> Floats:
    """Nights of the truth by time in placement, age at its start and kind of home."""
    lived = made.placements.merge(made.care[["child", "born", "remand"]], on="child")
    lived = lived[~lived["remand"].to_numpy(dtype=bool) & ~lived["type"].isin(STOPGAPS)]
    last = pd.Timestamp(made.returned.last)
    length = (lived["ended"].fillna(last) - lived["started"]).dt.days.to_numpy()
    years = (lived["started"] - lived["born"]).dt.days.to_numpy() / YEAR
    age = np.searchsorted(MOVE_AGE_STARTS, years, side="right")
    kinds = [
        Kind.OTHER if (k := KIND_OF_TYPE[PlacementType(t)]) is None else k for t in lived["type"]
    ]
    kind = np.array([list(Kind).index(k) for k in kinds])
    nights = np.zeros((len(BANDS), len(MOVE_AGES), len(Kind)))
    for band, (low, high) in enumerate(zip(BANDS, (*BANDS[1:], np.inf), strict=True)):
        np.add.at(nights[band], (age, kind), np.clip(length, low, high) - low)
    return nights


def move_hazards(moves: Mapping[str, Any], nights: Floats) -> Floats:
    """Mean hazard of a move a day in each band of time, over the nights that were lived.

    Args:
        moves: `scale`, and `hazard_per_day`, `age_factor`, `kind_factor` as lists in order.
        nights: As `nights_lived` has them.
    """
    each = np.asarray(moves["age_factor"])[:, None] * np.asarray(moves["kind_factor"])[None, :]
    mean = (nights * each).sum(axis=(1, 2)) / np.maximum(nights.sum(axis=(1, 2)), 1.0)
    found: Floats = moves["scale"] * np.asarray(moves["hazard_per_day"]) * mean
    return found


def moves_of(scenario: Scenario) -> dict[str, Any]:
    """The hazards of moves of a scenario, for `move_hazards`."""
    moves = scenario.moves
    return {
        "scale": moves.scale,
        "hazard_per_day": list(moves.hazard_per_day),
        "age_factor": [moves.age_factor[age] for age in MOVE_AGES],
        "kind_factor": [moves.kind_factor.get(kind.value, 1.0) for kind in Kind],
    }
