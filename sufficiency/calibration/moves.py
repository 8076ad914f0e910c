"""When children move: hazards by time in placement, age and kind of home, and what ends a stay.

Only moves that come of the model's hazard are counted for it: planned moves, breakdowns and others.
Moves to adopters, closures of homes and households, and moves on to supported accommodation at 16
and 17 have events of their own in the model. A move on looks like a planned move to supported
accommodation in a return, and some are that: of all such moves the share that the hazard would
bring (by the base's plans after a move) is its own, and its nights are thinned by as much.

A move across to the carer that was planned all along looks like a planned move too; see `placed`.

Left out: placements whose start is not known, children on remand, those with adopters, and
stopgaps, which mostly end when the planned home is found.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sufficiency.calibration.cells import shares, short
from sufficiency.calibration.estimates import Estimate
from sufficiency.calibration.exposure import Flags, Floats, Ints, nights_in_pieces, piece_of
from sufficiency.calibration.intervals import log_interval, sample_variance
from sufficiency.calibration.move_rates import (
    MoveData,
    MoveFit,
    Regression,
    fit,
    frailty_variance,
    resampled,
)
from sufficiency.calibration.placed import AGES, BY_HAZARD, KINDS, SUPPORTED, Placed, placed
from sufficiency.calibration.shrinking import weight
from sufficiency.periods import YEAR
from sufficiency.scenario import Scenario
from sufficiency.vocabulary import MoveCause

if TYPE_CHECKING:
    import pandas as pd

    from sufficiency.history.tables import History

BREAKS: tuple[float, ...] = (7.0, 30.0, 91.0, 182.0, 365.0, 730.0, 1826.0)
"""Days in placement at which the hazard of a move may change, as in the model."""
EVENTS_OF_THE_PRIOR = 5.0
"""The k of each factor, in moves (assumption: nothing on how much authorities differ is
published): 95 of 100 authorities lie within 2.4 times either way of England's."""
HALF_A_DAY = 0.5
"""A placement that ends before its first midnight is in no return. So the first night that counts
is, on average, half a day after the start; in the first week that is one move in twenty."""


# ---- Cells -------------------------------------------------------------------------------------


def move_data(places: Placed, base: Scenario, causes: dict[str, float]) -> MoveData:
    """Nights and moves by child and cell, nights at 16 and 17 thinned by planned moves on."""
    shape = (len(BREAKS) + 1, len(AGES), len(KINDS))
    seen = places.seen.chosen(places.counts[places.seen.row])
    row = seen.row
    at_16 = np.clip(places.sixteen[row] - places.started[row], seen.since, seen.until)
    moved = seen.ended & np.isin(places.cause[row], BY_HAZARD) & ~places.to_supported[row]
    thin = 1 - planned_to_supported(places, base, causes)[row]
    since, at_16, until = (days + HALF_A_DAY for days in (seen.since, at_16, seen.until))
    nights = nights_in_pieces(since, at_16, BREAKS)
    nights = nights + nights_in_pieces(at_16, until, BREAKS) * thin[:, None]
    events = np.zeros_like(nights)
    of_hazard = moved * (1 - places.acrossness[row])
    events[np.arange(len(row)), piece_of(seen.until, BREAKS)] = of_hazard
    lasted = nights_in_pieces(np.zeros(len(row)), since, BREAKS)
    # A second spell of the same placement, after a gap, is not the first sight of it.
    late = (seen.since > 0) & ~_seen_before(row)
    cells = (np.arange(shape[0])[None, :] * shape[1] + places.age[row][:, None]) * shape[2]
    cells = cells + places.kind[row][:, None]
    who = np.broadcast_to(places.child[row][:, None], cells.shape)
    here, then = (nights > 0) | (events > 0), (lasted > 0) & late[:, None]
    renewed = np.zeros(places.children)
    renewed[places.child[row[late & ~places.first[row]]]] = 1.0
    return MoveData(
        shape, who[here], cells[here], nights[here], events[here], places.children, renewed,
        (who[then], cells[then], lasted[then]), _base_rates(base).ravel(),
    )  # fmt: skip


def _seen_before(row: Ints) -> Flags:
    seen = np.ones(len(row), dtype=bool)
    seen[np.unique(row, return_index=True)[1]] = False
    return seen


def _base_rates(base: Scenario) -> Floats:
    moves = base.moves
    hazard = np.array(moves.hazard_per_day, dtype=float) * moves.scale
    return hazard[:, None, None] * _base_ages(base)[None, :, None] * _base_kinds(base)


