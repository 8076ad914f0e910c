"""How good a forecast was: sample futures beside the one that came true.

Every function takes the simulated futures of one number and the number that was observed. They are
exact for samples of any size: futures and the truth drawn from the same source score as they should
on average, however few the futures are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from sufficiency.forecast.scores import crps as of_columns

Floats = npt.NDArray[np.float64]

SHARES = (0.5, 0.8, 0.95)
"""The ranges that are looked at: the middle half of the futures, eight in ten, 19 in 20."""


class Score(NamedTuple):
    """One forecast beside what happened."""

    mean: float
    median: float
    low80: float
    high80: float
    low95: float
    high95: float
    crps: float
    cover50: float
    cover80: float
    cover95: float


def score(futures: Floats, observed: float) -> Score:
    """Set sample futures beside what happened."""
    covers = [covered(futures, observed, share) for share in SHARES]
    return Score(
        float(np.mean(futures)),
        float(np.median(futures)),
        *interval(futures, 0.8),
        *interval(futures, 0.95),
        crps(futures, observed),
        *covers,
    )


def crps(futures: Floats, observed: float) -> float:
    """Continuous ranked probability score, fair: lower is better, in the unit of the number.

    The mean distance of the futures from what happened, less half the mean distance between two
    different futures. The pairs of a future with itself are left out, so that a small number of
    futures is not punished. Of one future it is the distance.
    """
    if len(futures) < 2:
        return float(np.mean(np.abs(futures - observed)))
    return float(of_columns(futures[:, None], np.array([observed]))[0])


def covered(futures: Floats, observed: float, share: float) -> float:
    """How far what happened lies in the middle range that should hold such a share: 0 to 1.

    Its place among the futures is a slot between two of them, wider where it equals some. It counts
    by the part of that slot that lies in the range: so whole numbers, which often lie exactly on
    the end of a range, are covered neither too often nor too seldom. The average over many true
    forecasts is exactly `share`.
    """
    slots = len(futures) + 1
    below = float(np.count_nonzero(futures < observed)) / slots
    above = (float(np.count_nonzero(futures <= observed)) + 1) / slots
    low, high = (1 - share) / 2, (1 + share) / 2
    return max(0.0, min(high, above) - max(low, below)) / (above - below)


def interval(futures: Floats, share: float) -> tuple[float, float]:
    """Ends of the middle range; beyond the outermost futures nothing is made up."""
    ends = np.quantile(futures, [(1 - share) / 2, (1 + share) / 2], method="weibull")
    return float(ends[0]), float(ends[1])


class Difference(NamedTuple):
    """A mean difference and how far it may be off by chance."""

    mean: float
    se: float
    """NaN of fewer than two."""
    number: int

    @property
    def clear(self) -> bool:
        """Whether so large a difference has a chance below 5% if there is none (Student's t)."""
        if self.number < ENOUGH:
            return False
        return abs(self.mean) > float(stdtrit(self.number - 1, 0.975)) * self.se


ENOUGH = 4
"""With fewer year-ends, nothing is called better or worse."""


def difference(ours: Sequence[float], theirs: Sequence[float]) -> Difference:
    """Mean of ours less theirs, pair by pair."""
    apart = np.asarray(ours, dtype=np.float64) - np.asarray(theirs, dtype=np.float64)
    n = len(apart)
    se = float(np.std(apart, ddof=1) / np.sqrt(n)) if n > 1 else float("nan")
    return Difference(float(np.mean(apart)) if n else float("nan"), se, n)


def skill(ours: float, theirs: float) -> float:
    """1 is perfect, 0 no better than the other forecast, below 0 worse."""
    if theirs == 0:
        return 0.0 if ours == 0 else float("-inf")
    return 1 - ours / theirs
