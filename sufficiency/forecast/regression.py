"""Negative binomial regression on the season, without trend, around a level that drifts a little.

The season is the base's, corrected by Fourier terms that are held near nothing: the correction of a
wave is worth n / (n + k) of what the counts say, n being the children counted and k SHRINKAGE. So
a small stream keeps the base's season and a large one has its own. The level is that of the latest
two years: what was usual five years ago says little about next year. It has no trend, but it may
drift by `DRIFT` a year, which is stated and not estimated: without it, ranges of 80% held 68% of
twelve-month totals. For a series too short to estimate a drift this is the method.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sufficiency.forecast.series import FULL_MONTHS, Floats, Ints, Series, waves, whole

SHRINKAGE = 100.0
"""Children counted at which own season and base season weigh the same: an assumption."""
LEVEL_MONTHS = 24
"""The latest months, which give the level."""
GROUPS_VARIANCE = 1.9
"""Variance over mean that sibling groups alone give (evidence: demand §8.1)."""
GROUPS_MONTHS = 12.0
"""Months' worth of belief in it: an assumption that matters to short series only."""
DRIFT = 0.10
"""Standard deviation of a year's change of the level, as a share of it: an assumption; what it
covers is in docs/forecast.md."""
_STEPS = 60


class Regression(NamedTuple):
    """A level, a season and their noise, with what is not known of them."""

    entries: float
    """Children counted in the latest months, half a child more: nothing is never certain."""
    exposure: float
    """Months of usual season in which they were counted."""
    waves: Floats
    """Coefficients of the season's correction, a cosine and a sine for each harmonic."""
    spread: Floats
    """Their covariance."""
    base: Floats
    """The base's season, by calendar month."""
    ratio: float
    """Variance over mean."""
    over: float
    """Variance of a month's count beyond Poisson's, over its mean squared."""


def regression_paths(series: Series, months: int, paths: int, rng: np.random.Generator) -> Ints:
    """Sample paths: a level in doubt that drifts, and a season that is shrunk to the base's."""
    return whole(_paths(fitted(series), series.ahead(months), paths, rng))


def fitted(series: Series) -> Regression:
    """The regression with the greatest posterior density."""
    counts, months = series.counts[series.known], series.months[series.known]
    harmonics = min(2, len(series) // 12)  # a season needs a year, its shape two
    base = np.maximum(series.season, 0.02)
    rows = np.column_stack([np.ones(len(counts)), waves(months, harmonics)])
    found, information = _climbed(rows, base[months], counts)
    season = base[months] * np.exp(rows[:, 1:] @ found[1:])
    means = season * np.exp(found[0])
    freedom = max(len(counts) - rows.shape[1], 1)
    ratio = max(float(np.sum((counts - means) ** 2 / means)) / freedom, 1.0)
    if len(series) < FULL_MONTHS:
        ratio = (freedom * ratio + GROUPS_MONTHS * GROUPS_VARIANCE) / (freedom + GROUPS_MONTHS)
    return Regression(
        entries=float(counts[-LEVEL_MONTHS:].sum()) + 0.5,
        exposure=float(season[-LEVEL_MONTHS:].sum()),
        waves=found[1:],
        spread=ratio * np.linalg.inv(information)[1:, 1:],
        base=base,
        ratio=ratio,
        over=(ratio - 1) * float(means.sum() / np.sum(means**2)),
    )


def _climbed(rows: Floats, base: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """Newton's steps, none longer than 1, up to the greatest density, and the curvature there."""
    start = np.zeros(rows.shape[1])
    start[0] = np.log((counts.sum() + 0.5) / base.sum())
    precision = np.full(len(start), SHRINKAGE / 2)  # n children tell a wave with precision n / 2
    precision[0] = 0.5
    found = start
    for _ in range(_STEPS):
        means = base * np.exp(rows @ found)
        slope = rows.T @ (counts - means) - precision * (found - start)
        curvature = (rows * means[:, None]).T @ rows + np.diag(precision)
        step = np.linalg.solve(curvature, slope)
        found = found + step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < 1e-9:
            break
    return found, curvature


def _paths(fit: Regression, ahead: Ints, paths: int, rng: np.random.Generator) -> Floats:
    """Counts around drawn means; the level drifts from month to month."""
    level = rng.gamma(fit.entries / fit.ratio, fit.ratio / fit.exposure, size=(paths, 1))
    means = level * fit.base[ahead]
    if len(fit.waves):
        drawn = rng.multivariate_normal(fit.waves, fit.spread, size=paths, method="eigh")
        means = means * np.exp(drawn @ waves(ahead, len(fit.waves) // 2).T)
    monthly = DRIFT / np.sqrt(12)
    steps = monthly * rng.standard_normal(means.shape) - monthly**2 / 2  # no growth on average
    means = means * np.exp(np.cumsum(steps, axis=1))
    if fit.over > 1e-4:
        means = means * rng.gamma(1 / fit.over, fit.over, size=means.shape)
    out: Floats = rng.poisson(np.minimum(means, 1e9)).astype(np.float64)
    return out
