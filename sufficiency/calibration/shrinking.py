"""Small cells shrink to England: how much, and to what.

The weight of the local value is n / (n + k). For a rate, n is the number of events that England's
rate would bring over the same time at risk, and k is that of a gamma prior of mean England's rate:
the result is its posterior mean. (With the events that happened as n, a cell in which nothing
happened by chance would be England's and one in which much happened would not be: biased upwards.)
For shares, n is the number of children counted and k that of a Dirichlet prior.

England's hazards of leaving are those of its pathway mixture, computed on a lattice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sufficiency.calibration.exposure import nights_in_pieces, piece_of
from sufficiency.periods import YEAR
from sufficiency.scenario import Scenario
from sufficiency.stays import EIGHTEEN, age_at_entry, length_of_stay, uasc_age, uasc_stay
from sufficiency.vocabulary import EntryGroup, ExitReason

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

BREAKS: tuple[float, ...] = (28.0, 91.0, 182.0, 365.0, 730.0, 1095.0, 1826.0)
"""Days since entry at which the hazard of leaving may change."""
GROUPS = tuple(EntryGroup)
REASONS = tuple(r.value for r in ExitReason if r is not ExitReason.TURNED_18)
"""Why children leave before 18."""
_POINTS = 1 << 16
_UASC = (EntryGroup.UASC_UNDER_16, EntryGroup.UASC_16_17)


def weight(n: float, k: float) -> float:
    """Weight of the local value."""
    return n / (n + k) if n > 0 else 0.0


def shrunk_rate(events: float, at_risk: float, base: float, k: float) -> tuple[float, float, float]:
    """A rate after shrinking, its weight, and the events that England's rate would bring."""
    expected = base * at_risk
    if base <= 0:  # a prior of mean 0 knows of no such event: what happened speaks for itself
        return (events / at_risk if at_risk > 0 else 0.0), weight(events, k), events
    return (k + events) / (k / base + at_risk), weight(expected, k), expected


@dataclass(frozen=True)
class BaseStay:
    """How children of one entry group leave before 18, in the scenario that is the base."""

    hazards: Floats
    """A day, in each piece."""
    reasons: tuple[dict[str, float], ...]
    """Share of each reason, in each piece."""


def base_stays(base: Scenario) -> dict[str, BaseStay]:
    """Hazards and reasons of leaving by entry group that a scenario's own stays amount to."""
    stated: Mapping[str, Any] = getattr(base.stays, "by_group", None) or {}
    return {
        group.value: _stated(stated[group.value])
        if group.value in stated
        else _of_pathways(base, group)
        for group in GROUPS
    }


def _stated(stay: Any) -> BaseStay:
    """Stays that are stated by piece already, on the pieces used here."""
    starts = np.array([0.0, *stay.breaks_days])
    here = np.searchsorted(starts, [0.0, *BREAKS], side="right") - 1
    hazards = np.asarray(stay.leaving_per_year, dtype=float)[here] / YEAR
    return BaseStay(hazards, tuple(dict(stay.reasons[i]) for i in here))


def _of_pathways(base: Scenario, group: EntryGroup) -> BaseStay:
    """Occurrence and exposure of a lattice of children through the pathway mixture."""
    u_age, u_pathway, u_length = _lattice()
    if group in _UASC:
        born_before = uasc_age(base, u_age)
        below = born_before < 16 * YEAR
        here = below if group is EntryGroup.UASC_UNDER_16 else ~below
        born_before, u_pathway, u_length = born_before[here], u_pathway[here], u_length[here]
        days, end = uasc_stay(base, born_before, u_pathway, u_length)
        by_end: Any = ({}, {"age_assessed_18": 1.0}, {"other": 1.0})
    else:
        age = GROUPS.index(group)
        born_before = age_at_entry(base, age, u_age)
        days, end = length_of_stay(base, age, born_before, u_pathway, u_length)
        known = base.stays.reasons
        by_end = (known["short"], known["court"], {"adopted": 1.0}, known["long"])
    left = days < EIGHTEEN - born_before - 1e-9
    piece = piece_of(days, BREAKS)
    nights = nights_in_pieces(np.zeros(len(days)), days, BREAKS).sum(axis=0)
    counts = np.zeros((len(BREAKS) + 1, len(by_end)))
    np.add.at(counts, (piece[left], end[left]), 1.0)
    return BaseStay(*_completed(nights, counts, by_end))


def _completed(
    nights: Floats, counts: Floats, by_end: Any
) -> tuple[Floats, tuple[dict[str, float], ...]]:
    """Hazards and reasons of each piece; one that nobody reaches has those of the piece before."""
    hazards: list[float] = []
    reasons: list[dict[str, float]] = []
    for at_risk, ends in zip(nights, counts, strict=True):
        left = float(ends.sum())
        reached = at_risk > nights[0] / 1000
        hazards.append(left / at_risk if reached else (hazards or [0.0])[-1])
        shares: dict[str, float] = {}
        for share, known in zip(ends / max(left, 1e-300), by_end, strict=True):
            for reason, part in known.items():
                shares[reason] = shares.get(reason, 0.0) + float(share) * part
        reasons.append(
            {r: s for r, s in shares.items() if s > 0} or (reasons or [{"other": 1.0}])[-1]
        )
    return np.array(hazards), tuple(reasons)


def _lattice() -> tuple[Floats, Floats, Floats]:
    """Three columns of evenly spread uniforms."""
    k = np.arange(_POINTS) + 0.5
    plastic = 1.32471795724475
    return k / _POINTS, np.mod(k / plastic, 1.0), np.mod(k / plastic**2, 1.0)
