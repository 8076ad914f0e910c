"""How many children a forecast lets enter in each month, by stream of arrivals.

A replication has one path. Children on remand are among those counted, and come as their own rate
says; the others are divided by the baseline's shares, child by child, so that a change of one rate
leaves the rest alone. A rate that an option changes scales its count by as much.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sufficiency.periods import day_of, end_of
from sufficiency.scenario import EntryPaths, Scenario
from sufficiency.simulation.arrivals import (
    AT_16_17,
    BLOCK_SIZE,
    DIRECT,
    LARGEST_FAMILY,
    REMANDS,
    TRANSFERS,
    UNDER_16,
    mean_family,
    rates_at,
    thinned,
)
from sufficiency.simulation.streams import Purpose, Streams
from sufficiency.simulation.timeline import LONG_AGO, Timeline

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MOST_MONTHS = 12 * 26
"""Numbers are drawn for so many months, so that a longer run changes nothing of a shorter one."""
_SPLIT_UASC, _SPLIT_OTHERS, _ROUNDING = range(3)
"""Keys of the numbers of months."""


class Counts(NamedTuple):
    """Children who enter in each month of a run."""

    edges: Floats
    """Day on which each month begins, and the day after the last."""
    wanted: Mapping[int, Ints]
    """By stream of arrivals: children who enter in each month."""
    usual: Mapping[int, Ints]
    """The same of the baseline: so many children have numbers of their own in a month."""
    by_rate: Mapping[int, npt.NDArray[np.bool_]]
    """By stream of arrivals: months in which the baseline has no rate of it but the option has;
    then children enter at that rate, besides."""
    dropped: Ints
    """Numbers of children on remand beyond all children of a month of the path."""

    def month_of(self, times: Floats) -> Ints:
        """The month of each time."""
        place = np.searchsorted(self.edges, times, side="right") - 1
        return np.clip(place, 0, len(self.edges) - 2)


def monthly_counts(line: Timeline, streams: Streams, until: float) -> Counts | None:
    """The counts of a replication; None where no forecast is given."""
    given = _paths(line.scenarios[1])
    if given is None:
        return None
    history = line.scenarios[0]
    base = Timeline((LONG_AGO, 0.0), (history, history))
    edges = month_edges(history)
    before = _by_month(base, edges)
    after = before if _same_demand(line) else _by_month(line, edges)
    remanded = _remands(base, streams, until)
    path = given.path_of(streams.replication, len(edges) - 1)
    whose = _paths(history) or given
    counts, dropped = _split(path, before, remanded, edges, streams)
    usual = counts
    if whose is not given and whose != given:
        others = whose.path_of(streams.replication, len(edges) - 1)
        usual = _split(others, before, remanded, edges, streams)[0]
    u = streams.block(Purpose.FORECAST_MONTHS, REMANDS + 1, MOST_MONTHS, _ROUNDING)
    wanted, by_rate = {}, {}
    for stream, count in counts.items():
        wanted[stream] = _scaled(count, before[stream], after[stream], u[stream, : len(count)])
        by_rate[stream] = (before[stream] <= 0) & (after[stream] > 0)
    return Counts(edges, wanted, usual, by_rate, dropped)


def _paths(scenario: Scenario) -> EntryPaths | None:
    forecast = scenario.demand.forecast
    return None if forecast is None else forecast.file


def month_edges(scenario: Scenario) -> Floats:
    """First days of the months of a run, and of the month after the last."""
    end = end_of(scenario.start, scenario.years)
    first = np.datetime64(scenario.start, "M")
    last = np.datetime64(end, "M") + (end.day > 1)
    months = np.arange(first, last + 1)
    days = months.astype("datetime64[D]") - np.datetime64(scenario.start, "D")
    assert day_of(scenario.start, scenario.start) == days[0].astype(int)
    return days.astype(np.float64)


def _same_demand(line: Timeline) -> bool:
    """Whether nothing changes the rates of history."""
    first = line.scenarios[0]
    return all(
        s is first or (s.demand == first.demand and s.authority == first.authority)
        for s in line.scenarios
    )


def _by_month(line: Timeline, edges: Floats) -> dict[int, Floats]:
    """Children who enter in each month at the rates in force, by stream; every year is alike."""
    days = np.arange(edges[0], edges[-1]) + 0.5
    alike = np.ones((1, 2))
    found = {}
    for stream in (UNDER_16, AT_16_17, DIRECT, TRANSFERS):
        rates = rates_at(line, alike, stream, days)
        if stream == UNDER_16:
            for scenario, here in line.in_force(days):
                rates[here] *= mean_family(scenario)
        found[stream] = np.add.reduceat(rates, edges[:-1].astype(np.int64))
    return found


def _remands(base: Timeline, streams: Streams, until: float) -> tuple[Floats, Ints]:
    """Times and numbers of the children on remand of the baseline."""
    layers = thinned(base, streams, REMANDS, Purpose.REMANDS, 2, until)
    times = np.concatenate([times for _, _, times, _ in layers])
    number = [block * BLOCK_SIZE + rows * LARGEST_FAMILY for block, rows, _, _ in layers]
    return times, np.concatenate(number)


def _split(
    path: Mapping[str, Ints],
    rates: Mapping[int, Floats],
    remanded: tuple[Floats, Ints],
    edges: Floats,
    streams: Streams,
) -> tuple[dict[int, Ints], Ints]:
    """The counts of a path by stream of arrivals, and the children on remand beyond them."""
    found: dict[int, Ints] = {}
    dropped = np.empty(0, dtype=np.int64)
    if "non_uasc" in path:
        total = path["non_uasc"]
        on_remand, dropped = _within(total, remanded, edges)
        parts = (rates[AT_16_17], rates[UNDER_16])
        found[AT_16_17] = _first_part(total - on_remand, parts, streams, _SPLIT_OTHERS)
        found[UNDER_16] = total - on_remand - found[AT_16_17]
    if "uasc" in path:
        parts = (rates[TRANSFERS], rates[DIRECT])
        found[TRANSFERS] = _first_part(path["uasc"], parts, streams, _SPLIT_UASC)
        found[DIRECT] = path["uasc"] - found[TRANSFERS]
    return found, dropped


def _within(total: Ints, remanded: tuple[Floats, Ints], edges: Floats) -> tuple[Ints, Ints]:
    """Children on remand in each month, no more than all; and the numbers of the others."""
    times, number = remanded
    order = np.argsort(times, kind="stable")
    month = np.searchsorted(edges, times[order], side="right") - 1
    inside = month < len(total)
    order, month = order[inside], month[inside]
    rank = np.arange(len(month)) - np.searchsorted(month, month)
    kept = rank < total[month]
    return np.bincount(month[kept], minlength=len(total)), number[order[~kept]]


def _first_part(counts: Ints, parts: tuple[Floats, Floats], streams: Streams, key: int) -> Ints:
    """So many of each month's children as belong to the first of two parts, child by child."""
    whole = parts[0] + parts[1]
    share = np.divide(parts[0], whole, out=np.zeros_like(whole), where=whole > 0)
    most = int(counts.max(initial=0))
    u = streams.block(Purpose.FORECAST_MONTHS, most, MOST_MONTHS, key)[:, : len(counts)]
    there = np.arange(most)[:, None] < counts
    return np.asarray((there & (u < share)).sum(axis=0))


def _scaled(count: Ints, before: Floats, after: Floats, u: Floats) -> Ints:
    """A count by the ratio of two rates, a fraction up or down by chance; the same for the same."""
    ratio = np.divide(after, before, out=np.ones_like(after), where=before > 0)
    scaled = np.floor(count * ratio + u).astype(np.int64)
    return np.where(ratio == 1.0, count, scaled)
