"""The regression behind the hazards of moves: counts over nights, with a lasting factor by child.

    rate of a cell  =  base's rate x level x time in placement x age x kind

Each factor is relative to the base's, and shrinks to it: its logarithm has a normal prior of
variance 1 / k, which gives a factor that rests on n expected events the weight n / (n + k). Factors
of one family average 0 on the log scale, weighted by the events expected, so that the level is the
level.

Children differ for good (a gamma of mean 1). Those who move often leave their placements early, so
at long durations those are left who move little, and plain counts over nights would take that for a
lower hazard: each night is weighted by the child's factor as estimated (the EM algorithm).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from sufficiency.calibration.exposure import Floats, Ints

_ENOUGH = 1e-7
_STEPS = 60
_FOLLOWED = 3
"""Steps of the EM algorithm for each resample."""
_GRID = np.linspace(-2.5, 2.5, 11)


@dataclass(frozen=True)
class MoveData:
    """Nights at risk and moves, by child and cell (band x age x kind of `shape`)."""

    shape: tuple[int, int, int]
    child: Ints
    """Of each row."""
    cell: Ints
    nights: Floats
    events: Floats
    children: int
    renewed: Floats
    """By child: 1 if first seen in a placement that was not its first."""
    before: tuple[Ints, Ints, Floats]
    """Child, cell and nights of placements under way when they came under observation."""
    base: Floats
    """The base's rate of each cell, a day."""

    def by_cell(self, amounts: Floats) -> Floats:
        """Amounts of the rows, added up by cell."""
        return np.bincount(self.cell, weights=amounts, minlength=len(self.base)).astype(float)

    def by_child(self, amounts: Floats) -> Floats:
        """Amounts of the rows, added up by child."""
        return np.bincount(self.child, weights=amounts, minlength=self.children).astype(float)


@dataclass(frozen=True)
class MoveFit:
    """Factors relative to the base's, as logarithms."""

    level: float
    factors: tuple[Floats, Floats, Floats]
    """By time in placement, age and kind; 0 where nothing is seen."""
    frailty: Floats
    """Of each child."""
    expected: tuple[Floats, Floats, Floats]
    """Events that the base's factor would bring, at this level and these other factors."""

    def rates(self, data: MoveData) -> Floats:
        """Rate of each cell, a day, for a child of factor 1."""
        time, age, kind = self.factors
        logs = self.level + time[:, None, None] + age[None, :, None] + kind[None, None, :]
        return data.base * np.exp(logs).ravel()


class Regression:
    """The cells' design, made once: fits differ in their counts only."""

    def __init__(self, data: MoveData, k: float) -> None:
        self.shape = data.shape
        self.used = np.flatnonzero((data.base > 0) & (data.by_cell(data.nights) > 0))
        self.base = data.base[self.used]
        places = np.unravel_index(self.used, data.shape)
        blocks = [np.eye(n)[place] for n, place in zip(data.shape, places, strict=True)]
        self.design = np.hstack([np.ones((len(self.used), 1)), *blocks])
        self.penalty = np.full(self.design.shape[1], k)
        self.penalty[0] = 1e-6  # the level is free; this only keeps a history without moves finite

    def solve(self, events: Floats, nights: Floats, start: Floats | None = None) -> Floats:
        """Coefficients that maximise the penalised likelihood (Newton's method)."""
        y, at_risk = events[self.used], nights[self.used] * self.base
        beta = np.zeros(self.design.shape[1]) if start is None else start.copy()
        if start is None:
            beta[0] = np.log(max(y.sum(), 0.5) / max(at_risk.sum(), 1e-12))
        for _ in range(_STEPS):
            mean = at_risk * np.exp(np.clip(self.design @ beta, -30, 30))
            gradient = self.design.T @ (y - mean) - self.penalty * beta
            curve = (self.design.T * mean) @ self.design + np.diag(self.penalty)
            step = np.linalg.solve(curve, gradient)
            beta += np.clip(step, -2, 2)
            if np.abs(step).max() < _ENOUGH:
                break
        return beta

    def centred(
        self, beta: Floats, nights: Floats
    ) -> tuple[float, tuple[Floats, ...], tuple[Floats, ...]]:
        """Level, factors of weighted mean 0, and the events each would bring as the base's."""
        mean = nights[self.used] * self.base * np.exp(self.design @ beta)
        level, at = float(beta[0]), 1
        factors, expected = [], []
        for size in self.shape:
            own = beta[at : at + size]
            brought = self.design[:, at : at + size].T @ mean
            usual = brought * np.exp(-own)
            shift = float((usual * own).sum() / max(usual.sum(), 1e-300))
            level += shift
            factors.append(np.where(brought > 0, own - shift, 0.0))
            expected.append(usual)
            at += size
        return level, tuple(factors), tuple(expected)


