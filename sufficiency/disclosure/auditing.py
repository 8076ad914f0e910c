"""How narrow the range is in which a reader can place a number that is left out.

A number that is not determined may still be known within a child: of three left out that add up to
two, none is more than two. By linear programming, over all that a reader could know (the sums among
what stays, that no number of children is below 0, and that one left out for being small is below
the threshold), each small number must be able to lie

- anywhere in a range at least as wide as the threshold, so that it might as well not be small;
- and, knowing that it is small, anywhere in a range half as wide, so that it cannot be told by
  more than which half of the small numbers it is in.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from scipy.optimize import linprog

from sufficiency.disclosure.numbers import NOTHING, Numbers
from sufficiency.disclosure.relations import HIDDEN
from sufficiency.disclosure.series import Series
from sufficiency.disclosure.solving import Equation, Group, directions, groups
from sufficiency.results.statistics import Floats

_HAIR = 1e-6
_WITHOUT_LIMIT = 3
"""What linear programming says where there is no greatest value."""


def narrow(
    numbers: Numbers, unknown: Sequence[Equation], wide: Collection[Series] = ()
) -> list[Series]:
    """The small numbers of children that a reader could place too narrowly.

    A range is worked out in the option and year in which the numbers left out are fewest.

    Args:
        numbers: The numbers of the run.
        unknown: The sums, as factors of the numbers that are left out or were never measured.
        wide: Numbers that are known to have a wide range: leaving out more makes none narrower.
    """
    exact = [
        equation
        for relation, equation in zip(numbers.relations, unknown, strict=True)
        if relation.exact and equation and all(map(numbers.counts, equation))
    ]
    return sorted(
        series
        for group in groups(exact)
        if not numbers.small.isdisjoint(group.unknowns)
        for series in _narrow_in(numbers, group, wide)
    )


def _narrow_in(numbers: Numbers, group: Group, wide: Collection[Series]) -> list[Series]:
    at = _moments(numbers, group.unknowns)
    values = at[np.argmin(at.sum(axis=1))]
    there = values > NOTHING
    ways = np.zeros((len(values), len(values)))
    ways[np.ix_(there, there)] = directions(group.matrix[:, there])
    return [
        series
        for place, series in enumerate(group.unknowns)
        if series in numbers.small
        and series not in wide
        and NOTHING < values[place] < numbers.threshold - NOTHING
        and _is_narrow(numbers, group, values, place, ways[place])
    ]


def _is_narrow(numbers: Numbers, group: Group, values: Floats, place: int, way: Floats) -> bool:
    most = [
        float(numbers.threshold)
        if series in numbers.small
        and not series.measure.startswith(HIDDEN)
        and values[at] < numbers.threshold
        else None
        for at, series in enumerate(group.unknowns)
    ]
    sums = group.matrix @ values
    return not all(
        _along(way, values, place, limits) >= wide - _HAIR
        or _is_wide(group.matrix, sums, place, limits, values[place], wide - _HAIR)
        for limits, wide in (
            ([None] * len(most), numbers.threshold),
            (most, numbers.threshold / 2),
        )
    )


def _along(way: Floats, values: Floats, place: int, most: Sequence[float | None]) -> float:
    """How far an unknown can go along one way: at most as far as on the best of all ways."""
    if abs(way[place]) <= _HAIR:
        return 0.0
    room = np.array([np.inf if limit is None else limit for limit in most]) - values
    with np.errstate(divide="ignore", invalid="ignore"):
        up = np.where(way > _HAIR, room / way, np.where(way < -_HAIR, values / -way, np.inf))
        down = np.where(way > _HAIR, values / way, np.where(way < -_HAIR, room / -way, np.inf))
    return float(abs(way[place]) * (up.min() + down.min()))


def _is_wide(
    matrix: Floats,
    sums: Floats,
    place: int,
    most: Sequence[float | None],
    value: float,
    wide: float,
) -> bool:
    """Whether an unknown that is in truth so much may lie in a range so wide."""
    aim = np.zeros(matrix.shape[1])
    aim[place] = 1.0
    below = value
    for sign in (-1.0, 1.0):  # the greatest first: most often it is far enough
        bounds = [(0.0, limit) for limit in most]
        end = linprog(sign * aim, A_eq=matrix, b_eq=sums, bounds=bounds, method="highs")
        if end.status == _WITHOUT_LIMIT:
            return True
        if not end.success:
            return False
        if sign < 0:
            above = -end.fun
            if above - below >= wide:
                return True
        elif above - end.fun >= wide:
            return True
    return False


def _moments(numbers: Numbers, series: Sequence[Series]) -> Floats:
    """The numbers in each option, year by year: dates and quarters as they are at its end."""
    of = [numbers.of(one) for one in series]
    years = min(len(_at_ends(means.periods)) for means in of)
    picked = [means.values[:, _at_ends(means.periods)[:years]] for means in of]
    return np.maximum(np.nan_to_num(np.stack(picked, axis=-1)), 0.0).reshape(-1, len(series))


def _at_ends(periods: Sequence[str]) -> list[int]:
    """Places of the last date or quarter of each year; all of what is of a year."""
    return [at for at, period in enumerate(periods) if _ends_year(period)] or [len(periods) - 1]


def _ends_year(period: str) -> bool:
    return period.endswith(("-03-31", "-Q4")) or (period.count("-") == 1 and "Q" not in period)
