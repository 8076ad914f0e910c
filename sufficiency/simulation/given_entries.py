"""The children whom a forecast lets enter: as many in each month as its path says.

A child's number says the month and the place in it, so that an option with more entries adds
children and keeps the others. Families add up to the children under 16 of each month
(`families_to_fit`).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from sufficiency.scenario import PLACES_NAMES
from sufficiency.simulation.arrivals import (
    AT_16_17,
    BLOCK_SIZE,
    DIRECT,
    FIRST_FORECAST,
    LARGEST_FAMILY,
    REMANDS,
    STREAMS,
    TRANSFERS,
    UNDER_16,
    Children,
    thinned,
    under_16,
)
from sufficiency.simulation.families_to_fit import size_ladders
from sufficiency.simulation.monthly_counts import Counts
from sufficiency.simulation.streams import Purpose, Streams
from sufficiency.simulation.timeline import Timeline

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Candidates = list[tuple[int, Ints, Floats, Floats]]
"""Block, rows, times and numbers of some arrivals, as `thinned` has them."""

PURPOSES = {
    UNDER_16: Purpose.FORECAST_UNDER_16,
    AT_16_17: Purpose.FORECAST_16_17,
    DIRECT: Purpose.FORECAST_DIRECT,
    TRANSFERS: Purpose.FORECAST_TRANSFERS,
}
FAMILY_COLUMNS = 2 + 4 * LARGEST_FAMILY


def arrivals(
    line: Timeline,
    streams: Streams,
    counts: Counts | None,
    stream: int,
    purpose: Purpose,
    columns: int,
    until: float,
) -> Candidates:
    """Arrivals of one stream, families apart: by the forecast where it is given, or by the rates.

    Args:
        line: Scenarios in force.
        streams: The random numbers.
        counts: The forecast; None for none.
        stream: Which arrivals.
        purpose: Their random numbers where rates decide.
        columns: Numbers of each of them.
        until: End of the run.
    """
    if counts is None or (stream not in counts.wanted and stream != REMANDS):
        return thinned(line, streams, stream, purpose, columns, until)
    if stream == REMANDS:
        return _without(counts, thinned(line, streams, stream, purpose, columns, until))
    found = _by_rate(line, streams, counts, stream, purpose, columns, until)
    rows = _Numbered(counts.usual[stream] * 3 // 2 + 4)
    for layer, month, row in rows.of(counts.wanted[stream]):
        u = streams.block(PURPOSES[stream], rows.total, columns + 1, layer)[row]
        times = _times(counts, month, u[:, 0])
        here = times < until
        block = FIRST_FORECAST + STREAMS * layer + stream
        found.append((block, row[here], times[here], u[here, 1:]))
    return found


def families(
    line: Timeline, streams: Streams, counts: Counts | None, until: float
) -> list[Children]:
    """Families with children under 16: by the forecast where it is given, or by the rates."""
    purpose, found = Purpose.FAMILIES_UNDER_16, []
    if counts is None or UNDER_16 not in counts.wanted:
        by_rate = thinned(line, streams, UNDER_16, purpose, FAMILY_COLUMNS, until)
    else:
        by_rate = _by_rate(line, streams, counts, UNDER_16, purpose, FAMILY_COLUMNS, until)
        found = _families_given(line, streams, counts, until)
    for block, rows, times, u in by_rate:
        for scenario, here in line.in_force(times):
            found.append(under_16(scenario, block, rows[here], times[here], u[here]))
    return found


def _by_rate(
    line: Timeline,
    streams: Streams,
    counts: Counts,
    stream: int,
    purpose: Purpose,
    columns: int,
    until: float,
) -> Candidates:
    """Arrivals in the months of which the baseline has none."""
    months = counts.by_rate[stream]
    if not months.any():
        return []
    found = []
    for block, rows, times, u in thinned(line, streams, stream, purpose, columns, until):
        here = months[counts.month_of(times)]
        found.append((block, rows[here], times[here], u[here]))
    return found


def _without(counts: Counts, candidates: Candidates) -> Candidates:
    """Children on remand but those for whom there is no room in the path."""
    kept = []
    for block, rows, times, u in candidates:
        here = ~np.isin(block * BLOCK_SIZE + rows * LARGEST_FAMILY, counts.dropped)
        kept.append((block, rows[here], times[here], u[here]))
    return kept


class _Numbered:
    """Rows of numbers for the arrivals of each month; who is beyond them is in a further layer."""

    def __init__(self, room: Ints) -> None:
        self.room = room
        self.first = np.concatenate([[0], np.cumsum(room)[:-1]])
        self.total = int(room.sum())

    def of(self, counts: Ints) -> Iterator[tuple[int, Ints, Ints]]:
        """Layer, months and rows of so many arrivals in each month."""
        month = np.repeat(np.arange(len(counts)), counts)
        place = np.arange(len(month)) - np.repeat(np.cumsum(counts) - counts, counts)
        layer = place // self.room[month]
        rows = self.first[month] + place % self.room[month]
        for number in np.unique(layer) if len(layer) else (0,):  # nobody is an empty table too
            here = layer == number
            yield int(number), month[here], rows[here]


def _times(counts: Counts, month: Ints, u: Floats) -> Floats:
    """Times within months."""
    first, last = counts.edges[month], counts.edges[month + 1]
    return np.minimum(first + u * (last - first), np.nextafter(last, 0.0))


# ---- Families ----------------------------------------------------------------------------------


def _families_given(
    line: Timeline, streams: Streams, counts: Counts, until: float
) -> list[Children]:
    """Families whose children add up to those wanted in each month."""
    found = []
    rows = _Numbered(counts.usual[UNDER_16] + 4)
    drawn: dict[int, Floats] = {}
    for layer, month, row, size in _sizes(line, streams, counts, rows, drawn):
        u = drawn[layer][row]
        times = _times(counts, month, u[:, -1])
        block = FIRST_FORECAST + STREAMS * layer + UNDER_16
        for scenario, then in line.in_force(times):
            here = then & (times < until)
            found.append(under_16(scenario, block, row[here], times[here], u[here], size[here]))
    return found


def _sizes(
    line: Timeline, streams: Streams, counts: Counts, rows: _Numbered, drawn: dict[int, Floats]
) -> Iterator[tuple[int, Ints, Ints, Ints]]:
    """Layer, months, rows and sizes of the families, those of all months one by one in step."""
    left = counts.wanted[UNDER_16].copy()
    ladders, in_force = _ladders(line, counts)
    place = 0
    while left.any():
        month = np.flatnonzero(left)
        layer = place // rows.room[month]
        row = rows.first[month] + place % rows.room[month]
        for number in np.unique(layer).tolist():
            if number not in drawn:
                purpose, columns = PURPOSES[UNDER_16], FAMILY_COLUMNS + 1
                drawn[number] = streams.block(purpose, rows.total, columns, number)
            here = layer == number
            some, at = month[here], row[here]
            ladder = ladders[in_force[some], left[some]]
            size = 1 + (drawn[number][at, 0][:, None] >= ladder).sum(axis=1)
            left[some] -= size
            yield number, some, at, size
        place += 1


def _ladders(line: Timeline, counts: Counts) -> tuple[Floats, Ints]:
    """Chances of sizes by scenario and children to go; which scenario holds in each month."""
    in_force = line.places(counts.edges[:-1])
    first_year = counts.usual[UNDER_16][:12]  # so that a longer run begins as the shorter
    most = int(counts.wanted[UNDER_16].max(initial=0))
    made: dict[tuple[float, ...], Floats] = {}
    ladders = []
    for scenario in line.scenarios:
        shares = tuple(scenario.demand.sibling_groups.get(n, 0.0) for n in PLACES_NAMES)
        if shares not in made:
            made[shares] = size_ladders(shares, first_year.tolist(), most)
        ladders.append(made[shares])
    return np.stack(ladders), in_force
