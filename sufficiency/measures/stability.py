"""The national indicators of stability, on each 31 March."""

from __future__ import annotations

import numpy as np

from sufficiency.measures.counting import Bools, ratio, stock
from sufficiency.measures.run import Run, type_code
from sufficiency.periods import YEAR, Calendar, Floats
from sufficiency.rows import MeasureInfo
from sufficiency.vocabulary import PlacementType

_ADOPTION = type_code(PlacementType.ADOPTION)
_MANY = 3
_EVERYBODY = ("",)
_DFE = 'DfE, "Children looked after in England including adoptions"'

MEASURES: dict[str, MeasureInfo] = {
    "three_or_more_placements": MeasureInfo(
        "share",
        "down",
        "Share of the children in care on 31 March with three placements or more in the year.",
        "Children in care with 3 or more placements of which some part is in the year to 31 March,"
        " one begun before it included ÷ children in care. With the same carers, whichever agency"
        " they are with, it is one placement.",
        f"{_DFE}; that temporary placements (codes T0 to T4) do not count is unverified.",
        _EVERYBODY,
        "marches",
    ),
    "three_or_more_in_two_years": MeasureInfo(
        "share",
        "down",
        "Of the children in care on 31 March for two years or more: the share with three"
        " placements or more in these two years.",
        "As three_or_more_placements, over 730.5 days, of children who entered before them.",
        _DFE,
        _EVERYBODY,
        "marches",
    ),
    "long_term_stability": MeasureInfo(
        "share",
        "up",
        "Of the children under 16 in care on 31 March for two and a half years or more: the share"
        " with the same carer for two years or more.",
        "Children under 16, in care for 2.5 years, whose placement began 2 years ago or more, or"
        " who are placed for adoption and whose placement before it began 2 years ago or more ÷"
        " children under 16, in care for 2.5 years. Carers who went to another agency with the"
        " child are the same carers. A year is 365.25 days.",
        f"{_DFE}; formerly national indicator NI 063.",
        _EVERYBODY,
        "marches",
    ),
}


def measure(run: Run) -> dict[str, Floats]:
    """The national indicators of stability."""
    c, times = run.children, run.calendar.marches.times[:, None]
    here = (c.entered <= times) & (times < c.left)
    two_years = 2 * YEAR
    year = np.diff(times, axis=0, prepend=times[:1] - YEAR)
    return {
        "three_or_more_placements": _share_with_many(run, times - year, here),
        "three_or_more_in_two_years": _share_with_many(
            run, times - two_years, here & (c.entered <= times - two_years)
        ),
        "long_term_stability": _long_term(run),
    }


def _share_with_many(run: Run, since: Floats, whose: Bools) -> Floats:
    """Of these children, by date: the share with many placements that ended after a time."""
    s, days = run.stays, run.calendar
    n, dates = len(run.children.number), len(since)
    begun = days.marches.first[days.days_of(s.started[s.begins])]
    over = np.searchsorted(since[:, 0], s.ended[~s.goes_on])
    size = n * (dates + 1)
    change = np.bincount(begun * n + s.child[s.begins], minlength=size)
    change -= np.bincount(over * n + s.child[~s.goes_on], minlength=size)
    many = change.reshape(dates + 1, n)[:-1].cumsum(axis=0) >= _MANY
    return ratio(_number(many & whose), _number(whose))


def _number(which: Bools) -> Floats:
    """Children of whom something is true, by date: one row."""
    count: Floats = np.count_nonzero(which, axis=1).astype(np.float64)
    return count[None]


def _long_term(run: Run) -> Floats:
    s, c, days = run.stays, run.children, run.calendar
    from_, until = c.entered + 2.5 * YEAR, np.minimum(c.left, c.born + 16 * YEAR)
    same_carer = np.maximum(s.started, _same_carer_since(run) + 2 * YEAR)
    begins = np.maximum(same_carer, from_[s.child])
    ends = np.minimum(s.ended, until[s.child])
    return ratio(_at(begins, ends, days), _at(from_, until, days))


def _at(begins: Floats, ends: Floats, days: Calendar) -> Floats:
    """Intervals that are there at each date: one row."""
    first, last = days.marches.first[days.days_of(begins)], days.marches.first[days.days_of(ends)]
    return stock(np.zeros_like(first), 1, first, last, len(days.marches.times))


def _same_carer_since(run: Run) -> Floats:
    """When each placement began; for adopters, when the placement before it did."""
    s = run.stays
    since = s.began.copy()
    for_adoption = s.type == _ADOPTION
    if not for_adoption.any():
        return since
    concerned = np.zeros(len(run.children.number), dtype=np.bool_)
    concerned[s.child[for_adoption]] = True
    theirs = np.flatnonzero(concerned[s.child])
    theirs = theirs[np.lexsort((s.started[theirs], s.child[theirs]))]
    before, after = theirs[:-1], theirs[1:]
    follows = (s.child[before] == s.child[after]) & for_adoption[after]
    since[after[follows]] = s.began[before[follows]]
    return since
