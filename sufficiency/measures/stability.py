"""The national indicators of stability, on each 31 March."""

from __future__ import annotations

import numpy as np

from sufficiency.measures.counting import ratio, stock
from sufficiency.measures.run import Run, type_code
from sufficiency.periods import YEAR, Floats, Ints
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
        " one begun before it included ÷ children in care.",
        f"{_DFE}; temporary absences are not placements.",
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
        " children under 16, in care for 2.5 years. A year is 365.25 days.",
        f"{_DFE}; formerly national indicator NI 063.",
        _EVERYBODY,
        "marches",
    ),
}


def measure(run: Run) -> dict[str, Floats]:
    """The national indicators of stability."""
    c, times = run.children, run.calendar.marches.times
    here = (c.entered[:, None] <= times) & (times < c.left[:, None])
    two_years = here & (c.entered[:, None] <= times - 2 * YEAR)
    year = times - np.diff(times, prepend=times[:1] - YEAR)
    return {
        "three_or_more_placements": _share(_placements_since(run, year) >= _MANY, here),
        "three_or_more_in_two_years": _share(
            _placements_since(run, times - 2 * YEAR) >= _MANY, two_years
        ),
        "long_term_stability": _long_term(run),
    }


def _share(many: np.ndarray, here: np.ndarray) -> Floats:
    """Children of whom both are true ÷ those of whom the second is."""
    part = (many & here).sum(axis=0, keepdims=True).astype(np.float64)
    return ratio(part, here.sum(axis=0, keepdims=True).astype(np.float64))


def _placements_since(run: Run, since: Floats) -> Ints:
    """Placements of each child that ended after a time and began by 31 March, by child and date."""
    s, times = run.stays, run.calendar.marches.times
    n, width = len(run.children.number), len(times) + 1
    cells = s.child * width
    begun = np.bincount(cells + np.searchsorted(times, s.started), minlength=n * width)
    over = np.bincount(cells + np.searchsorted(since, s.ended), minlength=n * width)
    return (begun - over).reshape(n, width)[:, :-1].cumsum(axis=1)


def _long_term(run: Run) -> Floats:
    s, c, times = run.stays, run.children, run.calendar.marches.times
    from_, until = c.entered + 2.5 * YEAR, np.minimum(c.left, c.born + 16 * YEAR)
    same_carer = np.maximum(s.started, _same_carer_since(run) + 2 * YEAR)
    begins = np.maximum(same_carer, from_[s.child])
    ends = np.minimum(s.ended, until[s.child])
    return ratio(_at(begins, ends, times), _at(from_, until, times))


def _at(begins: Floats, ends: Floats, times: Floats) -> Floats:
    """Intervals that are there at each date: one row."""
    first, last = np.searchsorted(times, begins), np.searchsorted(times, ends)
    return stock(np.zeros_like(first), 1, first, last, len(times))


def _same_carer_since(run: Run) -> Floats:
    """When each placement began; for adopters, when the placement before it did."""
    s = run.stays
    since = s.started.copy()
    for_adoption = s.type == _ADOPTION
    if not for_adoption.any():
        return since
    concerned = np.zeros(len(run.children.number), dtype=np.bool_)
    concerned[s.child[for_adoption]] = True
    theirs = np.flatnonzero(concerned[s.child])
    theirs = theirs[np.lexsort((s.started[theirs], s.child[theirs]))]
    before, after = theirs[:-1], theirs[1:]
    follows = (s.child[before] == s.child[after]) & for_adoption[after]
    since[after[follows]] = s.started[before[follows]]
    return since
