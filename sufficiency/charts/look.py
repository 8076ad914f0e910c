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
from textwrap import wrap
from typing import Any, Literal, NamedTuple

BLUE, TEAL, PLUM, ORANGE = "#12436D", "#28A197", "#801650", "#F46A25"
INK, RULE = "#0B0C0C", "#DEE0E2"
FONT = "Arial, Helvetica, 'Liberation Sans', sans-serif"
HEIGHT = 300
TOP, BOTTOM, LEFT, RIGHT = 90, 34, 40, 84
"""Margins of a figure, in pixels: above them stand title and key, below them the ticks."""


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
    source: str = ""
    """Where its numbers come from, other than the run that the page is about."""
    elsewhere: bool = False
    """Whether that is all of it: none of its numbers are of the run."""


def escaped(text: str) -> str:
    """Text that plotly shows as it is."""
    return html.escape(text, quote=False)


def wrapped(text: str, width: int = 18) -> str:
    """Text on lines of so many characters, for a label beside a figure."""
    return "<br>".join(map(escaped, wrap(text, width)))


def style(figure: Any, heading: str, height: int) -> None:
    """What all figures have in common."""
    figure.update_layout(
        template="none",
        title={"text": escaped(heading), "x": 0, "font": {"size": 15}},
        font={"family": FONT, "size": 13, "color": INK},
        paper_bgcolor="#FFFFFF",
        plot_bgcolor="#FFFFFF",
        height=height,
        margin={"t": TOP, "b": BOTTOM, "l": LEFT, "r": RIGHT},
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
    figure.update_yaxes(gridcolor=RULE, zeroline=False, fixedrange=True, ticklabelstandoff=4)


def row_for_each(figure: Any, labels: Sequence[str]) -> None:
    """A row for each label, from top to bottom, without lines between them."""
    figure.update_yaxes(
        type="category",
        categoryorder="array",
        categoryarray=list(reversed(labels)),
        showgrid=False,
        range=[-0.6, len(labels) - 0.4],
    )


def round_ticks(low: float, high: float, about: int = 5) -> list[float]:
    """About so many round numbers, zero among them."""
    rough = (high - low) / about
    unit = 10.0 ** math.floor(math.log10(rough)) if rough > 0 else 1.0
    step = next(unit * m for m in (1, 2, 5, 10) if unit * m >= rough)
    return [step * k for k in range(math.ceil(low / step), math.floor(high / step) + 1)]
