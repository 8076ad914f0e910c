"""The range of futures split into ignorance and chance, and ignorance into assumptions.

Replications 2k-1 and 2k share a draw of what is uncertain and differ in luck. So the covariance
within pairs is the variance that the uncertain values make, ignorance; the rest of the variance is
chance, which no knowledge would take away (DESIGN.md §3).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sufficiency.results.statistics import Floats

FEWEST_PAIRS = 4
"""With fewer pairs nothing is said of the split."""
Z = 1.96
SURE = 0.05
"""Assumptions are told from nothing if chance alone would tell any of them less often than this:
each has its part of it, as fifty at 1 in 100 would show a false one in two tables of five."""
MOST_TERMS = 8
"""Terms of the curve of one assumption, at most."""
PAIRS_FOR_A_TERM = 4
"""Curves get so many terms that there are as many pairs to each, so that noise is not fitted."""


class Split(NamedTuple):
    """A variance in two parts, which add up."""

    ignorance_variance: float
    """What the uncertain values make."""
    chance_variance: float
    """What is left when everything uncertain is known."""
    share: float
    """Ignorance as a share of the whole; NaN if nothing varies or there are too few pairs."""
    interval: tuple[float, float]
    """95% confidence interval of the share."""
    pairs: int
    """Pairs that it rests on."""

    @property
    def variance(self) -> float:
        """The whole."""
        return self.ignorance_variance + self.chance_variance


def pairs_of(values: Floats) -> Floats:
    """Replications 1, 2, 3 … as rows of two that share a draw; a last single one is left out.

    A pair of which a value is missing (NaN) stays, as NaN: the rows are those of the draws.
    """
    whole = np.asarray(values, dtype=np.float64)[: len(values) // 2 * 2]
    return whole.reshape(-1, 2)


def split(values: Floats) -> Split:
    """Split the variance of a number into ignorance and chance.

    Mean squares within and between pairs (one-way analysis of variance): within a pair only chance
    differs. Below 0, ignorance is taken as 0. The interval is a jackknife over pairs, on Fisher's
    scale.

    Args:
        values: The number in replications 1, 2, 3 …; NaN where there is none.
    """
    pairs = pairs_of(values)
    pairs = pairs[~np.isnan(pairs).any(axis=1)]
    n = len(pairs)
    nothing = (math.nan, math.nan)
    if n < FEWEST_PAIRS:
        return Split(math.nan, math.nan, math.nan, nothing, n)
    ignorance, chance = _parts(pairs)
    if ignorance + chance == 0:
        return Split(0.0, 0.0, math.nan, nothing, n)
    if ignorance <= 0:
        ignorance, chance = 0.0, float(np.var(pairs, ddof=1))
    share = ignorance / (ignorance + chance)
    return Split(ignorance, chance, share, _interval(pairs), n)


def _parts(pairs: Floats) -> tuple[float, float]:
    """Ignorance (which may come out below 0) and chance."""
    within = float(np.mean((pairs[:, 0] - pairs[:, 1]) ** 2) / 2)
    between = float(2 * np.var(pairs.mean(axis=1), ddof=1))
    return (between - within) / 2, within


def _interval(pairs: Floats) -> tuple[float, float]:
    n = len(pairs)
    without = np.array([_scaled(np.delete(pairs, place, axis=0)) for place in range(n)])
    whole = _scaled(pairs)
    se = math.sqrt((n - 1) / n * float(np.sum((without - without.mean()) ** 2)))
    low, high = math.tanh(whole - Z * se), math.tanh(whole + Z * se)
    return max(low, 0.0), max(high, 0.0)


def _scaled(pairs: Floats) -> float:
    """The correlation within pairs on Fisher's scale."""
    ignorance, chance = _parts(pairs)
    whole = ignorance + chance
    share = ignorance / whole if whole > 0 else 0.0
    return math.atanh(min(max(share, -0.999999), 0.999999))


# --- ignorance by assumption ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Part:
    """What one assumption makes of a range."""

    path: str
    share: float
    """Of the whole variance: what knowing this one value would take away. An estimate, which may be
    a little below 0."""
    se: float
    """Its error."""
    clear: bool
    """Whether it is told from nothing."""


@dataclass(frozen=True, slots=True)
class Ignorance:
    """The range by assumption; parts that are clear, `rest` and `chance` add up to 1."""

    split: Split
    parts: tuple[Part, ...]
    """One for each assumption, the largest first."""
    rest: float
    """Ignorance that belongs to no single assumption: several together, and those too small to be
    told from nothing."""
    chance: float
    stepwise: bool
    """Whether there were too few pairs to look at all assumptions together: the strongest were
    taken first, until none was told from nothing."""


class _Fit(NamedTuple):
    """What each assumption makes of the variance of the pair means."""

    made: Floats
    se: Floats
    p: Floats
    """Chance alone would make as much as often."""


