"""Which candidate makes the forecast: by its scores on the past, never by its fit."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sufficiency.forecast.candidates import FULL, POOL
from sufficiency.forecast.rolling import SPANS, STEP, Trial
from sufficiency.forecast.series import Floats

FEWEST_ORIGINS = 3
"""Fewer origins say nothing about which candidate is better."""


ERRORS = 2.0
"""Standard errors by which a candidate must beat the default."""


class Choice(NamedTuple):
    """Who makes the forecast, and why."""

    candidate: str
    why: str


def chosen(found: list[Trial], default: str = POOL) -> Choice:
    """The default, unless another's loss is lower by more than chance.

    The loss of a candidate at an origin is the mean, over months and twelve-month totals, of its
    CRPS over the default's mean CRPS: totals are what budgets are made of, and count as much as
    months. "More than chance": the mean difference is more than `ERRORS` standard errors below 0,
    where origins less than a year apart count as parts of one. To take whoever did best would cost
    more than it gains: docs/forecast.md.
    """
    losses = _losses(found, default)
    if len(losses.get(default, ())) < FEWEST_ORIGINS:
        return Choice(default, "the past is too short to compare candidates, so the default stays")
    means = {name: float(loss.mean()) for name, loss in losses.items()}
    best = min(means, key=lambda name: means[name])
    if best == default:
        return Choice(default, "no other candidate did better on the past")
    less = losses[default] - losses[best]
    independent = max(len(less) * STEP / 12, 1.0)
    error = float(less.std(ddof=1)) / np.sqrt(independent)
    percent = 100 * float(less.mean()) / means[default]
    if less.mean() > ERRORS * error:
        why = f"its error on the past was {percent:.0f}% below the {default}'s, beyond chance"
        return Choice(best, why)
    return Choice(
        default, f"the {best} did better on the past by {percent:.0f}%, not more than chance"
    )


def _losses(found: list[Trial], default: str) -> dict[str, Floats]:
    """By candidate, its loss at each origin; only those that never failed."""
    crps: dict[str, dict[int, list[float]]] = {}
    for trial in found:
        if trial.scores is not None and all(span in trial.scores for span in SPANS):
            values = [trial.scores[span]["crps"] for span in SPANS]
            crps.setdefault(trial.candidate, {})[trial.origin] = values
    origins = sorted(crps.get(default, {}))
    if not origins:
        return {}
    usual = np.mean([crps[default][origin] for origin in origins], axis=0)
    usual = np.where(usual > 0, usual, 1.0)
    failed = {trial.candidate for trial in found if trial.scores is None}
    return {
        name: (np.array([by[origin] for origin in origins]) / usual).mean(axis=1)
        for name, by in crps.items()
        if name in FULL and name not in failed and set(origins) <= set(by)
    }
