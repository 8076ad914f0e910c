"""Need against places, by kind of home, beside unmet need and vacancies."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

import pandas as pd

from sufficiency.answer.levels import from_first_day, level, series
from sufficiency.answer.published import day
from sufficiency.answer.words import (
    KIND_WORDS,
    OWN_TYPES,
    RANGE_OF_FUTURES,
    WITHHELD,
    capital,
    listed,
    number,
    spread,
    when,
    whole,
)
from sufficiency.charts.drawing import FIRST, FOURTH, SECOND, THIRD, Chart, Line, Panel, time_panel
from sufficiency.vocabulary import Kind

_TITLE_WORDS: Mapping[str, str] = {
    Kind.FOSTER: "fostering",
    Kind.HOME: "children's homes",
    Kind.SUPPORTED: "supported accommodation",
}
_COLUMNS = (
    "Kind of home", "Date", "Needed, average", f"Needed, {RANGE_OF_FUTURES}", "Own places",
    "All places", "Needed less places", "Unmet need", "Vacant places",
)  # fmt: skip


class _Kind(NamedTuple):
    """The rows about one kind of home, on the first day and at quarter ends."""

    name: str
    words: str
    needed: Any
    usable: Any
    own: Any
    unmet: Any
    vacant: Any
    gap: Any


def need_against_places(summary: pd.DataFrame, area: str) -> Chart | None:
    """Children who need each kind of home, and the places there are; None if nobody needs any."""
    told = [kind for kind in (_read(summary, k) for k in KIND_WORDS) if len(kind.needed)]
    if not told:
        return None
    last = str(told[0].needed.index[-1])
    return Chart(
        name="need",
        title=_title(told, last[:4]),
        subtitle=f"Children by the kind of home planned for them, and places, {area},"
        f" {when(str(told[0].needed.index[0]))} to {when(last)}, if nothing is decided",
        panels=tuple(panel for kind in told for panel in _panels(kind)),
        alternative=tuple(map(_alternative, told)),
        columns=_COLUMNS,
        rows=tuple(row for kind in told for row in _rows(kind)),
    )


def _read(summary: pd.DataFrame, kind: str) -> _Kind:
    def rows(measure: str, group: str = f"kind={kind}") -> Any:
        return from_first_day(series(summary, measure, group))

    return _Kind(
        name=kind,
        words=capital(KIND_WORDS[kind]),
        needed=rows("placements_needed"),
        usable=rows("places_usable"),
        own=rows("places_usable", f"type={OWN_TYPES.get(kind, 'none')}"),
        unmet=rows("unmet_need"),
        vacant=rows("places_vacant"),
        gap=rows("sufficiency_gap"),
    )


def _title(told: list[_Kind], year: str) -> str:
    """What is short in nine futures in ten at the end; else what is missing all the same."""
    kinds = [kind for kind in told if len(kind.gap)]
    short = [_TITLE_WORDS[kind.name] for kind in kinds if kind.gap["p10"].iloc[-1] > 0]
    if len(short) == len(KIND_WORDS):
        return f"Need exceeds places for every kind of home by {year}"
    if short:
        return f"Need exceeds places in {listed(short)} by {year}"
    unmet, vacant = _last([kind.unmet for kind in kinds]), _last([kind.vacant for kind in kinds])
    if len(kinds) == len(KIND_WORDS) and unmet > 1 and vacant > 1:
        return f"{unmet:.0f} children lack the home planned, despite {vacant:.0f} vacant places"
    if len(kinds) < len(KIND_WORDS):
        return f"No kind shown is clearly short of places by {year}"
    return f"No kind of home is clearly short by {year}"


def _last(kinds: Iterable[Any]) -> float:
    """The sum at the end over kinds of home; NaN where it is not known of one."""
    return math.fsum(float(rows["mean"].iloc[-1]) if len(rows) else math.nan for rows in kinds)


def _panels(kind: _Kind) -> Iterable[Panel]:
    need = [Line("children who need it", "needed", *_xy(kind.needed), FIRST)]
    if len(kind.usable):
        need.append(Line("places, own and bought", "all places", *_xy(kind.usable), SECOND))
    if len(kind.own):
        need.append(Line("own places", "own places", *_xy(kind.own), THIRD))
    heading = f"{kind.words}: need and places"
    yield time_panel(heading, need, (f"need in {RANGE_OF_FUTURES}", kind.needed))
    if len(kind.unmet) and len(kind.vacant):
        heading = f"{kind.words}: unmet need and vacancies"
        both = [
            Line("living elsewhere for want of it", "unmet", *_xy(kind.unmet), FOURTH),
            Line("vacant places", "vacant", *_xy(kind.vacant), THIRD),
        ]
        yield time_panel(heading, both, (f"unmet in {RANGE_OF_FUTURES}", kind.unmet))


def _xy(rows: Any) -> tuple[list[str], list[float]]:
    return [str(date) for date in rows.index], rows["mean"].tolist()


def _alternative(kind: _Kind) -> str:
    last = level(kind.needed.iloc[-1])
    parts = [f"children who need one: {whole(last.mean)} ({RANGE_OF_FUTURES}: {last.range})"]
    for words, rows in (
        ("places", kind.usable),
        ("of them the authority's own" if len(kind.usable) else "own places", kind.own),
        ("children living elsewhere for want of one", kind.unmet),
        ("vacant places", kind.vacant),
    ):
        if len(rows):
            parts.append(f"{words}: {whole(rows['mean'].iloc[-1])}")
    return f"{kind.words}, {when(last.period)}, on average: {'; '.join(parts)}."


def _rows(kind: _Kind) -> Iterable[tuple[str, ...]]:
    for on, row in kind.needed.iterrows():
        usable, needed = _at(kind.usable, on), float(row["mean"])
        own = _shown(kind.own, _at(kind.own, on)) if kind.name in OWN_TYPES else ""
        yield (
            kind.words,
            day(date.fromisoformat(str(on))),
            number(needed),
            spread(row["p10"], row["p90"]),
            own,
            _shown(kind.usable, usable),
            _shown(kind.usable, needed - usable),
            *(_shown(rows, _at(rows, on)) for rows in (kind.unmet, kind.vacant)),
        )


def _shown(rows: Any, value: float) -> str:
    """A number; where it has no value nothing, and the mark where it has none at any time."""
    if math.isnan(value):
        return "" if len(rows) else WITHHELD
    return number(value)


def _at(rows: Any, on: object) -> float:
    return float(rows["mean"].get(on, math.nan))