def by_assumption(values: Floats, draws: Floats, paths: Sequence[str]) -> Ignorance:
    """Split ignorance into the first-order shares of the assumptions.

    A regression of the pair means on curves of the drawn values (a line where there are few pairs),
    corrected for what chance alone would fit. With independent draws, an assumption of which the
    number is a straight line, slope a, makes a² times the variance of its draws.

    Args:
        values: The number in replications 1, 2, 3 ….
        draws: One row per pair, one column per assumption.
        paths: Names of the assumptions.
    """
    parts = split(values)
    means = pairs_of(values).mean(axis=1)
    draws = draws[: len(means)]
    known = ~np.isnan(means)
    means, draws = means[known], draws[known]
    if not paths or math.isnan(parts.share):
        return Ignorance(parts, (), 0.0, 1.0, False)
    moving = [place for place in range(len(paths)) if np.ptp(draws[:, place]) > 0]
    together = len(means) >= 2 * len(moving) + 2
    fit = _fitted(means, draws[:, moving], together=together)
    shares = {paths[place]: row for place, row in zip(moving, _rows(fit, parts), strict=True)}
    found = [shares.get(path, (0.0, 0.0, False)) for path in paths]
    listed = [Part(path, *row) for path, row in zip(paths, found, strict=True)]
    listed = _within_ignorance(listed, parts.share)
    rest = parts.share - sum(part.share for part in listed if part.clear)
    ordered = tuple(sorted(listed, key=lambda part: (not part.clear, -part.share, part.path)))
    return Ignorance(parts, ordered, max(rest, 0.0), 1 - parts.share, not together)


def _rows(fit: _Fit, parts: Split) -> list[tuple[float, float, bool]]:
    clear = (fit.p < _sure(len(fit.p))) & (fit.made > 0)
    scaled = zip(fit.made / parts.variance, fit.se / parts.variance, clear, strict=True)
    return [(float(made), float(se), bool(told)) for made, se, told in scaled]


def _sure(assumptions: int) -> float:
    """The part of `SURE` that each of so many assumptions has."""
    return SURE / max(assumptions, 1)


def _within_ignorance(listed: list[Part], ignorance: float) -> list[Part]:
    """The parts that are clear make no more than all of ignorance, which is itself an estimate."""
    told = sum(part.share for part in listed if part.clear)
    if told <= ignorance:
        return listed
    scale = ignorance / told
    return [
        Part(part.path, part.share * scale, part.se, part.clear) if part.clear else part
        for part in listed
    ]


def _fitted(means: Floats, draws: Floats, *, together: bool) -> _Fit:
    n, number = len(means), draws.shape[1]
    terms = 1
    if together and number:
        terms = max(1, min(MOST_TERMS, n // (PAIRS_FOR_A_TERM * number)))
    blocks = [_curve(draws[:, place], terms) for place in range(number)]
    centred = means - means.mean()
    return _of_blocks(centred, blocks) if together else _strongest_first(centred, blocks)


def _strongest_first(centred: Floats, blocks: list[Floats]) -> _Fit:
    """Where there are too few pairs for all: one more as long as it is told from nothing.

    The others are looked at each beside those that were taken.
    """
    chosen: list[int] = []
    while True:
        beside = [
            _of_blocks(centred, [blocks[at] for at in (*chosen, other)])
            for other in range(len(blocks))
            if other not in chosen
        ]
        others = [other for other in range(len(blocks)) if other not in chosen]
        p = [fit.p[-1] for fit in beside]
        room = len(centred) >= 2 * (len(chosen) + 1) + 2
        if not others or not room or min(p) >= _sure(len(blocks)):
            break
        chosen.append(others[max(range(len(p)), key=lambda at: (-p[at], beside[at].made[-1]))])
    rows = {
        other: [column[-1] for column in fit] for other, fit in zip(others, beside, strict=True)
    }
    if chosen:
        columns = zip(*_of_blocks(centred, [blocks[at] for at in chosen]), strict=True)
        rows |= {at: list(column) for at, column in zip(chosen, columns, strict=True)}
    return _Fit(*np.array([rows[at] for at in range(len(blocks))]).reshape(-1, 3).T)


def _curve(values: Floats, terms: int) -> Floats:
    """A line and, with more terms, bends of one drawn value: columns of mean 0, mean square 1."""
    from numpy.polynomial.legendre import legvander

    n = len(values)
    places = np.argsort(np.argsort(values, kind="stable"), kind="stable")
    bends = legvander(2 * (places + 0.5) / n - 1, terms)[:, 1:]
    raw = np.column_stack([values - values.mean(), bends])[:, : terms + 1]
    raw = raw - raw.mean(axis=0)
    first, _ = np.linalg.qr(raw)
    # The line itself comes first; of its bends only what it does not say already.
    return np.asarray(first[:, :terms] * math.sqrt(n))


def _of_blocks(centred: Floats, blocks: list[Floats]) -> _Fit:
    """Least squares on all columns; each block's part of the variance, corrected for noise."""
    from scipy.stats import f as f_distribution

    n = len(centred)
    columns = np.hstack(blocks)
    free = n - 1 - columns.shape[1]
    inverse = np.linalg.pinv(columns.T @ columns)
    slopes = inverse @ (columns.T @ centred)
    noise = float(np.sum((centred - columns @ slopes) ** 2)) / max(free, 1)
    whole = n / (n - 1)  # the variance that `split` estimates has one degree of freedom less
    made, se, p = [], [], []
    at = 0
    for block in blocks:
        here = slice(at, at + block.shape[1])
        at += block.shape[1]
        error = noise * inverse[here, here]
        slope = slopes[here]
        made.append(whole * float(slope @ slope - np.trace(error)))
        spread = 4 * slope @ error @ slope + 2 * np.trace(error @ error)
        se.append(math.sqrt(max(float(spread), 0.0)))
        p.append(_p(slope, error, free, f_distribution))
    return _Fit(np.array(made), np.array(se), np.array(p))


def _p(slope: Floats, error: Floats, free: int, f_distribution: object) -> float:
    size = float(np.trace(error))
    if size <= 0:  # no noise at all: what is not 0 is told
        return 0.0 if float(slope @ slope) > 0 else 1.0
    ratio = float(slope @ np.linalg.pinv(error) @ slope) / len(slope)
    return float(f_distribution.sf(ratio, len(slope), free))  # type: ignore[attr-defined]  # scipy has no types
