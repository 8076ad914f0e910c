"""Horizontal bars, each with its number beside it; parts of a whole side by side in one bar."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import plotly.graph_objects as go

from sufficiency.answer.words import number
from sufficiency.charts.look import (
    BOTTOM,
    INK,
    LOOKS,
    RULE,
    TOP,
    Mark,
    Panel,
    escaped,
    round_ticks,
    row_for_each,
    style,
    wrapped,
)

PATTERNS = ("", "/", ".", "x")
"""Of the parts of a bar, in order: told apart by pattern as well as by colour."""
_ROW, _LETTER = 38, 7.2
"""Pixels of a bar with the gap below it, and about those of a letter."""


class Bar(NamedTuple):
    """One bar."""

    label: str
    """What it is: beside it, on as many short lines as it takes."""
    values: tuple[float, ...]
    """Its parts, 0 or more each, in the order of their names; or one number."""
    words: str = ""
    """What stands at its end; empty: the sum of its parts."""
    low: float | None = None
    """Ends of the range of the whole; None: not shown."""
    high: float | None = None


def bar_panel(
    heading: str,
    bars: Sequence[Bar],
    names: Sequence[str],
    *,
    range_: str = "",
    write: Callable[[float], str] = number,
    end: float | None = None,
) -> Panel:
    """Horizontal bars with their numbers at their ends, below each other.

    Args:
        heading: Title of the figure.
        bars: From top to bottom.
        names: What each part of a bar is, at most four; of bars without parts the one thing shown.
        range_: What the thin line over a bar is, for the key; empty: none has one.
        write: How a number is written, at the ends and on the axis.
        end: End of the axis, the same for figures that are compared; None: that of the data.
    """
    figure = go.Figure()
    labels = [wrapped(bar.label) for bar in bars]
    for place, name in enumerate(names):
        _add_part(figure, bars, labels, place, name)
    if range_:
        _add_ranges(figure, bars, labels, range_)
    words = [bar.words or write(sum(bar.values)) for bar in bars]
    for bar, label, text in zip(bars, labels, words, strict=True):
        _add_words(figure, bar, label, text)
    lines = sum(max(2, 1 + label.count("<br>")) for label in labels)
    style(figure, heading, TOP + BOTTOM + lines * _ROW // 2)
    _axes(figure, labels, words, end or max(map(_tip, bars), default=1.0) or 1.0, write)
    return Panel(heading, figure, _key(names, range_))


def _add_part(
    figure: Any, bars: Sequence[Bar], labels: Sequence[str], place: int, name: str
) -> None:
    figure.add_bar(
        orientation="h",
        x=[round(bar.values[place], 3) for bar in bars],
        y=list(labels),
        width=0.62,
        name=escaped(name),
        marker={
            "color": LOOKS[place].colour,
            "line": {"color": "#FFFFFF", "width": 1},
            "pattern": {
                "shape": PATTERNS[place], "fillmode": "overlay", "fgcolor": "#FFFFFF", "size": 6,
                "solidity": 0.25,
            },
        },
        hovertemplate="%{x:,.1f}",
    )  # fmt: skip


def _add_ranges(figure: Any, bars: Sequence[Bar], labels: Sequence[str], name: str) -> None:
    told = [(bar, label) for bar, label in zip(bars, labels, strict=True) if bar.high is not None]
    whole = [sum(bar.values) for bar, _ in told]
    above = [(bar.high or 0.0) - sum(bar.values) for bar, _ in told]
    below = [sum(bar.values) - (bar.low or 0.0) for bar, _ in told]
    figure.add_scatter(
        x=[round(value, 3) for value in whole],
        y=[label for _, label in told],
        mode="markers",
        marker={"size": 1, "color": INK},
        error_x={
            "type": "data", "symmetric": False, "color": INK, "thickness": 1.5, "width": 4,
            "array": [round(value, 3) for value in above],
            "arrayminus": [round(value, 3) for value in below],
        },
        hoverinfo="skip",
        name=escaped(name),
    )  # fmt: skip


def _tip(bar: Bar) -> float:
    """Where a bar ends, or the line over it."""
    return max(sum(bar.values), bar.high or 0.0)


def _add_words(figure: Any, bar: Bar, label: str, text: str) -> None:
    figure.add_annotation(
        text=escaped(text), x=_tip(bar), y=label, xanchor="left", xshift=5, showarrow=False,
        font={"size": 13, "color": INK},
    )  # fmt: skip


def _axes(
    figure: Any,
    labels: Sequence[str],
    words: Sequence[str],
    high: float,
    write: Callable[[float], str],
) -> None:
    ticks = round_ticks(0.0, high, 4)
    figure.update_layout(
        barmode="stack", hovermode="closest", margin={"l": _room(labels), "r": _room(words)}
    )
    figure.update_xaxes(
        range=[0, high], tickvals=ticks, ticktext=list(map(write, ticks)), showgrid=True,
        gridcolor=RULE, linecolor=RULE,
    )  # fmt: skip
    row_for_each(figure, labels)


def _room(texts: Sequence[str]) -> int:
    """Pixels beside the figure for the longest line of some texts."""
    lines = [line for text in texts for line in text.split("<br>")]
    return 14 + round(_LETTER * max(map(len, lines), default=0))


def _key(names: Sequence[str], range_: str) -> tuple[Mark, ...]:
    parts = [
        Mark("bar", look.colour, "", pattern, name)
        for name, look, pattern in zip(names, LOOKS, PATTERNS, strict=False)
    ]
    if range_:
        parts.append(Mark("line", INK, "solid", "", range_))
    return tuple(parts)
