"""Time at risk: what happened, and over how many nights it could have happened.

Every hazard here is a count of events over a count of nights. A child is at risk on every night
that is observed: whoever was in care already when the window opens enters late, at the time since
entry that has passed by then, and whoever is in care when it closes is lost from sight.

An event on a day belongs to the night before it. So the nights observed run from that of the first
day to the one before the last, and what happened on the first day itself is not counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pandas as pd

    from sufficiency.history.tables import History

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Span = tuple[float, float]


@dataclass(frozen=True)
class Spells:
    """Stretches of time at risk, each within observed time."""

    row: Ints
    """The row of the table that it is a part of."""
    since: Floats
    """Days elapsed when it comes under observation."""
    until: Floats
    """Days elapsed when it ends or is lost from sight."""
    ended: Flags
    """Whether it ended then, rather than being lost from sight."""

    def __len__(self) -> int:
        return len(self.row)

    def chosen(self, keep: Flags) -> Spells:
        """Some of them."""
        return Spells(self.row[keep], self.since[keep], self.until[keep], self.ended[keep])


def spells(started: Floats, ended: Floats, observed: tuple[Span, ...]) -> Spells:
    """What is seen of stretches that started and ended on days; NaN: not ended yet.

    A gap in what is observed makes two spells of one. Who starts on the last day, or ends on the
    day of the start, has no night; the end counts if the start was seen.
    """
    parts = []
    end = np.where(np.isnan(ended), np.inf, ended)
    for first, last in observed:
        since, until = np.maximum(started, first), np.minimum(end, last)
        happened = (end <= last) & ((end > first) | (started >= first))
        here = np.flatnonzero((started <= last) & (until >= since) & ((until > since) | happened))
        parts.append(Spells(here, (since - started)[here], (until - started)[here], happened[here]))
    return Spells(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("row", "since", "until", "ended")
        )
    )


def observed_time(history: History) -> tuple[Span, ...]:
    """First and last days of what is observed, as days since 1970; years in between may miss."""
    first, last = _number(history.first), _number(history.last)
    spans = []
    for gap_first, gap_last in sorted(history.gaps):
        spans.append((first, _number(gap_first) - 1))
        first = _number(gap_last) + 1
    return (*spans, (first, last))


def _number(day: object) -> float:
    return float(np.datetime64(day, "D").astype(np.int64))  # type: ignore[call-overload]  # a date


def day_numbers(dates: pd.Series) -> Floats:
    """Dates as days since 1970; NaN where there is none."""
    days = dates.to_numpy(dtype="datetime64[D]")
    return np.where(np.isnat(days), np.nan, days.astype(np.int64).astype(float))


def birthdays(born: Floats, years: int) -> Floats:
    """The day on which a child born on a day (since 1970) reaches an age; NaN if unknown."""
    known = np.where(np.isnan(born), 0.0, born).astype(np.int64).astype("datetime64[D]")
    month = known.astype("datetime64[M]")
    day = known - month.astype("datetime64[D]")
    reached = (month + np.timedelta64(12 * years, "M")).astype("datetime64[D]") + day
    return np.where(np.isnan(born), np.nan, reached.astype(np.int64).astype(float))


def nights_in_pieces(since: Floats, until: Floats, breaks: tuple[float, ...]) -> Floats:
    """Nights at risk of each spell (rows) in each piece of elapsed time (columns)."""
    low = np.array([0.0, *breaks])
    high = np.array([*breaks, np.inf])
    up_to = np.clip(until[:, None], low, high)
    return np.asarray(np.maximum(up_to - np.clip(since[:, None], low, high), 0.0))


def piece_of(elapsed: Floats, breaks: tuple[float, ...]) -> Ints:
    """The piece in which an event falls; one at a break belongs to the night before it."""
    return np.searchsorted(np.asarray(breaks, dtype=float), elapsed, side="left")


def numbered(labels: pd.Series, among: pd.Series) -> tuple[Ints, int]:
    """Labels as numbers from 0 by their order among all there are, and how many those are."""
    every = np.unique(among.to_numpy())
    return np.searchsorted(every, labels.to_numpy()).astype(np.int64), len(every)
