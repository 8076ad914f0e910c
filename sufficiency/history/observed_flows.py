"""What happened in quarters and financial years: entries, exits, placements begun, moves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sufficiency.history.ages import Days, Ints, band_codes, days, whole_years
from sufficiency.history.census import BAND_WORDS, STREAMS, born_of, known, stream_codes
from sufficiency.history.observed_children import TYPES
from sufficiency.history.observed_rows import Floats, Grid, labels, ratio, with_total
from sufficiency.history.observed_time import (
    complete,
    observed_months,
    quarter_label,
    year_label,
)
from sufficiency.history.tables import History
from sufficiency.periods import YEAR
from sufficiency.vocabulary import ExitReason, MoveCause

REASONS = tuple(reason.value for reason in ExitReason)
CAUSES = tuple(cause.value for cause in MoveCause)
POSITIVE = (
    MoveCause.PLANNED.value,
    MoveCause.TO_ADOPTION.value,
    MoveCause.MOVE_ON.value,
    MoveCause.STEP_ACROSS.value,
)
"""Causes of a move that was made for the child's good, as in `measures`."""

_QUARTERS, _APRIL = (1, 4, 7, 10), (4,)
_IS_POSITIVE = np.isin(CAUSES, POSITIVE)
_HOMES = ("home_own", "home_external")
UNDATED_SHARE = 0.01
"""Lengths of placements are left out of a year in which more than this share of those that ended
began at a time that is not known: an assumption."""


@dataclass(frozen=True)
class Spans:
    """Quarters and financial years that are observed."""

    names: list[str]
    starts: Days
    ends: Days
    """The first day after each."""
    years: int
    """How many of them, at the end, are years."""

    def count(self, codes: Ints, n: int, of: Days) -> Floats:
        """Events by code (0 to `n` - 1; others are not counted) and span."""
        inside = (codes >= 0) & (codes < n) & ~np.isnat(of)
        codes, of = codes[inside], of[inside]
        order = np.lexsort((of, codes))
        codes, of = codes[order], of[order]
        table = np.zeros((n, len(self.names)))
        edges = np.searchsorted(codes, np.arange(n + 1))
        for code in range(n):
            dates = of[edges[code] : edges[code + 1]]
            table[code] = np.searchsorted(dates, self.ends) - np.searchsorted(dates, self.starts)
        return table


def spans_of(history: History, months: Days | None = None) -> Spans:
    """The quarters and years of the observed months, or of those given."""
    if months is None:
        months = observed_months(history.first, history.last, history.gaps)
    quarters, years = complete(months, 3, _QUARTERS), complete(months, 12, _APRIL)
    names = [quarter_label(first) for first in quarters.tolist()]
    names += [year_label(first) for first in years.tolist()]
    ends = [
        (starts.astype("datetime64[M]") + length).astype("datetime64[D]")
        for starts, length in ((quarters, 3), (years, 12))
    ]
    return Spans(names, np.concatenate([quarters, years]), np.concatenate(ends), len(years))


def measured_in_periods(history: History) -> list[Grid]:
    """Measures of what happened in quarters and financial years."""
    spans = spans_of(history)
    grids = _entries_and_exits(history, spans)
    if history.placements is not None:
        grids += [
            *_placements_started(history.placements, spans),
            *_moves(history, history.placements, spans),
            *_lengths(history.placements, spans),
        ]
    return grids


def _entries_and_exits(history: History, spans: Spans) -> list[Grid]:
    care = known(history.care, "periods of care")
    entered, left = days(care["entered"]), days(care["left"])
    remand = care["remand"].to_numpy(dtype=np.int64)
    reasons = pd.Index(REASONS).get_indexer(care["reason"])
    groups = ("", *labels("age", BAND_WORDS), *labels("stream", STREAMS))
    entries = [_by_child(history, care, entered, spans), spans.count(remand, 2, entered)[1:]]
    exits = [_by_child(history, care, left, spans), spans.count(reasons, len(REASONS), left)]
    return [
        Grid("entries", (*groups, "pathway=remand"), spans.names, np.vstack(entries)),
        Grid("exits", (*groups, *labels("reason", REASONS)), spans.names, np.vstack(exits)),
    ]


