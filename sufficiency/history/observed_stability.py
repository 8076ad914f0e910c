"""The national indicators of stability, on each 31 March, by the calendar.

    three_or_more_placements    of children in care: 3 or more placements of which some part was in
                                the year to 31 March, in whatever period of care
    three_or_more_in_two_years  the same over two years, of those in care throughout
    long_term_stability         of those under 16 in care for two and a half years or more: the
                                share with the same carer for two years or more; for adopters,
                                together with the placement before

Temporary placements and changes with the same carer count as none (evidence/demand.md §5).
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from sufficiency.history.ages import Bools, Days, Ints, birthday, day, days
from sufficiency.history.census import born_of, known
from sufficiency.history.observed_rows import Grid
from sufficiency.history.observed_time import month_ends
from sufficiency.history.tables import History
from sufficiency.vocabulary import PlacementType

MANY = 3
_UNTIL_AGE = 16


def measured_on_marches(history: History) -> list[Grid]:
    """The indicators on each 31 March for which enough is observed."""
    if history.placements is None:
        return []
    lives = _Lives(history)
    ends = month_ends(history.first, history.last, history.gaps).tolist()
    marches = [end for end in ends if end.month == 3]
    names = [end.isoformat() for end in marches]
    measured = {
        "three_or_more_placements": lambda end: lives.many(end, years=1),
        "three_or_more_in_two_years": lambda end: lives.many(end, years=2),
        "long_term_stability": lives.long_term,
    }
    return [
        Grid(measure, ("",), names, np.array([[share(end) for end in marches]]))
        for measure, share in measured.items()
    ]


class _Lives:
    """Periods of care and placements as arrays."""

    def __init__(self, history: History) -> None:
        care, placed = known(history.care, "care"), known(history.placements, "placements")
        order = np.lexsort((placed["order"].to_numpy(), placed["period"].to_numpy()))
        placed = placed.iloc[order]
        self.history = history
        self.entered, self.left = days(care["entered"]), days(care["left"])
        self.sixteenth = birthday(born_of(history), _UNTIL_AGE)
        self.entry_known = care["dated"].to_numpy(dtype=np.bool_)
        _, self.child = np.unique(care["child"].to_numpy(), return_inverse=True)
        self.period = np.searchsorted(care["period"].to_numpy(), placed["period"].to_numpy())
        self.started, self.ended = days(placed["started"]), days(placed["ended"])
        # Carers who become adopters later are with the child since their own first day.
        began_as = placed["first_type"] if "first_type" in placed else placed["type"]
        self.same_carer_since, self.since_known = _same_carer_since(
            began_as.to_numpy(dtype=object) == PlacementType.ADOPTION,
            self.period,
            self.started,
            placed["dated"].to_numpy(dtype=np.bool_),
        )

    def many(self, end: date, years: int) -> float:
        """Of the children in care: the share with many placements in so many years."""
        since = end.replace(year=end.year - years)
        if not self._observed(since):
            return np.nan
        here = _there(self.entered, self.left, day(end))
        if years > 1:
            here &= self.entered <= day(since)
        touches = (self.started <= day(end)) & (np.isnat(self.ended) | (self.ended > day(since)))
        number = np.bincount(self.child[self.period[touches]], minlength=len(self.child) + 1)
        return _share(number[self.child[here]] >= MANY)

    def long_term(self, end: date) -> float:
        """Of children under 16 long in care: the share with the same carer for two years."""
        two_years = day(end.replace(year=end.year - 2))
        long_ago = day(date(end.year - 3, 9, 30))
        young = _there(self.entered, self.left, day(end)) & (self.sixteenth > day(end))
        long_in_care = young & (self.entered <= long_ago)
        now = _there(self.started, self.ended, day(end)) & long_in_care[self.period]
        stays = self.same_carer_since[now] <= two_years
        unsure = bool((young & ~long_in_care & ~self.entry_known).any())
        if unsure or bool((~stays & ~self.since_known[now]).any()):
            return np.nan
        return _share(stays)

    def _observed(self, since: date) -> bool:
        """Whether everything after a day is observed."""
        gaps = self.history.gaps
        begun = self.history.first <= since + timedelta(days=1)
        return begun and all(last <= since for _, last in gaps)


def _there(started: Days, ended: Days, on: np.datetime64) -> Bools:
    there: Bools = (started <= on) & (np.isnat(ended) | (ended > on))
    return there


def _share(which: Bools) -> float:
    return float(which.mean()) if len(which) else np.nan


def _same_carer_since(
    adopters: Bools, period: Ints, started: Days, dated: Bools
) -> tuple[Days, Bools]:
    """When each placement began, and whether that is known; with adopters, the one before it."""
    since, sure = started.copy(), dated.copy()
    after = np.flatnonzero(adopters[1:] & (period[1:] == period[:-1])) + 1
    since[after], sure[after] = started[after - 1], dated[after - 1]
    return since, sure
