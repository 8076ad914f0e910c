"""What happens in quarters and financial years: entries, exits, placements begun, moves."""

from __future__ import annotations

import numpy as np

from sufficiency.measures.children import (
    AGE_GROUPS,
    ETHNICITY_GROUPS,
    ON_REMAND,
    STREAM_GROUPS,
    TYPE_GROUPS,
)
from sufficiency.measures.counting import (
    Bools,
    by_period,
    flow,
    labels,
    ratio,
    with_total,
)
from sufficiency.measures.run import AGE_STARTS, Run, kind_code, type_code
from sufficiency.periods import YEAR, Floats, Ints, nights
from sufficiency.rows import AGES, CAUSES, ETHNICITIES, KINDS, REASONS, TYPES, MeasureInfo
from sufficiency.vocabulary import Kind, MoveCause, PlacementType, Stream

CAUSE_GROUPS = labels("cause", CAUSES)
NATURE_GROUPS = labels("nature", ("positive", "not_positive"))
POSITIVE = (MoveCause.PLANNED, MoveCause.TO_ADOPTION, MoveCause.MOVE_ON, MoveCause.STEP_ACROSS)
"""Causes of a move that was made for the child's good: see the measure `moves`."""
REASON_GROUPS = labels("reason", REASONS)
SOUGHT = (Kind.FOSTER, Kind.HOME, Kind.SUPPORTED)
"""The kinds of home that are searched for; the others serve named children."""
SOUGHT_GROUPS = labels("kind", SOUGHT)
SOUGHT_CODES = [kind_code(kind) for kind in SOUGHT]

_IS_POSITIVE = np.isin(CAUSES, POSITIVE)
_IN_HOUSE = type_code(PlacementType.IN_HOUSE)
_EVERYBODY = ("",)
_HOMES = (type_code(PlacementType.HOME_OWN), type_code(PlacementType.HOME_EXTERNAL))
_SIBLINGS = ("2", "3", "4_or_more")
_DFE = 'DfE, "Children looked after in England including adoptions"'
_COMMISSIONER = "Children's Commissioner, Siblings in Care (2023): first placements"
_OURS = "this model's"
_BAND_OF_AGE = np.array(
    [np.searchsorted(AGE_STARTS, y * YEAR, side="right") - 1 for y in range(18)]
)
"""The age band of each age in whole years."""

