"""How many futures are enough for a wanted precision of the mean.

Precision is the simulation's error: half the width of the interval that holds, at 95%, the mean
that there would be after any number of futures. It is not the range of futures, which more of them
do not make narrower.

Stopping looks at complete prefixes of the replications only, and only at a few lengths: so where it
stops depends on nothing but the seed, and luck gets few chances to look precise too early.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.special import ndtri, stdtrit

from sufficiency.errors import SufficiencyError
from sufficiency.results.statistics import Floats, moments

FIRST_LOOK = 30
"""Futures before which no precision is believed: the error is itself an estimate."""
STEP = 10
"""At least so many futures are between two looks, and at least about a tenth of those there are."""
MOST_FUTURES = 10_000
"""A run that was told no number ends here, or at `TIMES` the scenario's number if that is less."""
TIMES = 10
BOTH_SIDES = 0.975
"""Student's t is taken here, which leaves 95% between both sides."""


def checked(share: float) -> float:
    """A precision that can be asked for."""
    if not 0 < share < 1:
        raise SufficiencyError(
            f"--precision is a share above 0 and below 1 (0.01 is 1%), not {share:g}"
        )
    return share


def most_futures(usual: int) -> int:
    """How many futures to try at most, where a run without precision has so many."""
    return max(usual, min(TIMES * usual, MOST_FUTURES))


def error_of_mean(values: Floats, together: int) -> Floats:
    """Half of the 95% interval of each column's mean; NaN where it cannot be told.

    Student's t for as many independent groups of replications as there are.

    Args:
        values: One row per replication, one column per number.
        together: How many neighbouring replications share a draw of what is uncertain.
    """
    groups = -(-len(values) // together)
    if groups < 2:
        return np.full(values.shape[1], np.nan)
    found: Floats = stdtrit(groups - 1, BOTH_SIDES) * moments(values, together).se
    return found


def relative_error(values: Floats, together: int) -> float:
    """The error of the baseline's mean or of an option's difference, whichever is larger.

    Args:
        values: Options, the baseline first, and replications.
        together: How many neighbouring replications share a draw of what is uncertain.

    Returns:
        A share of the baseline's mean; NaN where it cannot be told.
    """
    largest = float(error_of_mean(_compared(values), together).max())
    mean = abs(float(values[0].mean()))
    if mean == 0:
        return 0.0 if largest == 0 else math.nan
    return largest / mean


def enough(values: Floats, together: int, share: float) -> bool:
    """Whether the baseline's mean and every option's difference are known well enough.

    Args:
        values: Options, the baseline first, and replications.
        together: How many neighbouring replications share a draw of what is uncertain.
        share: The error at most, as a share of the baseline's mean.
    """
    return relative_error(values, together) <= share


def _compared(values: Floats) -> Floats:
    """One row per replication: the baseline, then each option's difference from it."""
    compared: Floats = np.concatenate([values[:1], values[1:] - values[:1]]).T
    return compared


def replications_needed(values: Floats, together: int, half_width: float) -> int:
    """About how many replications give a mean of which the 95% error is at most this.

    Estimated from the spread between those that there are: as good as they are many.

    Args:
        values: One number per replication.
        together: How many neighbouring replications share a draw of what is uncertain.
        half_width: The error at most, in the unit of the values; above 0.

    Returns:
        A multiple of `together`; two groups at least, without which there is no error to tell.
    """
    error = float(moments(values[:, None], together).se[0])
    if math.isnan(error) or not half_width > 0:
        raise ValueError("needs two groups of replications, and an error above 0")
    alone = error * math.sqrt(-(-len(values) // together))
    normal: float = ndtri(BOTH_SIDES) * alone / half_width
    groups = max(2, math.floor(normal**2))  # Student's t asks for a few more
    while stdtrit(groups - 1, BOTH_SIDES) * alone > half_width * math.sqrt(groups):
        groups += 1
    return groups * together


@dataclass
class Looking:
    """Looks at the replications that are complete, now and then, until they are enough."""

    share: float
    together: int
    most: int
    at: int = field(init=False)
    """Replications at the next look."""
    expected: int = field(init=False)
    """About how many will be enough, as far as is known."""
    error: float | None = field(init=False, default=None)
    """At the last look, as a share; None before it, or where it cannot be told."""

    def __post_init__(self) -> None:
        self.at = self.expected = min(FIRST_LOOK, self.most)

    def ended(self, complete: int, futures: Callable[[int], Floats]) -> int | None:
        """The number of replications at which to stop; None to go on.

        Args:
            complete: The last replication before which none is missing.
            futures: Of options and so many replications: what is to be precise.
        """
        while self.at <= complete:
            found = futures(self.at)
            error = relative_error(found, self.together)
            self.error = None if math.isnan(error) else error
            if self.at == self.most or error <= self.share:
                return self.at
            self.at = min(self.most, self.at + max(STEP, 2 * (self.at // 20)))
            self.expected = max(self.at, self._expected(found))
        return None

    def _expected(self, found: Floats) -> int:
        half_width = self.share * abs(float(found[0].mean()))
        if half_width == 0:
            return self.most
        needed = (replications_needed(v, self.together, half_width) for v in _compared(found).T)
        return min(self.most, max(needed))


def told(manifest: Mapping[str, Any]) -> str:
    """What came of a wanted precision; empty where none was wanted."""
    wanted, error = manifest.get("precision"), manifest.get("error")
    if wanted is None:
        return ""
    futures = f"{manifest['replications']:,} futures"
    if error is None:
        return f"Precision not reached: after {futures} no error of net cost can be told."
    of = f"the simulation's error of net cost is {error:.2%} of it (wanted: {100 * wanted:.4g}%)"
    if error <= wanted:
        return f"Precision reached: with {futures} {of}."
    times = (error / wanted) ** 2 if error < wanted * 1000 else math.inf
    if times == math.inf:
        return f"Precision not reached: after {futures} {of}, more than can be run."
    more = math.ceil(manifest["replications"] * times / 10) * 10
    return f"Precision not reached: after {futures} {of}. It would take about -n {more}."
