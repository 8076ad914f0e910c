"""Steps that add up: how one sum becomes another, part by part."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from textwrap import wrap
from typing import Any, NamedTuple

from plotly import graph_objects as go

from sufficiency.answer.pounds import more_pounds
from sufficiency.answer.words import MINUS
from sufficiency.charts.drawing import (
    BLUE,
    INK,
    RULE,
    TEAL,
    Mark,
    Panel,
    escaped,
    round_ticks,
    row_for_each,
    style,
)

GREY = "#3D3D3D"
ALL = "Change in all"
_ROW = 40
_TOP, _BOTTOM = 90, 34


class Step(NamedTuple):
    """One part of a change of money."""

    words: str
    pounds: float
    """Above 0 it adds, below 0 it takes off."""


def step_panel(heading: str, steps: Sequence[Step]) -> Panel:
    """Each part from where the one before ended, and the change in all from zero, below each other.

    Args:
        heading: Title of the figure.
        steps: From top to bottom.
    """
    ends = list(accumulate((step.pounds for step in steps), initial=0.0))
    bars = [
        *((step.words, at, step.pounds) for step, at in zip(steps, ends, strict=False)),
        (ALL, 0.0, ends[-1]),
    ]
    figure = go.Figure()
    _add_links(figure, [words for words, _, _ in bars], ends)
    _add_bars(figure, bars)
    style(figure, heading, _TOP + _BOTTOM + _ROW * len(bars))
    _axes(figure, [words for words, _, _ in bars], ends)
    key = [Mark("bar", BLUE, "", "", "adds"), Mark("bar", TEAL, "", "", "takes off")]
    key.append(Mark("bar", GREY, "", "", "change in all"))
    return Panel(heading, figure, tuple(key))


def _add_bars(figure: Any, bars: Sequence[tuple[str, float, float]]) -> None:
    """The sum of money stands to the right of each bar, signed: colour alone would not do."""
    figure.add_bar(
        orientation="h",
        y=[_wrapped(words) for words, _, _ in bars],
        base=[min(at, at + size) / 1e6 for _, at, size in bars],
        x=[abs(size) / 1e6 for _, _, size in bars],
        marker={"color": [_colour(words, size) for words, _, size in bars]},
        width=0.62,
        customdata=[more_pounds(size) for _, _, size in bars],
        hovertemplate="%{customdata}<extra></extra>",
        showlegend=False,
    )
    for words, at, size in bars:
        figure.add_annotation(
            text=more_pounds(size), x=max(at, at + size) / 1e6, y=_wrapped(words), xanchor="left",
            xshift=5, showarrow=False, font={"size": 13, "color": INK},
        )  # fmt: skip


def _colour(words: str, size: float) -> str:
    if words == ALL:
        return GREY
    return BLUE if size > 0 else TEAL


def _add_links(figure: Any, words: Sequence[str], ends: Sequence[float]) -> None:
    """Thin lines from the end of each bar to the next."""
    x, y = [], []
    for above, below, at in zip(words, words[1:], ends[1:], strict=False):
        x += [at / 1e6, at / 1e6, None]
        y += [_wrapped(above), _wrapped(below), None]
    figure.add_scatter(
        x=x, y=y, mode="lines", line={"color": GREY, "width": 1}, hoverinfo="skip",
        showlegend=False,
    )  # fmt: skip


def _axes(figure: Any, words: Sequence[str], ends: Sequence[float]) -> None:
    low, high = min(ends) / 1e6, max(ends) / 1e6
    room = 0.03 * (high - low or 1.0)
    extent = [low - room, high + room]
    ticks = round_ticks(low, high or 1.0, 4)
    figure.update_layout(hovermode="closest", margin={"l": 122, "r": 66})
    figure.update_xaxes(
        range=extent, tickvals=ticks, ticktext=list(map(million_tick, ticks)),
        showgrid=True, gridcolor=RULE, linecolor=RULE,
    )  # fmt: skip
    row_for_each(figure, list(map(_wrapped, words)))
    figure.add_vline(x=0, line={"color": INK, "width": 1.5})


def million_tick(value: float) -> str:
    """A tick of an axis in millions."""
    return "0" if value == 0 else f"£{value:,.6g}m".replace("£-", f"{MINUS}£")


def _wrapped(words: str) -> str:
    return "<br>".join(map(escaped, wrap(words, 18)))
