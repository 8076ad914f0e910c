"""Dose and response: what a measure is at each value of a lever, and what a little more changes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sufficiency.results.statistics import PERCENTILES, Floats, moments, percentiles
from sufficiency.targets.goal import Goal

SURE = 1.96
"""Standard errors on either side that hold the truth in 95 of 100 searches."""
CLEAR = 3.0
"""Standard errors by which a share must fall for it not to be chance: ten pairs are looked at."""


@dataclass(frozen=True, slots=True)
class Share:
    """The share of futures that meet a goal."""

    value: float
    """NaN where no future has a value."""
    low: float
    """Low end of the 95% Wilson interval, the simulation's error."""
    high: float
    futures: int
    """Futures with a value."""

    def told_from(self, confidence: float) -> bool:
        """Whether it can be told from a share."""
        return not self.low <= confidence <= self.high


@dataclass(frozen=True, slots=True)
class Dose:
    """One value of a lever and the measure of its futures. One row of `target.csv`."""

    value: float
    mean: float
    """Of the futures that every value has, as are `se`, `p10` and `p90`."""
    se: float
    """The simulation's error of the mean."""
    p10: float
    p90: float
    share: Share
    further: float = math.nan
    """What the next `Target.further` of the lever change in the mean; NaN at the highest value."""
    further_se: float = math.nan
    """Its error, future by future."""


def share_of(met: Floats, together: int) -> Share:
    """The share of futures that meet a goal, with its Wilson interval.

    Args:
        met: 1, 0 or NaN for each future.
        together: How many neighbouring futures share a draw: they count for fewer than they are.
    """
    known = moments(met[:, None], together)
    futures = int(known.known[0])
    if not futures:
        return Share(math.nan, 0.0, 1.0, 0)
    share, se = float(known.mean[0]), float(known.se[0])
    counted = share * (1 - share) / se**2 if se > 0 else futures / together
    counted = min(max(counted, futures / together), futures)
    middle = (share + SURE**2 / (2 * counted)) / (1 + SURE**2 / counted)
    spread = share * (1 - share) / counted + SURE**2 / (4 * counted**2)
    apart = SURE / (1 + SURE**2 / counted) * math.sqrt(spread)
    return Share(share, max(middle - apart, 0.0), min(middle + apart, 1.0), futures)


def dose(value: float, futures: Floats, goal: Goal, together: int, same: int) -> Dose:
    """What is known at one value of the lever.

    Args:
        value: Of the lever.
        futures: The measure in all its futures.
        goal: What is to be met.
        together: How many neighbouring futures share a draw.
        same: The first so many futures are those that every value has: the mean and the range are
            of them alone, so that two values differ by the lever and not by luck.
    """
    column = futures[:same, None]
    known = moments(column, together)
    low, high = percentiles(column, (PERCENTILES["p10"], PERCENTILES["p90"]))[:, 0].tolist()
    share = share_of(goal.met(futures), together)
    return Dose(value, float(known.mean[0]), float(known.se[0]), low, high, share)


def difference(more: Floats, less: Floats, together: int) -> tuple[float, float]:
    """The mean difference of futures with the same luck, and its error; of those that both have."""
    both = min(len(more), len(less))
    known = moments((more[:both] - less[:both])[:, None], together)
    return float(known.mean[0]), float(known.se[0])


def falls(met: Sequence[Floats], together: int) -> bool:
    """Whether the share that meets a goal falls anywhere along the lever, beyond chance."""
    for place, less in enumerate(met):
        for more in met[place + 1 :]:
            change, error = difference(more, less, together)
            if change < 0 and (change < -CLEAR * error or math.isnan(error)):
                return True
    return False
