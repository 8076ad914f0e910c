"""Moves that have events of their own: on to supported accommodation at 16, and to adopters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.stats import gamma

from sufficiency.calibration.cells import short
from sufficiency.calibration.estimates import Estimate
from sufficiency.calibration.exposure import (
    Flags,
    Floats,
    Spells,
    day_numbers,
    nights_in_pieces,
    observed_time,
)
from sufficiency.calibration.intervals import gamma_interval, log_interval
from sufficiency.calibration.moves import BREAKS, HALF_A_DAY, Moving, planned_to_supported
from sufficiency.calibration.placed import SUPPORTED
from sufficiency.calibration.shrinking import shrunk_rate, weight
from sufficiency.periods import YEAR
from sufficiency.scenario import Scenario
from sufficiency.vocabulary import ExitReason, PlacementType

if TYPE_CHECKING:
    from sufficiency.history.tables import History

EVENTS_OF_THE_PRIOR = 5.0
"""The k of both, in moves (assumption, as of the hazards)."""
AT_16_AND_17 = 2 * YEAR
_NOT_FROM = (
    PlacementType.PARENTS.value,
    PlacementType.ADOPTION.value,
    PlacementType.SECURE.value,
)
"""Types from which nobody moves on in the model."""


def moving_on_estimates(history: History, base: Scenario, moving: Moving) -> Iterator[Estimate]:
    """`moves.move_on_share` and `moves.adoption_stage`."""
    yield from _move_on(history, base, moving)
    yield from _adoption_stage(history, base, moving)


def _move_on(history: History, base: Scenario, moving: Moving) -> Iterator[Estimate]:
    """The share who move on, of those in care at 16 whose 16th birthday is observed.

    In the model the day of the move is even between the birthdays, so a day in care at 16 or 17
    sees the share over two years' days; whoever has moved on stays in the count, as the share is of
    all. Moves to supported accommodation that the hazard brings are taken off, and the days of
    those who made them.
    """
    places, seen = moving.places, moving.places.seen
    row, sixteen = seen.row, places.sixteen[seen.row]
    cohort = _sixteen_seen(history, moving)[row] & places.counts_for_age[row]
    since = np.minimum(np.maximum(seen.since, sixteen - places.started[row]), seen.until)
    nights = (seen.until - since) * cohort
    moved = cohort & seen.ended & places.to_supported[row]
    by_hazard = _hidden(base, moving, seen.chosen(cohort), since[cohort])
    there = (places.type[row] == SUPPORTED) & cohort
    may_move = ~np.isin(places.type[row], _NOT_FROM) & (~there | places.moved_on[row])
    possible, there = nights[may_move].sum(), there & may_move
    n = float(moved.sum())
    share = min(by_hazard / n, 1.0) if n else 0.0
    at_risk = float(possible - share * nights[there].sum()) / AT_16_AND_17
    if at_risk <= 0:
        return
    usual = base.moves.move_on_share
    value, w, expected = shrunk_rate(max(n - by_hazard, 0.0), at_risk, usual, EVENTS_OF_THE_PRIOR)
    value = min(value, 1.0)
    variance = w**2 * max(n, 1.0) / at_risk**2 + (1 - w) ** 2 * usual**2 / EVENTS_OF_THE_PRIOR
    low, high = gamma_interval(value, variance)
    yield Estimate(
        "moves.move_on_share", short(value), short(low), short(min(high, 1.0)),
        local=max(n - by_hazard, 0.0) / at_risk, base=usual, n=expected, weight=w,
        note=(
            f"{n:.0f} moves to supported accommodation at 16 and 17, of which {by_hazard:.1f} came"
            " of the hazard by the base's plans"
        ),
        own=max(n - by_hazard, 0.0),
        without_counts="moves to supported accommodation at 16 and 17, less those of the hazard",
    )  # fmt: skip


def _sixteen_seen(history: History, moving: Moving) -> Flags:
    """By placement: whether the child was in care on a 16th birthday within observed time."""
    assert history.care is not None
    places = moving.places
    entered = history.care.set_index("period")["entered"].reindex(places.period)
    seen = np.zeros(len(places.period), dtype=bool)
    for first, last in observed_time(history):
        seen |= (places.sixteen >= first) & (places.sixteen <= last)
    return seen & (day_numbers(entered) <= places.sixteen)


def _hidden(base: Scenario, moving: Moving, seen: Spells, since: Floats) -> float:
    """Moves to supported accommodation that the hazard brings from `since` to the end of spells."""
    places, row = moving.places, seen.row
    shares = planned_to_supported(places, base, moving.causes)[row]
    rates = moving.found.rates(moving.data).reshape(moving.data.shape)
    rates = rates[:, places.age[row], places.kind[row]].T
    nights = nights_in_pieces(since + HALF_A_DAY, seen.until + HALF_A_DAY, BREAKS)
    expected = (nights * rates).sum(axis=1) * moving.found.frailty[places.child[row]]
    return float((expected * shares).sum())


def _adoption_stage(history: History, base: Scenario, moving: Moving) -> Iterator[Estimate]:
    """Mean time with adopters before the order, of the base's gamma, late entry counted."""
    stage = base.moves.adoption_stage
    if stage.distribution != "gamma" or not stage.shape or not stage.mean_days:
        return
    assert history.care is not None
    places, seen = moving.places, moving.places.seen
    why = history.care.set_index("period")["reason"].reindex(places.period).to_numpy(dtype=object)
    here = places.to_adopters[seen.row] & places.dated[seen.row]
    seen = seen.chosen(here & (seen.until > seen.since))
    adopted = seen.ended & (why[seen.row] == ExitReason.ADOPTED.value)
    n = float(adopted.sum())
    if not len(seen):
        return
    shape, usual = stage.shape, stage.mean_days

    def unlikely(log: float, k: float) -> float:
        scale = usual * float(np.exp(log)) / shape
        density = gamma.logpdf(seen.until[adopted], shape, scale=scale).sum()
        still = gamma.logsf(seen.until[~adopted], shape, scale=scale).sum()
        before = gamma.logsf(seen.since, shape, scale=scale).sum()
        return float(before - density - still + k * shape * log**2 / 2)

    fitted, local = (
        usual * float(np.exp(minimize_scalar(unlikely, args=(k,), bounds=(-3, 3)).x))
        for k in (EVENTS_OF_THE_PRIOR, 1e-9)
    )
    low, high = log_interval(fitted, 1 / (shape * (n + EVENTS_OF_THE_PRIOR)))
    yield Estimate(
        "moves.adoption_stage.mean_days", short(fitted), short(low), short(high),
        local=local if n else None, base=usual, n=n, weight=weight(n, EVENTS_OF_THE_PRIOR),
        unit="days", note="time with adopters before the order; the shape is the base's",
    )  # fmt: skip
