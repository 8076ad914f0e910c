"""The season of entries, and how much whole years differ: of one stream, from counts by month."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sufficiency.calibration.cells import short
from sufficiency.calibration.estimates import Estimate
from sufficiency.calibration.exposure import Floats, Ints
from sufficiency.calibration.intervals import log_interval
from sufficiency.calibration.shrinking import weight

FEWEST_YEARS = 4
"""Years from which a season is estimated at all (evidence/demand.md §8.2)."""
YEARS_OF_THE_PRIOR = 4.0
"""The k of the season, in years, where there are plenty of entries (assumption)."""
SEASON_OF_THE_PRIOR = 0.15
"""How far a month of an authority may lie from the base's: the standard deviation of the logarithm
(assumption). With few entries it makes k more years."""
YEARS_OF_THE_PRIOR_OF_VARIATION = 10.0
"""The k of the variance between years: ten years, as a variance of five numbers is hardly known
(assumption)."""
_EXPONENTIAL = (0.0253, 3.689)
"""Ends of the interval of an exponential of mean 1."""


@dataclass(frozen=True)
class StreamCounts:
    """Entries of one stream, and what the base says of their season."""

    path: str
    """Where its settings are: `demand` or `demand.uasc`."""
    counts: Floats
    """All entries, by month that counts."""
    number: Ints
    """Of each month, months since January 1970, in order."""
    clumping: float
    """Variance over mean of the number that enters in a month of a usual year."""
    season: Floats
    """The base's factors, mean 1."""
    variation: float
    """The base's variance between years."""

    @property
    def year(self) -> Ints:
        """The run of twelve months that each month is in; 0 ends with the last month."""
        return np.asarray((self.number[-1] - self.number) // 12)


def variation_estimate(stream: StreamCounts) -> Estimate:
    """Variance of the factor of a whole year: what yearly counts vary beyond siblings coming.

    By moments: their variance, less what families of siblings bring of themselves, over their mean
    squared. It may come out below 0; only what it shrinks to is cut off there.
    """
    path, base = f"{stream.path}.yearly_variation", stream.variation
    note = "variance of twelve-month counts beyond that of siblings who come together, over mean²"
    months = np.bincount(stream.year)
    years = np.bincount(stream.year, weights=stream.counts)[months == 12]
    if len(years) < 2 or years.mean() == 0:
        return Estimate(path, base, base=base, n=len(years), weight=0.0, note=note)
    from scipy.stats import chi2  # half a second

    mean, spread, free = float(years.mean()), float(years.var(ddof=1)), len(years) - 1
    noise = stream.clumping * mean
    raw = (spread - noise) / mean**2
    ends = [(spread * free / float(chi2.ppf(q, free)) - noise) / mean**2 for q in (0.975, 0.025)]
    w = weight(len(years), YEARS_OF_THE_PRIOR_OF_VARIATION)
    value = max(w * raw + (1 - w) * base, 0.0)
    # An authority whose years are not known: an exponential about the base's.
    halves = [
        float(np.hypot(w * (end - raw), (1 - w) * base * (at - 1)))
        for end, at in zip(ends, _EXPONENTIAL, strict=True)
    ]
    return Estimate(
        path, short(value), short(max(value - halves[0], 0.0)), short(value + halves[1]),
        local=raw, base=base, n=len(years), weight=w, note=note, own=float(years.min()),
    )  # fmt: skip


def season_estimates(stream: StreamCounts) -> Iterator[Estimate]:
    """Twelve factors of mean 1, shrunk to the base's; none from a short history."""
    years = len(stream.counts) / 12
    local = month_factors(stream) if years >= FEWEST_YEARS else None
    if local is None:
        return
    a_month = max(float(stream.counts.mean()) / stream.clumping, 1e-9)
    k = max(YEARS_OF_THE_PRIOR, 1 / (SEASON_OF_THE_PRIOR**2 * a_month))
    w = weight(years, k)
    nearly_none = 0.5 / max(a_month * years, 0.5)  # half an entry, where a month never saw one
    logs = w * np.log(np.maximum(local, nearly_none))
    logs = logs + (1 - w) * np.log(np.maximum(stream.season, 1e-9))
    values = np.exp(logs) / np.exp(logs).mean()
    seen = np.maximum(values * a_month * years, 0.5)
    variance = (w**2 / seen + (1 - w) ** 2 * SEASON_OF_THE_PRIOR**2) * (11 / 12)
    entered = np.bincount(stream.number % 12, weights=stream.counts, minlength=12)
    for i in range(12):
        value = float(values[i])
        low, high = log_interval(value, float(variance[i]))
        yield Estimate(
            f"{stream.path}.month_index.{i}", short(value), short(low), short(high),
            local=float(local[i]), base=float(stream.season[i]), n=years, weight=w,
            note=f"Poisson regression on year and calendar month; n in years, k is {k:.1f}",
            own=float(entered[i]),
            without_counts=f"Poisson regression on year and calendar month, k is {k:.1f}",
        )  # fmt: skip
    yield Estimate(
        f"{stream.path}.season_strength", 1.0, n=years,
        note="the month index is as observed here, so it is taken as it stands",
    )  # fmt: skip


def month_factors(stream: StreamCounts) -> Floats | None:
    """Factors of the calendar months (mean 1) of a Poisson regression on year and month.

    Its likelihood equations in turn: each level is a year's count over what the months' factors
    would bring, and the reverse. None where a calendar month is never seen.
    """
    count, month, year = stream.counts, stream.number % 12, stream.year
    if len(np.unique(month)) < 12 or not count.sum():
        return None
    factors = np.ones(12)
    for _ in range(500):
        before = factors
        exposed = np.bincount(year, weights=factors[month])
        level = np.bincount(year, weights=count) / np.maximum(exposed, 1e-300)
        expected = np.bincount(month, weights=level[year], minlength=12)
        factors = np.bincount(month, weights=count, minlength=12) / np.maximum(expected, 1e-300)
        factors = factors / factors.mean()
        if np.abs(factors - before).max() < 1e-12:
            break
    return factors
