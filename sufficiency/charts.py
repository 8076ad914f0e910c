"""Tables into plotly figures: no file, no page.

Each chart states its finding in ten words or fewer, worked out from the data; where nothing can be
told, it says so. Colours follow the Government Analysis Function's palette, never more than four in
a panel, and never alone: dashes, markers and labels say the same. Text that comes from a scenario
is escaped, because plotly reads some HTML.
"""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd
import plotly.graph_objects as go

from sufficiency.answer.effects import DISPLACED, Effect, OptionAnswer
from sufficiency.answer.levels import (
    BASELINE,
    IN_HOUSE,
    Course,
    Level,
    course,
    ends,
    from_first_day,
    level,
    series,
)
from sufficiency.answer.words import (
    KIND_WORDS,
    OWN_TYPES,
    RANGE_OF_DIFFERENCE,
    RANGE_OF_FUTURES,
    TYPE_WORDS,
    capital,
    count,
    listed,
    number,
    spread,
    when,
    whole,
    years_words,
)
from sufficiency.vocabulary import Kind, PlacementType

BLUE, TEAL, PLUM, ORANGE, GREY = "#12436D", "#28A197", "#801650", "#F46A25", "#3D3D3D"
INK, RULE = "#0B0C0C", "#D9DBDC"
FONT = "Arial, Helvetica, 'Liberation Sans', sans-serif"


class Look(NamedTuple):
    """How one line looks: told apart by dash and marker as well as by colour."""

    colour: str
    dash: str
    symbol: str


LOOKS = (
    Look(BLUE, "solid", "circle"),
    Look(TEAL, "dash", "square"),
    Look(PLUM, "dot", "diamond"),
    Look(ORANGE, "dashdot", "triangle-up"),
)


@dataclass(frozen=True, slots=True)
class Panel:
    """One figure of a chart."""

    heading: str
    figure: Any


@dataclass(frozen=True, slots=True)
class Chart:
    """A finding: figures side by side, in words, and as a table."""

    name: str
    """For ids: small letters and dashes."""
    title: str
    """The finding, in ten words or fewer."""
    subtitle: str
    """What is measured, where and when."""
    panels: tuple[Panel, ...]
    alternative: str
    """The same in words, for those who do not see the figures."""
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    """The data behind the figures, as text."""


def need_against_places(summary: pd.DataFrame, area: str) -> Chart | None:
    """Children who need each kind of home, and the places there are, by quarter."""
    told = [kind for kind in KIND_WORDS if len(_dated(summary, "placements_needed", _of(kind)))]
    if not told:
        return None
    panels, rows, sentences = [], [], []
    for kind in told:
        needed = _dated(summary, "placements_needed", _of(kind))
        usable = _dated(summary, "places_usable", _of(kind))
        own = _own(summary, kind)
        unmet = _dated(summary, "unmet_need", _of(kind))
        vacant = _dated(summary, "places_vacant", _of(kind))
        words = capital(KIND_WORDS[kind])
        panels.append(Panel(f"{words}: need and places", _need_figure(needed, usable, own)))
        panels.append(Panel(f"{words}: unmet need and vacancies", _unmet_figure(unmet, vacant)))
        sentences.append(_need_words(words, needed, usable, own, unmet, vacant))
        rows += _need_rows(words, needed, usable, own, unmet, vacant)
    return Chart(
        name="need",
        title=_need_title({kind: _shortfall(summary, kind) for kind in told}),
        subtitle=f"Children by the kind of home planned for them, and places, {area},"
        f" {_span(_dated(summary, 'placements_needed', _of(told[0])))}; if nothing is decided",
        panels=tuple(panels),
        alternative=" ".join(sentences),
        columns=(
            "Kind of home", "Date", "Needed: average", f"Needed: {RANGE_OF_FUTURES}",
            "Own places", "All places", "Needed less places", "Unmet need", "Vacant places",
        ),
        rows=tuple(rows),
    )  # fmt: skip


def _need_figure(needed: Any, usable: Any, own: Any) -> Any:
    figure = _empty()
    _band(figure, needed, BLUE, f"need, {RANGE_OF_FUTURES}")
    _line(figure, needed.index, needed["p50"], LOOKS[0], "children who need it")
    _line(figure, usable.index, usable["mean"], LOOKS[3], "all places")
    if len(own):
        _line(figure, own.index, own["mean"], LOOKS[1], "own places")
    return _finished(figure, "children, places", from_zero=True)


def _unmet_figure(unmet: Any, vacant: Any) -> Any:
    figure = _empty()
    _band(figure, unmet, PLUM, f"unmet need, {RANGE_OF_FUTURES}")
    _line(figure, unmet.index, unmet["p50"], LOOKS[2], "unmet need")
    _line(figure, vacant.index, vacant["mean"], LOOKS[1], "vacant places")
    return _finished(figure, "children, places", from_zero=True)


def _own(summary: pd.DataFrame, kind: str) -> Any:
    own = OWN_TYPES.get(Kind(kind))
    return _dated(summary, "places_usable", f"type={own}" if own else "none")


def _shortfall(summary: pd.DataFrame, kind: str) -> int:
    """1 if need is clearly above the places at the end, -1 if clearly below, else 0."""
    needed = _dated(summary, "placements_needed", _of(kind))
    usable = _dated(summary, "places_usable", _of(kind))
    if not len(needed) or not len(usable):
        return 0
    last, places = level(needed.iloc[-1]), level(usable.iloc[-1])
    return int(last.p10 > places.p90) - int(last.p90 < places.p10)


_SHORT_KINDS = {Kind.FOSTER: "foster families", Kind.HOME: "homes", Kind.SUPPORTED: "supported places"}


def _need_title(shortfalls: Mapping[str, int]) -> str:
    short = [_SHORT_KINDS[Kind(kind)] for kind, sign in shortfalls.items() if sign > 0]
    if len(short) == len(_SHORT_KINDS):
        return "Need exceeds places for every kind of home"
    if short:
        return f"Need exceeds places for {listed(short)}"
    if all(sign < 0 for sign in shortfalls.values()):
        return "Places exceed need for every kind of home"
    return "No kind of home is clearly short of places"


def _need_words(
    words: str, needed: Any, usable: Any, own: Any, unmet: Any, vacant: Any
) -> str:
    last = level(needed.iloc[-1])
    text = f"{words}: in {when(last.period)} {whole(last.p50)} children need one"
    text += f" ({RANGE_OF_FUTURES}: {last.range})"
    if len(usable):
        text += f" and there are {whole(usable['mean'].iloc[-1])} places"
        text += f", {whole(own['mean'].iloc[-1])} of them the authority's own" if len(own) else ""
    if len(unmet) and len(vacant):
        text += f"; {whole(unmet['mean'].iloc[-1])} children live elsewhere for want of a place"
        text += f" while {whole(vacant['mean'].iloc[-1])} places are vacant"
    return f"{text}."


def _need_rows(
    words: str, needed: Any, usable: Any, own: Any, unmet: Any, vacant: Any
) -> Iterable[tuple[str, ...]]:
    for period, row in needed.iterrows():
        places, mean = _at(usable, period), float(row["mean"])
        yield (
            words, _day(period), number(mean), spread(row["p10"], row["p90"]),
            _number(_at(own, period)), _number(places), _number(mean - places),
            _number(_at(unmet, period)), _number(_at(vacant, period)),
        )  # fmt: skip
