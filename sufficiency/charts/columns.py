"""Columns over financial years: side by side, or parts of a whole on top of one another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import plotly.graph_objects as go

from sufficiency.answer.words import number
from sufficiency.charts.bars import PATTERNS
from sufficiency.charts.look import (
    HEIGHT,
    INK,
    LOOKS,
    Mark,
    Panel,
    escaped,
    round_ticks,
    style,
)

_NUMBERED = 6
"""Years up to which each column bears its number; more would not fit on a telephone."""
_WIDTH = 0.8
"""Of the space of a year: what all its columns take."""


class Column(NamedTuple):
    """One series."""

    name: str
    values: Sequence[float]
    """By year."""
    place: int = 0
    """Which column of the year it is part of; series of one column stand on one another."""


class Whisker(NamedTuple):
    """The range of futures of a column."""

    name: str
    ends: Sequence[tuple[float, float]]
    """By year."""
    place: int = 0


def column_panel(
    heading: str,
    years: Sequence[str],
    columns: Sequence[Column],
    whisker: Whisker | None = None,
    *,
    first: int = 0,
    write: Callable[[float], str] = number,
) -> Panel:
    """Columns by year with their numbers, and the range of futures of one of them.

    Args:
        heading: Title of the figure.
        years: From left to right.
        columns: At most four series.
        whisker: The range of futures of a column.
        first: Which look the first series has, where figures of a chart share a key.
        write: How a number is written.
    """
    count = 1 + max(column.place for column in columns)
    width = _WIDTH / count
    tops = [[0.0] * len(years) for _ in range(count)]
    figure = go.Figure()
    for order, column in enumerate(columns, start=first):
        _add(figure, column, _at(years, column.place, width, count), width, tops, order)
    tips = [list(column) for column in tops]
    if whisker is not None:
        at = _at(years, whisker.place, width, count)
        _add_whisker(figure, whisker, at, tops[whisker.place])
        tips[whisker.place] = [
            high if top >= 0 else low
            for (low, high), top in zip(whisker.ends, tops[whisker.place], strict=True)
        ]
    style(figure, heading, HEIGHT)
    if len(years) <= _NUMBERED:
        stood = zip(tops, tips, strict=True)
        notes = [
            note
            for place, (column_tops, ends) in enumerate(stood)
            for note in _numbers(_at(years, place, width, count), column_tops, ends, write)
        ]
        figure.update_layout(annotations=notes)
    _axes(figure, years, _extent(tips, whisker), write)
    key = [
        Mark("bar", LOOKS[order].colour, "", PATTERNS[order], column.name)
        for order, column in enumerate(columns, start=first)
    ]
    if whisker is not None:
        key.append(Mark("line", INK, "solid", "", whisker.name))
    return Panel(heading, figure, tuple(key))


def _at(years: Sequence[str], place: int, width: float, count: int) -> list[float]:
    return [year + width * (place - (count - 1) / 2) for year in range(len(years))]


def _add(
    figure: Any, column: Column, at: Sequence[float], width: float, tops: list[list[float]],
    order: int,
) -> None:  # fmt: skip
    base = tops[column.place]
    figure.add_bar(
        x=at,
        y=[round(value, 3) for value in column.values],
        base=[round(value, 3) for value in base],
        width=0.9 * width,
        name=escaped(column.name),
        marker={
            "color": LOOKS[order].colour,
            "line": {"color": "#FFFFFF", "width": 1},
            "pattern": {
                "shape": PATTERNS[order], "fgcolor": "#FFFFFF", "size": 6, "solidity": 0.25,
                "fillmode": "overlay",
            },
        },
        customdata=[number(value) for value in column.values],
        hovertemplate="%{customdata}",
    )  # fmt: skip
    tops[column.place] = [top + value for top, value in zip(base, column.values, strict=True)]


def _add_whisker(figure: Any, whisker: Whisker, at: Sequence[float], tops: Sequence[float]) -> None:
    pairs = list(zip(whisker.ends, tops, strict=True))
    figure.add_scatter(
        x=list(at),
        y=[round(top, 3) for top in tops],
        mode="markers",
        marker={"size": 1, "color": INK},
        error_y={
            "type": "data", "symmetric": False, "color": INK, "thickness": 1.5, "width": 4,
            "array": [round(high - top, 3) for (_, high), top in pairs],
            "arrayminus": [round(top - low, 3) for (low, _), top in pairs],
        },
        hoverinfo="skip",
        name=escaped(whisker.name),
    )  # fmt: skip


def _numbers(
    at: Sequence[float],
    tops: Sequence[float],
    tips: Sequence[float],
    write: Callable[[float], str],
) -> Iterable[dict[str, Any]]:
    """The number of each column, beyond its tip."""
    for x, top, tip in zip(at, tops, tips, strict=True):
        yield {
            "text": write(top), "x": x, "y": tip, "yanchor": "bottom" if top >= 0 else "top",
            "showarrow": False, "font": {"size": 12, "color": INK},
        }  # fmt: skip


def _extent(tips: Sequence[Sequence[float]], whisker: Whisker | None) -> tuple[float, float]:
    ends = [0.0, *(tip for column in tips for tip in column)]
    if whisker is not None:
        ends += [end for pair in whisker.ends for end in pair]
    room = 0.14 * (max(ends) - min(ends) or 1.0)
    return min(ends) - (room if min(ends) < 0 else 0.0), max(ends) + room


def _axes(
    figure: Any, years: Sequence[str], extent: tuple[float, float], write: Callable[[float], str]
) -> None:
    ticks = round_ticks(*extent, 4)
    step = 1 + (len(years) - 1) // _NUMBERED
    figure.update_layout(barmode="overlay", hovermode="closest", margin={"l": 40, "r": 8, "b": 44})
    figure.update_yaxes(range=list(extent), tickvals=ticks, ticktext=list(map(write, ticks)))
    figure.update_xaxes(
        type="linear", range=[-0.5, len(years) - 0.5], tickvals=list(range(0, len(years), step)),
        ticktext=[f"{year[:4]}<br>{year[4:]}" for year in years[::step]],
    )  # fmt: skip
    figure.add_hline(y=0, line={"color": INK, "width": 1.5})
