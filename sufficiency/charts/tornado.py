"""A bar for each assumption: how far the number moves at its low and at its high end."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from sufficiency.answer.sensitivity_page import CHART, SHOWN, amount, finding, more, shown, subject
from sufficiency.answer.words import capital
from sufficiency.charts.drawing import (
    BLUE,
    BOTTOM,
    INK,
    ORANGE,
    RULE,
    TOP,
    Chart,
    Mark,
    Panel,
    escaped,
    round_ticks,
    row_for_each,
    style,
)
from sufficiency.charts.knowing import setting
from sufficiency.sensitivity.analysing import Sensitivity
from sufficiency.sensitivity.tornado import Bar

GREY = "#858C90"
"""The outline of bars that cannot be told from no change."""
_LINE_HEIGHT = 17
"""Of a label; as many pixels again are between two bars."""
_LINE = 30
"""Characters of a label's line."""
_PATH = re.compile(r"\w+(\.\w+)+")
"""What the name of a setting looks like."""
_SIDES = (("low", BLUE, ""), ("high", ORANGE, "/"))


def tornado_chart(found: Sensitivity, area: str, top: int = SHOWN) -> Chart | None:
    """The bars of the assumptions that lead, the longest first; None if there are none."""
    bars = [bar for bar in shown(found, top) if bar.changes]
    if not bars:
        return None
    return Chart(
        name=CHART,
        title=_title(bars, found),
        subtitle=f"Change of {subject(found)}, {area}, when one assumption is at an end of its"
        " range and all else is as stated; line: 95% error",
        panels=(_panel(bars, found),),
        alternative=tuple(_words(bar, found) for bar in bars),
        columns=("Assumption", "Now", "If it is", "Change", "Finding"),
        rows=tuple(
            (name_of(bar), bar.central, c.words, more(c.mean, found.asked.unit), finding(c))
            for bar in bars
            for c in bar.changes
        ),
    )


def _title(bars: Sequence[Bar], found: Sensitivity) -> str:
    clear = [bar for bar in bars if bar.clear]
    if not clear:
        return "No single assumption clearly changes the answer"
    longest = max(clear, key=lambda bar: bar.size)
    told = {"decides": "An assumption that nobody publishes", "structure": "A rule"}
    what = told.get(longest.sort, name_of(longest))
    return f"{what} moves {found.asked.measure.replace('_', ' ')} most"


def name_of(bar: Bar) -> str:
    """What an assumption is called: a setting's path in words."""
    return setting(bar.name) if _PATH.fullmatch(bar.name) else bar.name


def _words(bar: Bar, found: Sensitivity) -> str:
    unit = found.asked.unit
    ends = "; ".join(
        f"{more(c.mean, unit)} at {c.words}" + ("" if c.clear else f" ({finding(c)})")
        for c in bar.changes
    )
    return f"{name_of(bar)}: {ends}."


def _panel(bars: Sequence[Bar], found: Sensitivity) -> Panel:
    figure = go.Figure()
    labels = [_label(bar) for bar in bars]
    for place in range(len(_SIDES)):
        for clear in (True, False):
            _add_side(figure, bars, labels, found, place, clear=clear)
    heading = f"{capital(subject(found))}"
    style(figure, heading, TOP + BOTTOM + _height(labels))
    extent = _extent(bars)
    ticks = round_ticks(*extent)
    figure.update_layout(
        hovermode="closest", barmode="overlay", bargap=0.35, margin={"l": 232, "r": 20}
    )
    figure.update_xaxes(
        range=list(extent),
        tickvals=ticks,
        ticktext=[more(tick, found.asked.unit) for tick in ticks],
        showgrid=True,
        gridcolor=RULE,
        linecolor=RULE,
    )
    row_for_each(figure, labels)
    figure.add_vline(x=0, line={"color": INK, "width": 1.5})
    key = (
        Mark("bar", BLUE, "", "", "at the low end"),
        Mark("bar", ORANGE, "", "/", "at the high end (hatched)"),
        Mark("bar", GREY, "", "outline", "cannot be told from no change (outlined)"),
    )
    return Panel(heading, figure, key)


def _add_side(
    figure: Any,
    bars: Sequence[Bar],
    labels: Sequence[str],
    found: Sensitivity,
    place: int,
    *,
    clear: bool,
) -> None:
    """The bars of one end that can be told from no change, or those that cannot."""
    pairs = zip(bars, labels, strict=True)
    told = [(bar.changes[place], label) for bar, label in pairs if place < len(bar.changes)]
    told = [
        (change, label)
        for change, label in told
        if change.clear == clear and not math.isnan(change.mean)
    ]
    unit = found.asked.unit
    end, colour, pattern = _SIDES[place]
    figure.add_bar(
        orientation="h",
        x=[change.mean for change, _ in told],
        y=[label for _, label in told],
        error_x={
            "type": "data", "array": [1.96 * change.se for change, _ in told],
            "color": INK, "thickness": 1, "width": 3,
        },
        marker={
            "color": colour if clear else "#FFFFFF",  # not a list, which plotly cannot hatch
            "line": {"color": colour if clear else GREY, "width": 0 if clear else 1.5},
            "pattern": {
                "shape": pattern, "fillmode": "overlay", "fgcolor": "#FFFFFF" if clear else GREY,
                "size": 6, "solidity": 0.25,
            },
        },
        name=f"at the {end} end",
        customdata=[
            [escaped(change.words), more(change.mean, unit), amount(change.se, unit)]
            for change, _ in told
        ],
        hovertemplate="%{customdata[0]}: %{customdata[1]} (error %{customdata[2]})<extra></extra>",
    )  # fmt: skip


def _height(labels: Sequence[str]) -> int:
    """Room for the longest label, for every bar."""
    lines = 1 + max(label.count("<br>") for label in labels)
    return (lines * _LINE_HEIGHT + 8) * len(labels)


def _label(bar: Bar) -> str:
    """The assumption and its ends, on lines that fit beside the bars."""
    name = "<br>".join(escaped(line) for line in _lines(name_of(bar)))
    ends = " to ".join(escaped(_short(change.words)) for change in bar.changes)
    return f"{name}<br>{ends}"


def _short(words: str) -> str:
    return words.split(",", maxsplit=1)[0] if not words[:1].isdigit() else words


def _lines(name: str) -> list[str]:
    """A name on lines of some characters, broken after a dot, an underscore or a space."""
    lines, line = [], ""
    for piece in _pieces(name):
        if line and len(line) + len(piece) > _LINE:
            lines.append(line.rstrip())
            line = ""
        line += piece
    return [*lines, line]


def _pieces(name: str) -> list[str]:
    pieces, piece = [], ""
    for character in name:
        piece += character
        if character in "._ ":
            pieces.append(piece)
            piece = ""
    return [*pieces, piece] if piece else pieces


def _extent(bars: Sequence[Bar]) -> tuple[float, float]:
    changes = [c for bar in bars for c in bar.changes if not math.isnan(c.mean)]
    lows = [c.mean - 1.96 * _number(c.se) for c in changes]
    highs = [c.mean + 1.96 * _number(c.se) for c in changes]
    low, high = min([0.0, *lows]), max([0.0, *highs])
    room = 0.06 * (high - low or 1.0)
    return low - room, high + room


def _number(value: float) -> float:
    return 0.0 if math.isnan(value) else value
