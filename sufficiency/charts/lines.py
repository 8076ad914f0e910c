"""Lines over time, or over a number, each labelled at its end."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import plotly.graph_objects as go

from sufficiency.charts.look import (
    BOTTOM,
    HEIGHT,
    INK,
    TOP,
    Look,
    Mark,
    Panel,
    escaped,
    style,
)

_LINE_HEIGHT, _TWO_LINES = 15, 48
"""Pixels of a line of text, and below a figure whose ticks take two lines."""


class Line(NamedTuple):
    """One line of a figure."""

    name: str
    """In the key."""
    label: str
    """At its end: a word or two."""
    x: Sequence[str]
    y: Sequence[float]
    look: Look


def time_panel(
    heading: str,
    lines: Sequence[Line],
    band: tuple[str, Any] | None = None,
    *,
    from_zero: bool = True,
) -> Panel:
    """Lines over time, each labelled at its end, and the range of futures of the first.

    Args:
        heading: Title of the figure.
        lines: At most four.
        band: Name of the range in the key, and rows with `p10` and `p90` by date.
        from_zero: Whether the axis begins at 0.
    """
    figure = go.Figure()
    if band is not None:
        _add_band(figure, *band, lines[0].look.colour)
    for line in lines:
        _add_line(figure, line)
    low, high = _extent(lines, band, from_zero)
    style(figure, heading, HEIGHT)
    figure.update_yaxes(range=[low, high], tickformat=",~r", nticks=6)
    figure.update_xaxes(**_time_axis(lines[0].x))
    if len(lines) > 1:
        _label(figure, lines, low, high)
    else:
        figure.update_layout(margin={"r": 14})
    if len(lines[0].x) and len(lines[0].x[0]) == 7:
        figure.update_layout(margin={"b": _TWO_LINES}, height=HEIGHT + _TWO_LINES - BOTTOM)
    key = [Mark("line", *line.look, line.name) for line in lines]
    if band is not None:
        key.append(Mark("band", lines[0].look.colour, "", "", band[0]))
    return Panel(heading, figure, tuple(key))


def curve_panel(
    heading: str,
    lines: Sequence[Line],
    band: tuple[str, Any] | None = None,
    *,
    ends: tuple[float, float] = (0.0, 1.0),
) -> Panel:
    """Lines over a number, such as years since entry, and a range about the first.

    Args:
        heading: Title of the figure.
        lines: At most four; their `x` are numbers as text.
        band: Name of the range in the key, and rows with `p10` and `p90` by that number.
        ends: Ends of the vertical axis.
    """
    figure = go.Figure()
    if band is not None:
        _add_band(figure, *band, lines[0].look.colour)
    for line in lines:
        _add_line(figure, line)
    style(figure, heading, HEIGHT)
    figure.update_yaxes(range=list(ends), tickformat=",~r", nticks=6)
    figure.update_xaxes(type="linear", nticks=7)
    _label(figure, lines, *ends)
    key = [Mark("line", *line.look, line.name) for line in lines]
    if band is not None:
        key.append(Mark("band", lines[0].look.colour, "", "", band[0]))
    return Panel(heading, figure, tuple(key))


def _add_band(figure: Any, name: str, rows: Any, colour: str) -> None:
    dates = [str(date) for date in rows.index]
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    figure.add_scatter(
        x=[*dates, *reversed(dates)],
        y=[*rows["p90"].tolist(), *reversed(rows["p10"].tolist())],
        mode="lines",  # or a short band would have dots along its edge
        fill="toself",
        fillcolor=f"rgba({red},{green},{blue},0.18)",
        line={"width": 0},
        hoverinfo="skip",
        name=escaped(name),
    )


def _add_line(figure: Any, line: Line) -> None:
    figure.add_scatter(
        x=list(line.x),
        y=[round(float(value), 3) for value in line.y],
        mode="lines+markers",
        name=escaped(line.name),
        line={"color": line.look.colour, "width": 2.5, "dash": line.look.dash},
        marker={
            "symbol": line.look.symbol, "size": 8, "color": line.look.colour, "maxdisplayed": 6,
        },
        hovertemplate="%{y:,.1f}",
    )  # fmt: skip


def _extent(
    lines: Sequence[Line], band: tuple[str, Any] | None, from_zero: bool
) -> tuple[float, float]:
    values = [float(value) for line in lines for value in line.y]
    if band is not None:
        values += [*band[1]["p10"].tolist(), *band[1]["p90"].tolist()]
    low, high = min(values, default=0.0), max(values, default=1.0)
    room = 0.08 * ((high if from_zero else high - low) or 1.0)
    return (0.0 if from_zero else low - room), high + room


def _time_axis(dates: Sequence[str]) -> dict[str, Any]:
    """A tick every year; every quarter where there are fewer than two years.

    Financial years, such as 2027-28, have a place each; their labels take two lines, to fit.
    """
    if not dates:
        return {}
    if len(dates[0]) == 7:
        shown = dates[:: 1 + (len(dates) - 1) // 6]
        words = [f"{year[:4]}<br>{year[4:]}" for year in shown]
        return {
            "type": "category", "range": [-0.35, len(dates) - 0.65], "tickvals": list(shown),
            "ticktext": words,
        }  # fmt: skip
    years = int(dates[-1][:4]) - int(dates[0][:4])
    if years < 2:
        return {"type": "date", "nticks": 4, "tickformat": "%b %Y", "hoverformat": "%-d %B %Y"}
    step = 1 if years <= 6 else 2 if years <= 12 else 5
    first = f"{int(dates[0][:4]) + 1}-01-01"
    return {
        "type": "date", "tick0": first, "dtick": f"M{12 * step}", "tickformat": "%Y",
        "hoverformat": "%-d %B %Y",
    }  # fmt: skip


def _label(figure: Any, lines: Sequence[Line], low: float, high: float) -> None:
    """Write each line's word beside its end, moved apart where they would overlap."""
    per_unit = (HEIGHT - TOP - BOTTOM) / (high - low)
    heights = [(float(line.y[-1]) - low) * per_unit for line in lines if len(line.y)]
    for line, height in zip((x for x in lines if len(x.y)), _apart(heights), strict=True):
        figure.add_annotation(
            text=escaped(line.label), x=1, xref="paper", xanchor="left", xshift=6, yanchor="middle",
            y=low + height / per_unit, showarrow=False, align="left",
            font={"size": 13, "color": INK},
        )  # fmt: skip


def _apart(heights: Sequence[float]) -> list[float]:
    """Heights at least a line of text apart, in the same order, moved as little as need be."""
    order = sorted(range(len(heights)), key=lambda i: heights[i])
    placed = list(heights)
    for _ in range(20):
        for below, above in pairwise(order):
            overlap = _LINE_HEIGHT - (placed[above] - placed[below])
            if overlap > 0:
                placed[below] -= overlap / 2
                placed[above] += overlap / 2
        floor = max(0.0, -placed[order[0]]) if order else 0.0
        placed = [height + floor for height in placed]
    return placed