def fit(
    data: MoveData, regression: Regression, variance: float, start: Floats | None = None
) -> tuple[MoveFit, Floats]:
    """Fit with a given variance between children; also the plain coefficients."""
    events = data.by_cell(data.events)
    frailty, beta = np.ones(data.children), start
    for _ in range(_STEPS):
        nights = data.by_cell(data.nights * frailty[data.child])
        new = regression.solve(events, nights, beta)
        moved = np.inf if beta is None else float(np.abs(new - beta).max())
        beta = new
        if variance <= 0 or moved < 1e-5:
            break
        shape, rate = _posterior(data, _rates(regression, data, beta), variance)
        frailty = shape / rate
    assert beta is not None
    level, factors, expected = regression.centred(beta, nights)
    found = MoveFit(level, factors, frailty, expected)  # type: ignore[arg-type]  # three families
    return found, beta


def _rates(regression: Regression, data: MoveData, beta: Floats) -> Floats:
    rates = np.zeros(len(data.base))
    rates[regression.used] = regression.base * np.exp(regression.design @ beta)
    return rates


def _prior(data: MoveData, rates: Floats, variance: float) -> tuple[Floats, Floats]:
    """Gamma of each child's factor, before what was observed: shape and rate.

    A placement under way when the window opens has lasted so long already, which speaks for a low
    factor; and that it is not the first speaks for a high one, as placements begin more often for
    those who move more.
    """
    child, cell, nights = data.before
    lasted = np.bincount(child, weights=nights * rates[cell], minlength=data.children)
    return np.asarray(1 / variance + data.renewed), np.asarray(1 / variance + lasted)


def _posterior(data: MoveData, rates: Floats, variance: float) -> tuple[Floats, Floats]:
    shape, rate = _prior(data, rates, variance)
    hazard = data.by_child(data.nights * rates[data.cell])
    return np.asarray(shape + data.by_child(data.events)), np.asarray(rate + hazard)


def likelihood(data: MoveData, rates: Floats, variance: float) -> float:
    """Log-likelihood of what was observed, the children's factors integrated out."""
    shape, rate = _prior(data, rates, variance)
    moved, hazard = data.by_child(data.events), data.by_child(data.nights * rates[data.cell])
    own = shape * np.log(rate) - gammaln(shape) + gammaln(shape + moved)
    own = own - (shape + moved) * np.log(rate + hazard)
    happened = data.events > 0
    return float(own.sum() + (data.events[happened] * np.log(rates[data.cell[happened]])).sum())


@dataclass(frozen=True)
class Frailty:
    """The variance between children, as a logarithm."""

    log: float
    sd: float
    """Standard deviation after seeing the data; 1 before."""


def frailty_variance(data: MoveData, regression: Regression, base: float) -> Frailty:
    """The variance between children: a log-normal about the base's, updated by the likelihood."""
    logs, beta = [], None
    for off in _GRID:
        variance = base * float(np.exp(off))
        _, beta = fit(data, regression, variance, beta)
        logs.append(likelihood(data, _rates(regression, data, beta), variance) - off**2 / 2)
    chance = np.exp(np.array(logs) - max(logs))
    chance /= chance.sum()
    mean = float((chance * _GRID).sum())
    # Between the points of a coarse grid a sharp peak has some width too.
    width = float(_GRID[1] - _GRID[0]) ** 2 / 12
    sd = float(np.sqrt((chance * (_GRID - mean) ** 2).sum() + width))
    return Frailty(float(np.log(base)) + mean, min(sd, 1.0))


def resampled(
    data: MoveData,
    regression: Regression,
    found: MoveFit,
    beta: Floats,
    variance: float,
    drawn: Floats,
) -> tuple[Floats, tuple[Floats, ...]]:
    """Levels and factors (rows: resamples); the children's factors follow, from where they were."""
    levels = np.zeros(len(drawn))
    factors = tuple(np.zeros((len(drawn), size)) for size in data.shape)
    for place, times in enumerate(drawn):
        often = times[data.child]
        y = data.by_cell(data.events * often)
        own, frailty = beta, found.frailty
        for _ in range(_FOLLOWED):
            nights = data.by_cell(data.nights * frailty[data.child] * often)
            own = regression.solve(y, nights, own)
            if variance > 0:
                shape, rate = _posterior(data, _rates(regression, data, own), variance)
                frailty = shape / rate
        levels[place], parts, _ = regression.centred(own, nights)
        for family, part in zip(factors, parts, strict=True):
            family[place] = part
    return levels, factors
