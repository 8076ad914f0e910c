"""Who enters care and when: all of demand, laid out before the first event.

Demand does not depend on supply (docs/decisions/0001): children already in care, families, single
entrants, surges, and unaccompanied children under the National Transfer Scheme.
"""

from __future__ import annotations

from dataclasses import replace
from heapq import heappop, heappush

import numpy as np
import numpy.typing as npt

from sufficiency.periods import day_of
from sufficiency.scenario import Scenario, Surge
from sufficiency.simulation.arrivals import (
    AT_16_17,
    BLOCK_SIZE,
    DIRECT,
    FIRST_SURGE,
    HISTORY,
    LARGEST_FAMILY,
    REASON,
    REMANDS,
    STREAMS,
    TRANSFERS,
    UASC_UNDER_16,
    UNDER_16,
    Children,
    at_16_17,
    candidate_rates,
    candidate_times,
    children,
    enough,
    remanded,
    together,
    uasc,
)
from sufficiency.simulation.given_children import futures, place_in_file
from sufficiency.simulation.given_entries import arrivals, families
from sufficiency.simulation.in_care import in_care_on_first_day
from sufficiency.simulation.monthly_counts import Counts, monthly_counts
from sufficiency.simulation.streams import Purpose, Streams
from sufficiency.simulation.timeline import Timeline
from sufficiency.stays import (
    AGES,
    quantile,
)
from sufficiency.vocabulary import ExitReason

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def children_of(line: Timeline, streams: Streams, since: float, until: float) -> Children:
    """Every child who is in care at some time from `since` (before the first day) to `until`."""
    counts = monthly_counts(line, streams, until)
    parts = [
        in_care_on_first_day(line.scenarios[0], streams, since),
        *_entrants(line, streams, counts, until),
    ]
    uasc = _uasc_arrivals(line, streams, counts, until)
    in_care = parts[0].left[parts[0].group >= UASC_UNDER_16]
    parts.append(_under_transfer_scheme(line, uasc, in_care[in_care > 0]))
    return together(parts)


def _entrants(
    line: Timeline, streams: Streams, counts: Counts | None, until: float
) -> list[Children]:
    """Children, UASC apart, who enter from the first day on."""
    out = families(line, streams, counts, until)
    purpose = Purpose.ENTRIES_16_17
    for block, rows, times, u in arrivals(line, streams, counts, AT_16_17, purpose, 4, until):
        for scenario, here in line.in_force(times):
            out.append(at_16_17(scenario, block, rows[here], times[here], u[here]))
    purpose = Purpose.REMANDS
    for block, rows, times, u in arrivals(line, streams, counts, REMANDS, purpose, 2, until):
        number = block * BLOCK_SIZE + rows * LARGEST_FAMILY
        for scenario, here in line.in_force(times):
            out.append(remanded(scenario, number[here], times[here], u[here]))
    for place, surge in enumerate(line.scenarios[1].demand.surges):
        if surge.stream == "non_uasc":
            out.append(_surge(line, streams, place, surge, until))
    return out


def _surge(line: Timeline, streams: Streams, place: int, surge: Surge, until: float) -> Children:
    """The extra children of a dated peak; they enter one by one."""
    scenario = line.scenarios[1]
    first = day_of(scenario.start, surge.from_)
    last = day_of(scenario.start, surge.to) + 1
    rate = max(surge.extra_children / (last - first), 1e-9)
    u = streams.block(Purpose.SURGES, enough(rate, last - first), 5, place)
    times = candidate_times(u[:, 0], rate, first, last)
    rows = np.flatnonzero((times >= 0) & (times < until))
    number = (FIRST_SURGE + place) * BLOCK_SIZE + rows * LARGEST_FAMILY
    if surge.stream == "uasc":
        age_u = u[rows, 1]
        if surge.ages != "all":
            low = sum(s for a, s in scenario.demand.uasc.ages.items() if int(a) < 16)
            age_u = age_u * low if surge.ages == "10-15" else low + age_u * (1 - low)
        return uasc(scenario, number, times[rows], np.column_stack([age_u, u[rows, 2:4]]))
    ages = AGES if surge.ages == "all" else tuple(a for a in AGES if a.value == surge.ages)
    return children(scenario, number, times[rows], u[rows, 1], u[rows, 2:5], ages)


