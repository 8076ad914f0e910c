"""The forecast that anybody can make: next year is as this year was.

The last value is carried forward: of children in care the number now, of entries last year's. So
that it has ranges that can be scored, it is moved by changes of the size seen from year to year.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from sufficiency.backtest.scores import Floats

SAMPLES = 1000
"""Futures of a forecast: as many as cost nothing."""


def chance_of_count(value: float) -> float:
    """Variance of the change between two years in which as many are expected: twice the number."""
    return 2 * max(value, 1.0)


def chance_of_share(value: float, number: float) -> float:
    """Variance of the change of a share of so many children between two years."""
    return 2 * max(value * (1 - value), 1 / max(number, 1.0)) / max(number, 1.0)


def flat(
    past: Sequence[float], years_ahead: int, chance: float, luck: np.random.Generator
) -> Floats:
    """Futures of a number some years ahead: its last value, moved by changes like those seen.

    A year's change is as likely up as down. Its size is that of the past changes and, as these are
    few, of one more as large as chance alone makes it. The tails are those of Student's t, because
    a size told from few changes is uncertain; changes of several years add up as a random walk's.

    Args:
        past: The yearly values, the last of them known best; one is enough.
        years_ahead: How far ahead.
        chance: Variance of a year's change by chance alone.
        luck: Where the futures are drawn from.
    """
    values = np.asarray(past, dtype=np.float64)
    changes = np.diff(values)
    freedom = len(changes) + 1
    variance = (float(changes @ changes) + chance) / freedom
    apart = luck.standard_t(freedom, SAMPLES) * math.sqrt(variance * years_ahead)
    moved: Floats = np.maximum(values[-1] + apart, 0.0)
    return moved
