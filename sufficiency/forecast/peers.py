"""The usual methods: exponential smoothing, SARIMAX and the seasonal naive forecast."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from statsmodels.tools.sm_exceptions import ConvergenceWarning
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.statespace.sarimax import SARIMAX

from sufficiency.forecast.series import (
    Floats,
    Ints,
    Series,
    children,
    stabilised,
    waves,
    whole,
)

HARMONICS = 2
ORDERS = ((1, 0, 0), (1, 0, 1), (0, 1, 1))
"""Of the SARIMAX models that are tried; the smallest AICc counts."""
FORMS: tuple[dict[str, object], ...] = (
    {},
    {"trend": "add", "damped_trend": True},
    {"seasonal": "add", "seasonal_periods": 12},
)
"""Of exponential smoothing: level alone, with a damped trend, with a season."""


@contextmanager
def _fitting() -> Iterator[None]:
    """A fit that has not quite converged is a candidate too: its scores will tell.

    Any other warning about numbers means that the method does not suit these counts.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.filterwarnings("ignore", "Non-(stationary|invertible) starting", UserWarning)
        yield


def smoothing_paths(series: Series, months: int, paths: int, rng: np.random.Generator) -> Ints:
    """Sample paths of exponential smoothing (ETS)."""
    with _fitting():
        counts = series.filled()
        fits = [ETSModel(counts, error="add", **form).fit(disp=False) for form in FORMS]
        best = min(fits, key=lambda fit: _aicc(fit.aicc))
        drawn = best.simulate(months, anchor="end", repetitions=paths, rng=rng)
    return whole(_rows(drawn, months, paths))


def sarimax_paths(series: Series, months: int, paths: int, rng: np.random.Generator) -> Ints:
    """Sample paths of SARIMAX with Fourier terms on stabilised counts."""
    known, ahead = waves(series.months, HARMONICS), waves(series.ahead(months), HARMONICS)
    stable = stabilised(series.counts)
    with _fitting():
        fits = [_sarimax(stable, known, order) for order in ORDERS]
        best = min(fits, key=lambda fit: _aicc(fit.aicc))
        drawn = best.simulate(months, anchor="end", repetitions=paths, exog=ahead, rng=rng)
    return children(_rows(drawn, months, paths))


def _sarimax(stable: Floats, known: Floats, order: tuple[int, int, int]) -> Any:
    model = SARIMAX(stable, exog=known, order=order, trend=None if order[1] else "c")
    return model.fit(disp=False, maxiter=50)


def naive_paths(series: Series, months: int, paths: int, rng: np.random.Generator) -> Ints:
    """Sample paths of the seasonal naive forecast: last year's month and a past year's change."""
    counts = series.filled()
    changes = (series.counts[12:] - series.counts[:-12]) if len(series) > 12 else np.array([])
    changes = changes[~np.isnan(changes)]
    if not len(changes):
        raise ValueError("less than a year and a month")
    changes = changes - changes.mean()  # no trend
    years = -(-months // 12)
    drawn = rng.choice(changes, size=(paths, years, 12)).cumsum(axis=1)
    out = counts[-12:] + drawn
    return whole(out.reshape(paths, years * 12)[:, :months])


def _aicc(value: float) -> float:
    return float(value) if np.isfinite(value) else np.inf


def _rows(drawn: object, months: int, paths: int) -> Floats:
    """What statsmodels simulated, one row per path."""
    return np.asarray(drawn, dtype=float).reshape(months, paths).T