MEASURES: dict[str, MeasureInfo] = {
    "entries": MeasureInfo(
        "children",
        "",
        "Children who entered care, by age at entry and stream; and those remanded.",
        "Periods of care that began in the period.",
        f"{_DFE}: children who started to be looked after.",
        (*_EVERYBODY, *AGE_GROUPS, *STREAM_GROUPS, *ON_REMAND),
        "quarters_and_years",
    ),
    "exits": MeasureInfo(
        "children",
        "",
        "Children who left care, by age at leaving, stream and reason.",
        "Periods of care that ended in the period.",
        f"{_DFE}: children who ceased to be looked after.",
        (*_EVERYBODY, *AGE_GROUPS, *STREAM_GROUPS, *REASON_GROUPS),
        "quarters_and_years",
    ),
    "placements_started": MeasureInfo(
        "placements",
        "",
        "Placements that began, at entry or by a move, by type. A child who stays with carers that"
        " go to another agency begins no placement.",
        "Placements whose first day is in the period.",
        _OURS,
        (*_EVERYBODY, *TYPE_GROUPS),
        "quarters_and_years",
    ),
    "second_best_share": MeasureInfo(
        "share",
        "down",
        "Share of the placements begun that were another kind of home than planned, out of the area"
        " or apart from siblings, for want of a place.",
        "Placements begun that count as unmet_need ÷ placements begun (of the planned kind).",
        _OURS,
        (*_EVERYBODY, *SOUGHT_GROUPS),
        "quarters_and_years",
    ),
    "moves": MeasureInfo(
        "moves",
        "",
        "Moves from one carer to another, by cause, and by whether the cause is positive for the"
        " child. Positive: planned moves, to adopters, on to supported accommodation, and across to"
        " the home that the child was waiting for. Not positive: a breakdown, a carer or home that"
        " left, a bed that expired, and other causes, because no publication says what these are.",
        "Placements begun in the period, save those at entry. By cause alone: a planned move to kin"
        " or parents is positive, another move to them is not. A child who stays with carers that"
        " go to another agency does not move.",
        f"{_DFE}: placement changes, changes of status only left out. Positive moves told apart,"
        " as Camden's report asks.",
        (*_EVERYBODY, *CAUSE_GROUPS, *NATURE_GROUPS),
        "quarters_and_years",
    ),
    "positive_moves_share": MeasureInfo(
        "share",
        "up",
        "Share of the moves whose cause is positive for the child.",
        "moves that are positive ÷ moves.",
        f"{_OURS}; the sufficiency reports of councils tell positive moves apart.",
        _EVERYBODY,
        "quarters_and_years",
    ),
    "moves_per_child_year": MeasureInfo(
        "moves a child-year",
        "",
        "Moves for each year that a child spends in care, by cause, and by whether it is positive.",
        "moves ÷ years in care (nights in care ÷ 365.25).",
        f"{_DFE}, 2025: (59,140 changes less 10,500 of status only) ÷ 82,650 children = 0.59.",
        (*_EVERYBODY, *CAUSE_GROUPS, *NATURE_GROUPS),
        "years",
    ),
    "placement_length_mean": MeasureInfo(
        "days",
        "",
        "Mean length of the placements that ended, by type; homes also together.",
        "Mean days from start to end, over placements that ended in the year. With carers who went"
        " to another agency: the whole stay with them, under the type in which it ended.",
        f"{_DFE}: duration of placements ceasing.",
        (*_EVERYBODY, *TYPE_GROUPS, "kind=home"),
        "years",
    ),
    "placement_length_median": MeasureInfo(
        "days",
        "",
        "Median length of the placements that ended, by type; homes also together.",
        "Median days from start to end, over placements as in placement_length_mean.",
        f"{_DFE}: duration of placements ceasing.",
        (*_EVERYBODY, *TYPE_GROUPS, "kind=home"),
        "years",
    ),
    "siblings_together_share": MeasureInfo(
        "share",
        "up",
        "Of the children who entered with siblings: the share not apart from one of them for want"
        " of a place for both, by the number who entered together.",
        "Placements at entry of children with siblings that are not marked apart ÷ all of these.",
        _COMMISSIONER,
        (*_EVERYBODY, *labels("siblings", _SIBLINGS)),
        "quarters_and_years",
    ),
    "siblings_apart_share": MeasureInfo(
        "share",
        "down",
        "Of the children who entered with siblings: the share apart from one of them for want of a"
        " place for both, by the number who entered together.",
        "1 minus siblings_together_share.",
        f"{_COMMISSIONER}; 26% of pairs, 43% of threes.",
        (*_EVERYBODY, *labels("siblings", _SIBLINGS)),
        "quarters_and_years",
    ),
    "same_ethnic_group_share": MeasureInfo(
        "share",
        "up",
        "Share of the placements begun with in-house carers in which the carers are of the child's"
        " ethnic group, by that group.",
        "Placements begun, at entry or by a move, with in-house carers of the child's ethnic group"
        " ÷ placements begun with in-house carers whose group is known. The five groups of the"
        " national statistics.",
        f"{_OURS}; due consideration of ethnic origin, section 22(5)(c) of the Children Act 1989.",
        (*_EVERYBODY, *ETHNICITY_GROUPS),
        "quarters_and_years",
    ),
}


def measure(run: Run) -> dict[str, Floats]:
    """What happens in quarters and financial years."""
    s, days = run.stays, run.calendar
    begun = np.flatnonzero(s.begins)
    started = flow(s.type[begun], len(TYPES), s.quarter[begun], days)
    return {
        **_entries_and_exits(run),
        "placements_started": with_total(started),
        "second_best_share": _second_best(run),
        **_moves(run),
        **_lengths(run),
        **_siblings(run),
        "same_ethnic_group_share": _same_ethnic_group(run),
    }


def _entries_and_exits(run: Run) -> dict[str, Floats]:
    c, days = run.children, run.calendar
    entered = np.flatnonzero(c.entered >= 0)
    left = np.flatnonzero((c.left >= 0) & (c.left < np.inf))
    reason = run.rows.care_periods.code("reason")[left]
    reasons = flow(reason, len(REASONS), days.quarters.of[days.days_of(c.left[left])], days)
    return {
        "entries": np.vstack(
            [
                _by_child(run, entered, c.entered[entered]),
                run.events(c.entered[entered[c.on_remand[entered]]]),
            ]
        ),
        "exits": np.vstack([_by_child(run, left, c.left[left]), reasons]),
    }


