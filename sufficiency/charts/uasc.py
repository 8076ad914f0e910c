"""Unaccompanied children against the transfer threshold, and the season in which they come."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from sufficiency.answer.levels import level, series
from sufficiency.answer.threshold import limits
from sufficiency.answer.words import RANGE_OF_FUTURES, number, percent, when, whole
from sufficiency.charts.drawing import (
    FIRST,
    FOURTH,
    SECOND,
    THIRD,
    Chart,
    Line,
    Panel,
    time_panel,
)
from sufficiency.charts.entries import SEASONS, Season, by_quarter, season_of, season_words
from sufficiency.charts.past import (
    COLUMNS,
    Told,
    period_panel,
    quarterly,
    rows_of,
    sources,
    with_past,
    words_of,
)
from sufficiency.scenario import Scenario

_STREAM = "stream=uasc"
OFTEN, SELDOM = 0.9, 0.1
"""Shares of months and futures from which a threshold is nearly always, or rarely, reached."""
_SHOWN = 0.02
"""Share of futures at or above the threshold up to which no figure shows it."""


def against_threshold(
    summary: pd.DataFrame,
    scenario: Scenario,
    reached: pd.DataFrame | None = None,
    past: Sequence[Told] = (),
    *,
    assumed: bool = False,
) -> Chart | None:
    """Unaccompanied children in care by month, and the threshold; None without two months.

    Args:
        summary: As `summary.csv`.
        scenario: What was simulated.
        reached: By date, the share of futures at or above the threshold; None: not known.
        past: Unaccompanied children before the first day.
        assumed: Whether the child population, on which the threshold rests, is an assumption.
    """
    rows = series(summary, "children_in_care", _STREAM)
    if len(rows) < 2:
        return None
    dates = [str(date) for date in rows.index]
    at = limits(scenario, dates)
    often = _often(reached)
    first, last = level(rows.iloc[0]), level(rows.iloc[-1])
    begin = past[0].period if past else first.period
    return Chart(
        name="uasc",
        title=_title(rows, at["threshold"].dropna(), often),
        subtitle=f"Unaccompanied asylum-seeking children in care at the end of each month,"
        f" {scenario.name}, {when(begin)} to {when(last.period)}, if nothing is decided"
        + ("; the threshold rests on an assumed child population" if assumed else ""),
        panels=tuple(_panels(rows, at, reached, past)),
        alternative=tuple(_words(rows, at, often, past)),
        columns=(*COLUMNS, "Threshold", "Futures at or above it"),
        rows=tuple(_rows(rows, at, reached, past)),
        source=sources(past),
    )


def _often(reached: pd.DataFrame | None) -> float | None:
    """The share of futures at or above the threshold, averaged over the months after the start."""
    if reached is None or len(reached) < 2:
        return None
    return float(reached["reached"].iloc[1:].mean())


def _title(rows: Any, threshold: Any, often: float | None) -> str:
    if not len(threshold):
        usual = whole(rows["mean"].mean())
        return f"About {usual} unaccompanied children, with no transfer threshold"
    steady = float(threshold.max() - threshold.min()) < 0.5
    of = f" of {whole(threshold.iloc[-1])}" if steady else ""
    if often is None:
        return _by_range(rows.loc[threshold.index], threshold, of)
    if often >= OFTEN:
        return f"Unaccompanied children nearly always reach the transfer threshold{of}"
    if often > SELDOM:
        return f"Unaccompanied children reach the transfer threshold {percent(often)} of the time"
    rarely = "rarely reach" if often > 0 else "stay below"
    return f"Unaccompanied children {rarely} the transfer threshold{of}"


def _by_range(rows: Any, threshold: Any, of: str) -> str:
    """The title where futures are known by their range only."""
    if bool((rows["p90"] < threshold).all()):
        return f"Unaccompanied children mostly stay below the transfer threshold{of}"
    if bool((rows["p10"] >= threshold).all()):
        return f"Unaccompanied children mostly stay above the transfer threshold{of}"
    return f"Unaccompanied children are often near the transfer threshold{of}"


def _panels(
    rows: Any, at: pd.DataFrame, reached: pd.DataFrame | None, past: Sequence[Told]
) -> Iterable[Panel]:
    lines = [Line("simulated, average", "children", *_xy(rows["mean"]), FIRST)]
    for column, words, look in (("threshold", "threshold", SECOND), ("quota", "quota", THIRD)):
        known = at[column].dropna()
        if len(known):
            lines.append(Line(f"transfer {words}", words, *_xy(known), look))
    panel = time_panel("Unaccompanied children in care", lines, (RANGE_OF_FUTURES, rows))
    yield with_past(panel, past)
    if reached is not None and len(reached) > 1 and float(reached["reached"].max()) > _SHOWN:
        line = Line("futures at or above it", "", *_xy(100 * reached["reached"]), FOURTH)
        panel = time_panel("Futures at or above the threshold, %", [line])
        panel.figure.update_yaxes(ticksuffix="%", range=[0, 100])
        yield panel


def _xy(values: Any) -> tuple[list[str], list[float]]:
    return [str(date) for date in values.index], values.tolist()


def _words(rows: Any, at: pd.DataFrame, often: float | None, past: Sequence[Told]) -> Iterable[str]:
    if past:
        told = "; ".join(f"{whole(one.value)} on {words_of(one.period)}" for one in past)
        yield f"Before the run: {told}."
    first, last = level(rows.iloc[0]), level(rows.iloc[-1])
    yield (
        f"On average {number(first.mean)} in {when(first.period)} and {number(last.mean)} in"
        f" {when(last.period)} ({RANGE_OF_FUTURES}: {last.range})."
    )
    threshold = at["threshold"].dropna()
    if len(threshold):
        line = f"The threshold is {whole(threshold.iloc[-1])} children in {when(last.period)}"
        if often is not None:
            line += f"; over all months and futures it is reached {percent(often)} of the time"
        yield f"{line}."


def _rows(
    rows: Any, at: pd.DataFrame, reached: pd.DataFrame | None, past: Sequence[Told]
) -> Iterable[tuple[str, ...]]:
    share = {} if reached is None else reached["reached"].to_dict()
    dates = [*("" for _ in past), *(str(date) for date in rows.index)]
    thresholds = at["threshold"].dropna().to_dict()
    for date, row in zip(dates, rows_of(rows, past), strict=True):
        line = thresholds.get(date)
        yield (
            *row,
            "" if line is None else number(line),
            percent(share[date]) if date in share else "",
        )


def uasc_entries(summary: pd.DataFrame, area: str, past: Sequence[Told] = ()) -> Chart | None:
    """Unaccompanied children who enter by quarter; None without two quarters."""
    rows = by_quarter(series(summary, "entries", _STREAM))
    if len(rows) < 2:
        return None
    season, before = season_of(rows), quarterly(past)
    first, last = words_of(str(rows.index[0])), words_of(str(rows.index[-1]))
    return Chart(
        name="uasc-entries",
        title=_entries_title(season, len(rows)),
        subtitle="Unaccompanied asylum-seeking children who enter care by quarter, direct and"
        f" transferred, {area}, {first} to {last}, if nothing is decided",
        panels=(period_panel("Unaccompanied children who enter", rows, before),),
        alternative=(season_words(season),),
        columns=COLUMNS,
        rows=tuple(rows_of(rows, before)),
        source=sources(before),
    )


def _entries_title(season: Season | None, quarters: int) -> str:
    if season is None and quarters < SEASONS:
        return "Too short a run to tell a season in arrivals"
    if season is None:
        return "No clear season in unaccompanied children's arrivals"
    if season.most:
        return f"Arrivals of unaccompanied children peak from {season.most}"
    return f"Fewest unaccompanied children arrive from {season.fewest}"
