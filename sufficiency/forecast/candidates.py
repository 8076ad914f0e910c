"""The methods that are compared: each takes a series and gives sample paths, or fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from sufficiency.forecast.level import level_paths
from sufficiency.forecast.peers import naive_paths, sarimax_paths, smoothing_paths
from sufficiency.forecast.regression import regression_paths
from sufficiency.forecast.series import FULL_MONTHS, Ints, Series

Paths = Callable[[Series, int, int, np.random.Generator], Ints]
"""A method: (series, months ahead, paths, random numbers) to counts, one row per path."""

LEVEL, REGRESSION, NAIVE = "unobserved components", "negative binomial", "seasonal naive"
POOL, SMOOTHING = "pool", "exponential smoothing"
SHORT = "level and season"

METHODS: Mapping[str, Paths] = {
    LEVEL: level_paths,
    REGRESSION: regression_paths,
    SMOOTHING: smoothing_paths,
    "SARIMAX": sarimax_paths,
    NAIVE: naive_paths,
    SHORT: regression_paths,
}
FULL = (POOL, LEVEL, REGRESSION, SMOOTHING, "SARIMAX", NAIVE)
"""Candidates for a series of `FULL_MONTHS` or more, the default first."""
BRIEF = (SHORT, NAIVE)
"""For a shorter one: the default, and a yardstick that is never chosen."""
_FAILURES = (ValueError, ArithmeticError, IndexError, np.linalg.LinAlgError, RuntimeWarning)
"""What numpy, scipy and statsmodels raise when numbers do not suit a method."""


def candidates(series: Series) -> tuple[str, ...]:
    """Who competes for a series of this length."""
    return FULL if len(series) >= FULL_MONTHS else BRIEF


def paths_of(
    names: Sequence[str], series: Series, months: int, paths: int, key: Sequence[int]
) -> dict[str, Ints | None]:
    """Sample paths of each candidate; None where its method fails on this series.

    Args:
        names: Candidates.
        series: What they are fitted to.
        months: How far ahead.
        paths: How many.
        key: Of the random numbers; each method has its own, so that who competes with it changes
            nothing.
    """
    wanted = [name for name in names if name != POOL]
    if POOL in names:
        wanted += [name for name in (LEVEL, REGRESSION) if name not in wanted]
    made = {name: _tried(name, series, months, paths, key) for name in wanted}
    if POOL in names:
        made[POOL] = _half_and_half(made[LEVEL], made[REGRESSION])
    return {name: made[name] for name in names}


def _tried(name: str, series: Series, months: int, paths: int, key: Sequence[int]) -> Ints | None:
    rng = np.random.default_rng([*key, list(METHODS).index(name)])
    try:
        return METHODS[name](series, months, paths, rng)
    except _FAILURES:
        return None


def _half_and_half(first: Ints | None, second: Ints | None) -> Ints | None:
    """Paths of two methods by turns, so that any number of the first paths is a fair half."""
    if first is None or second is None:
        return None
    turns = np.arange(len(first))[:, None] % 2 == 0
    return np.where(turns, first, second)