def _base_ages(base: Scenario) -> Floats:
    factors: dict[str, float] = dict(base.moves.age_factor.items())
    return np.array([factors[age] for age in AGES])


def _base_kinds(base: Scenario) -> Floats:
    factors: dict[str, float] = dict(base.moves.kind_factor.items())
    return np.array([factors.get(kind, 1.0) for kind in KINDS])


def planned_to_supported(places: Placed, base: Scenario, causes: dict[str, float]) -> Floats:
    """Of moves by the hazard at 16 and 17, the share that goes to supported accommodation."""
    after: Any = base.placement.plan_after_move
    share = np.array(
        [after.get(kind, after["foster"])["16-17"].get("supported", 0.0) for kind in KINDS]
    )
    replanned = causes.get("planned", 0.0) + causes.get("other", 0.0)
    return np.where(places.type == SUPPORTED, 0.0, share[places.kind] * replanned)


# ---- Estimates ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Moving:
    """What was fitted, for the estimates and the tables."""

    places: Placed
    data: MoveData
    found: MoveFit
    causes: dict[str, float]
    levels: Floats
    factors: tuple[Floats, ...]
    """Levels and factors of the resamples."""
    frailty: tuple[float, float, float]
    """Variance between children, and the ends of its interval."""
    frailty_weight: float


def fitted_moves(history: History, base: Scenario, drawn: Floats) -> Moving | None:
    """Fit the hazards of moves; None where the history has no placements, or the base no moves."""
    if history.placements is None or history.care is None or not len(history.placements):
        return None
    places = placed(history)
    causes: dict[str, float] = dict(base.moves.causes.items())
    causes = _mixed(cause_counts(places, base), causes)
    data = move_data(places, base, causes)
    regression = Regression(data, EVENTS_OF_THE_PRIOR)
    if not len(regression.used):
        return None
    stated = base.moves.frailty_variance
    variance, low, high, w = stated, stated, stated, 0.0
    if stated > 0:
        known = frailty_variance(data, regression, stated)
        variance = float(np.exp(known.log))
        low, high = log_interval(variance, known.sd**2)
        w = 1 - known.sd**2
    found, beta = fit(data, regression, variance)
    levels, factors = resampled(data, regression, found, beta, variance, drawn)
    return Moving(places, data, found, causes, levels, factors, (variance, low, high), w)


def cause_counts(places: Placed, base: Scenario) -> dict[str, float]:
    """Moves that the hazard brought by cause; those hidden among moves on are put back."""
    seen = places.seen.chosen(places.seen.ended & places.counts[places.seen.row])
    by_hazard = np.isin(places.cause[seen.row], BY_HAZARD) & ~places.to_supported[seen.row]
    seen = seen.chosen(by_hazard)
    older = places.started[seen.row] + seen.until >= places.sixteen[seen.row]
    hidden = planned_to_supported(places, base, {"planned": 1.0})[seen.row] * older
    counts = {}
    for cause in BY_HAZARD:
        here = places.cause[seen.row] == cause
        as_well = 0.0 if cause == MoveCause.BREAKDOWN.value else hidden[here] / (1 - hidden[here])
        own = 1 - places.acrossness[seen.row][here]
        counts[cause] = float((own * (1 + as_well)).sum())
    return counts


def _mixed(counts: dict[str, float], usual: dict[str, float]) -> dict[str, float]:
    return {e.path.rsplit(".", 1)[1]: float(e.value) for e in shares("moves.causes", counts, usual)}


def move_estimates(moving: Moving, base: Scenario) -> Iterator[Estimate]:
    """The settings of `moves` that placements say something about."""
    found, moves = moving.found, base.moves
    data = moving.data
    events = data.by_cell(data.events).reshape(data.shape)
    n = float(found.expected[0].sum()) / float(np.exp(found.level))
    w = weight(n, EVENTS_OF_THE_PRIOR)
    yield _factor(
        "moves.scale", moves.scale, w * found.level, found.level, n, sample_variance(moving.levels),
        "all moves over those that the base's hazards would bring", float(events.sum()),
    )  # fmt: skip
    for family, name, base_values, names in (
        (0, "hazard_per_day", np.array(moves.hazard_per_day), [str(i) for i in range(8)]),
        (1, "age_factor", _base_ages(base), list(AGES)),
        (2, "kind_factor", _base_kinds(base), list(KINDS)),
    ):
        own_events = events.sum(axis=tuple(axis for axis in range(3) if axis != family))
        for i, key in enumerate(names):
            n = float(found.expected[family][i])
            if n > 0 and base_values[i] > 0:
                own = float(found.factors[family][i])
                yield _factor(
                    f"moves.{name}.{key}", float(base_values[i]), own, _local(own, n), n,
                    sample_variance(moving.factors[family][:, i]),
                    "relative to the base's and at the level of moves.scale",
                    float(own_events[i]),
                )  # fmt: skip
    yield from _frailty(moving, base)
    counted = cause_counts(moving.places, base)
    usual: dict[str, float] = dict(moves.causes.items())
    yield from shares(
        "moves.causes", counted, usual,
        note="moves by the hazard; some planned ones to supported accommodation are put back",
    )  # fmt: skip


