"""Which shape of hazard describes stays best: that by pieces, a Weibull or a lognormal.

Each is fitted to four fifths of the children and judged by the likelihood of the others, who enter
late and are lost from sight as in the fit. What is written is by pieces whichever wins, as a
scenario takes reasons by piece; the comparison says how much that costs.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import log_ndtr

from sufficiency.calibration.exposure import Flags, Floats, nights_in_pieces, piece_of
from sufficiency.calibration.shrinking import BREAKS, GROUPS, BaseStay, shrunk_rate
from sufficiency.calibration.stays import EVENTS_OF_THE_PRIOR, Stays

FOLDS = 5
FEWEST_EVENTS = 20
"""Groups with fewer children who left are not compared."""
SHAPES = ("pieces", "weibull", "lognormal")

Likelihood = Callable[[Floats, Floats, Floats, Flags], float]


def held_out(stays: Stays, base: dict[str, BaseStay]) -> pd.DataFrame:
    """Log-likelihood of children held out, by group and shape.

    Columns: `group`, `shape`, `children`, `log_likelihood`.
    """
    rows = []
    for place, group in enumerate(GROUPS):
        own = stays.of((stays.group == place) & (stays.until > stays.since))
        if own.left.sum() < FEWEST_EVENTS:
            continue
        totals = dict.fromkeys(SHAPES, 0.0)
        for fold in range(FOLDS):
            here = own.child % FOLDS == fold
            for shape, value in _scores(own.of(~here), own.of(here), base[group.value]).items():
                totals[shape] += value
        children = len(np.unique(own.child))
        rows += [(group.value, shape, children, value) for shape, value in totals.items()]
    return pd.DataFrame(rows, columns=["group", "shape", "children", "log_likelihood"])


def _scores(known: Stays, out: Stays, base: BaseStay) -> dict[str, float]:
    scores = {"pieces": _pieces(known, out, base)}
    for shape, likelihood, start in (
        ("weibull", weibull, (0.0, 7.0)),
        ("lognormal", lognormal, (0.5, 7.0)),
    ):
        fitted = parameters(likelihood, known, start)
        scores[shape] = likelihood(fitted, out.since, out.until, out.left)
    return scores


def parameters(likelihood: Likelihood, stays: Stays, start: tuple[float, float]) -> Floats:
    """Parameters that maximise a likelihood with late entry."""
    least = minimize(
        lambda p: -likelihood(p, stays.since, stays.until, stays.left), start,
        method="Nelder-Mead", options={"xatol": 1e-3, "fatol": 1e-3, "maxiter": 200},
    )  # fmt: skip
    return np.asarray(least.x)


def weibull(p: Floats, since: Floats, until: Floats, left: Flags) -> float:
    """Log-likelihood of stays; parameters are the logarithms of shape and scale."""
    shape, scale = np.exp(np.clip(p, -20, 20))
    hazard = (until / scale) ** shape - (since / scale) ** shape
    events = np.log(shape / scale) + (shape - 1) * np.log(until[left] / scale)
    return float(events.sum() - hazard.sum())


def lognormal(p: Floats, since: Floats, until: Floats, left: Flags) -> float:
    """Log-likelihood of stays; parameters are the logarithm of sigma, and mu."""
    sigma, mu = float(np.exp(np.clip(p[0], -5, 5))), float(p[1])
    still = log_ndtr(-(np.log(until) - mu) / sigma)
    before = log_ndtr(-(np.log(np.maximum(since, 1e-300)) - mu) / sigma)
    z = (np.log(until[left]) - mu) / sigma
    density = -(z**2) / 2 - np.log(until[left] * sigma * np.sqrt(2 * np.pi))
    return float(density.sum() + still[~left].sum() - before.sum())


def _pieces(known: Stays, out: Stays, base: BaseStay) -> float:
    """Log-likelihood of the shrunk hazards by piece."""
    nights = nights_in_pieces(known.since, known.until, BREAKS).sum(axis=0)
    events = np.bincount(piece_of(known.until[known.left], BREAKS), minlength=len(nights))
    fitted = np.array(
        [
            shrunk_rate(float(d), float(t), float(b), EVENTS_OF_THE_PRIOR)[0]
            for d, t, b in zip(events, nights, base.hazards, strict=True)
        ]
    )
    hazard = nights_in_pieces(out.since, out.until, BREAKS) @ fitted
    at = fitted[piece_of(out.until[out.left], BREAKS)]
    return float(np.log(np.maximum(at, 1e-12)).sum() - hazard.sum())


def choice_note(table: pd.DataFrame) -> str:
    """The comparison in a sentence; empty where no group has enough children."""
    if table.empty:
        return ""
    total = table.groupby("shape")["log_likelihood"].sum()
    best = table.loc[table.groupby("group")["log_likelihood"].idxmax(), "shape"]
    won = ", ".join(f"{shape} in {int((best == shape).sum())}" for shape in SHAPES)
    behind = "; ".join(
        f"{shape} {float(total[shape] - total['pieces']):+.1f}" for shape in SHAPES[1:]
    )
    return (
        f"Stays are written by pieces. By the likelihood of children held out, the best shape is"
        f" {won} of {len(best)} entry groups; in all, against pieces: {behind} (log-likelihood)."
    )
