"""Which unknowns a set of sums determines, whatever the known numbers are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog
from scipy.sparse import csr_array, hstack

from sufficiency.disclosure.series import Series
from sufficiency.results.statistics import Floats

_SEED = 6
"""Of the factors that stand for prices and weights: any will do, if no two are alike."""
_NOTHING = 1e-7
"""As much of an unknown is nothing."""

Equation = Mapping[Series, float]
"""Unknowns and their factors."""


class Group(NamedTuple):
    """Equations that share unknowns with each other and with no other equation."""

    unknowns: tuple[Series, ...]
    matrix: Floats
    """A row for each equation."""


def groups(equations: Sequence[Equation]) -> list[Group]:
    """Equations put together where they share unknowns."""
    first: dict[Series, Series] = {}

    def root(series: Series) -> Series:
        while first.setdefault(series, series) != series:
            first[series] = series = first[first[series]]
        return series

    for equation in equations:
        names = list(equation)
        for name in names[1:]:
            first[root(name)] = root(names[0])
    together: dict[Series, list[Equation]] = {}
    for equation in equations:
        if equation:
            together.setdefault(root(next(iter(equation))), []).append(equation)
    return [_group(part) for part in together.values()]


def _group(equations: Sequence[Equation]) -> Group:
    unknowns = tuple(dict.fromkeys(name for equation in equations for name in equation))
    place = {name: at for at, name in enumerate(unknowns)}
    matrix = np.zeros((len(equations), len(unknowns)))
    for row, equation in zip(matrix, equations, strict=True):
        for name, times in equation.items():
            row[place[name]] = times
    return Group(unknowns, matrix)


def directions(matrix: Floats) -> Floats:
    """Of each unknown, a row: a change of all under which it changes and all equations hold."""
    _, sizes, ways = np.linalg.svd(matrix, full_matrices=True)
    rank = int((sizes > _NOTHING * max(1.0, sizes.max(initial=0.0))).sum())
    return np.asarray(ways[rank:].T @ ways[rank:])


def free(matrix: Floats) -> npt.NDArray[np.bool_]:
    """Of each unknown: whether it can change while all equations go on to hold."""
    return np.asarray(np.diag(directions(matrix)) > _NOTHING**2)


def determined(equations: Sequence[Equation], wanted: AbstractSet[Series]) -> set[Series]:
    """Those of some unknowns that the equations determine."""
    found: set[Series] = set()
    for group in groups(equations):
        if wanted.isdisjoint(group.unknowns):
            continue
        moves = free(group.matrix)
        found |= {
            name
            for name, is_free in zip(group.unknowns, moves, strict=True)
            if not is_free and name in wanted
        }
    return found


def factors(number: int) -> Floats:
    """Factors, each of its own, near 1."""
    return np.random.default_rng(_SEED).uniform(0.5, 2.0, number)


def cheapest_way(
    equations: Sequence[Equation], series: Series, prices: Mapping[Series, float]
) -> set[Series]:
    """Which numbers have to be unknown, for the least price, so that one of them is not determined.

    A number is not determined if it can change together with other unknown ones while all equations
    go on to hold; of all such changes the one whose sum of prices times sizes is least is found by
    linear programming (the flow method of cell suppression). Empty if there is none.
    """
    names = tuple(prices)
    group = _group([dict.fromkeys(names, 0.0), *equations])
    whole = csr_array(group.matrix[1:])
    price = np.array([prices[name] for name in names])
    bounds: list[tuple[float, float | None]] = [(0.0, None)] * (2 * len(names))
    at = names.index(series)
    bounds[at], bounds[len(names) + at] = (1.0, 1.0), (0.0, 0.0)
    found = linprog(
        np.concatenate([price, price]),
        A_eq=hstack([whole, -whole]),
        b_eq=np.zeros(whole.shape[0]),
        bounds=bounds,
        method="highs",
    )
    if not found.success:
        return set()
    size = found.x[: len(names)] + found.x[len(names) :]
    return {name for name, moved in zip(names, size, strict=True) if moved > _NOTHING}
