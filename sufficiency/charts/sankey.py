"""A Sankey diagram: flows between two columns of things; the wider the band, the more take it.

It is drawn from plain shapes. Plotly's own kind fades in whenever the width changes, and so is
still without its bands when a page is printed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import plotly.graph_objects as go

from sufficiency.answer.words import number, percent
from sufficiency.charts.look import BLUE, INK, Mark, Panel, escaped, style

GREY = "#3D3D3D"
_TOP, _BOTTOM, _SIDE = 90, 20, 116
"""Margins in pixels; at the sides stand the names, outside the figure, so that none is crossed."""
_PAD, _THICK, _FLOWS = 30, 8, 240
"""Pixels between two things, enough for a name of two lines; of a thing; of all flows together."""
_STRONG, _WEAK = 0.8, 0.18
"""How opaque the largest flows are, and the others."""


class Flow(NamedTuple):
    """What goes from one thing to another."""

    start: str
    end: str
    size: float


class _Band(NamedTuple):
    """A flow as it is drawn: its middle on the left and on the right, and how thick it is."""

    flow: Flow
    left: float
    right: float
    thick: float


def sankey_panel(
    heading: str, flows: Sequence[Flow], starts: Sequence[str], ends: Sequence[str], largest: int
) -> Panel:
    """Flows between two columns of things, which keep their order from top to bottom.

    Args:
        heading: Title of the figure.
        flows: With every thing by its name.
        starts: The things on the left, in order; those without a flow are left out.
        ends: Those on the right.
        largest: How many flows, the largest, are drawn strong.
    """
    flows = [flow for flow in flows if flow.size > 0]
    left = _sizes([(flow.start, flow.size) for flow in flows], starts)
    right = _sizes([(flow.end, flow.size) for flow in flows], ends)
    height = _FLOWS + _PAD * (max(len(left), len(right), 1) - 1)
    bands = _bands(flows, left, right, height)
    figure = go.Figure()
    _add_words(figure, bands)
    style(figure, heading, _TOP + _BOTTOM + height)
    figure.update_layout(
        hovermode="closest",
        margin={"t": _TOP, "b": _BOTTOM, "l": _SIDE, "r": _SIDE},
        shapes=[
            *_ribbons(bands, largest),
            *_things(left, 0.0, height),
            *_things(right, 1.0, height),
        ],
        annotations=[*_names(left, 0.0, "right", height), *_names(right, 1.0, "left", height)],
    )
    figure.update_xaxes(visible=False, range=[0, 1])
    figure.update_yaxes(visible=False, range=[0, 1])
    key = (
        Mark("bar", BLUE, "", "", f"the {largest} largest flows"),
        Mark("band", GREY, "", "", "other flows"),
    )
    return Panel(heading, figure, key)


def _sizes(ends: Sequence[tuple[str, float]], order: Sequence[str]) -> Mapping[str, float]:
    found = {name: round(sum(s for end, s in ends if end == name), 6) for name in order}
    return {name: size for name, size in found.items() if size > 0}


def _tops(sizes: Mapping[str, float], height: float) -> dict[str, float]:
    """The upper edge of each thing, in pixels from the top of the figure.

    The column with the most things fills the height; another keeps its scale and its gaps, and
    stands in the middle of it.
    """
    at = (height - _FLOWS - _PAD * (len(sizes) - 1)) / 2
    total, found = sum(sizes.values()), {}
    for name, size in sizes.items():
        found[name] = at
        at += _FLOWS * size / total + _PAD
    return found


def _bands(
    flows: Sequence[Flow], left: Mapping[str, float], right: Mapping[str, float], height: float
) -> list[_Band]:
    """Each flow between its two things, in which flows lie in the order of their other ends."""
    total = sum(flow.size for flow in flows)
    from_, to = _tops(left, height), _tops(right, height)
    places = {name: place for column in (left, right) for place, name in enumerate(column)}
    at_right: dict[Flow, float] = {}
    for flow in sorted(flows, key=lambda flow: places[flow.start]):
        at_right[flow] = to[flow.end]
        to[flow.end] += _FLOWS * flow.size / total
    found = []
    for flow in sorted(flows, key=lambda flow: places[flow.end]):
        thick = _FLOWS * flow.size / total
        ends = (from_[flow.start], at_right[flow])
        left_, right_ = (1 - (top + thick / 2) / height for top in ends)
        found.append(_Band(flow, left_, right_, thick / height))
        from_[flow.start] += thick
    return found


def _ribbons(bands: Sequence[_Band], largest: int) -> Iterable[dict[str, Any]]:
    """The flows, the largest above the others."""
    order = sorted(bands, key=lambda band: band.thick)
    for place, band in enumerate(order, start=1):
        strong = place > len(order) - largest
        half = band.thick / 2
        upper, lower = (band.left + half, band.right + half), (band.left - half, band.right - half)
        yield {
            "type": "path",
            "path": f"M0,{upper[0]:.4f}C0.5,{upper[0]:.4f} 0.5,{upper[1]:.4f} 1,{upper[1]:.4f}"
            f"L1,{lower[1]:.4f}C0.5,{lower[1]:.4f} 0.5,{lower[0]:.4f} 0,{lower[0]:.4f}Z",
            "xref": "paper", "yref": "paper", "layer": "below",
            "fillcolor": _see_through(BLUE, _STRONG) if strong else _see_through(GREY, _WEAK),
            "line": {"color": _see_through(GREY, 0.6), "width": 0.4},
        }  # fmt: skip


def _see_through(colour: str, share: float) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{share})"


def _things(sizes: Mapping[str, float], x: float, height: float) -> Iterable[dict[str, Any]]:
    """A bar for each thing."""
    total = sum(sizes.values())
    for name, top in _tops(sizes, height).items():
        ends = [1 - at / height for at in (top, top + _FLOWS * sizes[name] / total)]
        yield {
            "type": "line", "xref": "paper", "yref": "paper", "x0": x, "x1": x, "y0": ends[0],
            "y1": ends[1], "line": {"color": INK, "width": _THICK},
        }  # fmt: skip


def _names(
    sizes: Mapping[str, float], x: float, anchor: str, height: float
) -> Iterable[dict[str, Any]]:
    """The name of each thing beside it, with its number and its share of all."""
    total = sum(sizes.values())
    for name, top in _tops(sizes, height).items():
        share = sizes[name] / total
        yield {
            "text": f"{escaped(name)}<br><b>{number(sizes[name])}</b> ({percent(share)})",
            "x": x, "xref": "paper", "xanchor": anchor, "xshift": -8 if anchor == "right" else 8,
            "y": 1 - (top + _FLOWS * share / 2) / height, "yref": "paper", "yanchor": "middle",
            "align": anchor, "showarrow": False, "font": {"size": 13, "color": INK},
        }  # fmt: skip


def _add_words(figure: Any, bands: Sequence[_Band]) -> None:
    """What is said of a flow when it is pointed at, in its middle."""
    figure.add_scatter(
        x=[0.5] * len(bands),
        y=[round((band.left + band.right) / 2, 4) for band in bands],
        mode="markers",
        marker={"size": 12, "opacity": 0},
        customdata=[
            f"{escaped(flow.start)} to {escaped(flow.end)}: {number(flow.size)}"
            for flow, *_ in bands
        ],
        hovertemplate="%{customdata}<extra></extra>",
        showlegend=False,
    )
