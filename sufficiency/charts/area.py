"""In the area and beyond: the share who live there, and the share far from home."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from sufficiency.answer.levels import Level, course, ends
from sufficiency.answer.words import (
    AGE_WORDS,
    RANGE_OF_FUTURES,
    TYPE_WORDS,
    capital,
    percent,
    when,
)
from sufficiency.charts.drawing import (
    BLUE,
    FIRST,
    FOURTH,
    ORANGE,
    Chart,
    Line,
    Look,
    Panel,
    time_panel,
)
from sufficiency.charts.groups import by_group, ends_by_group
from sufficiency.charts.past import words_of
from sufficiency.charts.ranges import Point, Series, range_panel
from sufficiency.vocabulary import PlacementType

INSIDE, FAR = "in_area_share", "over_20_miles_share"
_WORDS: Mapping[str, str] = {
    INSIDE: "Living in the area",
    FAR: "Outside the area, over 20 miles from home",
}
_TYPES = (
    PlacementType.IN_HOUSE, PlacementType.IFA, PlacementType.HOME_OWN,
    PlacementType.HOME_EXTERNAL, PlacementType.SUPPORTED,
)  # fmt: skip
_GROUPS: Mapping[str, Mapping[str, str]] = {
    "age in years": {f"age={age}": words for age, words in AGE_WORDS.items()},
    "type of placement": {f"type={type_}": TYPE_WORDS[type_] for type_ in _TYPES},
}

Ends = tuple[Level, Level]
Groups = Mapping[str, Ends]


def in_area_and_beyond(summary: pd.DataFrame, area: str) -> Chart | None:
    """Shares of children in the area and over 20 miles away; None where neither is known."""
    known = {name: by_group(summary, name) for name in _WORDS}
    told = {name: rows[""] for name, rows in known.items() if "" in rows and len(rows[""]) > 1}
    if not told:
        return None
    groups = {name: ends_by_group(summary, name) for name in told}
    first, last = (str(date) for date in next(iter(told.values())).index[[0, -1]])
    return Chart(
        name="area",
        title=_title({name: ends(rows) for name, rows in told.items()}),
        subtitle=f"Share of children in care by where they live, by age and type of placement,"
        f" {area}, {when(first)} to {when(last)}, if nothing is decided",
        panels=(
            *(_panel(name, rows) for name, rows in told.items()),
            *_by_groups(groups),
        ),
        alternative=tuple(_words(name, rows) for name, rows in told.items()),
        columns=("Share", "Children", "Date", "Average", f"Range, {RANGE_OF_FUTURES}"),
        rows=tuple(_rows(groups)),
    )


def _title(found: Mapping[str, Ends | None]) -> str:
    """Whether the share in the area changes; else what share lives outside it."""
    both = found.get(INSIDE)
    if both is None:
        return _far(found.get(FAR))
    before, after = (percent(level.mean) for level in both)
    what = course(*both)
    if what == "stays level" or before == after:
        return f"No clear change: {percent(1 - both[1].mean)} of children live outside the area"
    share = "smaller" if what.endswith("falls") else "larger"
    if what.startswith("mostly"):
        return f"Probably a {share} share lives in the area by {both[1].period[:4]}"
    return f"A {share} share lives in the area: {after}, was {before}"


def _far(both: Ends | None) -> str:
    if both is None:
        return "No clear change in where children live"
    year = both[1].period[:4]
    return f"{percent(both[1].mean)} of children live over 20 miles away by {year}"


def _panel(name: str, rows: Any) -> Panel:
    look: Look = FIRST if name == INSIDE else FOURTH
    dates = [str(date) for date in rows.index]
    line = Line("average", "", dates, (100 * rows["mean"]).tolist(), look)
    panel = time_panel(f"{_WORDS[name]}, %", [line], (RANGE_OF_FUTURES, 100 * rows[["p10", "p90"]]))
    panel.figure.update_yaxes(ticksuffix="%")
    panel.figure.update_traces(hovertemplate="%{y:,.0f}%", selector={"mode": "lines+markers"})
    return panel


def _by_groups(known: Mapping[str, Groups]) -> Iterable[Panel]:
    """Shares at the start and at the end, by age and by type."""
    for by, groups in _GROUPS.items():
        for name, of_groups in known.items():
            found = _named(of_groups, groups)
            if found:
                dates = [words_of(level.period) for level in next(iter(found.values()))]
                yield range_panel(
                    f"{_WORDS[name]}, by {by}", _series(found, dates), most=105.0, suffix="%"
                )


def _named(of_groups: Groups, groups: Mapping[str, str]) -> dict[str, Ends]:
    return {capital(w): of_groups[group] for group, w in groups.items() if group in of_groups}


def _series(found: Mapping[str, Ends], dates: list[str]) -> list[Series]:
    looks = (("ring", ORANGE), ("dot", BLUE))
    return [
        Series(
            f"{dates[place]}; bar: {RANGE_OF_FUTURES}",
            "ring" if shape == "ring" else "dot",
            colour,
            [
                Point(w, *(100 * x for x in (at[place].mean, at[place].p10, at[place].p90)))
                for w, at in found.items()
            ],
        )
        for place, (shape, colour) in enumerate(looks)
    ]


def _words(name: str, rows: Any) -> str:
    both = ends(rows)
    assert both is not None
    first, last = both
    low, high = percent(last.p10), percent(last.p90)
    return (
        f"{_WORDS[name]}: from {percent(first.mean)} to {percent(last.mean)} of children on average"
        f" ({RANGE_OF_FUTURES}: {low if low == high else f'{low} to {high}'})."
    )


def _rows(known: Mapping[str, Groups]) -> Iterable[tuple[str, ...]]:
    groups = {"": "all children"} | {g: w for of in _GROUPS.values() for g, w in of.items()}
    for name, of_groups in known.items():
        for words, both in _named(of_groups, groups).items():
            for level in both:
                low, high = percent(level.p10), percent(level.p90)
                within = low if low == high else f"{low} to {high}"
                yield _WORDS[name], words, words_of(level.period), percent(level.mean), within
