"""Futures into means and ranges: one row per replication in, one number per column out.

`NaN` says that a measure has no value in a replication (no placement was started, so there is no
share); it is left out, and `replications` says how many were counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

PERCENTILES = {"p10": 0.1, "p50": 0.5, "p80": 0.8, "p90": 0.9, "low95": 0.025, "high95": 0.975}
"""Columns of the tables and the share of futures that lies below each."""
BLOCK = 250_000
"""About as many numbers are worked on at a time, so that memory does not grow with the run."""


class Moments(NamedTuple):
    """What is known of each column."""

    mean: Floats
    se: Floats
    """The simulation's error of the mean."""
    known: npt.NDArray[np.int64]
    """Replications that have a value."""


def blocks(rows: int, columns: int) -> Iterator[slice]:
    """Slices of columns, each as wide as may be worked on at a time."""
    width = max(1, BLOCK // max(1, rows))
    for start in range(0, columns, width):
        yield slice(start, min(start + width, columns))


def moments(values: Floats, together: int = 1) -> Moments:
    """Mean and its error.

    Args:
        values: One row per replication, one column per number.
        together: How many neighbouring rows share a draw of what is uncertain. They are not
            independent of each other, so the error is that of groups of so many rows.
    """
    known = ~np.isnan(values)
    count = known.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(known, values, 0.0).sum(axis=0) / count
        apart = np.where(known, values - mean, 0.0)
        starts = np.arange(0, len(values), together)
        sums = np.add.reduceat(apart, starts, axis=0)
        groups = np.logical_or.reduceat(known, starts, axis=0).sum(axis=0).astype(np.float64)
        groups[groups < 2] = np.nan
        se = np.sqrt(groups / (groups - 1) * np.square(sums).sum(axis=0)) / count
    return Moments(mean, se, count)


def percentiles(values: Floats, shares: tuple[float, ...]) -> Floats:
    """Values below which the given shares of each column lie, linear between neighbours.

    The same as `numpy.nanpercentile`, for all columns at once: one row per share.
    """
    ordered = np.sort(values, axis=0)  # NaN come last
    count = (~np.isnan(values)).sum(axis=0)
    place = np.multiply.outer(np.array(shares), np.maximum(count - 1, 0))
    below = np.floor(place).astype(np.intp)
    above = np.minimum(below + 1, np.maximum(count - 1, 0))
    low = np.take_along_axis(ordered, below, axis=0)
    high = np.take_along_axis(ordered, above, axis=0)
    with np.errstate(invalid="ignore"):
        found: Floats = low + (high - low) * (place - below)
    return found


def share_above(values: Floats, limit: float = 0.0) -> Floats:
    """The share of each column that is above a limit, plus half the share that equals it."""
    count = (~np.isnan(values)).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        share: Floats = ((values > limit).sum(axis=0) + (values == limit).sum(axis=0) / 2) / count
    return share


def errors_to_tell(futures: int) -> float:
    """How many errors of the mean make a finding at 95%: more where there are few futures.

    Student's t for as many pairs of futures as there are, by its expansion about the normal.
    """
    free = max(futures // 2 - 1, 1)
    return 1.96 + 2.37 / free + 2.82 / free**2