def _by_child(run: Run, who: Ints, times: Floats) -> Floats:
    """Entries or exits: all, by age at the time, by stream."""
    c, days = run.children, run.calendar
    quarters = days.quarters.of[days.days_of(times)]
    years = ((times - c.born[who]) / YEAR).astype(np.int64)
    ages = flow(_BAND_OF_AGE[np.clip(years, 0, 17)], len(AGES), quarters, days)
    streams = flow(c.stream[who], len(Stream), quarters, days)
    return np.vstack([ages.sum(axis=0), ages, streams])


def _second_best(run: Run) -> Floats:
    s, n = run.stays, len(KINDS)
    begun = np.flatnonzero(s.begins)
    codes = (s.planned + n * s.second_best)[begun]
    both = flow(codes, 2 * n, s.quarter[begun], run.calendar)
    shares = ratio(with_total(both[n:]), with_total(both[n:] + both[:n]))
    return shares[[0, *(1 + code for code in SOUGHT_CODES)]]


def _moves(run: Run) -> dict[str, Floats]:
    s, c, days = run.stays, run.children, run.calendar
    moved = np.flatnonzero(s.cause >= 0)
    causes = flow(s.cause[moved], len(CAUSES), s.quarter[moved], days)
    natures = [causes[_IS_POSITIVE].sum(axis=0), causes[~_IS_POSITIVE].sum(axis=0)]
    moves = np.vstack([with_total(causes), *natures])
    left = np.minimum(c.left, run.rows.until)
    in_care = nights(c.entered, left, np.zeros_like(c.number), 1, days.years.edges)
    by_year = moves[:, len(days.quarters.labels) :]
    return {
        "moves": moves,
        "positive_moves_share": ratio(moves[[-2]], moves[[0]]),
        "moves_per_child_year": ratio(by_year * YEAR, in_care),
    }


def _lengths(run: Run) -> dict[str, Floats]:
    s, years = run.stays, run.calendar.years
    count = len(years.labels)
    year = years.of[run.calendar.days_of(s.ended)]
    ended = np.flatnonzero((year < count) & ~s.goes_on)
    ended = ended[np.argsort(s.ended[ended] - s.began[ended])]
    type_, year, length = s.type[ended], year[ended], s.ended[ended] - s.began[ended]
    home = (type_ == _HOMES[0]) | (type_ == _HOMES[1])
    codes = np.concatenate([np.zeros_like(type_), 1 + type_, np.full(home.sum(), 1 + len(TYPES))])
    year = np.concatenate([year, year, year[home]])
    length = np.concatenate([length, length, length[home]])
    n = len(TYPES) + 2
    number = by_period(codes, n, year, count)
    return {
        "placement_length_mean": ratio(by_period(codes, n, year, count, length), number),
        "placement_length_median": _medians(length, codes * count + year, number),
    }


def _medians(values: Floats, cells: Ints, number: Floats) -> Floats:
    """The median of each cell, from values that rise within it; `number` says how many it has."""
    if len(values) == 0:
        return np.full(number.shape, np.nan)
    ordered = values[np.argsort(cells.astype(np.uint16), kind="stable")]
    size = number.ravel().astype(np.int64)
    begin = np.cumsum(size) - size
    lower = np.minimum(begin + np.maximum(size - 1, 0) // 2, len(values) - 1)
    upper = np.minimum(begin + size // 2, len(values) - 1)
    middle = (ordered[lower] + ordered[upper]) / 2
    return np.where(size > 0, middle, np.nan).reshape(number.shape)


def _siblings(run: Run) -> dict[str, Floats]:
    s, c = run.stays, run.children
    number = c.siblings[s.child]
    who = np.flatnonzero(s.at_entry & (number > 1))
    apart: Bools = run.rows.placements["apart"][who] > 0
    n = len(_SIBLINGS)
    codes = np.minimum(number[who], 4) - 2 + n * apart
    both = flow(codes, 2 * n, s.quarter[who], run.calendar)
    together, separated = with_total(both[:n]), with_total(both[n:])
    return {
        "siblings_together_share": ratio(together, together + separated),
        "siblings_apart_share": ratio(separated, together + separated),
    }


def _same_ethnic_group(run: Run) -> Floats:
    s, same = run.stays, run.rows.placements["same_ethnic_group"]
    who = np.flatnonzero(s.begins & (s.type == _IN_HOUSE) & ~np.isnan(same))
    n = len(ETHNICITIES)
    codes = run.children.ethnicity[s.child[who]] + n * (same[who] > 0)
    both = flow(codes, 2 * n, s.quarter[who], run.calendar)
    return ratio(with_total(both[n:]), with_total(both[n:] + both[:n]))