def _uasc_arrivals(
    line: Timeline, streams: Streams, counts: Counts | None, until: float
) -> Children:
    """Unaccompanied children who would come, direct, by transfer or in a surge."""
    parts = []
    for stream, purpose in ((DIRECT, Purpose.UASC_DIRECT), (TRANSFERS, Purpose.UASC_TRANSFERS)):
        for block, rows, times, u in arrivals(line, streams, counts, stream, purpose, 4, until):
            number = block * BLOCK_SIZE + rows * LARGEST_FAMILY
            for scenario, here in line.in_force(times):
                made = uasc(scenario, number[here], times[here], u[here, :3])
                parts.append(_marked(made, u[here, 3], transferred=stream == TRANSFERS))
    for place, surge in enumerate(line.scenarios[1].demand.surges):
        if surge.stream == "uasc":
            made = _surge(line, streams, place, surge, until)
            parts.append(_marked(made, np.ones(len(made)), transferred=False))
    return together(parts)


def _marked(children: Children, u: Floats, *, transferred: bool) -> Children:
    """Carry the number that decides on referral in `family` until the scheme has been applied."""
    mark = np.where(transferred, -1, (u * BLOCK_SIZE).astype(np.int64))
    return replace(children, family=mark)


def _under_transfer_scheme(line: Timeline, coming: Children, in_care: Floats) -> Children:
    """Apply the National Transfer Scheme in order of arrival.

    At the threshold, and at the quota that the authority has agreed to, nobody is transferred in.
    Above the threshold a share of those who arrive directly is referred to another authority after
    the days that takes.
    """
    leaving: list[float] = []
    for left in in_care:
        heappush(leaving, float(left))
    left_at, reason = coming.left.copy(), coming.reason.copy()
    keep = np.ones(len(coming), dtype=bool)
    for i, time in enumerate(coming.entered):
        while leaving and leaving[0] <= time:
            heappop(leaving)
        scenario = line.at(float(time))
        scheme = scenario.demand.uasc.transfer_scheme
        above = len(leaving) >= scheme.threshold * scenario.authority.child_population
        mark = int(coming.family[i])
        full = above or (scheme.quota is not None and len(leaving) >= scheme.quota)
        if full and mark < 0:
            keep[i] = False
            continue
        if above and 0 <= mark < scheme.share_referred_on * BLOCK_SIZE:
            referred = float(time) + scheme.referral_days
            if referred < left_at[i]:
                left_at[i], reason[i] = referred, REASON[ExitReason.OTHER_AUTHORITY]
        heappush(leaving, float(left_at[i]))
    family = coming.number // LARGEST_FAMILY
    return replace(coming, left=left_at, reason=reason, family=family).chosen(keep)


def child_row(block: int, row: Ints) -> Ints:
    """Row of a child among those of its block; only families under 16 have siblings to number."""
    families = block < FIRST_SURGE and block % STREAMS == UNDER_16
    return row if families else row // LARGEST_FAMILY


def adoption_starts(line: Timeline, streams: Streams, children: Children, u: Floats) -> Floats:
    """When each child to be adopted moves to the adopters; `inf` for others."""
    starts = np.full(len(children), np.inf)
    adopted = children.reason == REASON[ExitReason.ADOPTED]
    for scenario, then in line.in_force(children.entered):
        here = adopted & then
        stage = quantile(scenario.moves.adoption_stage, u[here])
        starts[here] = np.maximum(children.left[here] - stage, children.entered[here])
    history = line.scenarios[0]
    if history.authority.children is not None:
        given = children.number // BLOCK_SIZE == HISTORY
        known = futures(history, streams).adoption
        starts[given] = known[place_in_file(children.number[given])]
    return starts


def pair_columns(
    history: Scenario, children: Children, until: float
) -> list[tuple[int, Ints, Ints, int]]:
    """Where each child stands in the streams of pair chances.

    Returns:
        For each stream: its key, places of children, their columns, and the width it needs.
        Children at the start come first, then single entrants in blocks of fixed width, then
        families; what lies beyond the usual layer of candidates has a stream of its own. So a
        child's column is the same in every option.
    """
    block, row = np.divmod(children.number, BLOCK_SIZE)
    at_start = np.flatnonzero(block == HISTORY)
    rates = candidate_rates(history)
    places, columns, offset = [at_start], [np.arange(len(at_start))], len(at_start)
    for b in (AT_16_17, DIRECT, TRANSFERS, REMANDS):
        here = np.flatnonzero(block == b)
        places.append(here)
        columns.append(offset + row[here] // LARGEST_FAMILY)
        offset += enough(rates[b - UNDER_16], until)
    here = np.flatnonzero(block == UNDER_16)
    places.append(here)
    columns.append(offset + row[here])
    all_columns = np.concatenate(columns)
    out = [(0, np.concatenate(places), all_columns, int(all_columns.max(initial=0)) + 1)]
    for b in np.unique(block[block > REMANDS]):
        here = np.flatnonzero(block == b)
        own = child_row(int(b), row[here])
        out.append((int(b), here, own, int(own.max()) + 1))
    return out
