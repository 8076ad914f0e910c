"""Children already in care on the first day, and those who left not long before.

Their past is drawn as the future is, so that they are as far into their stays as children in care
are; not one of them starts afresh.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from sufficiency.periods import YEAR
from sufficiency.scenario import Scenario, uasc_stated
from sufficiency.simulation.arrivals import (
    BLOCK_SIZE,
    HISTORY,
    LARGEST_FAMILY,
    Children,
    at_16_17,
    candidate_times,
    enough,
    joined,
    month_of,
    remanded,
    season,
    together,
    uasc,
    under_16,
    usual_rates,
)
from sufficiency.simulation.given_children import children_given
from sufficiency.simulation.streams import Purpose, Streams
from sufficiency.stays import (
    mean_uasc_stay,
    once_per_scenario,
    steady_state,
)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

OVERSAMPLE = 1.4
"""History is drawn with so many times the children, who are then chosen without replacement."""
_LONGEST_REMAND = 2 * YEAR
"""Days before the warm-up from which some child may still be on remand."""
_REMANDS_OF_HISTORY = 3 * BLOCK_SIZE // 4
"""First number of a child on remand in the block of history: the kinds of family share it."""
LONGEST_STAY_YEARS = {False: 18.0, True: 4.0}
"""Years from entry to the 18th birthday at the most, UASC (`True`) apart."""


def in_care_on_first_day(scenario: Scenario, streams: Streams, since: float) -> Children:
    """Those in care on the first day, to the stated number, and those who left since `since`.

    Entries run 18 years back from the start of the warm-up with `OVERSAMPLE` times the children.
    Families with somebody still in care are chosen at random until the stated number is reached;
    those who had left are thinned by the same share, so that the places they emptied are empty.
    Where a file gives the children in care, they are these.
    """
    if scenario.authority.children is not None:
        return together([children_given(scenario, streams)])
    stated = scenario.authority.children_in_care
    uasc = uasc_on_first_day(scenario)
    steady = steady_state(scenario)
    on_remand = _on_remand(scenario, streams, since, stated - uasc)
    others = max(stated - uasc - int((on_remand.left > 0).sum()), 0)
    return together(
        [
            on_remand,
            _chosen(scenario, streams, since, others, steady["non_uasc"], is_uasc=False),
            _chosen(scenario, streams, since, uasc, steady["uasc"], is_uasc=True),
        ]
    )


def _on_remand(scenario: Scenario, streams: Streams, since: float, most: int) -> Children:
    """Children on remand in the warm-up: as many as their rate brings, of those stated at most."""
    rate = usual_rates(scenario)[-1]
    days = scenario.warm_up_years * YEAR + _LONGEST_REMAND
    u = streams.block(Purpose.HISTORY_REMANDS, enough(rate, days), 3)
    times = -candidate_times(u[:, 0], max(rate, 1e-12), 0.0, days)
    number = _REMANDS_OF_HISTORY + np.arange(len(times)) * LARGEST_FAMILY
    found = remanded(scenario, number, times, u[: len(times), 1:])
    present = np.cumsum(found.left > 0)
    return found.chosen((found.left > since) & ((found.left <= 0) | (present <= most)))


@once_per_scenario
def uasc_on_first_day(scenario: Scenario) -> int:
    """Unaccompanied children in care on the first day: stated, or by the steady state."""
    stated = uasc_stated(scenario)
    if stated is not None:
        return stated
    steady = steady_state(scenario)
    share = steady["uasc"] / steady["total"] if steady["total"] else 0.0
    return round(share * scenario.authority.children_in_care)


def _chosen(
    scenario: Scenario,
    streams: Streams,
    since: float,
    wanted: int,
    steady: float,
    *,
    is_uasc: bool,
) -> Children:
    more = OVERSAMPLE * (max(1.0, wanted / steady) if steady > 0 else 1.0)
    for attempt in range(8):
        past, choice = _past(scenario, streams, more * 2**attempt, attempt, is_uasc=is_uasc)
        chosen = _choose(past, choice, wanted, since)
        if chosen is not None:
            return chosen
    return past.chosen(past.left > 0).chosen(np.arange(0))


def _past(
    scenario: Scenario, streams: Streams, more: float, attempt: int, *, is_uasc: bool
) -> tuple[Children, Floats]:
    """Entries of the past, `more` times as many as usual, and a number for each family's choice."""
    rates = usual_rates(scenario)
    part = scenario.demand.uasc if is_uasc else scenario.demand
    factors = season(part.month_index, part.season_strength)
    years = LONGEST_STAY_YEARS[is_uasc] + scenario.warm_up_years
    parts, choices = [], []
    streams_of = (
        [(_usual_uasc(scenario, sum(rates[2:4])), Purpose.HISTORY_UASC, 3, 2)]
        if is_uasc
        else [
            (rates[0], Purpose.HISTORY_FAMILIES, 2 + 4 * LARGEST_FAMILY, 0),
            (rates[1], Purpose.HISTORY_CHILDREN, 4, 1),
        ]
    )
    for usual, purpose, columns, kind in streams_of:
        rate = max(usual * more * factors.max(), 1e-9)
        count = enough(rate, years * YEAR)
        u = streams.block(purpose, count, columns + 3, attempt)
        times = -candidate_times(u[:, 0], rate, 0.0, years * YEAR)
        rows = np.flatnonzero(
            u[: len(times), 1] < factors[month_of(scenario, times)] / factors.max()
        )
        # Kinds of family share the block of history: their numbers must not meet.
        base = kind * BLOCK_SIZE // 4
        children = _make(scenario, kind, rows, times[rows], u[rows, 3:])
        number = children.number + base
        parts.append(replace(children, number=number, family=number // LARGEST_FAMILY))
        choices.append(u[rows, 2][_family_place(children.family)])
    return joined(parts), np.concatenate(choices)


def _usual_uasc(scenario: Scenario, rate: float) -> float:
    """Arrivals a day of UASC in the past: as stated, or, if none comes, for those there are."""
    return rate or uasc_on_first_day(scenario) / max(mean_uasc_stay(scenario), 1.0)


def _make(scenario: Scenario, kind: int, rows: Ints, times: Floats, u: Floats) -> Children:
    if kind == 0:
        return under_16(scenario, HISTORY, rows, times, u)
    if kind == 1:
        return at_16_17(scenario, HISTORY, rows, times, u)
    return uasc(scenario, rows * LARGEST_FAMILY, times, u)


def _family_place(family: Ints) -> Ints:
    """Place of each child's family among the families, in order of first mention."""
    if not len(family):
        return family
    return np.concatenate([[0], np.cumsum(np.diff(family) != 0)])


def _choose(past: Children, choice: Floats, wanted: int, since: float) -> Children | None:
    """Families at random until `wanted` are in care; None if there are too few to choose from."""
    present = past.left > 0
    if int(present.sum()) < wanted:
        return None
    order = np.lexsort((past.number, choice))
    running = np.cumsum(present[order])
    taken = np.zeros(len(past), dtype=bool)
    taken[order] = present[order] & (running <= wanted)
    share = choice[order][np.searchsorted(running, wanted)] if wanted else 0.0
    if wanted == int(present.sum()):
        share = 1.0
    gone = ~present & (past.left > since) & (choice < share)
    return past.chosen(taken | gone)