def _local(own: float, n: float) -> float:
    """The factor before shrinking, as a logarithm: the penalty pulled it back by its weight."""
    return own / weight(n, EVENTS_OF_THE_PRIOR)


def _factor(
    path: str,
    base: float,
    log: float,
    local: float,
    n: float,
    sampled: float,
    note: str,
    events: float,
) -> Estimate:
    w = weight(n, EVENTS_OF_THE_PRIOR)
    # The resamples are of shrunk values; the rest is how this authority may differ from England.
    variance = max(sampled, w**2 / n) + (1 - w) ** 2 / EVENTS_OF_THE_PRIOR
    value = base * float(np.exp(log))
    low, high = log_interval(value, variance)
    return Estimate(
        path, short(value), min(short(low), short(value)), max(short(high), short(value)),
        local=base * float(np.exp(min(local, 5.0))), base=base, n=n, weight=w,
        note=f"Poisson regression of moves on nights, {note}; 95% by bootstrap over children",
        own=events,
    )  # fmt: skip


def _frailty(moving: Moving, base: Scenario) -> Iterator[Estimate]:
    if base.moves.frailty_variance > 0:
        value, low, high = (short(v) for v in moving.frailty)
        moved = float((moving.data.by_child(moving.data.events) > 1).sum())
        yield Estimate(
            "moves.frailty_variance", value, low, high,
            base=base.moves.frailty_variance, n=moved, weight=moving.frailty_weight,
            note="by the likelihood of repeated moves; n is children who moved more than once",
        )  # fmt: skip


def move_table(moving: Moving, base: Scenario) -> pd.DataFrame:
    """Moves by time in placement, age and kind: observed, fitted, and as the base has them.

    Columns: `by`, `group`, `moves`, `child_years`, `observed`, `fitted`, `low`, `high`, `base`:
    moves a child-year over the same nights. What is fitted is shrunk, and for the children as they
    are: who moves often is less often there to be counted.
    """
    import pandas as pd

    data, found = moving.data, moving.found
    nights = data.by_cell(data.nights).reshape(data.shape)
    moved = data.by_cell(data.events).reshape(data.shape)
    at_risk = data.by_cell(data.nights * found.frailty[data.child])
    expected = (at_risk * found.rates(data)).reshape(data.shape)
    usual = nights * data.base.reshape(data.shape)
    rows = []
    for family, (by, names) in enumerate((("time", _band_names()), ("age", AGES), ("kind", KINDS))):
        others = tuple(axis for axis in range(3) if axis != family)
        for i, name in enumerate(names):
            n = float(nights.sum(axis=others)[i]) / YEAR
            if n > 0:
                logs = moving.levels + moving.factors[family][:, i]
                w = weight(float(found.expected[family][i]), EVENTS_OF_THE_PRIOR)
                variance = sample_variance(logs) + (1 - w) ** 2 / EVENTS_OF_THE_PRIOR
                own = [float(t.sum(axis=others)[i]) / n for t in (moved, expected, usual)]
                ends = log_interval(own[1], variance)
                count = round(float(moved.sum(axis=others)[i]), 1)
                rows.append((by, name, count, n, own[0], own[1], *ends, own[2]))
    columns = ["by", "group", "moves", "child_years", "observed", "fitted", "low", "high", "base"]
    return pd.DataFrame(rows, columns=columns)


def _band_names() -> tuple[str, ...]:
    ends = [f"{b:.0f}" for b in BREAKS]
    starts = ["0", *ends]
    pairs = zip(starts, [*ends, ""], strict=True)
    return tuple(f"{a}-{b} days" if b else f"{a} days on" for a, b in pairs)
