"""From monthly counts to sample paths: compare the candidates, choose one for each stream."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from sufficiency.errors import SufficiencyError
from sufficiency.forecast.candidates import BRIEF, LEVEL, POOL, REGRESSION, SHORT, paths_of
from sufficiency.forecast.choosing import Choice, chosen
from sufficiency.forecast.regression import SHRINKAGE
from sufficiency.forecast.result import Forecast
from sufficiency.forecast.rolling import table, trials
from sufficiency.forecast.scores import SCORES
from sufficiency.forecast.series import FULL_MONTHS, Ints, Series
from sufficiency.vocabulary import Stream

_STREAMS = (Stream.NON_UASC, Stream.UASC)
LONGEST_MONTHS = 300
MOST_PATHS = 10_000
_WORDS = {Stream.NON_UASC: "children other than UASC", Stream.UASC: "UASC"}


class _Made(NamedTuple):
    paths: Ints
    choice: Choice
    scores: list[dict[str, object]]
    notes: list[str]


def forecast(
    monthly: pd.DataFrame,
    *,
    months: int,
    paths: int,
    seed: int,
    season: Mapping[str, Sequence[float]],
    shocks: pd.DataFrame | None = None,
) -> Forecast:
    """Future entries by month and stream, with the test of every candidate on the past.

    Args:
        monthly: As `History.monthly`: `month`, `stream`, `entries`, one row or more per month.
        months: How far ahead.
        paths: Sample paths.
        seed: Of the random numbers; the same seed and counts give the same paths.
        season: By stream, the month index of the base, January first.
        shocks: As `History.shocks`: months from `from` to `to` (both included) say nothing about
            the future of `stream` (empty: of both).
    """
    check_asked(months, paths, seed)
    history = _history(monthly, shocks)
    first = _month_after(history["month"].max())
    made = {
        stream: _stream(history, stream, season[stream], months, paths, (seed, place))
        for place, stream in enumerate(map(str, _STREAMS))
        if (history["stream"] == stream).any()
    }
    rows = [{"stream": stream, **row} for stream, one in made.items() for row in one.scores]
    columns = ["stream", "candidate", "span", "origins", "forecasts", *SCORES]
    return Forecast(
        first=first.date(),
        paths={stream: one.paths for stream, one in made.items()},
        chosen={stream: one.choice.candidate for stream, one in made.items()},
        why={stream: one.choice.why for stream, one in made.items()},
        scores=pd.DataFrame(rows, columns=columns),
        history=history,
        notes=tuple(note for one in made.values() for note in one.notes),
    )


def check_asked(months: int, paths: int, seed: int) -> None:
    """Refuse what no forecast can be."""
    if not 1 <= months <= LONGEST_MONTHS:
        raise SufficiencyError(f"months must be from 1 to {LONGEST_MONTHS}, not {months}")
    if not 2 <= paths <= MOST_PATHS:
        raise SufficiencyError(f"paths must be from 2 to {MOST_PATHS:,}, not {paths}")
    if seed < 0:
        raise SufficiencyError("the seed must be 0 or more")


def _history(monthly: pd.DataFrame, shocks: pd.DataFrame | None) -> pd.DataFrame:
    """Entries by month and stream, every month between the first and the last; what is left out."""
    counts = (
        monthly.assign(month=pd.to_datetime(monthly["month"]).dt.to_period("M").dt.to_timestamp())
        .groupby(["stream", "month"])["entries"]
        .sum(min_count=1)
    )
    known = counts.dropna()
    if known.empty:
        raise SufficiencyError("there is no month with a count of entries to forecast from")
    span = pd.date_range(*known.index.get_level_values("month").sort_values()[[0, -1]], freq="MS")
    parts = []
    for stream in map(str, _STREAMS):
        if stream in known.index.get_level_values("stream"):
            entries = counts.loc[stream].reindex(span)
            out = _in_shock(span, stream, shocks) | entries.isna().to_numpy()
            part = {"month": span, "stream": stream, "entries": entries.to_numpy(), "left_out": out}
            parts.append(pd.DataFrame(part))
    return pd.concat(parts, ignore_index=True)


def _in_shock(
    span: pd.DatetimeIndex, stream: str, shocks: pd.DataFrame | None
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Months that a dated shock touches."""
    out = np.zeros(len(span), dtype=bool)
    if shocks is None:
        return out
    ends = span + pd.offsets.MonthEnd(0)
    for since, until, whose in zip(
        pd.to_datetime(shocks["from"]), pd.to_datetime(shocks["to"]), shocks["stream"], strict=True
    ):
        if pd.isna(whose) or str(whose) in ("", "all", stream):
            out |= (ends >= since) & (span <= until)
    return out


def _month_after(month: pd.Timestamp) -> pd.Timestamp:
    return month + pd.offsets.MonthBegin(1)


def _stream(
    history: pd.DataFrame,
    stream: str,
    season: Sequence[float],
    months: int,
    paths: int,
    key: tuple[int, ...],
) -> _Made:
    """Test the candidates on one stream's past and let the chosen one forecast."""
    rows = history[history["stream"] == stream]
    series = _series(rows, season)
    if not series.known.any():
        raise SufficiencyError(f"every month of {_WORDS[Stream(stream)]} is left out as a shock")
    found = trials(series, key)
    choice = (
        chosen(found)
        if len(series) >= FULL_MONTHS
        else Choice(SHORT, f"{len(series)} months are too few to compare candidates")
    )
    order = dict.fromkeys((choice.candidate, POOL, LEVEL, REGRESSION, SHORT))
    for name in order if len(series) >= FULL_MONTHS else BRIEF[:1]:
        made = paths_of([name], series, months, paths, (*key, len(series)))[name]
        if made is not None:
            break
    else:
        raise SufficiencyError(f"no method can forecast {_WORDS[Stream(stream)]} from these counts")
    if name != choice.candidate:
        choice = Choice(name, f"the {choice.candidate} fails on these counts")
    return _Made(made, choice, table(found), _notes(rows, stream, series, choice))


def _series(rows: pd.DataFrame, season: Sequence[float]) -> Series:
    """The stream's counts from its first known month on; months left out are missing."""
    counts = rows["entries"].where(~rows["left_out"]).to_numpy(dtype=float)
    start = int(np.argmax(~np.isnan(counts)))
    factors = np.asarray(season, dtype=float)
    factors = factors / factors.mean() if factors.sum() > 0 else np.ones(12)
    return Series(counts[start:], rows["month"].iloc[start].month - 1, factors)


def _notes(rows: pd.DataFrame, stream: str, series: Series, choice: Choice) -> list[str]:
    words = _WORDS[Stream(stream)]
    words = words[0].upper() + words[1:]
    out = []
    left_out = int(rows["left_out"].sum())
    if left_out:
        out.append(f"{words}: {left_out} months are left out (dated shocks, or no count).")
    if len(series) < 12:
        out.append(
            f"{words}: {len(series)} months are no season; the season is that of the base, the"
            " level is that of the counts, with its uncertainty."
        )
    elif choice.candidate == SHORT:
        out.append(
            f"{words}: {len(series)} months are short; of n children counted, the season is their"
            f" own by n / (n + {SHRINKAGE:.0f}) and the base's for the rest."
        )
    return out
