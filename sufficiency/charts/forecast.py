"""Entries counted and entries to come: months, and totals of twelve months, with their ranges."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sufficiency.answer.forecast_page import STREAM_WORDS, month_of, totals
from sufficiency.answer.words import capital, number, spread, whole
from sufficiency.charts.drawing import FIRST, SECOND, Chart, Line, Mark, Panel, time_panel
from sufficiency.forecast.result import Forecast
from sufficiency.vocabulary import Stream

RANGES = ((95, 0.16), (80, 0.20), (50, 0.26))
"""Coverage of each band, and how dark it is by itself; they lie on one another."""
RANGE_WORDS = "50, 80 and 95% ranges, from dark to light"
SHOCK_WORDS = "months left out"
_GREY = "#6F777B"


class Fan(NamedTuple):
    """What is to come: quantiles by date."""

    dates: tuple[str, ...]
    median: tuple[float, ...]
    bands: dict[int, tuple[tuple[float, ...], tuple[float, ...]]]
    """By coverage: the low and high ends."""


class Past(NamedTuple):
    """What was counted."""

    dates: tuple[str, ...]
    counts: tuple[float, ...]
    left_out: tuple[tuple[str, str], ...] = ()
    """First and last date of each stretch that says nothing about the future."""


def entries_ahead(forecast: Forecast, stream: str, area: str) -> Chart:
    """One stream's past and future: months, and totals of each twelve months."""
    paths = forecast.paths[stream]
    past = _past(forecast, stream)
    months = _fan(paths, [month_of(forecast.first, k) for k in range(paths.shape[1])])
    panels = [_panel("By month", past, months)]
    years = list(totals(paths, forecast.first))
    if years:
        ends = [month_of(forecast.first, 12 * k + 11) for k in range(len(years))]
        fan = _fan(np.column_stack([found for _, found in years]), ends)
        panels.append(_panel("In the twelve months to", _past_years(past), fan))
    words = capital(STREAM_WORDS[stream])
    first = paths[:, :12].sum(axis=1)
    low, high = np.quantile(first, [0.1, 0.9])
    return Chart(
        name=f"entries-{stream.replace('_', '-')}",
        title=_title(stream, float(np.median(first)), paths.shape[1]),
        subtitle=f"{words} who entered care, counted and forecast, {area}",
        panels=tuple(panels),
        alternative=(
            f"Forecast from {forecast.first:%B %Y} on: {whole(np.median(first))} in the first"
            f" {min(12, paths.shape[1])} months, 80% range {spread(low, high)}.",
        ),
        columns=("Month", "Counted", "Median", "80% range", "95% range"),
        rows=(*_past_rows(past), *_fan_rows(months)),
    )


def _title(stream: str, median: float, months: int) -> str:
    who = "of UASC" if stream == Stream.UASC else "other than UASC"
    span = "a year" if months >= 12 else f"in {months} months"
    return f"About {whole(median)} entries {who} expected {span}"


def _past(forecast: Forecast, stream: str) -> Past:
    rows = forecast.history[forecast.history["stream"] == stream]
    known = rows[rows["entries"].notna()]
    left_out = [
        [f"{month:%Y-%m-%d}" for month in of["month"]] for out, of in _stretches(rows) if out
    ]
    return Past(
        tuple(f"{month:%Y-%m-%d}" for month in known["month"]),
        tuple(float(count) for count in known["entries"]),
        tuple((stretch[0], stretch[-1]) for stretch in left_out),
    )


def _stretches(rows: Any) -> list[tuple[bool, Any]]:
    flags = rows["left_out"].tolist()
    found, place = [], 0
    for out, of in groupby(flags):
        length = len(list(of))
        found.append((bool(out), rows.iloc[place : place + length]))
        place += length
    return found


def _past_years(past: Past) -> Past:
    """Totals of each twelve months back from the last month."""
    years = len(past.counts) // 12
    start = len(past.counts) - 12 * years
    counts = np.array(past.counts[start:]).reshape(years, 12).sum(axis=1)
    return Past(past.dates[start + 11 :: 12], tuple(counts.tolist()), past.left_out)


def _fan(paths: npt.NDArray[Any], dates: Sequence[date]) -> Fan:
    bands = {}
    for coverage, _ in RANGES:
        low, high = np.quantile(paths, [0.5 - coverage / 200, 0.5 + coverage / 200], axis=0)
        bands[coverage] = tuple(low.round(3).tolist()), tuple(high.round(3).tolist())
    median = tuple(np.median(paths, axis=0).tolist())
    return Fan(tuple(day.isoformat() for day in dates), median, bands)


def _panel(heading: str, past: Past, fan: Fan) -> Panel:
    lines = [Line("median of the forecast", "", fan.dates, fan.median, SECOND)]
    if past.counts:
        lines.insert(0, Line("counted", "", past.dates, past.counts, FIRST))
    panel = time_panel(heading, lines)
    figure = panel.figure
    drawn = len(figure.data)
    for coverage, dark in RANGES:
        _add_band(figure, fan, coverage, dark)
    figure.data = (*figure.data[drawn:], *figure.data[:drawn])  # bands below lines
    for since, until in past.left_out:
        figure.add_vrect(x0=since, x1=until, fillcolor=_GREY, opacity=0.15, line_width=0)
    top = max((*fan.bands[RANGES[0][0]][1], *past.counts, 1.0))
    figure.update_yaxes(range=[0, 1.08 * top])
    figure.update_layout(margin={"r": 14})
    dates = (*past.dates, *fan.dates)
    figure.update_xaxes(range=[dates[0], dates[-1]])
    key = [*panel.key, Mark("band", SECOND.colour, "", "", RANGE_WORDS)]
    if past.left_out:
        key.append(Mark("band", _GREY, "", "", SHOCK_WORDS))
    return Panel(heading, figure, tuple(key))


def _add_band(figure: Any, fan: Fan, coverage: int, dark: float) -> None:
    low, high = fan.bands[coverage]
    red, green, blue = (int(SECOND.colour[i : i + 2], 16) for i in (1, 3, 5))
    figure.add_scatter(
        x=[*fan.dates, *reversed(fan.dates)],
        y=[*high, *reversed(low)],
        fill="toself",
        fillcolor=f"rgba({red},{green},{blue},{dark})",
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
        name=f"{coverage}% range",
    )


def _past_rows(past: Past) -> list[tuple[str, ...]]:
    return [
        (day[:7], number(count), "", "", "")
        for day, count in zip(past.dates, past.counts, strict=True)
    ]


def _fan_rows(fan: Fan) -> list[tuple[str, ...]]:
    rows = []
    for place, day in enumerate(fan.dates):
        ranges = (spread(*(end[place] for end in fan.bands[c])) for c in (80, 95))
        rows.append((day[:7], "", number(fan.median[place]), *ranges))
    return rows
