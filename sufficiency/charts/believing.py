"""Published figures against the ranges simulated for them, made comparable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import plotly.graph_objects as go

from sufficiency.answer.words import MINUS
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
    row_for_each,
    style,
    wrapped,
)

_EDGE = "#858C90"
"""Of the range: its ground alone would be too faint to see."""
FURTHEST = 3.0
"""Half ranges from the middle: what lies further away is drawn there, with an arrow."""
_ROW, _LETTER, _LABEL = 34, 6.8, 26


class Beside(NamedTuple):
    """A published figure and the range simulated for it."""

    label: str
    published: float
    low: float
    high: float
    words: tuple[str, str]
    """Published and simulated, as they are read."""

    @property
    def inside(self) -> bool:
        """Whether it lies in the range."""
        return self.low <= self.published <= self.high

    @property
    def place(self) -> float:
        """Half ranges from the middle of the range: from -1 to 1 inside it."""
        half = (self.high - self.low) / 2
        return (self.published - self.low - half) / half


def published_chart(
    found: Sequence[Beside], name: str, what: str, range_: str, where: str
) -> Chart | None:
    """Each published figure on the range simulated for it; None without any that has a range.

    Args:
        found: The figures that are compared only, never used to set a value.
        name: For ids.
        what: What they are, in the plural and in two words at most.
        range_: What share of futures a range holds.
        where: Area and period, for the subtitle.
    """
    told = [one for one in found if one.high > one.low]
    if not told:
        return None
    return Chart(
        name=name,
        title=_title(told, what),
        subtitle=f"Published figures on the range of {range_}, each range drawn equally wide,"
        f" {where}",
        panels=(_panel(told, range_),),
        alternative=(_words(told),),
        columns=("Figure", "Published", "Simulated", "Published is"),
        rows=tuple((one.label, *one.words, _verdict(one)) for one in told),
    )


def _title(told: Sequence[Beside], what: str) -> str:
    inside, n = sum(one.inside for one in told), len(told)
    if n == 1:
        return f"The one {what} figure lies {'inside' if inside else 'outside'} the range"
    if inside == n:
        return f"All {n} {what} figures lie inside the range"
    if not inside:
        return f"None of {n} {what} figures lies inside the range"
    verb = "lies" if inside == 1 else "lie"
    return f"{inside} of {n} {what} figures {verb} inside the range"


def _verdict(one: Beside) -> str:
    if one.inside:
        return "inside the range"
    return f"{'above' if one.published > one.high else 'below'} the range"


def _words(told: Sequence[Beside]) -> str:
    outside = [f"{one.label} ({_verdict(one)})" for one in told if not one.inside]
    return f"Outside: {'; '.join(outside)}." if outside else "None lies outside its range."


def _panel(told: Sequence[Beside], range_: str) -> Panel:
    figure, heading = go.Figure(), "Where the published figure lies"
    labels = [wrapped(one.label, _LABEL) for one in told]
    figure.add_bar(
        orientation="h", x=[2.0] * len(told), base=[-1.0] * len(told), y=labels, width=0.5,
        marker={"color": RULE, "line": {"color": _EDGE, "width": 1}}, name=range_,
        hoverinfo="skip",
    )  # fmt: skip
    looks = ((True, "circle", BLUE, "inside"), (False, "diamond", ORANGE, "outside"))
    for inside, symbol, colour, name in looks:
        _add_dots(figure, told, labels, inside, symbol, colour, f"published, {name} the range")
    lines = sum(max(2, 1 + label.count("<br>")) for label in labels)
    style(figure, heading, TOP + BOTTOM + lines * _ROW // 2)
    longest = max(len(line) for label in labels for line in label.split("<br>"))
    figure.update_layout(hovermode="closest", margin={"l": 14 + round(_LETTER * longest), "r": 24})
    figure.update_xaxes(
        range=[-FURTHEST - 0.2, FURTHEST + 0.2], tickvals=[-1, 1],
        ticktext=["low end", "high end"], showgrid=True, gridcolor=RULE, linecolor=RULE,
    )  # fmt: skip
    row_for_each(figure, labels)
    figure.add_vline(x=0, line={"color": INK, "width": 1, "dash": "dot"})
    key = (
        Mark("bar", RULE, "", "", range_),
        Mark("line", BLUE, "solid", "circle", "published, inside the range"),
        Mark("line", ORANGE, "solid", "diamond", "published, outside the range"),
    )
    return Panel(heading, figure, key)


def _add_dots(
    figure: Any,
    told: Sequence[Beside],
    labels: Sequence[str],
    inside: bool,
    symbol: str,
    colour: str,
    name: str,
) -> None:
    chosen = [(one, label) for one, label in zip(told, labels, strict=True) if one.inside == inside]
    figure.add_scatter(
        x=[round(min(max(one.place, -FURTHEST), FURTHEST), 3) for one, _ in chosen],
        y=[label for _, label in chosen],
        mode="markers+text",
        text=[_beyond(one.place) for one, _ in chosen],
        textposition=["middle left" if one.place > 0 else "middle right" for one, _ in chosen],
        marker={"symbol": symbol, "size": 11, "color": colour},
        customdata=[list(one.words) for one, _ in chosen],
        hovertemplate="published %{customdata[0]}, simulated %{customdata[1]}<extra></extra>",
        name=name,
    )


def _beyond(place: float) -> str:
    """An arrow where it lies further away than it is drawn."""
    if abs(place) <= FURTHEST:
        return ""
    return (
        f"{place:+.0f} \N{RIGHTWARDS ARROW}"
        if place > 0
        else (f"\N{LEFTWARDS ARROW} {MINUS}{-place:.0f}")
    )
