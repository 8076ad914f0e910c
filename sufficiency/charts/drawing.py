"""How charts look: colours, lines, bands, keys and labels, the same in all of them.

Colours are the Government Analysis Function's, never more than four in a figure and never alone:
dash, marker and label tell the same. Text is horizontal, the key stands above the figure. Text that
comes from a scenario is escaped, because plotly reads some HTML.
"""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, NamedTuple

import plotly.graph_objects as go

from sufficiency.answer.words import signed

BLUE, TEAL, PLUM, ORANGE = "#12436D", "#28A197", "#801650", "#F46A25"
INK, RULE = "#0B0C0C", "#DEE0E2"
FONT = "Arial, Helvetica, 'Liberation Sans', sans-serif"
HEIGHT = 300
_TOP, _BOTTOM, _LEFT, _RIGHT = 90, 34, 40, 84
_LINE_HEIGHT = 15


class Look(NamedTuple):
    """How one line looks: told apart by dash and marker as well as by colour."""

    colour: str
    dash: str
    symbol: str


FIRST = Look(BLUE, "solid", "circle")
SECOND = Look(ORANGE, "dash", "square")
THIRD = Look(TEAL, "dot", "diamond")
FOURTH = Look(PLUM, "dashdot", "triangle-up")
LOOKS = (FIRST, SECOND, THIRD, FOURTH)


class Mark(NamedTuple):
    """One entry of a key: how something looks, and what it is."""

    shape: Literal["line", "band", "dot", "ring", "bar"]
    colour: str
    dash: str
    symbol: str
    name: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One figure of a chart."""

    heading: str
    figure: Any
    """A plotly figure with its heading as title and its key above."""
    key: tuple[Mark, ...]
    """The same key, for a page that shows it as text of its own, which wraps."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A finding: in figures side by side, in words, and as a table."""

    name: str
    """For ids: small letters and dashes."""
    title: str
    """The finding, in ten words or fewer."""
    subtitle: str
    """What is measured, where and when."""
    panels: tuple[Panel, ...]
    alternative: tuple[str, ...]
    """The same in sentences, for those who do not see the figures."""
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    """The data behind the figures, as text."""


class Line(NamedTuple):
    """One line of a figure."""

    name: str
    """In the key."""
    label: str
    """At its end: a word or two."""
    x: Sequence[str]
    y: Sequence[float]
    look: Look


def escaped(text: str) -> str:
    """Text that plotly shows as it is."""
    return html.escape(text, quote=False)


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


def style(figure: Any, heading: str, height: int) -> None:
    """What all figures have in common."""
    figure.update_layout(
        template="none",
        title={"text": escaped(heading), "x": 0, "font": {"size": 15}},
        font={"family": FONT, "size": 13, "color": INK},
        paper_bgcolor="#FFFFFF",
        plot_bgcolor="#FFFFFF",
        height=height,
        margin={"t": _TOP, "b": _BOTTOM, "l": _LEFT, "r": _RIGHT},
        hovermode="x unified",
        legend={
            "orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom",
            "font": {"size": 13}, "itemclick": False, "itemdoubleclick": False,
        },
        showlegend=True,
        dragmode=False,
    )  # fmt: skip
    figure.update_xaxes(
        showgrid=False, linecolor=INK, ticks="outside", tickcolor=INK, tickangle=0, fixedrange=True
    )
    figure.update_yaxes(gridcolor=RULE, zeroline=False, fixedrange=True)


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
    per_unit = (HEIGHT - _TOP - _BOTTOM) / (high - low)
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


class Dot(NamedTuple):
    """An average with its range."""

    label: str
    value: float
    low: float
    high: float
    clear: bool
    """Whether the average can be told from zero."""


def dot_panel(heading: str, dots: Sequence[Dot], extent: tuple[float, float], range_: str) -> Panel:
    """Averages with their ranges, one under the other, and a line at zero.

    Args:
        heading: Title of the figure.
        dots: From top to bottom.
        extent: Ends of the axis, the same for figures that are compared.
        range_: What the bars are, for the key.
    """
    figure = go.Figure()
    told = ((True, f"average change; bar: {range_}"), (False, "cannot be told from no change"))
    for clear, name in told:
        _add_dots(figure, [dot for dot in dots if dot.clear == clear], name, clear=clear)
    style(figure, heading, _TOP + _BOTTOM + 46 * len(dots))
    figure.update_layout(hovermode="closest", margin={"l": 96, "r": 14})
    ticks = round_ticks(*extent)
    figure.update_xaxes(
        range=list(extent),
        tickvals=ticks,
        ticktext=[signed(tick).removesuffix(".0") for tick in ticks],
        showgrid=True,
        gridcolor=RULE,
        linecolor=RULE,
    )
    figure.update_yaxes(
        categoryorder="array", categoryarray=[dot.label for dot in reversed(dots)],
        showgrid=False, type="category", range=[-0.6, len(dots) - 0.4],
    )  # fmt: skip
    figure.add_vline(x=0, line={"color": INK, "width": 1.5})
    key = (Mark("dot", BLUE, "", "", told[0][1]), Mark("ring", BLUE, "", "", told[1][1]))
    return Panel(heading, figure, key)


def _add_dots(figure: Any, dots: Sequence[Dot], name: str, *, clear: bool) -> None:
    figure.add_scatter(
        x=[round(dot.value, 3) for dot in dots],
        y=[dot.label for dot in dots],
        error_x={
            "type": "data", "symmetric": False, "color": BLUE, "thickness": 2, "width": 4,
            "array": [round(dot.high - dot.value, 3) for dot in dots],
            "arrayminus": [round(dot.value - dot.low, 3) for dot in dots],
        },
        mode="markers",
        marker={
            "color": BLUE, "size": 11, "symbol": "circle" if clear else "circle-open",
            "line": {"color": BLUE, "width": 2},
        },
        name=escaped(name),
        hovertemplate="%{x:+.1f}<extra></extra>",
    )  # fmt: skip


def round_ticks(low: float, high: float, about: int = 5) -> list[float]:
    """About so many round numbers, zero among them."""
    rough = (high - low) / about
    unit = 10.0 ** math.floor(math.log10(rough)) if rough > 0 else 1.0
    step = next(unit * m for m in (1, 2, 5, 10) if unit * m >= rough)
    return [step * k for k in range(math.ceil(low / step), math.floor(high / step) + 1)]
