"""Entries by month from nothing but yearly counts: a level in doubt, a season and usual chance.

The level is the authority's own, never shrunk towards England's: published children in care and
published entries must agree, and a level between the authority and England would agree with
neither. What a year's count says of the level is limited by how much such counts vary from year to
year anyway. numpy only, for a run makes these paths itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import numpy.typing as npt

from sufficiency.errors import SufficiencyError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

YEARLY_VARIANCE = 2.9
"""Variance over mean of an authority's yearly entries, UASC apart, sibling groups included
(evidence: demand §2.8, median of authorities 2022-25)."""
UASC_VARIANCE = 3.3
"""The same of UASC (same place)."""
GROUPS_VARIANCE = 1.9
"""What sibling groups alone give (evidence: demand §8.1); the rest is the year's."""
DRIFT = 0.03
"""Standard deviation of a year's change of the level, as a share of it. An assumption: after five
years nine levels in ten are within 11%, as wide as England's range of -2% to +2% a year."""
LEAST = 0.5
"""Children a year at least: where all that entered were UASC, the next year may differ."""


def yearly_paths(
    counts: Mapping[str, float],
    *,
    first: date,
    months: int,
    paths: int,
    seed: int,
    season: Sequence[float],
    uasc_per_year: float,
    drift: float = DRIFT,
) -> dict[str, Ints]:
    """Sample paths of monthly entries, UASC apart, from published yearly counts.

    Args:
        counts: Children of both streams who entered, by financial year (`2024-25`).
        first: First day of the first month.
        months: How far ahead.
        paths: How many paths.
        seed: Of the random numbers.
        season: The base's month index, January first.
        uasc_per_year: UASC among those counted; the simulation brings them itself.
        drift: Standard deviation of a year's change of the level.

    Returns:
        The stream `non_uasc`: one row per path, one column per month.
    """
    if first.day != 1:
        raise ValueError("a forecast begins on the first of a month")
    rng = np.random.default_rng([seed, 2])  # monthly counts use 0 and 1
    mean, variance, years_ago = level_of(counts, first, uasc_per_year, drift)
    drawn = rng.gamma(mean**2 / variance, variance / mean, size=(paths, 1))
    level = np.maximum(drawn, LEAST)
    return {"non_uasc": _counts(level, first, months, years_ago, season, drift, rng)}


def level_of(
    counts: Mapping[str, float], first: date, uasc_per_year: float, drift: float = DRIFT
) -> tuple[float, float, float]:
    """Children a year, UASC apart, the variance of that, and how many years ago it was true.

    A mean of the counts in which later years weigh more (a local level, filtered): after a year the
    level may have drifted, and each count has chance of its own.
    """
    if not counts:
        raise SufficiencyError("a forecast needs the entries of at least one financial year")
    mean = variance = 0.0
    before: int | None = None
    for year, count in sorted((int(label[:4]), float(count)) for label, count in counts.items()):
        others = max(count - uasc_per_year, LEAST)
        chance = YEARLY_VARIANCE * others + UASC_VARIANCE * min(uasc_per_year, count)
        if before is None:
            mean, variance = others, chance
        else:
            variance += (year - before) * (drift * mean) ** 2
            gain = variance / (variance + chance)
            mean, variance = mean + gain * (others - mean), (1 - gain) * variance
        before = year
    assert before is not None
    middle = before + 0.75  # 1 October of the last year counted
    return mean, variance, max(first.year + (first.month - 1) / 12 - middle, 0.0)


def _counts(
    level: Floats,
    first: date,
    months: int,
    years_ago: float,
    season: Sequence[float],
    drift: float,
    rng: np.random.Generator,
) -> Ints:
    """Counts around a level that drifts: groups within months, good and bad financial years."""
    shape = (len(level), months)
    variances = np.full(months, drift**2 / 12)
    variances[0] += drift**2 * years_ago
    steps = np.sqrt(variances) * rng.standard_normal(shape) - variances / 2  # no growth on average
    monthly = level * np.exp(np.cumsum(steps, axis=1)) / 12
    places = first.month - 1 + np.arange(months)
    factors = np.asarray(season, dtype=float)
    means = monthly * (factors / factors.mean())[places % 12]
    years = (places - 3) // 12  # financial years, from April
    years = years - years[0]
    spread = (YEARLY_VARIANCE - GROUPS_VARIANCE) / level  # of a year's factor
    good_and_bad = rng.gamma(1 / spread, spread, size=(len(level), int(years[-1]) + 1))
    means = np.maximum(means * good_and_bad[:, years], 1e-9)
    groups = GROUPS_VARIANCE - 1
    out: Ints = rng.poisson(rng.gamma(means / groups, groups)).astype(np.int64)
    return out
