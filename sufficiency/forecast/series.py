"""Monthly counts of one stream, as every candidate sees them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FULL_MONTHS = 36
"""Shorter series have no candidates to compare: too little to tell a level that drifts from noise
(LIBRARIES' test of methods began at 36 months)."""
MOST_IN_A_MONTH = 9_999
"""Above any authority's; a method that often goes beyond has gone wrong."""


@dataclass(frozen=True)
class Series:
    """Counts of consecutive months."""

    counts: Floats
    """Children who entered, by month; NaN where a month says nothing (a dated shock)."""
    first_month: int
    """Calendar month of the first count: 0 is January."""
    season: Floats
    """The base's month index: twelve factors with mean 1, January first."""

    def __len__(self) -> int:
        return len(self.counts)

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Whether each month counts."""
        return ~np.isnan(self.counts)

    @property
    def months(self) -> Ints:
        """Calendar month of each count."""
        return self.calendar(0, len(self))

    def ahead(self, months: int) -> Ints:
        """Calendar months that follow."""
        return self.calendar(len(self), months)

    def calendar(self, since: int, months: int) -> Ints:
        """Calendar months, counted from the first of the series."""
        return (self.first_month + since + np.arange(months)) % 12

    def until(self, months: int) -> Series:
        """The first months only."""
        return Series(self.counts[:months], self.first_month, self.season)

    def filled(self) -> Floats:
        """The counts, where each month left out has what its season and its neighbours suggest.

        For methods that cannot do without a month; never for scoring.
        """
        factors = np.maximum(self.season, 0.05)[self.months]
        known = np.flatnonzero(self.known)
        level = np.interp(np.arange(len(self)), known, (self.counts / factors)[known])
        return np.where(self.known, self.counts, level * factors)


def waves(months: Ints, harmonics: int) -> Floats:
    """Sines and cosines of the calendar month, one row per month.

    From the calendar month and not from the row, so that months ahead continue the same waves.
    """
    angle = 2 * np.pi * months[:, None] * np.arange(1, harmonics + 1) / 12
    out: Floats = np.hstack([np.cos(angle), np.sin(angle)])
    return out


def stabilised(counts: Floats) -> Floats:
    """Counts on a scale where Poisson noise has a standard deviation of about 1 (Anscombe)."""
    out: Floats = 2 * np.sqrt(counts + 3 / 8)
    return out


def children(stable: Floats) -> Ints:
    """Whole children from the stabilised scale."""
    return whole((np.maximum(stable, 0.0) / 2) ** 2 - 3 / 8)


def whole(values: Floats) -> Ints:
    """Values as numbers of children: whole and not below 0."""
    if not np.all(np.isfinite(values)) or np.mean(values > MOST_IN_A_MONTH) > 0.01:
        raise FloatingPointError("paths without bounds")
    return np.clip(np.rint(values), 0, MOST_IN_A_MONTH).astype(np.int64)