def _by_child(history: History, care: pd.DataFrame, of: Days, spans: Spans) -> Floats:
    """Entries or exits: all, by age at the time, by stream."""
    ages = spans.count(band_codes(whole_years(born_of(history), of)), len(BAND_WORDS), of)
    streams = spans.count(stream_codes(care["stream"]), len(STREAMS), of)
    return np.vstack([with_total(ages), streams])


def _placements_started(placed: pd.DataFrame, spans: Spans) -> list[Grid]:
    started = days(placed["started"])
    first_type = placed["first_type"] if "first_type" in placed else placed["type"]
    types = spans.count(pd.Index(TYPES).get_indexer(first_type), len(TYPES), started)
    grids = [
        Grid("placements_started", ("", *labels("type", TYPES)), spans.names, with_total(types))
    ]
    in_area = placed["in_area"].to_numpy(dtype=np.float64, na_value=np.nan)
    at_entry = (placed["order"].to_numpy() == 1) & ~np.isnan(in_area)
    both = spans.count(np.where(at_entry, np.nan_to_num(in_area).astype(np.int64), -1), 2, started)
    share = ratio(both[1:], both.sum(axis=0, keepdims=True))
    return [*grids, Grid("first_placements_in_area_share", ("",), spans.names, share)]


def _moves(history: History, placed: pd.DataFrame, spans: Spans) -> list[Grid]:
    causes = pd.Index(CAUSES).get_indexer(placed["cause"])
    by_cause = spans.count(causes, len(CAUSES), days(placed["ended"]))
    natures = [by_cause[_IS_POSITIVE].sum(axis=0), by_cause[~_IS_POSITIVE].sum(axis=0)]
    moves = np.vstack([with_total(by_cause), *natures])
    groups = ("", *labels("cause", CAUSES), *labels("nature", ("positive", "not_positive")))
    first_year = len(spans.names) - spans.years
    per_year = ratio(moves[:, first_year:] * YEAR, _nights(history, spans)[first_year:])
    return [
        Grid("moves", groups, spans.names, moves),
        Grid("positive_moves_share", ("",), spans.names, ratio(moves[[-2]], moves[[0]])),
        Grid("moves_per_child_year", groups, spans.names[first_year:], per_year),
    ]


def _nights(history: History, spans: Spans) -> Floats:
    """Nights in care in each span."""
    care = known(history.care, "periods of care")
    entered, left = days(care["entered"]), days(care["left"])
    # A child still in care is there on the night of the last day.
    left = np.where(np.isnat(left), np.datetime64(history.last, "D") + 1, left)
    return np.array(
        [
            (np.minimum(left, end) - np.maximum(entered, start)).astype(np.int64).clip(min=0).sum()
            for start, end in zip(spans.starts, spans.ends, strict=True)
        ],
        dtype=np.float64,
    )


def _lengths(placed: pd.DataFrame, spans: Spans) -> list[Grid]:
    """Mean and median days of the placements that ended in each year, by type in which they did."""
    ended, types = days(placed["ended"]), placed["type"].to_numpy(dtype=object)
    length = (ended - days(placed["started"])).astype(np.float64)
    dated = placed["dated"].to_numpy(dtype=np.bool_)
    home = np.isin(types, _HOMES)
    which = [np.ones_like(home), *(types == type_ for type_ in TYPES), home]
    first = len(spans.names) - spans.years
    names = spans.names[first:]
    means, medians = (np.full((len(which), spans.years), np.nan) for _ in range(2))
    for year in range(spans.years):
        start, end = spans.starts[first + year], spans.ends[first + year]
        here = (ended >= start) & (ended < end)
        if not here.any() or (~dated[here]).mean() > UNDATED_SHARE:
            continue
        for row, of in enumerate(which):
            found = length[here & of]
            if len(found):
                means[row, year], medians[row, year] = found.mean(), np.median(found)
    groups = ("", *labels("type", TYPES), "kind=home")
    return [
        Grid("placement_length_mean", groups, names, means),
        Grid("placement_length_median", groups, names, medians),
    ]
