"""Averages with their ranges, one under the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import plotly.graph_objects as go

from sufficiency.answer.words import signed
from sufficiency.charts.look import (
    BLUE,
    BOTTOM,
    INK,
    RULE,
    TOP,
    Mark,
    Panel,
    escaped,
    round_ticks,
    row_for_each,
    style,
)


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
    style(figure, heading, TOP + BOTTOM + 46 * len(dots))
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
    row_for_each(figure, [dot.label for dot in dots])
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
