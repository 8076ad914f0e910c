"""Intervals of 95%: how far a value could have come out otherwise.

Children are resampled with all that is known of them (a bootstrap), as counts of how often each is
drawn: with events and nights laid out by child, a draw is a product of matrices. The bootstrap
gives the variance; the ends are those of a gamma, or of a normal on the log scale, with that
variance, as the few events of a small cell spread unevenly about their mean.

A value that was shrunk could also be off because this authority is not like England. The prior that
says how much it shrinks says how far that may be, so its variance is part of the interval. Without
it, the smaller the cell, the more certain it would look.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.stats import beta, gamma, norm

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

ENDS = (0.025, 0.975)
"""Shares below the ends of an interval."""
_SD = float(norm.ppf(ENDS[1]))


def multiplicities(children: int, draws: int, seed: int) -> Floats:
    """How often each child (columns) is in each resample (rows)."""
    luck = np.random.Generator(np.random.Philox(np.random.SeedSequence(seed)))
    if not children:
        return np.zeros((draws, 0))
    chances = np.full(children, 1 / children)
    drawn: Floats = luck.multinomial(children, chances, size=draws).astype(float)
    return drawn


def by_child(child: Ints, cell: Ints, amount: Floats, children: int, cells: int) -> Floats:
    """Amounts added up by child (rows) and cell (columns)."""
    flat: Floats = np.bincount(
        child * cells + cell, weights=amount, minlength=children * cells
    ).astype(float)
    return flat.reshape(children, cells)


def rate_variance(events: Floats, nights: Floats, drawn: Floats) -> Floats:
    """Variance of events / nights over resamples of children; 0 where it cannot be told.

    Args:
        events: By child (rows) and cell (columns).
        nights: The same.
        drawn: Multiplicities of the resamples.
    """
    if len(drawn) < 2:
        return np.zeros(events.shape[1])
    happened, at_risk = drawn @ events, drawn @ nights
    with np.errstate(divide="ignore", invalid="ignore"):
        rates = np.where(at_risk > 0, happened / at_risk, np.nan)
    enough = (at_risk > 0).sum(axis=0) >= 2
    out = np.zeros(events.shape[1])
    out[enough] = np.nanvar(rates[:, enough], axis=0, ddof=1)
    return out


def sample_variance(values: Floats) -> float:
    """Variance of what resamples came to; 0 if there are none."""
    return float(values.var(ddof=1)) if len(values) > 1 else 0.0


def gamma_interval(value: float, variance: float) -> tuple[float, float]:
    """Ends of a gamma with this mean and variance: a rate is never below 0."""
    if value <= 0 or variance <= 0:
        return value, value
    shape = value**2 / variance
    low, high = gamma.ppf(ENDS, shape, scale=variance / value)
    return float(low), float(high)


def log_interval(value: float, variance: float) -> tuple[float, float]:
    """Ends of a factor whose logarithm has this variance."""
    half = _SD * float(np.sqrt(variance))
    return value * float(np.exp(-half)), value * float(np.exp(half))


def share_interval(share: float, n: float) -> tuple[float, float]:
    """Ends of a share that rests on `n` cases, those of the prior among them (a beta)."""
    if n <= 0 or not 0 < share < 1:
        return share, share
    low, high = beta.ppf(ENDS, share * n, (1 - share) * n)
    return float(low), float(high)


def shrunk_variance(value: float, base: float, w: float, sampled: float, k: float) -> float:
    """Variance of a shrunk rate: of the local rate, and of this authority about England.

    Args:
        value: The shrunk rate.
        base: England's.
        w: Weight of the local rate.
        sampled: Variance of the local rate over resamples, or by Poisson if that is more.
        k: Events that the prior counts for.

    Where the local rate varies as Poisson has it, this is the variance of the gamma posterior.
    """
    return w**2 * sampled + (1 - w) ** 2 * base * value / k
