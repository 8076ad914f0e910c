"""Stays by time since entry: a constant chance of leaving in each piece, and why children leave.

One total hazard decides when a child leaves; the reason is drawn from the shares of the piece in
which the child does. The 18th birthday ends every stay.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sufficiency.periods import YEAR
from sufficiency.scenario import GROUP_NAMES, GroupStay, Scenario
from sufficiency.stays.once import once_per_scenario
from sufficiency.vocabulary import EntryGroup, ExitReason, Pathway

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

EIGHTEEN = 18 * YEAR
BRIEF_DAYS = 182.0
"""A child who goes home, or to relatives, within so many days has had a short stay."""
UASC_UNDER_16 = GROUP_NAMES.index("uasc_under_16")
UASC_16_17 = GROUP_NAMES.index("uasc_16-17")

_REASONS = tuple(ExitReason)
_TURNED_18 = _REASONS.index(ExitReason.TURNED_18)
_PATHWAYS = tuple(Pathway)
_HOME = [_REASONS.index(ExitReason.RETURNED_HOME), _REASONS.index(ExitReason.RELATIVES)]
_ORDERS = [
    _REASONS.index(ExitReason.SPECIAL_GUARDIANSHIP),
    _REASONS.index(ExitReason.CHILD_ARRANGEMENTS),
]


class Pieces(NamedTuple):
    """The stays of one entry group, ready to be drawn."""

    breaks: tuple[float, ...]
    """Start of each piece but the first, in days since entry."""
    rates: tuple[float, ...]
    """Hazard of leaving a day, in each."""
    ladders: tuple[Floats, ...]
    """Cumulative shares of the reasons of each piece."""
    reasons: tuple[Ints, ...]
    """What each step stands for: places in `ExitReason`."""


@once_per_scenario
def pieces_of(scenario: Scenario) -> dict[int, Pieces]:
    """The groups, by their place in `EntryGroup`, whose stays are given by time since entry."""
    stays = scenario.stays
    if stays.by_group is None or stays.every_child is not None:
        return {}
    return {GROUP_NAMES.index(name): _pieces(stay) for name, stay in stays.by_group.items()}


def _pieces(stay: GroupStay) -> Pieces:
    # In the order of `ExitReason`, so that the same shares written in another order draw the same.
    shares = [
        [(_REASONS.index(ExitReason(name)), share) for name, share in piece.items()]
        for piece in stay.reasons
    ]
    ordered = [sorted(piece) for piece in shares]
    return Pieces(
        tuple(stay.breaks_days),
        tuple(rate / YEAR for rate in stay.leaving_per_year),
        tuple(np.cumsum([share for _, share in piece]) for piece in ordered),
        tuple(np.array([reason for reason, _ in piece]) for piece in ordered),
    )


def invert_hazard(hazard: Floats, breaks: tuple[float, ...], rates: tuple[float, ...]) -> Floats:
    """Times at which a piecewise-constant hazard has accumulated to the given amounts."""
    knots = np.concatenate([[0.0], np.asarray(breaks, dtype=float)])
    steps = np.asarray(rates[:-1], dtype=float) * np.diff(knots)
    reached = np.concatenate([[0.0], np.cumsum(steps)])
    piece = np.searchsorted(reached, hazard, side="right") - 1
    rate = np.asarray(rates, dtype=float)[piece]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(rate > 0, knots[piece] + (hazard - reached[piece]) / rate, np.inf)


def hazard_until(days: Floats, breaks: tuple[float, ...], rates: tuple[float, ...]) -> Floats:
    """What a piecewise-constant hazard has accumulated to at the given times."""
    knots = np.concatenate([[0.0], np.asarray(breaks, dtype=float)])
    by_day = np.asarray(rates, dtype=float)
    reached = np.concatenate([[0.0], np.cumsum(by_day[:-1] * np.diff(knots))])
    piece = np.searchsorted(knots, days, side="right") - 1
    return np.asarray(reached[piece] + by_day[piece] * (days - knots[piece]))


def stay_in_group(
    pieces: Pieces, to_18: Floats, u: Floats, elapsed: Floats | None = None
) -> Floats:
    """Days in care of children of one group, all in all, of whom some time may have passed.

    Args:
        pieces: The stays of the group.
        to_18: Days from entry to the 18th birthday.
        u: Uniform numbers.
        elapsed: Days that the stay has lasted already; left out: none.
    """
    hazard = -np.log1p(-u)
    if elapsed is not None:
        hazard = hazard + hazard_until(elapsed, pieces.breaks, pieces.rates)
    return np.minimum(invert_hazard(hazard, pieces.breaks, pieces.rates), to_18)


def reason_in_group(pieces: Pieces, days: Floats, to_18: Floats, u: Floats) -> Ints:
    """Why each child leaves, as a place in `ExitReason`: by the piece in which it does."""
    reason = np.full(len(days), _TURNED_18)
    piece = np.searchsorted(np.asarray(pieces.breaks), days, side="right")
    early = days < to_18 - 1e-9
    for place, (ladder, codes) in enumerate(zip(pieces.ladders, pieces.reasons, strict=True)):
        here = early & (piece == place)
        step = np.searchsorted(ladder, u[here], side="right")
        reason[here] = codes[np.minimum(step, len(codes) - 1)]
    return reason


def group_pathways(reason: Ints, days: Floats) -> Ints:
    """The pathway, as far as the rest of the model asks for it, by reason and length."""
    pathway = np.full(len(reason), _PATHWAYS.index(Pathway.LONG))
    pathway[np.isin(reason, _HOME) & (days <= BRIEF_DAYS)] = _PATHWAYS.index(Pathway.SHORT)
    pathway[np.isin(reason, _ORDERS)] = _PATHWAYS.index(Pathway.COURT)
    pathway[reason == _REASONS.index(ExitReason.ADOPTED)] = _PATHWAYS.index(Pathway.ADOPTION)
    return pathway


assert tuple(EntryGroup)[UASC_16_17].value == GROUP_NAMES[UASC_16_17]
