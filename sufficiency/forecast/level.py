"""Unobserved components: a level that drifts, and a season, with the doubt about both.

The model is statsmodels' local level with Fourier terms on stabilised counts. How fast the level
drifts is not maximised but weighed: over a grid of ratios of drift to noise, each by its likelihood
with the scale integrated out. Maximum likelihood puts the drift at nothing in every other short
series, and totals of twelve months are then far too sure.
"""

from __future__ import annotations

import numpy as np
from statsmodels.tsa.statespace.structural import UnobservedComponents

from sufficiency.forecast.series import Floats, Ints, Series, children, stabilised, waves

HARMONICS = 2
DRIFTS = np.geomspace(1e-4, 1.0, 17)
"""Variance of the level's step from month to month, in variances of one month's noise."""
USUAL_DRIFT, DRIFT_DECADES = 0.01, 0.6
"""Prior of that ratio: its median, and its standard deviation in powers of ten. An assumption: a
ratio of 0.01 moves a level of 12 children a month by about 10% in a year, one of 100 by 3%."""
PRIOR_MONTHS = 2.0
"""So many months' worth of belief that the noise is Poisson's: what keeps a series without any
noise from being forecast without doubt."""


def level_paths(series: Series, months: int, paths: int, rng: np.random.Generator) -> Ints:
    """Sample paths of a local level with a season."""
    model = UnobservedComponents(
        stabilised(series.counts),
        "llevel",
        exog=waves(series.months, HARMONICS),
        mle_regression=False,  # in the state: their uncertainty is part of the paths
    )
    fits = [_fit(model, float(drift)) for drift in DRIFTS]
    weights = np.exp([fit[0] - max(fit[0] for fit in fits) for fit in fits])
    drawn = np.sort(rng.choice(len(DRIFTS), size=paths, p=weights / weights.sum()))
    ahead = waves(series.ahead(months), HARMONICS)
    out = [
        _paths(DRIFTS[place], fits[place], ahead, int(np.sum(drawn == place)), rng)
        for place in np.unique(drawn)
    ]
    return children(rng.permutation(np.vstack(out)))


def _fit(
    model: UnobservedComponents, drift: float
) -> tuple[float, tuple[float, float], Floats, Floats]:
    """Log posterior density of a drift, the scale's gamma, and the state after the last month."""
    found = model.filter([1.0, drift])
    used = ~np.isnan(model.endog[:, 0])
    used[np.flatnonzero(used)[: model.k_states]] = False  # they place the states
    errors = found.filter_results.forecasts_error[0][used]
    variances = found.filter_results.forecasts_error_cov[0, 0][used]
    shape = (used.sum() + PRIOR_MONTHS) / 2
    squares = (np.sum(errors**2 / variances) + PRIOR_MONTHS) / 2
    density = -shape * np.log(squares) - np.log(variances).sum() / 2
    density -= (np.log10(drift / USUAL_DRIFT) / DRIFT_DECADES) ** 2 / 2
    state = found.predicted_state[:, -1]
    return float(density), (shape, squares), state, found.predicted_state_cov[:, :, -1]


def _paths(
    drift: float,
    fit: tuple[float, tuple[float, float], Floats, Floats],
    ahead: Floats,
    paths: int,
    rng: np.random.Generator,
) -> Floats:
    """Stabilised paths at one drift: scale, state, steps of the level and noise are drawn."""
    _, (shape, squares), state, spread = fit
    scale = np.sqrt(squares / rng.gamma(shape, size=(paths, 1)))
    # the state predicted for the first month ahead has that month's step of the level in it
    spread = (spread + spread.T) / 2
    about = rng.multivariate_normal(np.zeros(len(state)), spread, size=paths, method="eigh")
    states = state + scale * about
    steps = np.sqrt(drift) * rng.standard_normal((paths, len(ahead)))
    steps[:, 0] = 0.0
    level = states[:, :1] + scale * np.cumsum(steps, axis=1)
    noise = scale * rng.standard_normal((paths, len(ahead)))
    out: Floats = level + states[:, 1:] @ ahead.T + noise
    return out
