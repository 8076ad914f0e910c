"""Groups one under the other, each at two or more times: averages with the range of futures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import plotly.graph_objects as go

from sufficiency.charts.drawing import (
    BOTTOM,
    INK,
    RULE,
    TOP,
    Mark,
    Panel,
    escaped,
    round_ticks,
    style,
    wrapped,
)

_ROW = 46
"""Height of a group, in pixels."""
_APART = 0.3
"""Of a group's height: between its first series and its last."""


class Point(NamedTuple):
    """An average with its range."""

    label: str
    """The group."""
    value: float
    low: float
    high: float


class Series(NamedTuple):
    """The groups at one time, or in one respect."""

    name: str
    """In the key."""
    shape: Literal["dot", "ring"]
    colour: str
    points: Sequence[Point]


def range_panel(
    heading: str, series: Sequence[Series], *, most: float | None = None, suffix: str = ""
) -> Panel:
    """Averages with their ranges, in rows of a group each.

    Args:
        heading: Title of the figure.
        series: At most four; a group that one of them lacks has a row all the same.
        most: End of the axis, the same for figures that are compared; left out: as far as need be.
        suffix: After each number of the axis, such as `%`.
    """
    labels = list(dict.fromkeys(point.label for one in series for point in one.points))
    figure = go.Figure()
    for place, one in enumerate(series):
        shift = _APART * (place / (len(series) - 1) - 0.5) if len(series) > 1 else 0.0
        _add(figure, one, labels, shift, suffix)
    style(figure, heading, TOP + BOTTOM + _ROW * len(labels))
    figure.update_layout(hovermode="closest", margin={"l": 128, "r": 18})
    most = most or 1.06 * max((p.high for one in series for p in one.points), default=1.0) or 1.0
    ticks = round_ticks(0.0, most)
    figure.update_xaxes(
        range=[-0.02 * most, most], tickvals=ticks,
        ticktext=[f"{tick:,.4g}{suffix}" for tick in ticks],
        showgrid=True, gridcolor=RULE, linecolor=RULE,
    )  # fmt: skip
    figure.update_yaxes(
        tickvals=list(range(len(labels))), ticktext=[wrapped(label) for label in labels],
        showgrid=False, range=[len(labels) - 0.5, -0.5], linecolor=INK,
    )  # fmt: skip
    key = tuple(Mark(one.shape, one.colour, "", "", one.name) for one in series)
    return Panel(heading, figure, key)


def _add(figure: Any, one: Series, labels: Sequence[str], shift: float, suffix: str) -> None:
    figure.add_scatter(
        x=[round(point.value, 3) for point in one.points],
        y=[labels.index(point.label) + shift for point in one.points],
        error_x={
            "type": "data", "symmetric": False, "color": one.colour, "thickness": 2, "width": 4,
            "array": [round(point.high - point.value, 3) for point in one.points],
            "arrayminus": [round(point.value - point.low, 3) for point in one.points],
        },
        mode="markers",
        marker={
            "color": "#FFFFFF" if one.shape == "ring" else one.colour, "size": 11,
            "line": {"color": one.colour, "width": 2},
        },
        name=escaped(one.name),
        text=[escaped(point.label) for point in one.points],
        hovertemplate=f"%{{text}}: %{{x:,.1f}}{suffix}<extra></extra>",
    )  # fmt: skip
